"""Today's Footnote beside an older commit of it, in one run: `bench.speed … --since COMMIT`.

The commit is checked out into a folder of its own. Both build an index of the same passages, and
their servers are asked the same questions in turns; today's twice, with its reader and without.
What an older commit lacks, such as the setting for a reader, it does not heed.
"""

import json
import os
import shutil
import subprocess
import sys
import tarfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import asdict, dataclass, field, replace
from io import BytesIO
from itertools import chain, islice
from pathlib import Path
from statistics import median

from bench.grown import found_in
from bench.measure import RESULTS, ROUNDS, Launcher, percentile
from bench.peers.process import FOOTNOTE, ROOT, Process, System
from bench.results import busy, circumstances, table
from bench.sets import distinct_questions
from index.encoders.files import ENCODER
from index.split import split

_WARMING = 10
_STARTS = 3
_BUILT = "built.json"


@dataclass(frozen=True, slots=True)
class Crowd:
    """So many clients, who ask so many questions in a round."""

    clients: int
    questions: int


CROWDS = (Crowd(1, 20), Crowd(8, 40), Crowd(32, 96))


@dataclass(frozen=True, slots=True)
class Built:
    """How an index was built: `first` is the memory of a first build, of one article, in bytes.

    `rate` is in passages a second, of the whole command; `processor` in seconds a passage.
    """

    rate: float
    processor: float
    first: int


@dataclass(slots=True)
class Asked:
    """What rounds of one crowd measured; `processor` is the server's, in seconds a question."""

    ms: list[float] = field(default_factory=list)
    rates: list[float] = field(default_factory=list)
    processor: list[float] = field(default_factory=list)


@dataclass(slots=True)
class Served:
    """What was measured of one server."""

    built: Built | None
    crowds: dict[Crowd, Asked] = field(default_factory=lambda: {each: Asked() for each in CROWDS})
    starts: list[float] = field(default_factory=list)
    memory: int = 0


Servers = dict[System, Served]


@dataclass(frozen=True, slots=True)
class Plan:
    """What is compared: with which commit, on which archive, in how many rounds.

    `reads` adds today's server with its reader, which needs a machine that answers 32 clients in
    the half minute that they wait.
    """

    commit: str
    archive: Path
    rounds: int = ROUNDS
    reads: bool = True


def compare(folder: Path, work: Path, plan: Plan) -> str:
    """The report in Markdown; questions are those of the data sets in `folder`.

    Indexes are kept in `work` from run to run, with how they were built. Raises
    subprocess.CalledProcessError where there is no such commit or a build fails.
    """
    systems = [
        replace(
            FOOTNOTE,
            name="before",
            title=plan.commit,
            home=checkout(plan.commit, work),
            reader="none",
        ),
        replace(FOOTNOTE, name="now", title="now, reading off", reader="none"),
        *([replace(FOOTNOTE, name="reading", title="now, reading on")] if plan.reads else []),
    ]
    indexes = {each: work / "since" / each.home.name / plan.archive.parent.name for each in systems}
    servers = {each: Served(_built(each.home, plan.archive, indexes[each])) for each in systems}
    questions = iter(distinct_questions(folder))
    _ask_in_turns(servers, indexes, Launcher(work), questions, plan.rounds)
    return f"{_heading(plan)}\n\n{markdown(servers)}\n\n{_notes(plan)}"


def checkout(commit: str, work: Path) -> Path:
    """The files of a commit in a folder of their own, which git knows nothing of."""
    folder = work / "commits" / commit
    if not folder.exists():
        packed = subprocess.run(
            ["git", "archive", "--format=tar", commit], cwd=ROOT, check=True, capture_output=True
        )
        with tarfile.open(fileobj=BytesIO(packed.stdout)) as files:
            files.extractall(folder, filter="data")
    return folder


def _built(home: Path, archive: Path, data: Path) -> Built | None:
    """The index by the code in `home`; None where it stands there and nobody measured its build."""
    record = data / _BUILT
    if record.exists():
        return Built(**json.loads(record.read_text(encoding="utf-8")))
    if (data / "manifest.json").exists():
        return None
    shutil.rmtree(data, ignore_errors=True)
    one, first = data.with_name(f"{data.name}.jsonl"), data.with_name(f"{data.name}-first")
    data.parent.mkdir(parents=True, exist_ok=True)
    found = next(found_in(archive))
    line = {"_id": found.article.id, "title": found.article.title, "text": found.article.text}
    one.write_text(json.dumps(line) + "\n", encoding="utf-8")
    shutil.rmtree(first, ignore_errors=True)
    *_, memory = _build(home, one, first)
    # Exported by the code that will use it, once.
    shutil.copytree(first / ENCODER, data / ENCODER)
    seconds, processor, _ = _build(home, archive, data)
    passages = _passages(archive)
    built = Built(passages / seconds, processor / passages, memory)
    record.write_text(json.dumps(asdict(built)), encoding="utf-8")
    return built


def _build(home: Path, archive: Path, data: Path) -> tuple[float, float, int]:
    """Seconds, seconds of the processor and the most memory in bytes of one whole build."""
    command = [sys.executable, "-m", "index", "build", str(archive), "--data", str(data)]
    started = time.perf_counter()
    process = subprocess.Popen(command, cwd=home, stdout=sys.stderr)
    _, status, used = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise subprocess.CalledProcessError(process.returncode, command)
    seconds = time.perf_counter() - started
    return seconds, used.ru_utime + used.ru_stime, used.ru_maxrss * 1024


