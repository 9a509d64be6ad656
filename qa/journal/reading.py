"""The journal as the owner reads it: lists, counts by day, and questions that mean the same."""

import json
import sqlite3
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import numpy as np

from index.embed import Vectors

Kind = Literal["answered", "not_covered", "up", "down", "cited"]

# Questions with at least this cosine are taken to ask the same, with all-MiniLM-L6-v2.
ALIKE = 0.75
_NORMALISED = "lower(trim(question, ' ?!.'))"
_VERDICTS = ", ".join(
    "(SELECT count(*) FROM feedback "
    f"WHERE feedback.question = questions.question AND verdict = '{verdict}')"
    for verdict in ("up", "down")
)
# The table of a kind, and the column that tells it from the table's others.
_KINDS: dict[Kind, tuple[str, str]] = {
    "answered": ("questions", "status"),
    "not_covered": ("questions", "status"),
    "up": ("feedback", "verdict"),
    "down": ("feedback", "verdict"),
    "cited": ("cited", ""),
}


@dataclass(frozen=True, slots=True)
class Asked:
    """A question and its outcome; `number` is its row.

    `followed` is the question before it in its conversation, `quote` the place of the first quote
    as a link has it, `gap` and `nearest_text` what `NotCovered` has. `up` and `down` are how many
    readers found an answer to this question helpful, and not.
    """

    number: int
    at: str
    question: str
    status: str
    confidence: float
    followed: str | None
    quote: str | None
    nearest_article: str | None
    nearest_text: str | None
    gap: str | None
    up: int
    down: int
    cited: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class NotCovered:
    """A question without an answer: how often, when last, and the passage that came nearest.

    `number` is the row where it was asked last. `gap` is the likeliest reason, as `qa.answer.Gap`
    names it; None where none was noted yet.
    """

    number: int
    question: str
    times: int
    last: str
    nearest_article: str | None
    nearest_title: str | None
    nearest_text: str | None
    gap: str | None = None


@dataclass(frozen=True, slots=True)
class JudgedAnswer:
    """What a reader thought of an answer."""

    at: str
    question: str
    verdict: str
    reasons: tuple[str, ...]
    comment: str


@dataclass(frozen=True, slots=True)
class Supplier:
    """A cited article, and how many answers cite it."""

    article: str
    title: str | None
    source: str | None
    times: int
    last: str


