"""What was measured at several sizes, as a table and as a plot."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from statistics import median

from bench.freshness import PACE, TIMES, Freshness
from bench.measure import CLIENTS, ROUNDS, STARTS, Measured, percentile
from bench.plot import Chart, draw
from bench.results import circumstances
from bench.scale_built import Built
from bench.scale_held import HELD_OUT, NEAREST, RANKED, Held
from index.vectors import VectorStats

PLOT = "scale.svg"


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


def report(table: Sequence[Figures]) -> str:
    """The whole section."""
    return f"{_heading()}\n\n{markdown(table)}\n\n{_notes()}"


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
