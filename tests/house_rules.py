"""A house with two articles and rules beside them, for the tests of rules."""

import json
from collections.abc import Mapping
from contextlib import closing
from pathlib import Path

from index.build import BuildReport, build
from index.build.rules.kept import RULES
from index.readers.walk import RULES_FILE
from qa.answer import Answer, Question
from qa.live import LiveIndex
from tests.fakes import HashEncoder, no_progress

POOL = {
    "_id": "pool",
    "title": "The pool in Mill Lane",
    "text": (
        "The pool in Mill Lane opens at seven. It is heated.\n\nChildren’s lessons\nbegin at nine."
    ),
    "section": "Town",
    "tags": ["Sport", "water"],
    "author": "Ida Marsh, Jon Berg",
    "source": "gazette.example",
    "url": "https://www.gazette.example/town/pool/?id=7",
}
FARE = {
    "_id": "fare",
    "title": "The ferry is dear",
    "text": "The fare of the ferry is far too high. Nobody should pay nine crowns.",
    "section": "Opinion",
    "source": "Gazette",
    "url": "https://gazette.example/opinion/fare",
}


class House:
    """A folder of articles with rules beside them, and the index of it."""

    def __init__(self, home: Path) -> None:
        self.sources, self.data = home / "articles", home / "data"
        self.sources.mkdir()
        self.write(POOL, FARE)

    def write(self, *records: Mapping[str, object]) -> None:
        """Make these the articles."""
        lines = "\n".join(map(json.dumps, records))
        (self.sources / "all.jsonl").write_text(lines, encoding="utf-8")

    def build(self, rules: str) -> BuildReport:
        """Build as the command line does, by these rules."""
        (self.sources / RULES_FILE).write_text(rules, encoding="utf-8")
        report = build([self.sources], self.data, HashEncoder(), no_progress)
        RULES.adopt([self.sources], self.data)
        return report

    def open(self) -> LiveIndex:
        """The index as a server that is started now has it."""
        encoder = HashEncoder()
        return LiveIndex(self.data, encoder, encoder.model, strictness="open")

    def ask(self, question: str) -> Answer:
        """The answer of such a server."""
        with closing(self.open()) as live:
            return live.ask(Question(question))
