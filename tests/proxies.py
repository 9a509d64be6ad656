"""The servers that docs/deploy.md puts in front, started with the very text that stands there."""

import os
import re
import socket
import ssl
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.needs import program
from tests.serving import free_port

DEPLOY = (Path(__file__).parent.parent / "docs" / "deploy.md").read_text(encoding="utf-8")
NAME = "answers.example.org"
PATIENCE = 20.0


def block(language: str) -> str:
    """The one block of that language."""
    (found,) = re.findall(rf"^```{language}\n(.*?)^```", DEPLOY, re.MULTILINE | re.DOTALL)
    return str(found)


@contextmanager
def nginx(folder: Path, footnote: str, base: str = "") -> Iterator[tuple[int, int]]:
    """The ports of an nginx in front of Footnote, without and with TLS; it serves it at `base`."""
    plain, secure = free_port(), free_port()
    # Workers of nginx run as another user.
    folder.chmod(0o755)
    _certificate(folder)
    configuration = folder / "nginx.conf"
    configuration.write_text(_nginx_text(folder, plain, secure, footnote, base), encoding="utf-8")
    command = [program("nginx", "nginx-light"), "-p", str(folder), "-c", str(configuration)]
    with _running(command, secure, os.environ):
        yield plain, secure


@contextmanager
def caddy(folder: Path, footnote: str, base: str = "") -> Iterator[tuple[int, int]]:
    """The ports of a Caddy in front of Footnote, without and with TLS; it takes off `base`."""
    plain, secure = free_port(), free_port()
    configuration = folder / "Caddyfile"
    configuration.write_text(_caddy_text(folder, plain, secure, footnote, base), encoding="utf-8")
    command = [program("caddy", "caddy"), "run", "--config", str(configuration)]
    environment = {**os.environ, "XDG_DATA_HOME": str(folder), "XDG_CONFIG_HOME": str(folder)}
    with _running([*command, "--adapter", "caddyfile"], secure, environment):
        yield plain, secure


def _nginx_text(folder: Path, plain: int, secure: int, footnote: str, base: str) -> str:
    """The documented text, with this machine's ports and folders."""
    text = block("nginx")
    for documented, here in [
        ("listen 80;", f"listen 127.0.0.1:{plain};"),
        ("listen [::]:80;", ""),
        ("listen 443 ssl;", f"listen 127.0.0.1:{secure} ssl;"),
        ("listen [::]:443 ssl;", ""),
        (f"/etc/letsencrypt/live/{NAME}", str(folder)),
        ("http://127.0.0.1:7860", footnote),
        ("location / { proxy_pass", f"location {base}/ {{ proxy_pass"),
        ("location = /", f"location = {base}/"),
    ]:
        assert documented in text
        text = text.replace(documented, here)
    temporary = "\n".join(
        f"{kind}_temp_path {folder}/{kind};"
        for kind in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    )
    return (
        f"daemon off; pid {folder}/pid; error_log stderr; events {{}}\n"
        f"http {{ access_log off; {temporary}\n{text} }}\n"
    )


def _caddy_text(folder: Path, plain: int, secure: int, footnote: str, base: str) -> str:
    """The documented text, after options for this machine: ports, and no outside authority."""
    documented, text = "127.0.0.1:7860", block("caddy" if base else "caddyfile")
    assert documented in text
    assert base in text
    options = f"""{{
    admin off
    http_port {plain}
    https_port {secure}
    default_bind 127.0.0.1
    default_sni {NAME}
    local_certs
    skip_install_trust
    storage file_system {folder}/storage
}}
"""
    return options + text.replace(documented, footnote.removeprefix("http://"))


def _certificate(folder: Path) -> None:
    """One that we sign ourselves, and its key beside it."""
    command = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2"]
    command += ["-subj", f"/CN={NAME}", "-addext", f"subjectAltName=DNS:{NAME}"]
    command += ["-keyout", str(folder / "privkey.pem"), "-out", str(folder / "fullchain.pem")]
    subprocess.run(command, check=True, capture_output=True)


@contextmanager
def _running(
    command: list[str], port: int, environment: "os._Environ[str] | dict[str, str]"
) -> Iterator[None]:
    with subprocess.Popen(
        command, stderr=subprocess.PIPE, text=True, env=dict(environment)
    ) as process:
        try:
            _wait_for(port, process)
            yield
        finally:
            process.terminate()


def _wait_for(port: int, process: "subprocess.Popen[str]") -> None:
    until = time.monotonic() + PATIENCE
    while time.monotonic() < until:
        if process.poll() is not None:
            assert process.stderr is not None
            pytest.fail(f"{process.args!r} ended: {process.stderr.read()}")
        if _greets(port):
            return
        time.sleep(0.05)
    pytest.fail(f"{process.args!r} does not answer")


def _greets(port: int) -> bool:
    """Whether it listens and has its certificate, which Caddy makes after that."""
    any_certificate = ssl.create_default_context()
    any_certificate.check_hostname, any_certificate.verify_mode = False, ssl.CERT_NONE
    try:
        with (
            socket.create_connection(("127.0.0.1", port), timeout=PATIENCE) as connection,
            any_certificate.wrap_socket(connection, server_hostname=NAME),
        ):
            return True
    except OSError:
        return False
