"""Whether an index that Ray's processes built is that of one process, and how fast each builds.

    python -m bench.distributed EVAL_DIR [--articles N] [--processes N]

Builds news articles, a file each: by one process, by processes of Ray, and by these again, of which
one is killed; then by the same command once more.
"""

import argparse
import os
import shutil
import signal
import sys
import threading
import time
from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

from bench.results import busy, circumstances, table, write_section
from bench.sets import read_rows
from index.build import BuildReport, build
from index.build.backup import adopt_encoder
from index.build.parts import PartsReader
from index.build.pipeline import no_progress
from index.embed import PassageText, PassageVectors
from index.encoders import ModelEncoder
from index.encoders.distributed import DistributedEncoder, Pool, ray_pool
from index.errors import BuildError
from index.settings import DEFAULT_MODEL

# In seconds.
_KILLED_AFTER = 2
_HEAD = ("built by", "passages", "seconds", "to start Ray", "processor ms a passage")


@dataclass(frozen=True, slots=True)
class Built:
    """A build of so many `passages`, of which `shared` were encoded by processes of Ray.

    `starting` are the seconds that Ray took to start, `processor` those of processor time that the
    passages took which were encoded here or, where Ray ran, those of its busiest process.
    """

    passages: int
    seconds: float
    processor: float
    shared: int
    starting: float = 0.0

    @property
    def cells(self) -> list[str]:
        """The figures of its row."""
        each = 1000 * self.processor / self.shared
        figures = (self.seconds, self.starting, each)
        return [f"{self.passages:,}", *(f"{figure:.1f}" for figure in figures)]


class RayEncoder(DistributedEncoder):
    """Starts processes of Ray as `--ray N` does, and knows what they and this one did."""

    def __init__(self, processes: int, data: Path, *, is_killing: bool = False) -> None:
        super().__init__(ModelEncoder(data), self._begin)
        self._processes, self._data, self._is_killing = processes, data, is_killing
        self.here, self.starting, self._before = 0, 0.0, 0.0

    def encode_here(self, passages: Sequence[PassageText]) -> list[PassageVectors]:
        """As ever, and counted."""
        self.here += len(passages)
        return super().encode_here(passages)

    def busiest(self) -> float:
        """Processor seconds of the busiest process since it started."""
        return max(self.map(_processor_seconds, range(self._processes))) - self._before

    def _begin(self) -> Pool:
        began = time.perf_counter()
        pool = ray_pool(self._processes, self._data, DEFAULT_MODEL)
        self.starting = time.perf_counter() - began
        self._before = min(pool.imap(_processor_seconds, range(self._processes)))
        if self._is_killing:
            [victim] = pool.imap(_own_id, [None])
            threading.Timer(_KILLED_AFTER, os.kill, (victim, signal.SIGKILL)).start()
        return pool


def main(arguments: Sequence[str]) -> int:
    """Build, compare, print."""
    options = _parser().parse_args(arguments)
    os.environ.setdefault("RAY_USAGE_STATS_ENABLED", "0")
    shutil.rmtree(options.work, ignore_errors=True)
    sources = _write_articles(options.folder / "news" / "corpus.jsonl.gz", options)
    first, alone, shared, killed = (options.work / name for name in _NAMES)
    # The export of the model takes longer than all else, and is made once.
    build([next(sources.iterdir())], first, ModelEncoder(first), no_progress)
    for data in (alone, shared, killed):
        adopt_encoder(first, data)
    by_ray = f"{options.processes} of Ray"
    rows = [
        ["one process", *_build_here(sources, alone).cells],
        [by_ray, *_build_by_ray(sources, shared, options.processes).cells],
    ]
    told = [
        f"Built by {by_ray}: {_sameness(alone, shared)}.",
        _build_and_kill(sources, killed, options.processes),
        f"Then: {_sameness(alone, killed)}.",
    ]
    report = "\n\n".join([_heading(), table(_HEAD, rows), *told])
    print(report)
    if options.write:
        write_section("distributed", report)
    return 0


_NAMES = ("first", "alone", "shared", "killed")


def _write_articles(corpus: Path, options: argparse.Namespace) -> Path:
    folder: Path = options.work / "articles"
    folder.mkdir(parents=True)
    for number, row in enumerate(islice(read_rows(corpus), options.articles)):
        (folder / f"{number:04}.md").write_text(f"# {row['title']}\n\n{row['text']}\n", "utf-8")
    return folder


def _build_here(sources: Path, data: Path) -> Built:
    began, used = time.perf_counter(), time.process_time()
    report = build([sources], data, ModelEncoder(data), no_progress)
    seconds, processor = time.perf_counter() - began, time.process_time() - used
    return Built(report.info.counts.passages, seconds, processor, report.embedded)


def _build_by_ray(sources: Path, data: Path, processes: int) -> Built:
    began = time.perf_counter()
    with closing(RayEncoder(processes, data)) as encoder:
        report = _build(sources, data, encoder)
        seconds = time.perf_counter() - began
        shared = report.embedded - encoder.here
        passages = report.info.counts.passages
        return Built(passages, seconds, encoder.busiest(), shared, encoder.starting)


def _build_and_kill(sources: Path, data: Path, processes: int) -> str:
    """Kill a process amidst a build, build again, and tell of both."""
    with closing(RayEncoder(processes, data, is_killing=True)) as encoder:
        try:
            _build(sources, data, encoder)
        except BuildError as error:
            told = f"One killed amidst it: {error}."
        else:
            told = "It had ended before one was killed."
    with closing(RayEncoder(processes, data)) as encoder:
        return (
            f"{told} The same again embedded {_build(sources, data, encoder).embedded:,} passages."
        )


def _build(sources: Path, data: Path, encoder: RayEncoder) -> BuildReport:
    return build([sources], data, encoder, no_progress, reads=PartsReader(encoder))


def _own_id(_: None) -> int:
    return os.getpid()


def _processor_seconds(_: int) -> float:
    return time.process_time()


def _sameness(one: Path, other: Path) -> str:
    held, found = (
        {path.name: path.read_bytes() for path in data.glob("segment-*/*.bin")}
        for data in (one, other)
    )
    differing = sorted(
        name for name in held.keys() | found.keys() if held.get(name) != found.get(name)
    )
    return f"{', '.join(differing)} differ" if differing else f"all {len(held)} files are the same"


def _heading() -> str:
    return (
        f"## Built by several processes\n\n{circumstances()} {busy()}. By `python -m "
        "bench.distributed EVAL_DIR`: news articles, a Markdown file each. The first 512 passages "
        "are encoded where a build was started, whatever helps with the others."
    )


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m bench.distributed",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("folder", type=Path, metavar="EVAL_DIR")
    parser.add_argument("--work", type=Path, default=Path("data/bench/distributed"))
    parser.add_argument("--articles", type=int, default=300)
    parser.add_argument("--processes", type=int, default=2)
    parser.add_argument("--write", action="store_true", help="write bench/RESULTS.md, too")
    return parser


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
