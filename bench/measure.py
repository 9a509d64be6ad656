"""Measures systems side by side: in rounds, each system in turn, so that other load on the machine
affects all alike."""

import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from statistics import median

import numpy as np

from bench.peers.process import ROOT, Process, System, python_of
from bench.sets import Corpus, JudgedQuestion, first_texts
from index.embed import Encoder
from index.encoders import ModelEncoder
from index.encoders.files import ENCODER

RESULTS = 5
ROUNDS = 5
STARTS = 3
CLIENTS = 32
# How much each client of a crowd asks in a round, and how much is asked to warm up.
_EACH = 10
_WARMING = 5
_CHECKED = 32
# In seconds: a system that needs longer for a round is asked less.
_LONGEST = 15.0


@dataclass(slots=True)
class Measured:
    """The results of one system; `ms` and `crowd_ms` are of single questions."""

    rates: list[float] = field(default_factory=list)
    hit: float = 0.0
    starts: list[float] = field(default_factory=list)
    pages: list[float] = field(default_factory=list)
    ms: list[float] = field(default_factory=list)
    crowd_ms: list[float] = field(default_factory=list)
    throughputs: list[float] = field(default_factory=list)
    memory: int = 0
    disk: int = 0

    @property
    def rate(self) -> float:
        """Passages indexed per second."""
        return median(self.rates)

    @property
    def throughput(self) -> float:
        """Questions answered per second, asked by a crowd."""
        return median(self.throughputs)


Table = dict[System, Measured]
Running = dict[System, Process]


class Launcher:
    """Starts systems, each in its environment; their folders and logs are in `work`."""

    def __init__(self, work: Path) -> None:
        self._work = work

    def prepare(self, systems: Sequence[System]) -> None:
        """Make every environment that does not exist yet."""
        for system in systems:
            python_of(system, self._work)

    @property
    def encoder(self) -> Path:
        """The folder of the exported model, which is copied into each of Footnote's indexes."""
        return self._work / "model" / ENCODER

    def export_model(self, archive: Path) -> Encoder:
        """Footnote's encoder, exported by this very code; the export is checked on passages."""
        shutil.rmtree(self.encoder, ignore_errors=True)
        encoder = ModelEncoder(self._work / "model")
        encoder.encode_passages(first_texts(archive, _CHECKED))
        return encoder

    def start(self, system: System) -> Process:
        """A process of the system, which may still be importing its libraries."""
        log = self._work / f"{system.name}.log"
        return Process(system, python_of(system, self._work), log)

    def fresh(self, system: System, name: str) -> Path:
        """The path of a folder that does not exist."""
        folder = self._work / "indexes" / f"{system.name}.{name}"
        shutil.rmtree(folder, ignore_errors=True)
        folder.parent.mkdir(exist_ok=True)
        return folder


def measure_indexing(
    table: Table,
    launcher: Launcher,
    corpora: Sequence[Corpus],
    questions: Sequence[JudgedQuestion],
) -> None:
    """Index each corpus with every system in turn; then hit@1 in the index of the last."""
    with ExitStack() as stack:
        running = {system: stack.enter_context(launcher.start(system)) for system in table}
        for process in running.values():
            process.wait()
        for corpus in corpora:
            for system, process in running.items():
                if system.own:
                    data = launcher.fresh(system, "squad")
                    seconds = build_footnote(corpus.archive, data, launcher.encoder)
                else:
                    seconds = process.index(corpus.passages, None)
                table[system].rates.append(corpus.count / seconds)
                _show_progress(system, f"{corpus.count} passages in {seconds:.1f} s")
        for system, process in running.items():
            if system.own:
                process.open(data)
            table[system].hit = _hit_rate(process, questions)


def build_footnote(archive: Path, data: Path, encoder: Path) -> float:
    """Seconds of a whole `python -m index build` into a new folder that has the model."""
    shutil.copytree(encoder, data / ENCODER)
    command = [sys.executable, "-m", "index", "build", str(archive), "--data", str(data)]
    started = time.perf_counter()
    subprocess.run(command, cwd=ROOT, check=True, stdout=sys.stderr)
    return time.perf_counter() - started


