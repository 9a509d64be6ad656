"""How Footnote's figures grow with the archive: the same measurements at several sizes.

    python -m bench.scale EVAL_DIR --work DIR [--sizes 10000,100000,1000000] [--questions 500]
                          [--keep] [--write]

EVAL_DIR holds `squad/` and `realtimeqa/` in BEIR form. Archives are RealTimeQA's passages, then
copies of them with words exchanged and vectors jittered, so that a build needs no hours of
encoding; the vectors of the real ones are kept in DIR from run to run. The index of a size is
removed before the next is built, except with `--keep`; a million passages take some 10 GB there.
It prints one table and draws one plot in DIR; with `--write` both go to `bench/`.
"""

import argparse
import math
import multiprocessing
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory

import matplotlib
from matplotlib.figure import Figure

from bench.freshness import PACE, TIMES, Freshness, index_command, measure_freshness
from bench.grown import write_grown
from bench.measure import (
    CLIENTS,
    ROUNDS,
    STARTS,
    Launcher,
    Measured,
    measure_questions,
    measure_starts,
    percentile,
)
from bench.peers.process import FOOTNOTE, ROOT
from bench.results import RESULTS, circumstances, table, write_section
from bench.scale_index import HELD_OUT, NEAREST, RANKED, Built, Held, build_grown, measure_held
from bench.sets import BASES_FILE, SEED, distinct_questions
from index.encoders.files import ENCODER
from index.vectors import VectorStats

PLOT = "scale.svg"
_CHARTS_IN_ROW, _CHART_INCHES = 4, (2.6, 2.5)
# Readable on white and on black: a picture cannot know which one it is shown on.
_INK, _LINE = "#768390", "#3b82f6"


@dataclass(frozen=True, slots=True)
class Figures:
    """The results at one size; `again` is the seconds of builds that find nothing new."""

    built: Built
    held: Held
    again: list[float]
    served: Measured
    fresh: Freshness

    @property
    def passages(self) -> int:
        """The size."""
        return self.held.counts.passages


Tell = Callable[[Figures], str]
Value = Callable[[Figures], float]

ROWS: tuple[tuple[str, Tell], ...] = (
    ("articles", lambda f: f"{f.held.counts.articles:,}"),
    ("build without encoding, passages a second", lambda f: f"{_build_rate(f):,.0f}"),
    ("of its time, making vectors up", lambda f: f"{f.built.vectors / f.built.seconds:.0%}"),
    ("memory of the build at most, MB", lambda f: f"{f.built.memory / 1e6:,.0f}"),
    ("build that finds nothing new, s", lambda f: f"{median(f.again):.1f}"),
    ("on disk without the model, kB a passage", lambda f: f"{f.held.disk / f.passages / 1e3:.2f}"),
    (
        "on disk without the model, kB a thousand characters",
        lambda f: f"{f.held.disk / f.held.characters:.2f}",
    ),
    ("vectors", lambda f: "; ".join(_kind(stats) for stats in f.held.vectors)),
    (
        f"recall@{NEAREST} as `index status` gives it",
        lambda f: "; ".join(f"{stats.recall:.4f}" for stats in f.held.vectors),
    ),
    (f"recall@{NEAREST} on held-out questions", lambda f: f"{f.held.recall:.4f}"),
    ("ranking alone, median, ms", lambda f: f"{f.held.rank:.1f}"),
    ("start to first answer, s", lambda f: f"{median(f.served.starts):.1f}"),
    ("start to chat page, s", lambda f: f"{median(f.served.pages):.1f}"),
    ("one client: p50, ms", lambda f: f"{percentile(f.served.ms, 50):.1f}"),
    ("one client: p95, ms", lambda f: f"{percentile(f.served.ms, 95):.1f}"),
    (f"{CLIENTS} clients: answers a second", lambda f: f"{f.served.throughput:.1f}"),
    (f"{CLIENTS} clients: p99, ms", lambda f: f"{percentile(f.served.crowd_ms, 99):.0f}"),
    ("memory while serving, MB", lambda f: f"{f.served.memory / 1e6:,.0f}"),
    ("an article added is answered with, s", lambda f: f"{median(f.fresh.added):.2f}"),
    ("an article changed is answered with, s", lambda f: f"{median(f.fresh.changed):.2f}"),
    ("an article removed is answered without, s", lambda f: f"{median(f.fresh.removed):.2f}"),
    ("questions meanwhile · failed", lambda f: f"{len(f.fresh.ms):,} · {f.fresh.failed}"),
    (
        "of those: p50 · slowest, ms",
        lambda f: f"{percentile(f.fresh.ms, 50):.1f} · {max(f.fresh.ms, default=0.0):.0f}",
    ),
)
CHARTS: tuple[tuple[str, Value], ...] = (
    ("one client, p50, ms", lambda f: percentile(f.served.ms, 50)),
    (f"{CLIENTS} clients, answers/s", lambda f: f.served.throughput),
    ("start to first answer, s", lambda f: median(f.served.starts)),
    ("memory while serving, MB", lambda f: f.served.memory / 1e6),
    ("on disk, MB", lambda f: f.held.disk / 1e6),
    ("build, no encoding, passages/s", lambda f: _build_rate(f)),
    ("build, nothing new, s", lambda f: median(f.again)),
    ("article added, answered, s", lambda f: median(f.fresh.added)),
)


