"""How well questions are understood: their dates, their history, and when to say no.

    python -m bench.understanding EVAL_DIR [--indexes DIR] [--parts dates,…] [--write]

EVAL_DIR holds the data sets; an index of each is built in DIR where it is not there yet. Each part
is a room of its own, `bench/understanding_<part>.py`, with a function
`measure(eval_dir, indexes)` that gives its figures. `--write` puts the table into
`bench/RESULTS.md`.
"""

import argparse
import sys
from collections.abc import Iterable, Sequence
from importlib import import_module
from pathlib import Path
from typing import Protocol, cast

from bench.figure import Figure
from bench.results import circumstances, write_section

PARTS = ("dates", "followups", "confidence")
_HEAD = ("data", "figure", "measured", "at least")


class Part(Protocol):
    """A module that measures one part of understanding."""

    def measure(self, eval_dir: Path, indexes: Path) -> list[Figure]:
        """The figures, on the data sets in `eval_dir`, by the indexes of each in `indexes`."""


def main(arguments: Sequence[str]) -> int:
    """Measure the parts one after the other, print the table."""
    options = _parser().parse_args(arguments)
    options.indexes.mkdir(parents=True, exist_ok=True)
    figures: list[Figure] = []
    for name in options.parts:
        figures += _part(name).measure(options.folder, options.indexes)
    report = f"{_heading()}\n\n{markdown(figures)}"
    print(report)
    if options.write:
        write_section("understanding", report)
    return 0


def markdown(figures: Iterable[Figure]) -> str:
    """A line a figure."""
    rows = [(each.data, each.figure, each.measured, each.at_least) for each in figures]
    rule = ("---", "---", "---:", "---:")
    return "\n".join(f"| {' | '.join(cells)} |" for cells in (_HEAD, rule, *rows))


def read_parts(told: str) -> list[str]:
    """Names of parts as they are told on the command line.

    >>> read_parts("dates,confidence")
    ['dates', 'confidence']
    """
    names = told.split(",")
    for name in names:
        if name not in PARTS:
            raise argparse.ArgumentTypeError(
                f"no part is named {name!r}: choose of {', '.join(PARTS)}"
            )
    return names


def _part(name: str) -> Part:
    return cast(Part, import_module(f"bench.understanding_{name}"))


def _heading() -> str:
    return f"## Understanding\n\n{circumstances()} By `python -m bench.understanding EVAL_DIR`."


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m bench.understanding",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("folder", type=Path, metavar="EVAL_DIR")
    parser.add_argument("--indexes", type=Path, default=Path("data/bench"))
    every = ",".join(PARTS)
    parser.add_argument("--parts", type=read_parts, default=every, help="(default: %(default)s)")
    parser.add_argument("--write", action="store_true", help="write bench/RESULTS.md, too")
    return parser


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
