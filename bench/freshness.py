"""How soon a running server answers with an article that was added, changed or removed.

A client keeps asking meanwhile: none of its questions may fail, or wait for a new generation.
"""

import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from http.client import HTTPException
from itertools import cycle
from pathlib import Path

from bench.peers.footnote_http import Footnote
from bench.peers.process import ROOT
from index.readers import Found, read_sources
from index.split import split

TIMES = 3
# Seconds from an answer to the next question: of the steady client, and of the one that waits for
# the article.
PACE = 0.05
_PAUSE = 0.01
_RESULTS = 5
# How long the server may take to notice a finished build, in seconds.
_PATIENCE = 60.0
# Of different lengths, so that passage ids show which of the two is found.
ADDED = """\
title: The lighthouse of Quorvath

The lamp of the Quorvath lighthouse was lit with whale oil in 1823.
"""
CHANGED = """\
title: The lighthouse of Quorvath

The lamp of the Quorvath lighthouse was lit with rapeseed oil from 1871 on, until it was given up.
"""
_OTHER = "title: The mole of Quorvath\n\nIt was built of slate, and the sea has taken it since.\n"
_QUESTION = "What was the lamp of the Quorvath lighthouse lit with?"

IsSeen = Callable[[Sequence[str]], bool]


@dataclass(slots=True)
class Freshness:
    """Seconds from the start of a build to the first answer that shows it; milliseconds of the
    questions answered meanwhile, and how many failed."""

    added: list[float] = field(default_factory=list)
    changed: list[float] = field(default_factory=list)
    removed: list[float] = field(default_factory=list)
    ms: list[float] = field(default_factory=list)
    failed: int = 0


class _Client:
    """Asks the server from one thread, and counts times and failures."""

    def __init__(self, server: Footnote) -> None:
        self._server = server
        self.ms: list[float] = []
        self.failed = 0

    def ask(self, question: str) -> list[str] | None:
        """Ids of the passages shown, or None if the request failed."""
        started = time.perf_counter()
        try:
            shown = self._server.ask(question, _RESULTS)
        except (OSError, HTTPException) as error:
            print(f"a request failed: {error!r}", file=sys.stderr)
            self.failed += 1
            return None
        self.ms.append((time.perf_counter() - started) * 1000)
        return shown


def measure_freshness(
    data: Path, folder: Path, questions: Sequence[str], log: Path, times: int = TIMES
) -> Freshness:
    """Serve `data`; repeatedly add, change and remove an article in `folder`, which must be empty.

    What builds print goes to `log`.
    """
    found = Freshness()
    with closing(Footnote(ROOT)) as server:
        server.open(data)
        client = _Client(server)
        article, other = folder / "lighthouse.txt", folder / "mole.txt"
        # A build that prunes must have something left to read.
        other.write_text(_OTHER)
        _build_until([other], data, client, lambda shown: True, log)
        with _asked_steadily(server, questions) as steady:
            for _ in range(times):
                _turn(found, data, article, client, log)
        found.ms, found.failed = steady.ms, steady.failed + client.failed
    return found


def index_command(sources: Sequence[Path], data: Path, *, prune: bool = False) -> list[str]:
    """`python -m index build`, as typed in a shell."""
    named = [str(source) for source in sources]
    options = ["--data", str(data), *(["--prune"] if prune else [])]
    return [sys.executable, "-m", "index", "build", *named, *options]


def passage_ids(article: Path) -> frozenset[str]:
    """The ids of the passages that a build makes of a file."""
    found = (item for item in read_sources([article]) if isinstance(item, Found))
    return frozenset(passage.id for each in found for passage in split(each.article))


def _turn(found: Freshness, data: Path, article: Path, client: _Client, log: Path) -> None:
    article.write_text(ADDED)
    first = passage_ids(article)
    found.added.append(_build_until([article], data, client, _shows(first), log))
    article.write_text(CHANGED)
    second = passage_ids(article)
    found.changed.append(_build_until([article], data, client, _shows(second), log))
    article.unlink()
    gone = _hides(first | second)
    found.removed.append(_build_until([article.parent], data, client, gone, log, prune=True))


def _shows(ids: frozenset[str]) -> IsSeen:
    return lambda shown: not ids.isdisjoint(shown)


def _hides(ids: frozenset[str]) -> IsSeen:
    return lambda shown: ids.isdisjoint(shown)


def _build_until(
    sources: Sequence[Path],
    data: Path,
    client: _Client,
    is_seen: IsSeen,
    log: Path,
    *,
    prune: bool = False,
) -> float:
    """Seconds from the start of a build until an answer shows it; waits for its end."""
    with log.open("a") as said:
        started = time.perf_counter()
        command = index_command(sources, data, prune=prune)
        with subprocess.Popen(command, cwd=ROOT, stdout=said, stderr=said) as builder:
            seconds, ended = None, None
            while seconds is None or ended is None:
                shown = client.ask(_QUESTION)
                now = time.perf_counter() - started
                if seconds is None and shown is not None and is_seen(shown):
                    seconds = now
                if ended is None and builder.poll() is not None:
                    ended = now
                _refuse_failure(builder.poll(), seconds, ended, now, log)
                time.sleep(_PAUSE)
    return seconds


def _refuse_failure(
    code: int | None, seconds: float | None, ended: float | None, now: float, log: Path
) -> None:
    if code:
        raise RuntimeError(f"a build ended with exit code {code}, see {log}")
    if seconds is None and ended is not None and now - ended > _PATIENCE:
        raise RuntimeError(f"no answer showed a build {_PATIENCE:.0f} s after it had ended")


@contextmanager
def _asked_steadily(server: Footnote, questions: Sequence[str]) -> Iterator[_Client]:
    """A client that keeps asking questions, at a pace that leaves a core free."""
    client, stopped = _Client(server), threading.Event()

    def ask() -> None:
        for question in cycle(questions):
            client.ask(question)
            if stopped.wait(PACE):
                return

    thread = threading.Thread(target=ask)
    thread.start()
    try:
        yield client
    finally:
        stopped.set()
        thread.join()
