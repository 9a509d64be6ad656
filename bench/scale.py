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
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path
from tempfile import TemporaryDirectory

from bench.corpora import BASES_FILE, SEED, distinct_questions
from bench.freshness import index_command, measure_freshness
from bench.grown import write_grown
from bench.measure import STARTS, Launcher, Measured, measure_questions, measure_starts
from bench.peers.process import FOOTNOTE, ROOT
from bench.results import RESULTS, write_section
from bench.scale_built import Built, build_grown
from bench.scale_held import measure_held
from bench.scale_report import PLOT, Figures, markdown, plotted, report
from index.encoders.files import ENCODER


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
    told = report(table)
    print(told)
    plot = (RESULTS.parent if options.write else options.work) / PLOT
    plot.write_text(plotted(table), encoding="utf-8")
    if options.write:
        write_section("scale", told)
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


def read_sizes(told: str) -> list[int]:
    """Sizes as they are named on the command line, the smallest first.

    >>> read_sizes("2000,500")
    [500, 2000]
    """
    sizes = [int(size) for size in told.split(",")]
    if min(sizes) < 1:
        raise argparse.ArgumentTypeError(f"{told!r} has a size below 1")
    return sorted(sizes)


def _apart(work: Callable[..., Built], *arguments: Path) -> Built:
    """In a process of its own, so that its memory can be told from ours, and ends with it."""
    with ProcessPoolExecutor(1, mp_context=multiprocessing.get_context("spawn")) as apart:
        return apart.submit(work, *arguments).result()


def _build_again(archive: Path, data: Path, log: Path) -> float:
    with log.open("a") as said:
        started = time.perf_counter()
        command = index_command([archive], data)
        subprocess.run(command, cwd=ROOT, check=True, stdout=said, stderr=said)
        return time.perf_counter() - started


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
