"""Serving: what is told before anything is loaded, and what is served."""

import socket
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest
import uvicorn
from fastapi import FastAPI
from starlette.testclient import TestClient

import app
from index.settings import DEFAULT_MODEL, describe_settings
from qa.live import LiveIndex
from tests.archives import build_records
from tests.fakes import HashEncoder
from tests.serving import free_port

HERE = "http://localhost"
ROOT = Path(__file__).parent.parent
# Two workers that find the disk full.
ON_A_FULL_DISK = """
import errno, os, sys
import app

def compose(*_):
    raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), "journal.sqlite")

app._load, app.compose = lambda settings: None, compose
sys.exit(app.main(["--workers", "2"]))
"""


@dataclass(frozen=True, slots=True)
class Started:
    """A process that was started, and where."""

    command: Sequence[str]
    folder: Path
    environment: Mapping[str, str]

    @property
    def data(self) -> Path:
        """The folder of the index that it builds, wherever the server was started."""
        return self.folder / self.command[self.command.index("--data") + 1]


@pytest.fixture(autouse=True)
def _settings(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, _, _ in describe_settings():
        monkeypatch.delenv(name, raising=False)
    # The app sets it: what is set here is taken back.
    monkeypatch.setenv("GRADIO_ANALYTICS_ENABLED", "False")
    monkeypatch.setenv("FOOTNOTE_PORT", "0")
    # What is served can be looked at in this process only.
    monkeypatch.setenv("FOOTNOTE_WORKERS", "1")


@pytest.fixture
def encoder(monkeypatch: pytest.MonkeyPatch) -> Callable[[HashEncoder], None]:
    """The app makes this encoder."""

    def use(encoder: HashEncoder) -> None:
        monkeypatch.setattr("index.encoders.ModelEncoder", lambda data, name: encoder)

    return use


@pytest.fixture
def served(
    monkeypatch: pytest.MonkeyPatch, encoder: Callable[[HashEncoder], None]
) -> list[FastAPI]:
    """What the app would serve, had it not ended at once."""
    found: list[FastAPI] = []

    def run(server: uvicorn.Server, sockets: list[socket.socket]) -> None:
        assert isinstance(server.config.app, FastAPI)
        found.append(server.config.app)

    monkeypatch.setattr(uvicorn.Server, "run", run)
    encoder(HashEncoder())
    return found


@pytest.fixture
def watched(monkeypatch: pytest.MonkeyPatch) -> list[LiveIndex]:
    """The indexes that are watched; none is, beyond its test."""
    found: list[LiveIndex] = []
    monkeypatch.setattr(LiveIndex, "watch", lambda live: found.append(live))
    return found


def building(monkeypatch: pytest.MonkeyPatch, build: Callable[[Started], int]) -> list[Started]:
    """Runs this instead of a process that builds, and notes what was to be started."""
    started: list[Started] = []

    def run(
        command: Sequence[str],
        *,
        cwd: Path | None = None,
        env: Mapping[str, str],
        check: bool,
    ) -> subprocess.CompletedProcess[bytes]:
        started.append(Started(command, Path(cwd or Path.cwd()), env))
        return subprocess.CompletedProcess(command, build(started[-1]))

    monkeypatch.setattr(subprocess, "run", run)
    return started


def test_an_index_is_served_with_its_watcher_and_without_building(
    read_only_data: Path,
    served: list[FastAPI],
    watched: list[LiveIndex],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    started = building(monkeypatch, lambda _: 1)
    assert app.main(["--data", str(read_only_data)]) == 0
    client = TestClient(served[0], base_url=HERE)
    assert client.get("/healthz").json() == {"status": "ok", "articles": 5}
    asked = client.post("/api/ask", json={"question": "Who was the last keeper?"})
    assert asked.status_code == 200
    assert len(watched) == 1
    assert started == []


def test_without_an_index_that_of_the_sample_archive_is_built_by_another_process_and_served(
    tmp_path: Path,
    served: list[FastAPI],
    watched: list[LiveIndex],
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    def build(started: Started) -> int:
        build_records(started.data, [{"_id": "dam", "text": "The dam holds."}])
        return 0

    started = building(monkeypatch, build)
    assert app.main(["--data", str(tmp_path / "data")]) == 0
    assert TestClient(served[0], base_url=HERE).get("/healthz").json()["articles"] == 1
    assert len(watched) == 1
    (only,) = started
    assert only.command[0] == sys.executable
    assert str(ROOT / "articles") in only.command
    assert only.data == tmp_path / "data"
    assert capsys.readouterr().out.startswith(f"no index in {tmp_path / 'data'}: building")


@pytest.mark.parametrize(
    ("model", "expected"), [(None, DEFAULT_MODEL), ("models/mine", "models/mine")]
)
def test_the_sample_is_built_by_the_model_that_is_set_wherever_the_server_is_started(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, model: str | None, expected: str
) -> None:
    # A folder is named as seen from where the server is started, and so is the index.
    monkeypatch.chdir(tmp_path)
    (tmp_path / "models" / "mine").mkdir(parents=True)
    if model:
        monkeypatch.setenv("FOOTNOTE_MODEL", model)
    started = building(monkeypatch, lambda _: 1)
    assert app.main(["--data", "here"]) == 1
    (only,) = started
    told = only.environment["FOOTNOTE_MODEL"]
    assert only.data == tmp_path / "here"
    if model:
        assert only.folder / told == tmp_path / expected
    else:
        assert told == expected


def test_a_sample_that_cannot_be_built_is_told_and_nothing_is_served(
    tmp_path: Path,
    served: list[FastAPI],
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    building(monkeypatch, lambda _: 1)
    assert app.main(["--data", str(tmp_path / "data")]) == 1
    assert capsys.readouterr().err == (
        "error: the sample archive could not be built: fix the error above\n"
    )
    assert served == []


def test_an_index_of_another_model_is_refused_with_the_setting_that_helps(
    read_only_data: Path,
    served: list[FastAPI],
    encoder: Callable[[HashEncoder], None],
    capsys: pytest.CaptureFixture[str],
) -> None:
    encoder(HashEncoder("some-model"))
    assert app.main(["--data", str(read_only_data)]) == 1
    assert "set FOOTNOTE_MODEL=hash" in capsys.readouterr().err
    assert served == []


def test_a_port_in_use_is_told_at_once_with_the_remedy(
    served: list[FastAPI], read_only_data: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        assert app.main(["--data", str(read_only_data), "--port", port]) == 1
    told = capsys.readouterr().err
    assert told.startswith(f"error: cannot listen on 127.0.0.1:{port}")
    assert told.endswith("choose others with --host and --port\n")
    assert served == []


def test_a_port_in_use_is_told_to_several_workers_too_though_they_share_theirs(
    served: list[FastAPI], read_only_data: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with socket.create_server(("127.0.0.1", 0), reuse_port=True) as taken:
        port = str(taken.getsockname()[1])
        arguments = ["--data", str(read_only_data), "--port", port, "--workers", "2"]
        assert app.main(arguments) == 1
    assert capsys.readouterr().err.startswith(f"error: cannot listen on 127.0.0.1:{port}")
    assert served == []


def test_where_workers_cannot_write_one_line_says_so_as_of_one_process() -> None:
    command = [sys.executable, "-c", ON_A_FULL_DISK]
    ended = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    [told] = ended.stderr.splitlines()
    assert told.startswith("error: ")
    assert "journal.sqlite" in told
    assert (ended.returncode, ended.stdout) == (1, "")


@pytest.mark.parametrize("port", ["70000", "-1"])
def test_a_port_that_does_not_exist_is_told_with_the_remedy(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], port: str
) -> None:
    assert app.main(["--data", str(tmp_path / "none"), "--port", port]) == 1
    told = capsys.readouterr()
    assert told.out == ""
    assert told.err.startswith(f"error: cannot listen on 127.0.0.1:{port}")
    assert told.err.endswith("choose others with --host and --port\n")


def test_a_setting_that_cannot_be_read_is_one_line(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("FOOTNOTE_PORT", "http")
    assert app.main([]) == 1
    told = capsys.readouterr().err
    assert told.startswith("error: FOOTNOTE_PORT is 'http'")
    assert len(told.splitlines()) == 1


def test_an_owners_password_that_is_short_is_refused_before_anything_is_built(
    tmp_path: Path,
    served: list[FastAPI],
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    started = building(monkeypatch, lambda _: 1)
    monkeypatch.setenv("FOOTNOTE_ADMIN_PASSWORD", "hunter2")
    assert app.main(["--data", str(tmp_path / "data")]) == 1
    told = capsys.readouterr().err
    assert told.startswith(
        "error: FOOTNOTE_ADMIN_PASSWORD has 7 characters: set one of at least 12"
    )
    assert "hunter2" not in told
    assert (served, started) == ([], [])


def test_with_a_password_the_owners_page_is_served_and_no_build_is_told_it(
    tmp_path: Path,
    served: list[FastAPI],
    watched: list[LiveIndex],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def build(started: Started) -> int:
        build_records(started.data, [{"_id": "dam", "text": "The dam holds."}])
        return 0

    started = building(monkeypatch, build)
    monkeypatch.setenv("FOOTNOTE_ADMIN_PASSWORD", "correct horse battery")
    assert app.main(["--data", str(tmp_path / "data")]) == 0
    assert TestClient(served[0], base_url=HERE).get("/admin").status_code == 200
    assert "FOOTNOTE_ADMIN_PASSWORD" not in started[0].environment
    assert len(watched) == 1


def test_the_port_is_free_again_once_serving_has_ended(
    read_only_data: Path, served: list[FastAPI], watched: list[LiveIndex]
) -> None:
    port = free_port()
    assert app.main(["--data", str(read_only_data), "--port", str(port)]) == 0
    assert len(served) == len(watched) == 1
    with socket.create_server(("127.0.0.1", port)) as again:
        assert again.getsockname()[1] == port


def test_while_it_starts_the_server_lives_and_is_not_ready(
    read_only_data: Path,
    served: list[FastAPI],
    watched: list[LiveIndex],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    port = free_port()
    found: list[int] = []

    def load(*_: object) -> HashEncoder:
        told = [httpx.get(f"http://127.0.0.1:{port}{path}") for path in ("/healthz", "/readyz")]
        found.extend(each.status_code for each in told)
        return HashEncoder()

    monkeypatch.setattr("index.encoders.ModelEncoder", load)
    assert app.main(["--data", str(read_only_data), "--port", str(port)]) == 0
    assert found == [200, 503]
    ready = TestClient(served[0], base_url=HERE).get("/readyz")
    assert (ready.status_code, ready.json()["status"]) == (200, "ready")


@pytest.mark.parametrize(("name", "value"), [("FOOTNOTE_ORIGINS", "*"), ("FOOTNOTE_RATE", "fast")])
def test_a_setting_of_the_guard_that_cannot_be_used_ends_the_start_in_one_line(
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    served: list[FastAPI],
    name: str,
    value: str,
) -> None:
    monkeypatch.setenv(name, value)
    assert app.main([]) == 1
    told = capsys.readouterr().err
    assert told.startswith(f"error: {name} ")
    assert len(told.splitlines()) == 1
    assert served == []
