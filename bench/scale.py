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
import multiprocessing
import os
import shutil
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory

import faiss
import numpy as np

from bench.corpora import BASES_FILE, SEED, distinct_questions
from bench.freshness import PACE, TIMES, Freshness, index_command, measure_freshness
from bench.grown import open_grown_encoder, write_grown
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
from bench.peers.protocol import folder_bytes
from bench.plot import Chart, draw
from bench.results import RESULTS, circumstances, write_section
from index.embed import Encoder, Model, PassageText, PassageVectors, Vectors
from index.encoders import ModelEncoder
from index.exported import ENCODER
from index.keys import Keys
from index.period import EVERYTHING
from index.progress import build_with_bar
from index.segment import Counts
from index.store import Snapshot, open_snapshot
from index.vectors import VectorStats, from_signed_bytes
from qa.answer import Question
from qa.queries import SharedEncoder
from qa.search import Searcher

PLOT = "scale.svg"
NEAREST = 100
# Questions by which recall is measured, and by which ranking is timed.
_HELD_OUT = 1000
_RANKED = 200
_BLOCK = 16_384
# Between two looks at how much memory a build holds, in seconds.
_LOOKED_AT_EVERY = 0.1


@dataclass(frozen=True, slots=True)
class Built:
    """A first build: seconds of all and of making vectors up, and bytes that it held at most."""

    seconds: float
    vectors: float
    memory: int


@dataclass(frozen=True, slots=True)
class Held:
    """The index: bytes on disk, characters of its passages, how its vectors are searched.

    `recall` is that of `Snapshot.nearest`, `rank` median milliseconds of `Searcher.rank`.
    """

    counts: Counts
    disk: int
    characters: int
    vectors: tuple[VectorStats, ...]
    recall: float
    rank: float


@dataclass(frozen=True, slots=True)
class Figures:
    """Everything measured at one size; `again` is seconds of builds that find nothing new."""

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
        f"recall@{NEAREST} as `index status` tells it",
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
    table: list[Figures] = []
    for size in options.sizes:
        table.append(bench.measure(size))
        # A long run that is stopped has told what it found.
        print(markdown(table), file=sys.stderr)
    report = f"{_heading()}\n\n{markdown(table)}\n\n{_notes()}"
    print(report)
    plot = (RESULTS.parent if options.write else options.work) / PLOT
    plot.write_text(plotted(table), encoding="utf-8")
    if options.write:
        write_section("scale", report)
    return 0


class _Bench:
    """Measures one size after the other; all it makes lies in the work folder."""

    def __init__(self, folder: Path, work: Path, options: argparse.Namespace) -> None:
        self._work, self._options = work, options
        self._real = folder / "realtimeqa" / "corpus.jsonl.gz"
        self._questions = distinct_questions(folder)
        self._launcher = Launcher(work)
        self._launcher.export_model(self._real)

    def measure(self, size: int) -> Figures:
        """Grow, build, measure and clear away an index of at least so many passages."""
        archive = self._work / f"scale.{size}.jsonl"
        data = self._launcher.fresh(FOOTNOTE, f"scale.{size}")
        _tell(size, "growing the archive")
        write_grown(self._real, archive, size, SEED)
        shutil.copytree(self._launcher.encoder, data / ENCODER)
        built = _apart(build_grown, self._real, self._work / BASES_FILE, archive, data)
        figures = self._figures(size, archive, data, built)
        if not self._options.keep:
            archive.unlink()
            shutil.rmtree(data)
        return figures

    def _figures(self, size: int, archive: Path, data: Path, built: Built) -> Figures:
        _tell(size, "recall and ranking")
        held = measure_held(data, self._questions)
        _tell(size, "builds that find nothing new")
        again = [_build_again(archive, data, self._log) for _ in range(STARTS)]
        served, questions = Measured(), iter(self._questions)
        _tell(size, "starts and questions")
        folders = {FOOTNOTE: data}
        measure_starts({FOOTNOTE: served}, self._launcher, folders, questions)
        measure_questions(
            {FOOTNOTE: served}, self._launcher, folders, questions, self._options.questions
        )
        _tell(size, "freshness")
        with TemporaryDirectory(dir=self._work) as folder:
            fresh = measure_freshness(data, Path(folder), list(questions), self._log)
        return Figures(built, held, again, served, fresh)

    @property
    def _log(self) -> Path:
        return self._work / "scale.log"


