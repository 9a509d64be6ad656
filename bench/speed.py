"""Footnote compared with its alternatives, in one run on one machine.

    python -m bench.speed EVAL_DIR --work DIR [--passages 50000] [--peers plain,txtai,…]
                          [--questions 200] [--write]
    python -m bench.speed EVAL_DIR --work DIR --since COMMIT [--on scifact] [--write]

EVAL_DIR holds `squad/` and `realtimeqa/` in BEIR form. In DIR the peers get an environment each,
and the vectors of RealTimeQA's passages are kept from run to run. It takes about half an hour
once those are there, prints one table, and with `--write` puts it into `bench/RESULTS.md`.
"""

import argparse
import shutil
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median

from bench.grown import GrownEncoder, open_grown_encoder
from bench.measure import (
    CLIENTS,
    ROUNDS,
    STARTS,
    Launcher,
    Measured,
    Table,
    measure_indexing,
    measure_questions,
    measure_starts,
    percentile,
    save_indexes,
)
from bench.peers.process import FOOTNOTE, PEERS, PLAIN, System
from bench.peers.protocol import folder_bytes
from bench.results import circumstances, write_section
from bench.sets import (
    BASES_FILE,
    Corpus,
    build_with_bar,
    distinct_questions,
    first_of,
    grown_corpus,
    judged_questions,
    squad_corpus,
)
from bench.since import Plan, compare
from index.encoders.files import ENCODER

JUDGED = 400
# Passages of the first rounds of indexing; the last round takes all of SQuAD.
_PART = 1000
INDEX_ROUNDS = 3


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the table: `value` is given the passages, too; `more` is better or worse."""

    title: str
    value: Callable[[Measured, int], float]
    form: str
    more: bool = False


ROWS = (
    Row("index, passages a second", lambda m, n: m.rate, "{:.1f}", more=True),
    Row("SQuAD hit@1", lambda m, n: m.hit, "{:.3f}", more=True),
    Row("one client: p50, ms", lambda m, n: percentile(m.ms, 50), "{:.1f}"),
    Row("one client: p95, ms", lambda m, n: percentile(m.ms, 95), "{:.1f}"),
    Row("one client: p99, ms", lambda m, n: percentile(m.ms, 99), "{:.1f}"),
    Row(f"{CLIENTS} clients: answers a second", lambda m, n: m.throughput, "{:.1f}", more=True),
    Row(f"{CLIENTS} clients: p50, ms", lambda m, n: percentile(m.crowd_ms, 50), "{:.0f}"),
    Row(f"{CLIENTS} clients: p95, ms", lambda m, n: percentile(m.crowd_ms, 95), "{:.0f}"),
    Row(f"{CLIENTS} clients: p99, ms", lambda m, n: percentile(m.crowd_ms, 99), "{:.0f}"),
    Row("start to first answer, s", lambda m, n: median(m.starts), "{:.1f}"),
    Row("memory while serving, MB", lambda m, n: m.memory / 1e6, "{:.0f}"),
    Row("on disk without the model, kB a passage", lambda m, n: m.disk / n / 1e3, "{:.2f}"),
)


def main(arguments: Sequence[str]) -> int:
    """Measure all, print the table."""
    options = _parser().parse_args(arguments)
    options.work.mkdir(parents=True, exist_ok=True)
    folder, work = options.folder.resolve(), options.work.resolve()
    if options.since:
        archive = folder / options.on / "corpus.jsonl.gz"
        plan = Plan(options.since, archive, options.rounds, reads=not options.no_reading)
        name, report = "since", compare(folder, work, plan)
    else:
        name, report = "speed", _report(folder, work, options)
    print(report)
    if options.write:
        write_section(name, report)
    return 0


def measure_footprints(
    table: Table, launcher: Launcher, corpus: Corpus, encoder: GrownEncoder
) -> dict[System, Path]:
    """Build the large index of every system, record its size, and return its folder."""
    folders = save_indexes(table, launcher, corpus)
    folders[FOOTNOTE] = data = launcher.fresh(FOOTNOTE, "grown")
    shutil.copytree(launcher.encoder, data / ENCODER)
    build_with_bar(corpus.archive, data, encoder)
    table[FOOTNOTE].disk = folder_bytes(data) - folder_bytes(data / ENCODER)
    return folders


def markdown(table: Table, passages: int) -> str:
    """The table: a row for each figure, a column for each system, and Footnote's ratio."""
    hybrids = [system for system in table if system not in (FOOTNOTE, PLAIN)]
    head = ["", *(system.title for system in table), "against plain", "against the best hybrid"]
    lines = [head, ["---", *["---:"] * (len(head) - 1)]]
    for row in ROWS:
        values = {system: row.value(measured, passages) for system, measured in table.items()}
        cells = [row.form.format(value) for value in values.values()]
        plain = [values[PLAIN]] if PLAIN in values else []
        rivals = (plain, [values[system] for system in hybrids])
        lines.append(
            [row.title, *cells, *(_times_better(row, values[FOOTNOTE], r) for r in rivals)]
        )
    return "\n".join(f"| {' | '.join(cells)} |" for cells in lines)


