"""The driver's side of a peer: its environment, its process, and what it answers."""

import json
import os
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import IO, Any, Self

ROOT = Path(__file__).parents[2]
# What an environment was made from; written once everything is installed.
_INSTALLED = "installed.txt"
# No library may ask another machine for a model, or report to one.
_ALONE = {
    "HF_HUB_OFFLINE": "1",
    "HAYSTACK_TELEMETRY_ENABLED": "False",
    "ANONYMIZED_TELEMETRY": "False",
}


@dataclass(frozen=True, slots=True)
class System:
    """A system to measure. `module` is run; `own` is Footnote, which runs in this environment.

    `home` is the folder of the code that is served, `reader` its setting where it is not the usual.
    """

    name: str
    title: str
    module: str
    own: bool = False
    home: Path = ROOT
    reader: str | None = None

    @property
    def settings(self) -> dict[str, str]:
        """What its environment holds besides."""
        return {} if self.reader is None else {"FOOTNOTE_READER": self.reader}

    @property
    def requirements(self) -> Path:
        """The file beside its script."""
        return ROOT.joinpath(*self.module.split(".")).with_suffix(".txt")


FOOTNOTE = System("footnote", "Footnote", "bench.peers.footnote_http", own=True)
PLAIN = System("plain", "sentence-transformers + FAISS", "bench.peers.plain")
PEERS = (
    PLAIN,
    System("txtai", "txtai hybrid", "bench.peers.txtai_hybrid"),
    System("llamaindex", "LlamaIndex hybrid", "bench.peers.llamaindex_hybrid"),
    System("haystack", "Haystack hybrid", "bench.peers.haystack_hybrid"),
)


@dataclass(frozen=True, slots=True)
class Replies:
    """Milliseconds and passage ids of each question, asked one after another."""

    ms: list[float]
    ids: list[list[str]]


@dataclass(frozen=True, slots=True)
class Crowded:
    """How long all questions took together, and milliseconds of each."""

    seconds: float
    ms: list[float]


class PeerError(RuntimeError):
    """A peer that could not do what it was asked."""


class Process:
    """A running system. Its own prints go to `log`."""

    def __init__(self, system: System, python: Path, log: Path) -> None:
        self.system = system
        self._log: IO[str] = log.open("a", encoding="utf-8")
        self._process = subprocess.Popen(
            [str(python), "-m", system.module, *([str(system.home)] if system.own else [])],
            cwd=ROOT,
            env={**os.environ, **_ALONE, **system.settings},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._log,
            text=True,
        )
        self._ready = False

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.stop()

    def wait(self) -> None:
        """Wait until its libraries are imported and it takes requests."""
        if not self._ready:
            self._read("start")
            self._ready = True

    def index(self, passages: Path, vectors: Path | None) -> float:
        """Seconds to index a file of passages, with the vectors of an .npy file or its own."""
        return float(self._do("index", passages=str(passages), vectors=_path(vectors))["seconds"])

    def save(self, folder: Path) -> int:
        """Bytes on disk of the index, written into a new folder."""
        return int(self._do("save", folder=str(folder))["bytes"])

    def open(self, folder: Path) -> None:
        """Open an index on disk."""
        self._do("open", folder=str(folder))

    def ask(self, questions: Sequence[str], k: int) -> Replies:
        """Ask one question after another."""
        reply = self._do("ask", questions=list(questions), k=k)
        return Replies(reply["ms"], reply["ids"])

    def crowd(self, questions: Sequence[str], clients: int, k: int) -> Crowded:
        """Ask all questions, several at a time."""
        reply = self._do("crowd", questions=list(questions), clients=clients, k=k)
        return Crowded(reply["seconds"], reply["ms"])

    def page(self) -> None:
        """Wait for Footnote's chat page."""
        self._do("page")

    def memory(self) -> int:
        """Bytes of memory that it uses."""
        return int(self._do("memory")["bytes"])

    def processor(self) -> float:
        """Seconds of the processor that Footnote's server used so far."""
        return float(self._do("processor")["seconds"])

    def stop(self) -> None:
        """Stop it, and wait until it has ended."""
        if self._process.stdin:
            self._process.stdin.close()
        self._process.wait()
        if self._process.stdout:
            self._process.stdout.close()
        self._log.close()

    def _do(self, what: str, **request: object) -> dict[str, Any]:
        self.wait()
        if self._process.stdin is None:
            raise PeerError(f"{self.system.name} takes no requests")
        try:
            self._process.stdin.write(json.dumps({"do": what, **request}) + "\n")
            self._process.stdin.flush()
        except BrokenPipeError:
            raise self._ended(what) from None
        return self._read(what)

    def _read(self, what: str) -> dict[str, Any]:
        line = self._process.stdout.readline() if self._process.stdout else ""
        if not line:
            raise self._ended(what)
        reply: dict[str, Any] = json.loads(line)
        if "error" in reply:
            raise PeerError(f"{self.system.name}, {what}: {reply['error']}")
        return reply

    def _ended(self, what: str) -> PeerError:
        code = self._process.wait()
        return PeerError(f"{self.system.name}, {what}: it ended with {code}, see {self._log.name}")


def python_of(system: System, work: Path) -> Path:
    """The interpreter of a system; its environment is made the first time, or after a change."""
    if system.own:
        return Path(sys.executable)
    folder = work / "environments" / system.name
    python = folder / "bin" / "python"
    wanted = system.requirements.read_text()
    installed = folder / _INSTALLED
    if not installed.exists() or installed.read_text() != wanted:
        print(f"making the environment of {system.title}", file=sys.stderr)
        _run(sys.executable, "-m", "venv", "--clear", str(folder))
        _run(str(python), "-m", "pip", "install", "--quiet", "-r", str(system.requirements))
        installed.write_text(wanted)
    return python


def _run(*command: str) -> None:
    subprocess.run(command, check=True, stdout=sys.stderr)


def _path(path: Path | None) -> str | None:
    return None if path is None else str(path)