def main(arguments: Sequence[str]) -> int:
    """Measure each size, print the table, draw the plot."""
    options = _parser().parse_args(arguments)
    options.work.mkdir(parents=True, exist_ok=True)
    bench = _Bench(options.folder.resolve(), options.work.resolve(), options)
    columns: list[Figures] = []
    for size in options.sizes:
        columns.append(bench.measure(size))
        # Print each result at once, in case a long run is stopped.
        print(markdown(columns), file=sys.stderr)
    section = report(columns)
    print(section)
    draw(columns, (RESULTS.parent if options.write else options.work) / PLOT)
    if options.write:
        write_section("scale", section)
    return 0


def report(columns: Sequence[Figures]) -> str:
    """The whole section."""
    return f"{_heading()}\n\n{markdown(columns)}\n\n{_notes()}"


def markdown(columns: Sequence[Figures]) -> str:
    """The table: a row for each figure, a column for each size."""
    head = ["passages", *(f"{figures.passages:,}" for figures in columns)]
    return table(head, [[title, *(show(each) for each in columns)] for title, show in ROWS])


def draw(columns: Sequence[Figures], path: Path) -> None:
    """Draw the plot, as SVG: the same figures always give the same file.

    All axes are logarithmic and a decade is as long on each, so that charts can be compared.
    """
    width, height = _CHART_INCHES
    rows = math.ceil(len(CHARTS) / _CHARTS_IN_ROW)
    drawing = Figure(figsize=(_CHARTS_IN_ROW * width, rows * height), layout="constrained")
    sizes = [each.passages for each in columns]
    cells = drawing.subplots(rows, _CHARTS_IN_ROW, squeeze=False).flat
    for axes, (title, value) in zip(cells, CHARTS, strict=True):
        axes.loglog(sizes, [value(each) for each in columns], marker="o", color=_LINE)
        axes.set_aspect("equal", adjustable="datalim")
        axes.set_title(title, fontsize="medium", color=_INK)
        axes.tick_params(which="both", colors=_INK)
        axes.spines[["top", "right"]].set_visible(False)
        axes.spines[["left", "bottom"]].set_color(_INK)
    with matplotlib.rc_context({"svg.hashsalt": PLOT}):
        drawing.savefig(path, format="svg", transparent=True, metadata={"Date": None})


def read_sizes(listed: str) -> list[int]:
    """Sizes from the command line, smallest first.

    >>> read_sizes("2000,500")
    [500, 2000]
    """
    sizes = [int(size) for size in listed.split(",")]
    if min(sizes) < 1:
        raise argparse.ArgumentTypeError(f"{listed!r} has a size below 1")
    return sorted(sizes)