def save_indexes(table: Table, launcher: Launcher, corpus: Corpus) -> dict[System, Path]:
    """An index of the corpus on disk for each peer, made with the vectors given."""
    folders: dict[System, Path] = {}
    for system in table:
        if system.own:
            continue
        folders[system] = launcher.fresh(system, "grown")
        with launcher.start(system) as process:
            seconds = process.index(corpus.passages, corpus.vectors)
            table[system].disk = process.save(folders[system])
        _show_progress(system, f"{corpus.count} passages with given vectors in {seconds:.1f} s")
    return folders


def measure_starts(
    table: Table, launcher: Launcher, folders: Mapping[System, Path], questions: Iterator[str]
) -> None:
    """From the start of the process to the first answer, several times in turn."""
    for _ in range(STARTS):
        question = next(questions)
        for system in table:
            _measure_start(table[system], launcher, system, folders[system], question)


def _measure_start(
    measured: Measured, launcher: Launcher, system: System, folder: Path, question: str
) -> None:
    started = time.perf_counter()
    with launcher.start(system) as process:
        if system.own:
            # The asking process does not count: the server starts when the index is opened.
            process.wait()
            started = time.perf_counter()
        process.open(folder)
        process.ask([question], RESULTS)
        measured.starts.append(time.perf_counter() - started)
        if system.own:
            process.page()
            measured.pages.append(time.perf_counter() - started)


def measure_questions(
    table: Table,
    launcher: Launcher,
    folders: Mapping[System, Path],
    questions: Iterator[str],
    asked: int,
) -> None:
    """One client, then a crowd, in rounds; no system is asked the same question twice."""
    with ExitStack() as stack:
        running = {system: stack.enter_context(launcher.start(system)) for system in table}
        for system, process in running.items():
            process.open(folders[system])
        warming = _take(questions, _WARMING)
        paces = {s: median(p.ask(warming, RESULTS).ms) / 1000 for s, p in running.items()}
        _in_rounds(running, questions, asked // ROUNDS, _ask_alone(table, paces))
        _in_rounds(running, questions, CLIENTS * _EACH, _ask_as_crowd(table, paces))
        for system, process in running.items():
            table[system].memory = process.memory()


Ask = Callable[[System, Process, Sequence[str]], str]


def _in_rounds(running: Running, questions: Iterator[str], each: int, ask: Ask) -> None:
    for turn in range(ROUNDS):
        part = _take(questions, each)
        for system, process in running.items():
            _show_progress(system, f"round {turn + 1}: {ask(system, process, part)}")


def _take(questions: Iterator[str], number: int) -> list[str]:
    taken = list(islice(questions, number))
    if len(taken) < number:
        raise ValueError("there are too few questions for none to be asked twice: ask for fewer")
    return taken


def _ask_alone(table: Table, paces: Mapping[System, float]) -> Ask:
    def ask(system: System, process: Process, questions: Sequence[str]) -> str:
        most = max(2, int(_LONGEST / paces[system]))
        ms = process.ask(questions[:most], RESULTS).ms
        table[system].ms += ms
        return f"{len(ms)} questions, median {median(ms):.1f} ms"

    return ask


def _ask_as_crowd(table: Table, paces: Mapping[System, float]) -> Ask:
    def ask(system: System, process: Process, questions: Sequence[str]) -> str:
        most = max(CLIENTS, int(_LONGEST / paces[system]))
        crowded = process.crowd(questions[:most], CLIENTS, RESULTS)
        table[system].crowd_ms += crowded.ms
        table[system].throughputs.append(len(crowded.ms) / crowded.seconds)
        return f"{len(crowded.ms)} questions by {CLIENTS} clients in {crowded.seconds:.1f} s"

    return ask


def percentile(values: Sequence[float], share: int) -> float:
    """The value below which `share` of a hundred lie."""
    return float(np.percentile(values, share))


def _hit_rate(process: Process, questions: Sequence[JudgedQuestion]) -> float:
    replies = process.ask([question.text for question in questions], RESULTS)
    hits = [
        bool(ids) and article_of(ids[0]) in question.articles
        for ids, question in zip(replies.ids, questions, strict=True)
    ]
    return sum(hits) / len(hits)


def article_of(passage_id: str) -> str:
    """The article that a passage belongs to, by the passage's id.

    >>> article_of("1973_oil_crisis_0:0-597")
    '1973_oil_crisis_0'
    """
    return passage_id.rpartition(":")[0]


def _show_progress(system: System, what: str) -> None:
    print(f"{system.title}: {what}", file=sys.stderr)