def _times_better(row: Row, own: float, rivals: Sequence[float]) -> str:
    """How many times better Footnote is than the best of the rivals; below 1 it is worse.

    >>> _times_better(Row("p50, ms", min, "{:.1f}"), 8.0, [22.0, 51.0])
    '2.8 ×'
    """
    if not rivals:
        return "–"
    return f"{own / max(rivals) if row.more else min(rivals) / own:.1f} ×"


def _report(folder: Path, work: Path, options: argparse.Namespace) -> str:
    launcher = Launcher(work)
    systems = [FOOTNOTE, *options.peers]
    launcher.prepare(systems)
    table = {system: Measured() for system in systems}
    squad = squad_corpus(folder, work)
    model = launcher.export_model(squad.archive)
    part = first_of(squad, _PART, work)
    rounds = [*[part] * (INDEX_ROUNDS - 1), squad]
    measure_indexing(table, launcher, rounds, judged_questions(folder / "squad", JUDGED))

    real = folder / "realtimeqa" / "corpus.jsonl.gz"
    encoder = open_grown_encoder(model, real, work / BASES_FILE)
    corpus = grown_corpus(real, work, options.passages, encoder)
    folders = measure_footprints(table, launcher, corpus, encoder)
    questions = iter(distinct_questions(folder))
    measure_starts(table, launcher, folders, questions)
    measure_questions(table, launcher, folders, questions, options.questions)
    return f"{_heading(corpus)}\n\n{markdown(table, corpus.count)}\n\n{_notes(table)}"


def _heading(corpus: Corpus) -> str:
    return (
        f"## Speed, beside others\n\n{circumstances()} Index rate and hit@1 on SQuAD, "
        f"all else at {corpus.count:,} passages. × says how many times better Footnote is."
    )


def _notes(table: Table) -> str:
    asked = "; ".join(
        f"{system.title} {len(measured.ms)} and {len(measured.crowd_ms)}"
        for system, measured in table.items()
    )
    page = median(table[FOOTNOTE].pages)
    return f"""\
- All run all-MiniLM-L6-v2. Systems take turns in {INDEX_ROUNDS} rounds of indexing, {STARTS} starts
  and {ROUNDS} rounds of questions; rates and starts are medians, percentiles are of all questions.
- Footnote is asked over HTTP by a process of its own, the others by calls in theirs. Footnote's
  index rate is that of the whole `python -m index build` from the start of its process, with the
  model exported before; the others have imports and model behind them, and passages in memory.
- No system is asked a question twice, so no cache helps. Asked by one client and by the crowd
  (fewer of what is slow): {asked}.
- hit@1: {JUDGED} questions; where Footnote finds one not covered, its nearest passage counts.
- Start: from the start of the process, with the index on disk, to the first answer. Footnote's
  chat page is there after {page:.1f} s.
- The passages beyond RealTimeQA's own are copies with words exchanged and vectors jittered.
- txtai is asked by one thread at a time: its threads share a database cursor."""


def _peers(names: str) -> list[System]:
    known = {peer.name: peer for peer in PEERS}
    try:
        return [known[name] for name in names.split(",") if name]
    except KeyError as error:
        raise argparse.ArgumentTypeError(
            f"no peer is named {error}: choose of {', '.join(known)}"
        ) from None


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m bench.speed",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("folder", type=Path, metavar="EVAL_DIR")
    parser.add_argument("--work", type=Path, required=True, help="folder for all files made")
    parser.add_argument("--passages", type=int, default=50_000, help="(default: %(default)s)")
    every = ",".join(peer.name for peer in PEERS)
    parser.add_argument("--peers", type=_peers, default=every, help="(default: %(default)s)")
    parser.add_argument(
        "--questions", type=int, default=200, help="by one client (default: %(default)s)"
    )
    parser.add_argument(
        "--since", metavar="COMMIT", help="beside this commit of Footnote, not beside others"
    )
    parser.add_argument(
        "--on", default="scifact", help="the archive for --since (default: %(default)s)"
    )
    parser.add_argument(
        "--rounds", type=int, default=ROUNDS, help="for --since (default: %(default)s)"
    )
    parser.add_argument(
        "--no-reading", action="store_true", help="for --since: only without the reader"
    )
    parser.add_argument("--write", action="store_true", help="write bench/RESULTS.md, too")
    return parser


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
