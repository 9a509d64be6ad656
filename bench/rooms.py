"""Which modules of `qa` a question enters on its way from `Asker.ask` to the answer.

    python -m bench.rooms INDEX QUESTION

Prints them in the order in which they are first entered, and the ways that lead back into one
entered before. What only holds data (`qa.answer`) or measures (`qa.stages`) is no room.
"""

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path
from types import FrameType

from index.encoders import ModelEncoder
from index.settings import DEFAULT_READER
from index.store import open_store
from qa.answer import Question
from qa.ask import Asker
from qa.rank.batching import SharedEncoder
from qa.read.loading import load_reader
from qa.search import Searcher

_NO_ROOMS = ("qa.answer", "qa.stages")


def main(arguments: Sequence[str]) -> int:
    """Ask twice, and watch the second time, when everything is loaded."""
    parser = argparse.ArgumentParser(prog="python -m bench.rooms", description=__doc__)
    parser.add_argument("data", type=Path, metavar="INDEX", help="folder of an index")
    parser.add_argument("question", metavar="QUESTION")
    options = parser.parse_args(arguments)
    data, text = options.data, options.question
    encoder = ModelEncoder(data)
    store = open_store(data, encoder.model)
    reader = load_reader(DEFAULT_READER, data)
    asker = Asker(store, Searcher(store, SharedEncoder(encoder)), reader=reader)
    asker.ask(Question(text))
    ways = entered(asker, Question(text))
    rooms = dict.fromkeys(room for way in ways for room in way)
    print(" -> ".join(rooms))
    print(f"{len(rooms)} rooms, {len(ways) - len(rooms) + 1} ways back into one")
    return 0


def entered(asker: Asker, question: Question) -> list[tuple[str, str]]:
    """The ways from one room to another, each once, in the order taken."""
    ways: dict[tuple[str, str], None] = {}

    def watch(frame: FrameType, event: str, _: object) -> None:
        room, before = _room(frame), frame.f_back
        if event != "call" or not room:
            return
        while before is not None and not (caller := _room(before)):
            before = before.f_back
        if before is not None and caller != room:
            ways[caller, room] = None

    sys.setprofile(watch)
    asker.ask(question)
    sys.setprofile(None)
    return list(ways)


def _room(frame: FrameType) -> str:
    name = str(frame.f_globals.get("__name__", ""))
    return name if name.startswith("qa.") and name not in _NO_ROOMS else ""


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