def build_grown(real: Path, bases: Path, archive: Path, data: Path) -> Built:
    """Build an archive grown from `real`, into a folder that holds the exported model."""
    encoder = _TimedEncoder(open_grown_encoder(ModelEncoder(data), real, bases))
    before = _own_memory()
    with _watched_memory() as looks:
        started = time.perf_counter()
        build_with_bar([archive], data, encoder)
        seconds = time.perf_counter() - started
    return Built(seconds, encoder.seconds, max(looks) - before)


def measure_held(data: Path, questions: Sequence[str]) -> Held:
    """Open the index as a server does, and search it in this process."""
    encoder = ModelEncoder(data)
    asked = encoder.encode_queries(questions[:_HELD_OUT])
    with closing(open_snapshot(data, encoder.model)) as snapshot:
        manifest = snapshot.manifest
        return Held(
            counts=manifest.counts,
            disk=folder_bytes(data) - folder_bytes(data / ENCODER),
            characters=_characters(snapshot),
            vectors=tuple(info.vectors for info in manifest.segments),
            recall=_recall(snapshot, asked),
            rank=_rank_ms(snapshot, encoder, questions[:_RANKED]),
        )


def exact_nearest(snapshot: Snapshot, questions: Vectors) -> Keys:
    """Keys of the nearest passages of all, by the vectors as they are stored, block by block.

    Shape (questions, NEAREST); -1 where there are fewer.
    """
    # Searching a snapshot leaves FAISS with one thread.
    faiss.omp_set_num_threads(os.cpu_count() or 1)
    best = faiss.ResultHeap(len(questions), NEAREST, keep_max=True)
    for keys, block in _blocks(snapshot):
        limit = min(NEAREST, len(block))
        cosines, places = faiss.knn(questions, block, limit, metric=faiss.METRIC_INNER_PRODUCT)
        best.add_result(cosines, keys[places])
    best.finalize()
    return np.asarray(best.I)


def markdown(table: Sequence[Figures]) -> str:
    """The table: a line a figure, a column a size."""
    head = ["passages", *(f"{figures.passages:,}" for figures in table)]
    lines = [head, ["---", *["---:"] * len(table)]]
    lines += [[title, *(tell(figures) for figures in table)] for title, tell in ROWS]
    return "\n".join(f"| {' | '.join(cells)} |" for cells in lines)


def plotted(table: Sequence[Figures]) -> str:
    """The plot, as SVG."""
    return draw(
        "How Footnote's figures grow with the passages of its archive",
        [
            Chart(title, tuple((figures.passages, value(figures)) for figures in table))
            for title, value in CHARTS
        ],
    )


def read_sizes(told: str) -> list[int]:
    """Sizes as they are named on the command line, the smallest first.

    >>> read_sizes("2000,500")
    [500, 2000]
    """
    sizes = [int(size) for size in told.split(",")]
    if min(sizes) < 1:
        raise argparse.ArgumentTypeError(f"{told!r} has a size below 1")
    return sorted(sizes)


class _TimedEncoder:
    """Encodes as another does, and sums up the seconds that passages take."""

    def __init__(self, inner: Encoder) -> None:
        self._inner = inner
        self.seconds = 0.0

    @property
    def model(self) -> Model:
        return self._inner.model

    def encode_queries(self, texts: Sequence[str]) -> Vectors:
        return self._inner.encode_queries(texts)

    def encode_passages(self, passages: Sequence[PassageText]) -> list[PassageVectors]:
        started = time.perf_counter()
        encoded = self._inner.encode_passages(passages)
        self.seconds += time.perf_counter() - started
        return encoded


