"""A Milvus that asks for a password, through TLS: who gets in, and who is told what."""

import logging
import subprocess
from base64 import b64encode
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from unittest.mock import Mock

import grpc
import pytest

from index.__main__ import main
from index.build import build
from index.errors import SettingError, StoreError
from index.settings import MilvusAccess, Settings, milvus_place
from index.store import open_store
from index.store.base import get_in_by
from tests.fakes import HashEncoder, no_progress
from tests.needs import missing_module, program

try:
    from milvus_lite.adapter.grpc.servicer import MilvusServicer
    from milvus_lite.db import MilvusLite
    from pymilvus.grpc_gen import milvus_pb2_grpc

    from index.store.milvus import client
except ModuleNotFoundError as error:
    missing_module(error)

ENCODER = HashEncoder()
SECRET = "footnote:a word that nobody says"


class Guard(grpc.ServerInterceptor):  # type: ignore[misc]
    """Lets in who shows the token, as Milvus does."""

    def intercept_service(
        self,
        continuation: Callable[[grpc.HandlerCallDetails], Any],
        handler_call_details: grpc.HandlerCallDetails,
    ) -> Any:
        shown = dict(handler_call_details.invocation_metadata).get("authorization")
        if shown == b64encode(SECRET.encode()).decode():
            return continuation(handler_call_details)
        return grpc.unary_unary_rpc_method_handler(_refuse)


def _refuse(_: object, context: grpc.ServicerContext) -> None:
    context.abort(grpc.StatusCode.UNAUTHENTICATED, "auth check failure")


@dataclass(frozen=True, slots=True)
class Guarded:
    """Where it is, and what vouches for it."""

    data: Path
    authority: Path


@pytest.fixture(scope="module")
def guarded(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Guarded]:
    folder = tmp_path_factory.mktemp("guarded")
    key, certificate = folder / "key.pem", folder / "certificate.pem"
    _sign(key, certificate)
    server = grpc.server(ThreadPoolExecutor(4), interceptors=[Guard()])
    with closing(MilvusLite(str(folder / "lite"))) as lite:
        milvus_pb2_grpc.add_MilvusServiceServicer_to_server(MilvusServicer(lite), server)
        pair = (key.read_bytes(), certificate.read_bytes())
        port = server.add_secure_port("127.0.0.1:0", grpc.ssl_server_credentials([pair]))
        server.start()
        yield Guarded(Path(f"milvus+tls://localhost:{port}/news"), certificate)
        server.stop(None).wait()


def _sign(key: Path, certificate: Path) -> None:
    command = [program("openssl", "openssl"), "req", "-x509", "-newkey", "rsa:2048"]
    command += ["-nodes", "-days", "2"]
    command += ["-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost"]
    command += ["-keyout", str(key), "-out", str(certificate)]
    subprocess.run(command, check=True, capture_output=True)


@pytest.fixture(autouse=True)
def _nothing_is_told() -> Iterator[None]:
    yield
    get_in_by(MilvusAccess())


def environment(guarded: Guarded, **other: str) -> Mapping[str, str]:
    return {"FOOTNOTE_MILVUS_CA": str(guarded.authority), **other}


def test_who_has_the_password_builds_and_reads_and_it_is_told_nowhere(
    guarded: Guarded,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    caplog: pytest.LogCaptureFixture,
) -> None:
    monkeypatch.chdir(tmp_path)
    caplog.set_level(logging.DEBUG)
    for name, value in environment(guarded, FOOTNOTE_MILVUS_TOKEN=SECRET).items():
        monkeypatch.setenv(name, value)
    assert main(["status", "--data", str(guarded.data)]) == 1
    source = tmp_path / "ship.txt"
    source.write_text("The ship left the harbour of Bergen.\n", "utf-8")
    build([source], guarded.data, ENCODER, no_progress)
    assert main(["status", "--data", str(guarded.data)]) == 0
    with closing(open_store(guarded.data, ENCODER.model)) as store:
        assert store.info.counts.articles == 1
    printed = capsys.readouterr()
    settings = Settings.from_environment({"FOOTNOTE_MILVUS_TOKEN": SECRET})
    told = [printed.out, printed.err, caplog.text, repr(settings), repr(settings.milvus_access)]
    assert not any("nobody says" in each for each in told)


@pytest.mark.parametrize(
    ("token", "how"), [("", "without a token"), ("footnote:a guess", "with that token")]
)
def test_who_has_not_is_told_what_to_set(
    guarded: Guarded, token: str, how: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    get_in_by(MilvusAccess(token, guarded.authority))
    with pytest.raises(StoreError, match=f"does not let us in {how}: set FOOTNOTE_MILVUS_TOKEN="):
        open_store(guarded.data)


def test_the_password_is_not_sent_to_a_server_that_nothing_vouches_for(
    guarded: Guarded, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    # Another token: pymilvus has one connection for each, whatever vouched for the server.
    get_in_by(MilvusAccess("footnote:another"))
    with pytest.raises(StoreError, match="fails"):
        open_store(guarded.data)


def test_certificates_that_cannot_be_read_are_told(guarded: Guarded, tmp_path: Path) -> None:
    get_in_by(MilvusAccess(SECRET, tmp_path / "missing.pem"))
    with pytest.raises(SettingError, match=r"FOOTNOTE_MILVUS_CA is '.*missing.pem', which cannot"):
        open_store(guarded.data)


@pytest.mark.parametrize("scheme", ["milvus", "milvus+tls"])
def test_a_password_in_the_address_is_refused_and_not_quoted(scheme: str) -> None:
    with pytest.raises(SettingError, match="set FOOTNOTE_MILVUS_TOKEN=USER:PASSWORD") as refused:
        milvus_place(Path(f"{scheme}://root:secret@db:19530/news"))
    assert "secret" not in str(refused.value)


@pytest.mark.parametrize(
    ("data", "is_pinged"),
    [
        ("milvus+tls://db:19530/news", True),
        ("milvus-lite:some/folder", False),
        ("milvus-lite:https-archive", False),
    ],
)
def test_only_a_server_is_pinged_while_a_call_lasts(
    data: str, is_pinged: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    connected = Mock()
    monkeypatch.setattr(client, "MilvusClient", connected)
    client.Client(milvus_place(Path(data)), MilvusAccess(SECRET)).collections()
    told = connected.call_args.kwargs
    assert ("grpc.keepalive_time_ms" not in told["grpc_options"]) == is_pinged
    assert told["token"] == SECRET


def test_the_scheme_tells_whether_tls_is_spoken() -> None:
    place = milvus_place(Path("milvus+tls://db.example:19530/news"))
    assert (place.uri, place.shown) == (
        "https://db.example:19530",
        "milvus+tls://db.example:19530/news",
    )