class Recorded:
    """Reads the journal; without a file everything is empty."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def asked(self, first: int, count: int) -> list[Asked]:
        """Questions, latest first."""
        return self._asked("ORDER BY number DESC LIMIT ? OFFSET ?", (count, first))

    def numbered(self, number: int) -> Asked | None:
        """The question of a row, or None if it is there no more."""
        return next(iter(self._asked("WHERE number = ?", (number,))), None)

    def _asked(self, which: str, values: Sequence[object]) -> list[Asked]:
        sql = (
            "SELECT number, at, question, status, confidence, followed, quote, nearest_article, "
            f"nearest_text, gap, {_VERDICTS}, "
            "(SELECT json_group_array(article) FROM cited WHERE cited.question = number) "
            f"FROM questions {which}"
        )
        rows = self._rows(sql, values)
        return [Asked(*(*told, tuple(json.loads(cited)))) for *told, cited in rows]

    def answered(self, most: int = 100) -> list[str]:
        """Questions with an answer, each once, most asked first.

        Those whose answer a reader marked as bad are left out.
        """
        sql = (
            "SELECT question, count(*), max(at) FROM questions WHERE status = 'answered' "
            "AND question NOT IN (SELECT question FROM feedback WHERE verdict = 'down') "
            f"GROUP BY {_NORMALISED} ORDER BY 2 DESC, 3 DESC, 1 LIMIT ?"
        )
        return [question for question, _, _ in self._rows(sql, (most,))]

    def not_covered(self, since: str, most: int) -> list[NotCovered]:
        """Questions without an answer since a time, each once, most asked first."""
        sql = (
            "SELECT max(number), question, count(*), at, nearest_article, nearest_title, "
            "nearest_text, gap "
            "FROM questions WHERE status = 'not_covered' AND at >= ? "
            f"GROUP BY {_NORMALISED} ORDER BY 3 DESC, 4 DESC, 2 LIMIT ?"
        )
        return [NotCovered(*row) for row in self._rows(sql, (since, most))]

    def judged(self, first: int, count: int) -> list[JudgedAnswer]:
        """Feedback, latest first."""
        sql = (
            "SELECT at, question, verdict, reasons, comment FROM feedback "
            "ORDER BY number DESC LIMIT ? OFFSET ?"
        )
        return [
            JudgedAnswer(at, question, verdict, tuple(json.loads(reasons)), comment)
            for at, question, verdict, reasons, comment in self._rows(sql, (count, first))
        ]

    def suppliers(self, since: str, first: int, count: int) -> list[Supplier]:
        """Articles by how many answers cited them since a time, most cited first."""
        sql = (
            "SELECT article, title, source, count(*), max(at) FROM cited WHERE at >= ? "
            "GROUP BY article ORDER BY 4 DESC, 5 DESC, 1 LIMIT ? OFFSET ?"
        )
        return [Supplier(*row) for row in self._rows(sql, (since, count, first))]

    def turns(self, turn_id: str, most: int) -> list[tuple[str, bytes]]:
        """A conversation up to a turn, its last `most` turns by their ids, as they were dumped."""
        sql = (
            "WITH RECURSIVE line (id, parent, kept, back) AS ("
            "SELECT id, parent, kept, 1 FROM turns WHERE id = ? UNION ALL "
            "SELECT turns.id, turns.parent, turns.kept, back + 1 FROM turns "
            "JOIN line ON turns.id = line.parent WHERE back < ?) "
            "SELECT id, kept FROM line ORDER BY back DESC"
        )
        return list(self._rows(sql, (turn_id, most)))

    def days(self, kind: Kind, since: str) -> dict[str, int]:
        """How many of a kind on each ISO day since a time; days without any are left out."""
        table, column = _KINDS[kind]
        where = f"{column} = ? AND" if column else "? IS NOT NULL AND"
        sql = f"SELECT substr(at, 1, 10), count(*) FROM {table} WHERE {where} at >= ? GROUP BY 1"
        return dict(self._rows(sql, (kind, since)))

    def _rows(self, sql: str, values: Sequence[object]) -> Iterator[Any]:
        if not self._path.exists():
            return iter(())
        uri = f"{self._path.resolve().as_uri()}?mode=ro"
        with closing(sqlite3.connect(uri, uri=True)) as db:
            try:
                return iter(db.execute(sql, values).fetchall())
            except sqlite3.OperationalError:
                # The writer has created the file, but not yet its tables.
                return iter(())


@dataclass(frozen=True, slots=True)
class Group:
    """Questions that ask about the same, most asked first; the first names the group."""

    questions: tuple[NotCovered, ...]

    @property
    def times(self) -> int:
        """How often they were asked in all."""
        return sum(question.times for question in self.questions)

    @property
    def last(self) -> str:
        """When one of them was asked last."""
        return max(question.last for question in self.questions)


def group_alike(
    questions: Sequence[NotCovered], encode: Callable[[list[str]], Vectors], alike: float = ALIKE
) -> list[Group]:
    """Groups of questions, most asked first.

    Each question joins the group whose first question is nearest, if near enough, else it starts
    a group: so no chain of small steps joins questions that are far apart.
    """
    if not questions:
        return []
    vectors = encode([question.question for question in questions])
    leaders: list[int] = []
    members: list[list[NotCovered]] = []
    for place, question in enumerate(questions):
        cosines = vectors[leaders] @ vectors[place] if leaders else np.zeros(0, np.float32)
        nearest = int(np.argmax(cosines)) if leaders else -1
        if leaders and cosines[nearest] >= alike:
            members[nearest].append(question)
        else:
            leaders.append(place)
            members.append([question])
    groups = [Group(tuple(each)) for each in members]
    return sorted(groups, key=lambda group: (-group.times, group.questions[0].question))
