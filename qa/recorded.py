"""What the journal holds, read for the owner: lists, counts, and how much of each day."""

import json
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

Kind = Literal["answered", "not_covered", "up", "down", "cited"]


@dataclass(frozen=True, slots=True)
class Asked:
    """A question with what became of it."""

    at: str
    question: str
    status: str
    confidence: float
    cited: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class NotCovered:
    """A question without an answer: how often and when last, and the passage that came nearest."""

    question: str
    times: int
    last: str
    nearest_article: str | None
    nearest_title: str | None
    nearest_text: str | None


@dataclass(frozen=True, slots=True)
class Judged:
    """What a reader thought of an answer."""

    at: str
    question: str
    verdict: str
    reasons: tuple[str, ...]
    comment: str


@dataclass(frozen=True, slots=True)
class Supplier:
    """An article that supplied citations, and to how many answers."""

    article: str
    title: str | None
    source: str | None
    times: int
    last: str


class Recorded:
    """Reads the journal; where there is none, everything is empty."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def asked(self, first: int, count: int) -> list[Asked]:
        """Questions, the latest first."""
        sql = (
            "SELECT at, question, status, confidence, "
            "(SELECT json_group_array(article) FROM cited WHERE cited.question = number) "
            "FROM questions ORDER BY number DESC LIMIT ? OFFSET ?"
        )
        return [
            Asked(at, question, status, confidence, tuple(json.loads(cited)))
            for at, question, status, confidence, cited in self._rows(sql, (count, first))
        ]

    def not_covered(self, since: str, most: int) -> list[NotCovered]:
        """Questions of a time without an answer, each told once, the most asked first."""
        sql = (
            "SELECT question, count(*), max(at), nearest_article, nearest_title, nearest_text "
            "FROM questions WHERE status = 'not_covered' AND at >= ? "
            "GROUP BY lower(trim(question, ' ?!.')) ORDER BY 2 DESC, 3 DESC, 1 LIMIT ?"
        )
        return [NotCovered(*row) for row in self._rows(sql, (since, most))]

    def judged(self, first: int, count: int) -> list[Judged]:
        """Feedback, the latest first."""
        sql = (
            "SELECT at, question, verdict, reasons, comment FROM feedback "
            "ORDER BY number DESC LIMIT ? OFFSET ?"
        )
        return [
            Judged(at, question, verdict, tuple(json.loads(reasons)), comment)
            for at, question, verdict, reasons, comment in self._rows(sql, (count, first))
        ]

    def suppliers(self, since: str, first: int, count: int) -> list[Supplier]:
        """Articles by the answers of a time that they supplied."""
        sql = (
            "SELECT article, title, source, count(*), max(at) FROM cited WHERE at >= ? "
            "GROUP BY article ORDER BY 4 DESC, 5 DESC, 1 LIMIT ? OFFSET ?"
        )
        return [Supplier(*row) for row in self._rows(sql, (since, count, first))]

    def days(self, kind: Kind, since: str) -> dict[str, int]:
        """How many of a kind on each ISO day since one, days without any left out."""
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
                # The writer has made the file, and not yet its tables.
                return iter(())


_KINDS: dict[Kind, tuple[str, str]] = {
    "answered": ("questions", "status"),
    "not_covered": ("questions", "status"),
    "up": ("feedback", "verdict"),
    "down": ("feedback", "verdict"),
    "cited": ("cited", ""),
}