def _apart(work: Callable[..., Built], *arguments: Path) -> Built:
    """In a process of its own, so that its memory can be told from ours, and ends with it."""
    with ProcessPoolExecutor(1, mp_context=multiprocessing.get_context("spawn")) as apart:
        return apart.submit(work, *arguments).result()


@contextmanager
def _watched_memory() -> Iterator[list[int]]:
    """What this process holds, looked at again and again; a file that is mapped does not count."""
    looks, stopped = [_own_memory()], threading.Event()

    def look() -> None:
        while not stopped.wait(_LOOKED_AT_EVERY):
            looks.append(_own_memory())

    thread = threading.Thread(target=look)
    thread.start()
    try:
        yield looks
    finally:
        stopped.set()
        thread.join()
        looks.append(_own_memory())


def _own_memory() -> int:
    """Bytes that the system could not drop and read again."""
    lines = Path("/proc/self/status").read_text().splitlines()
    (line,) = (line for line in lines if line.startswith("RssAnon:"))
    return int(line.split()[1]) * 1024


def _build_again(archive: Path, data: Path, log: Path) -> float:
    with log.open("a") as said:
        started = time.perf_counter()
        command = index_command([archive], data)
        subprocess.run(command, cwd=ROOT, check=True, stdout=said, stderr=said)
        return time.perf_counter() - started


def _characters(snapshot: Snapshot) -> int:
    """Of all passages together."""
    spans = (segment.columns.spans for segment in snapshot.segments)
    return sum(int((each[:, 1] - each[:, 0]).sum(dtype=np.int64)) for each in spans)


def _recall(snapshot: Snapshot, questions: Vectors) -> float:
    """The share of the exactly nearest passages that a search finds, the mean over questions."""
    shares = [
        np.isin(right[right >= 0], snapshot.nearest(question, NEAREST, EVERYTHING)).mean()
        for question, right in zip(questions, exact_nearest(snapshot, questions), strict=True)
    ]
    return float(np.mean(shares))


def _blocks(snapshot: Snapshot) -> Iterator[tuple[Keys, Vectors]]:
    for segment in snapshot.segments:
        columns = segment.columns
        for first in range(0, len(columns), _BLOCK):
            rows = columns.first_row[first : first + _BLOCK]
            yield columns.keys[first : first + _BLOCK], from_signed_bytes(columns.vectors[rows])


def _rank_ms(snapshot: Snapshot, encoder: Encoder, questions: Sequence[str]) -> float:
    """Milliseconds at the median, the vector of the question being known."""
    shared = SharedEncoder(encoder)
    searcher = Searcher(snapshot, shared)
    ms = []
    for question in questions:
        shared.encode_queries([question])
        started = time.perf_counter()
        searcher.rank(Question(question))
        ms.append((time.perf_counter() - started) * 1000)
    return median(ms)


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
- Recall: of {_HELD_OUT:,} questions of RealTimeQA and SQuAD, against all stored vectors. Ranking
  alone is without encoding, HTTP and quoting, of {_RANKED} questions.
- An article is added, changed, removed by `python -m index build` while the server runs: seconds
  from the start of that command to the first answer that shows it, medians of {TIMES}. Meanwhile
  a client asks other questions, each {PACE * 1000:.0f} ms after the last answer, and a second one
  looks for the article."""


def _tell(size: int, what: str) -> None:
    print(f"{size:,} passages: {what}", file=sys.stderr)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m bench.scale",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("folder", type=Path, metavar="EVAL_DIR")
    parser.add_argument("--work", type=Path, required=True, help="folder of all that is made")
    default = "10000,100000,1000000"
    parser.add_argument("--sizes", type=read_sizes, default=default, help="(default: %(default)s)")
    parser.add_argument(
        "--questions", type=int, default=500, help="by one client (default: %(default)s)"
    )
    parser.add_argument("--keep", action="store_true", help="keep archives and indexes")
    parser.add_argument("--write", action="store_true", help="write into bench/, too")
    return parser


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
