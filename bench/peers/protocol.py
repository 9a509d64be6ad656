"""The protocol of every peer: a line of JSON on standard input, one back on standard output.

    {"do": "index", "passages": "FILE.jsonl", "vectors": null | "FILE.npy"}
        -> {"seconds": 35.2, "passages": 1000}
    {"do": "ask", "questions": ["…"], "k": 5}      -> {"ms": [16.6], "ids": [["…"]]}
    {"do": "crowd", "questions": ["…"], "clients": 32, "k": 5}
        -> {"seconds": 2.5, "ms": [16.6]}
    {"do": "save", "folder": "…"}                  -> {"bytes": 81000000}
    {"do": "open", "folder": "…"}                  -> {}
    {"do": "memory"}                               -> {"bytes": 900000000}
    {"do": "quit"}                                 -> {}

The first line, `{}`, is said once requests can be read; what fails is answered with
`{"error": "…"}`. A peer's environment holds neither Footnote nor its requirements: this module
and the peers import nothing of it.
"""

import json
import os
import sys
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any, Protocol

import numpy as np
from numpy.typing import NDArray

Vectors = NDArray[np.float32]
Reply = dict[str, Any]
Command = Callable[[Mapping[str, Any]], Reply]

# How many results each of two retrievers passes to their fusion; Haystack's default.
CANDIDATES = 10
# Where a peer stores passages if they are not in its index.
PASSAGES_FILE = "passages.jsonl"


@dataclass(frozen=True, slots=True)
class Passage:
    """A line of the file of passages."""

    id: str
    title: str
    text: str

    @property
    def embedded(self) -> str:
        """What is embedded and indexed."""
        return f"{self.title}\n{self.text}" if self.title else self.text


class Search(Protocol):
    """A system that answers questions from an index on disk."""

    def open(self, folder: Path) -> None:
        """Open a saved index."""

    def ask(self, question: str, k: int) -> list[str]:
        """The ids of the `k` best passages, best first; the question is encoded each time."""


class Peer(Search, Protocol):
    """A search in one process, built from a library's own parts."""

    def index(self, passages: Sequence[Passage], vectors: Vectors | None) -> None:
        """Index them, with unit vectors of shape (passages, 384), or encode them here."""

    def save(self, folder: Path) -> None:
        """Write the index into an empty folder."""


def serve_peer(peer: Peer) -> None:
    """Answer requests until `quit` or the end of input."""
    indexing: dict[str, Command] = {
        "index": lambda request: _index(peer, request),
        "save": lambda request: _save(peer, Path(request["folder"])),
    }
    serve({**asking(peer), **indexing})


def asking(search: Search) -> dict[str, Command]:
    """The commands of a system that answers in its own process."""
    return {
        "open": lambda request: _open(search, Path(request["folder"])),
        "ask": lambda request: _ask(search, request),
        "crowd": lambda request: _crowd(search, request),
        "memory": lambda request: {"bytes": resident_bytes(os.getpid())},
    }


def serve(commands: Mapping[str, Command]) -> None:
    """Answer requests by name until `quit` or the end of input."""
    replies = _own_stdout()
    _write(replies, {})
    for line in sys.stdin:
        request = json.loads(line)
        if request["do"] == "quit":
            _write(replies, {})
            return
        try:
            reply = commands[request["do"]](request)
        except Exception as error:  # whatever a library raises, for the driver to report
            reply = {"error": f"{type(error).__name__}: {error}"}
        _write(replies, reply)


def read_passages(path: Path) -> list[Passage]:
    """Every line of a file of passages."""
    with path.open(encoding="utf-8") as lines:
        return [Passage(**json.loads(line)) for line in lines]


def write_passages(path: Path, passages: Iterable[Passage]) -> int:
    """A line for each passage; their number."""
    written = 0
    with path.open("w", encoding="utf-8") as lines:
        for passage in passages:
            values = {"id": passage.id, "title": passage.title, "text": passage.text}
            lines.write(json.dumps(values, ensure_ascii=False) + "\n")
            written += 1
    return written


def resident_bytes(process: int) -> int:
    """The memory of a process, by its id, and of those that it started.

    What several of them share counts once, as what the largest shares.
    """
    held = [_own_and_shared(each) for each in _family(process)]
    return sum(own for own, _ in held) + max(shared for _, shared in held)


def processor_seconds(process: int) -> float:
    """The time of the processor, own code and the system's, of a process and those it started."""
    return sum(map(_processor_seconds, _family(process)))


def started_by(process: int) -> list[int]:
    """The processes that one has started and that still run, by their ids."""
    return [
        int(each) for each in Path(f"/proc/{process}/task/{process}/children").read_text().split()
    ]


def _family(process: int) -> list[int]:
    """A process and all that it started, and these, as long as they run."""
    family = [process]
    for each in family:
        family += started_by(each)
    return family


def _own_and_shared(process: int) -> tuple[int, int]:
    """Bytes of memory that a process has to itself, and those that others may use too."""
    lines = Path(f"/proc/{process}/smaps_rollup").read_text().splitlines()[1:]
    held = {name: int(rest.split()[0]) * 1024 for name, rest in (each.split(":") for each in lines)}
    own = held["Private_Clean"] + held["Private_Dirty"]
    return own, held["Rss"] - own


def _processor_seconds(process: int) -> float:
    # A name may hold spaces, and the fields are counted from its bracket on.
    *_, fields = Path(f"/proc/{process}/stat").read_text().rpartition(")")
    user, system = fields.split()[11:13]
    return (int(user) + int(system)) / os.sysconf("SC_CLK_TCK")


def folder_bytes(folder: Path) -> int:
    """The size of all files in a folder."""
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())


def _index(peer: Peer, request: Mapping[str, Any]) -> Reply:
    passages = read_passages(Path(request["passages"]))
    vectors = None if request["vectors"] is None else np.load(request["vectors"])
    started = time.perf_counter()
    peer.index(passages, vectors)
    return {"seconds": time.perf_counter() - started, "passages": len(passages)}


def _ask(search: Search, request: Mapping[str, Any]) -> Reply:
    answers = [_timed(search, question, request["k"]) for question in request["questions"]]
    return {"ms": [ms for ms, _ in answers], "ids": [ids for _, ids in answers]}


def _crowd(search: Search, request: Mapping[str, Any]) -> Reply:
    """Each client asks its next question as soon as its last is answered."""

    def ask(question: str) -> float:
        return _timed(search, question, request["k"])[0]

    with ThreadPoolExecutor(request["clients"]) as clients:
        started = time.perf_counter()
        ms = list(clients.map(ask, request["questions"]))
        return {"seconds": time.perf_counter() - started, "ms": ms}


def _timed(search: Search, question: str, k: int) -> tuple[float, list[str]]:
    started = time.perf_counter()
    ids = search.ask(question, k)
    return (time.perf_counter() - started) * 1000, ids


def _save(peer: Peer, folder: Path) -> Reply:
    folder.mkdir(parents=True)
    peer.save(folder)
    return {"bytes": folder_bytes(folder)}


def _open(search: Search, folder: Path) -> Reply:
    search.open(folder)
    return {}


def _own_stdout() -> IO[str]:
    """Keep standard output for replies: what libraries print there goes to standard error."""
    replies = os.fdopen(os.dup(sys.stdout.fileno()), "w", encoding="utf-8")
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())
    return replies


def _write(replies: IO[str], reply: Reply) -> None:
    replies.write(json.dumps(reply) + "\n")
    replies.flush()
