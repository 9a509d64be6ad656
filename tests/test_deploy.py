"""What docs/deploy.md tells, done: nginx in front with its configuration, what Docker copies."""

import os
import re
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import httpx
import pytest

from index.settings import Settings, describe_settings
from qa.web.api import create_app
from qa.web.guarding import read_policy
from qa.web.seams import About
from tests.serving import serving
from tests.web_sample import EXAMPLES, SampleArticles, SampleAsker

ROOT = Path(__file__).parent.parent
DEPLOY = (ROOT / "docs" / "deploy.md").read_text(encoding="utf-8")
NAME = "answers.example.org"
PATIENCE = 20.0


def block(language: str) -> str:
    """The one block of that language."""
    (found,) = re.findall(rf"^```{language}\n(.*?)^```", DEPLOY, re.MULTILINE | re.DOTALL)
    return str(found)


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as chosen:
        port: int = chosen.getsockname()[1]
        return port


def certificate(folder: Path) -> Path:
    """One that we sign ourselves, and its key beside it."""
    command = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2"]
    command += ["-subj", f"/CN={NAME}", "-addext", f"subjectAltName=DNS:{NAME}"]
    command += ["-keyout", str(folder / "privkey.pem"), "-out", str(folder / "fullchain.pem")]
    subprocess.run(command, check=True, capture_output=True)
    return folder / "fullchain.pem"


def adapted(folder: Path, plain: int, secure: int, footnote: str) -> str:
    """The documented text, with this machine's ports and folders."""
    text = block("nginx")
    for documented, here in [
        ("listen 80;", f"listen 127.0.0.1:{plain};"),
        ("listen [::]:80;", ""),
        ("listen 443 ssl;", f"listen 127.0.0.1:{secure} ssl;"),
        ("listen [::]:443 ssl;", ""),
        (f"/etc/letsencrypt/live/{NAME}", str(folder)),
        ("http://127.0.0.1:7860", footnote),
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


@contextmanager
def nginx(folder: Path, footnote: str) -> Iterator[tuple[int, int]]:
    """The ports of an nginx in front of Footnote, without and with TLS."""
    program = shutil.which("nginx") or shutil.which("nginx", path="/usr/sbin")
    if program is None:
        missing = pytest.fail if os.environ.get("CI") == "true" else pytest.skip
        missing("nginx is not installed: install nginx-light")
    plain, secure = free_port(), free_port()
    configuration = folder / "nginx.conf"
    configuration.write_text(adapted(folder, plain, secure, footnote), encoding="utf-8")
    command = [program, "-p", str(folder), "-c", str(configuration)]
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True) as process:
        try:
            wait_for(secure, process)
            yield plain, secure
        finally:
            process.terminate()


def wait_for(port: int, process: "subprocess.Popen[str]") -> None:
    until = time.monotonic() + PATIENCE
    while time.monotonic() < until:
        if process.poll() is not None:
            assert process.stderr is not None
            pytest.fail(f"nginx ended: {process.stderr.read()}")
        with socket.socket() as tried:
            if tried.connect_ex(("127.0.0.1", port)) == 0:
                return
    pytest.fail("nginx does not listen")


@pytest.fixture(scope="module")
def ports(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[int, int]]:
    folder = tmp_path_factory.mktemp("nginx")
    # Workers of nginx run as another user.
    folder.chmod(0o755)
    certificate(folder)
    settings = replace(Settings(), proxies="127.0.0.1", origins="*.example.org", rate="3/minute")
    policy = read_policy(settings)
    app = create_app(SampleAsker(), SampleArticles(), EXAMPLES, lambda: About(3), policy=policy)
    trusted: dict[str, Any] = {"proxy_headers": True, "forwarded_allow_ips": list(policy.proxies)}
    with serving(app, **trusted) as footnote, nginx(folder, footnote) as ports:
        yield ports


@pytest.fixture
def client(
    ports: tuple[int, int], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[httpx.Client]:
    _, secure = ports
    # The name leads to this machine, whose certificate is our own.
    with httpx.Client(
        base_url=f"https://127.0.0.1:{secure}", headers={"Host": NAME}, verify=False
    ) as client:
        yield client


def test_through_nginx_all_faces_answer_as_the_public_name(client: httpx.Client) -> None:
    own = {"Origin": f"https://{NAME}"}
    asked = client.post("/api/ask", json={"question": "moon"}, headers=own)
    assert (asked.status_code, asked.json()["status"]) == (200, "answered")
    for path in ("/", "/docs", "/articles/space%2Fapollo-11", "/readyz"):
        response = client.get(path)
        assert response.status_code == 200
        assert response.headers["strict-transport-security"]
        assert response.headers["x-request-id"]
        assert "nginx" not in response.headers.get("x-powered-by", "")


def test_through_nginx_other_sites_are_refused_and_listed_ones_let_in(
    client: httpx.Client,
) -> None:
    refused = client.get("/healthz", headers={"Origin": "https://evil.example"})
    assert refused.status_code == 403
    allowed = client.get("/healthz", headers={"Origin": "https://news.example.org"})
    assert allowed.headers["access-control-allow-origin"] == "https://news.example.org"


def test_through_nginx_each_reader_has_an_address_that_cannot_be_made_up(
    client: httpx.Client,
) -> None:
    statuses = [
        client.post(
            "/api/ask", json={"question": "moon"}, headers={"X-Forwarded-For": f"192.0.2.{number}"}
        ).status_code
        for number in range(6)
    ]
    assert 429 in statuses


def test_through_nginx_numbers_are_not_public(client: httpx.Client) -> None:
    assert client.get("/metrics").status_code == 404


def test_through_nginx_a_body_above_64_kb_is_refused(client: httpx.Client) -> None:
    assert client.post("/api/ask", content=b"x" * 70_000).status_code == 413


def test_without_tls_nginx_leads_to_it(ports: tuple[int, int]) -> None:
    plain, _ = ports
    moved = httpx.get(f"http://127.0.0.1:{plain}/docs", headers={"Host": NAME})
    assert (moved.status_code, moved.headers["location"]) == (308, f"https://{NAME}/docs")


def test_the_unit_and_the_guide_name_settings_that_exist() -> None:
    known = {variable for variable, _, _ in describe_settings()}
    dockerfile = (ROOT / "Dockerfile").read_text(encoding="utf-8")
    named = set(re.findall(r"FOOTNOTE_[A-Z_]+", DEPLOY + dockerfile))
    assert named <= known
    assert {"FOOTNOTE_PROXIES", "FOOTNOTE_ORIGINS", "FOOTNOTE_API_KEYS"} <= named
    unit = block("ini")
    assert "User=footnote" in unit
    assert "python app.py" in unit


def test_the_image_runs_as_its_own_user_with_a_health_check_and_a_volume() -> None:
    lines = (ROOT / "Dockerfile").read_text(encoding="utf-8").splitlines()
    assert "FROM python:3.11-slim" in lines
    assert lines.index("USER footnote") < lines.index('CMD ["python", "app.py"]')
    assert "VOLUME /data" in lines
    assert any(line.startswith("HEALTHCHECK") for line in lines)
    copied = [line.split()[1] for line in lines if line.startswith("COPY") and "--" not in line]
    assert all((ROOT / path).exists() for path in copied)
    kept = (ROOT / ".dockerignore").read_text(encoding="utf-8").splitlines()
    assert kept[0] == "*"
    assert {f"!{path}" for path in copied} == {line for line in kept if line.startswith("!")}
