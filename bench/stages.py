"""Where the time of a question goes, by stage, one question after another.

    python -m bench.stages EVAL_DIR --data DIR [--on squad] [--questions 100] [--reader NAME]

DIR is an index of the set's articles. No question is asked twice: a third by a clock that goes on
while the thread waits, a third by the processor time of the thread that asks, a third by that of
all threads, those of the encoder and the reader among them.
"""

import argparse
import sys
import time
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from itertools import islice
from pathlib import Path
from statistics import median

from bench.results import busy, circumstances, table
from index.encoders import ModelEncoder
from index.settings import DEFAULT_READER
from qa.answer import Question
from qa.evaluate import read_judged
from qa.live import LiveIndex
from qa.rank.batching import SharedEncoder
from qa.read.loading import load_reader
from qa.stages import stopwatch

CLOCKS: Mapping[str, Callable[[], float]] = {
    "median ms": time.perf_counter,
    "processor, median ms of the asking thread": time.thread_time,
    "of all threads": time.process_time,
}
_WARMING = 10
_WHOLE = "whole"

Seconds = Mapping[str, Sequence[float]]


def main(arguments: Sequence[str]) -> int:
    """Ask, and print the table."""
    parser = argparse.ArgumentParser(prog="python -m bench.stages", description=__doc__)
    parser.add_argument("folder", type=Path, metavar="EVAL_DIR")
    parser.add_argument("--data", type=Path, required=True, help="folder of the index")
    parser.add_argument("--on", default="squad", help="the set asked (default: %(default)s)")
    parser.add_argument("--questions", type=int, default=100, help="(default: %(default)s)")
    parser.add_argument("--reader", default=DEFAULT_READER, help="(default: %(default)s)")
    options = parser.parse_args(arguments)
    encoder = ModelEncoder(options.data)
    reader = load_reader(options.reader, options.data)
    live = LiveIndex(options.data, SharedEncoder(encoder), encoder.model, reader=reader)
    questions = iter(read_judged(options.folder / options.on).questions)
    for question in islice(questions, _WARMING):
        live.ask(question)
    measured = {
        name: measure(live, list(islice(questions, options.questions)), clock)
        for name, clock in CLOCKS.items()
    }
    print(f"{circumstances()} {busy()}.\n\n{markdown(measured)}")
    return 0


def measure(live: LiveIndex, questions: Sequence[Question], clock: Callable[[], float]) -> Seconds:
    """The seconds of each stage, one for each question that has it."""
    seconds: dict[str, list[float]] = defaultdict(list)
    for question in questions:
        began = clock()
        with stopwatch(clock) as watch:
            live.ask(question)
        for stage, took in {**watch.seconds, _WHOLE: clock() - began}.items():
            seconds[stage].append(took)
    return seconds


def markdown(measured: Mapping[str, Seconds]) -> str:
    """A row a stage, a column a clock."""
    stages = dict.fromkeys(stage for seconds in measured.values() for stage in seconds)
    order = sorted(stages, key=lambda stage: stage == _WHOLE)
    rows = [
        [stage, *(f"{1000 * median(each.get(stage) or [0.0]):.1f}" for each in measured.values())]
        for stage in order
    ]
    return table(["", *measured], rows)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