def _ask_in_turns(
    servers: Servers,
    indexes: Mapping[System, Path],
    launcher: Launcher,
    questions: Iterator[str],
    rounds: int,
) -> None:
    # The servers that are asked are started, too.
    for _ in range(min(_STARTS, rounds) - 1):
        question = next(questions)
        for system, served in servers.items():
            with launcher.start(system) as process:
                served.starts.append(_start(process, indexes[system], question))
    with ExitStack() as stack:
        running = {system: stack.enter_context(launcher.start(system)) for system in servers}
        first, *warming = islice(questions, 1 + _WARMING)
        for system, process in running.items():
            servers[system].starts.append(_start(process, indexes[system], first))
            process.ask(warming, RESULTS)
        for turn, crowd in ((turn, crowd) for turn in range(rounds) for crowd in CROWDS):
            part = list(islice(questions, crowd.questions))
            for system, process in running.items():
                asked = servers[system].crowds[crowd]
                _ask(asked, process, crowd, part)
                said = f"round {turn + 1}, {crowd.clients} clients: {asked.rates[-1]:.1f} a second"
                print(f"{system.title}: {said}", file=sys.stderr)
        for system, process in running.items():
            servers[system].memory = process.memory()


def _start(process: Process, data: Path, question: str) -> float:
    """Seconds from the start of the server to its first answer."""
    process.wait()
    started = time.perf_counter()
    process.open(data)
    process.ask([question], RESULTS)
    return time.perf_counter() - started


def _ask(asked: Asked, process: Process, crowd: Crowd, questions: Sequence[str]) -> None:
    before = process.processor()
    crowded = process.crowd(questions, crowd.clients, RESULTS)
    asked.processor.append((process.processor() - before) / len(questions))
    asked.rates.append(len(questions) / crowded.seconds)
    asked.ms += crowded.ms


@dataclass(frozen=True, slots=True)
class Row:
    """A line of the table; what was not measured is None."""

    title: str
    value: Callable[[Served], float | None]
    form: str = "{:.1f}"


def _rows_of(crowd: Crowd) -> Iterator[Row]:
    who = "one client" if crowd.clients == 1 else f"{crowd.clients} clients"
    yield Row(f"{who}: answers a second", lambda s: median(s.crowds[crowd].rates))
    yield Row(f"{who}: p50, ms", lambda s: percentile(s.crowds[crowd].ms, 50))
    yield Row(f"{who}: p95, ms", lambda s: percentile(s.crowds[crowd].ms, 95))
    yield Row(
        f"{who}: processor, ms a question", lambda s: 1000 * median(s.crowds[crowd].processor)
    )


ROWS = (
    *chain.from_iterable(_rows_of(crowd) for crowd in CROWDS),
    Row("start to first answer, s", lambda s: median(s.starts)),
    Row("memory while serving, MB", lambda s: s.memory / 1e6, "{:.0f}"),
    Row("build, passages a second", lambda s: s.built.rate if s.built else None),
    Row("build, processor ms a passage", lambda s: 1000 * s.built.processor if s.built else None),
    Row(
        "first build of one article, MB",
        lambda s: s.built.first / 1e6 if s.built else None,
        "{:.0f}",
    ),
)


def markdown(servers: Servers) -> str:
    """A row a figure; after each server but the first, how many times the first's it is.

    What was not measured is a dash.
    """
    first, *others = servers
    head = ["", first.title, *chain.from_iterable((each.title, "×") for each in others)]
    rows = []
    for row in ROWS:
        own = row.value(servers[first])
        cells = [row.title, _cell(row, own)]
        for other in others:
            value = row.value(servers[other])
            cells += [_cell(row, value), _ratio(own, value)]
        rows.append(cells)
    return table(head, rows)


def _cell(row: Row, value: float | None) -> str:
    return "–" if value is None else row.form.format(value)


def _ratio(before: float | None, now: float | None) -> str:
    """How many times the figure before it is.

    >>> _ratio(20.0, 8.0)
    '0.40'
    """
    return "–" if not before or now is None else f"{now / before:.2f}"


def _heading(plan: Plan) -> str:
    name = plan.archive.parent.name
    return (
        f"## Speed, beside an earlier commit\n\n{circumstances()} By `python -m bench.speed "
        f"EVAL_DIR --work DIR --since {plan.commit} --on {name}`, "
        f"{_passages(plan.archive):,} passages; {busy()}. × is how many times the first column's "
        "figure."
    )


def _passages(archive: Path) -> int:
    return sum(len(split(found.article)) for found in found_in(archive))


def _notes(plan: Plan) -> str:
    return f"""\
- The servers take turns: {min(_STARTS, plan.rounds)} starts, then {plan.rounds} rounds of each
  crowd. Rates, starts and processor time are medians, percentiles are of all questions. None is
  asked twice, so that kept answers do not help.
- Processor: user and system time of the server, all its processes. On a busy machine it
  grows as well, but less than times by the clock: there, read its ratios."""