class _Bench:
    """Measures one size after another; all its files are in the work folder."""

    def __init__(self, folder: Path, work: Path, options: argparse.Namespace) -> None:
        self._work, self._options = work, options
        self._real = folder / "realtimeqa" / "corpus.jsonl.gz"
        self._questions = distinct_questions(folder)
        self._launcher = Launcher(work)
        self._launcher.export_model(self._real)

    def measure(self, size: int) -> Figures:
        """Grow, build, measure and delete an index of at least this many passages."""
        archive = self._work / f"scale.{size}.jsonl"
        data = self._launcher.fresh(FOOTNOTE, f"scale.{size}")
        _show_progress(size, "growing the archive")
        write_grown(self._real, archive, size, SEED)
        shutil.copytree(self._launcher.encoder, data / ENCODER)
        built = _apart(build_grown, self._real, self._work / BASES_FILE, archive, data)
        figures = self._figures(size, archive, data, built)
        if not self._options.keep:
            archive.unlink()
            shutil.rmtree(data)
        return figures

    def _figures(self, size: int, archive: Path, data: Path, built: Built) -> Figures:
        _show_progress(size, "recall and ranking")
        held = measure_held(data, self._questions)
        _show_progress(size, "builds that find nothing new")
        again = [_build_again(archive, data, self._log) for _ in range(STARTS)]
        served, questions = Measured(), iter(self._questions)
        _show_progress(size, "starts and questions")
        folders = {FOOTNOTE: data}
        measure_starts({FOOTNOTE: served}, self._launcher, folders, questions)
        measure_questions(
            {FOOTNOTE: served}, self._launcher, folders, questions, self._options.questions
        )
        _show_progress(size, "freshness")
        with TemporaryDirectory(dir=self._work) as folder:
            fresh = measure_freshness(data, Path(folder), list(questions), self._log)
        return Figures(built, held, again, served, fresh)

    @property
    def _log(self) -> Path:
        return self._work / "scale.log"


def _apart(work: Callable[..., Built], *arguments: Path) -> Built:
    """In a separate process, so that its memory can be measured, and is freed at the end."""
    with ProcessPoolExecutor(1, mp_context=multiprocessing.get_context("spawn")) as apart:
        return apart.submit(work, *arguments).result()


def _build_again(archive: Path, data: Path, log: Path) -> float:
    with log.open("a") as said:
        started = time.perf_counter()
        command = index_command([archive], data)
        subprocess.run(command, cwd=ROOT, check=True, stdout=said, stderr=said)
        return time.perf_counter() - started


def _show_progress(size: int, what: str) -> None:
    print(f"{size:,} passages: {what}", file=sys.stderr)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m bench.scale",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("folder", type=Path, metavar="EVAL_DIR")
    parser.add_argument("--work", type=Path, required=True, help="folder for all files made")
    default = "10000,100000,1000000"
    parser.add_argument("--sizes", type=read_sizes, default=default, help="(default: %(default)s)")
    parser.add_argument(
        "--questions", type=int, default=500, help="by one client (default: %(default)s)"
    )
    parser.add_argument("--keep", action="store_true", help="keep archives and indexes")
    parser.add_argument("--write", action="store_true", help="write into bench/, too")
    return parser


def _build_rate(figures: Figures) -> float:
    return figures.passages / figures.built.seconds


def _kind(stats: VectorStats) -> str:
    """How vectors are searched, for people.

    >>> _kind(VectorStats("clusters, 8 bits", lists=1264, probes=16))
    'clusters, 8 bits: 16 of 1,264 read'
    """
    return f"{stats.kind}: {stats.probes} of {stats.lists:,} read" if stats.lists else stats.kind


def _heading() -> str:
    return (
        f"## Scale\n\n{circumstances()}\n\n"
        f"![Each figure by the number of passages]({PLOT})\n\n"
        "In the plot a decade is as long on every axis: what grows as fast as the archive rises "
        "by 45°, what does not grow is level."
    )


def _notes() -> str:
    return f"""\
- Passages are RealTimeQA's own, then copies of them with words exchanged, whose vectors are the
  originals' turned at random to a cosine of 0.9. They are made up during the build, in the place
  of encoding and as slowly as the table says; but for that its rate is that of a whole build.
- Memory of the build: the most that it held beside what the benchmark did, mapped files not
  counted. Memory while serving: all that is resident after the questions, mapped files counted.
- Files are in the page cache. Starts, and builds that find nothing new, are medians of {STARTS},
  from the start of the process. Questions are asked over HTTP in {ROUNDS} rounds, none twice.
- Recall: of {HELD_OUT:,} questions of RealTimeQA and SQuAD, against all stored vectors. Ranking
  alone is without encoding, HTTP and quoting, of {RANKED} questions.
- An article is added, changed, removed by `python -m index build` while the server runs: seconds
  from the start of that command to the first answer that shows it, medians of {TIMES}. Meanwhile
  a client asks other questions, each {PACE * 1000:.0f} ms after the last answer, and a second one
  looks for the article."""


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
