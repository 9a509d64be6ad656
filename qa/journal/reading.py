"""The journal, read: lists, counts by day, conversations, and questions that mean the same."""

import json
import sqlite3
import zlib
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import Any, Literal, Self

import numpy as np
from pydantic import TypeAdapter

from index.article import Article, Passage, Span
from index.embed import Vectors
from index.split import split
from qa.access import beginning
from qa.answer import Answer, Citation
from qa.present.links import cited, read_cited
from qa.present.version import standing

Kind = Literal["answered", "not_covered", "up", "down", "cited"]

# Questions with at least this cosine are taken to ask the same, with all-MiniLM-L6-v2.
_ALIKE = 0.75
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
    questions: Sequence[NotCovered], encode: Callable[[list[str]], Vectors]
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
        if leaders and cosines[nearest] >= _ALIKE:
            members[nearest].append(question)
        else:
            leaders.append(place)
            members.append([question])
    groups = [Group(tuple(each)) for each in members]
    return sorted(groups, key=lambda group: (-group.times, group.questions[0].question))


FindArticle = Callable[[str], Article | None]


@dataclass(frozen=True, slots=True)
class KeptQuote:
    """A citation: its quote as `qa.present.links.Cited` writes it, and the ids of its twins."""

    place: str
    score: float
    also_in: tuple[tuple[str, int, int], ...]


@dataclass(frozen=True, slots=True)
class KeptTurn:
    """All of an answer but its citations, and these by their places."""

    answer: Answer
    citations: tuple[KeptQuote, ...]
    nearest: tuple[KeptQuote, ...]

    @classmethod
    def of(cls, answer: Answer) -> Self:
        """The answer as it is kept."""
        bare = replace(answer, citations=(), nearest=(), suggestions=())
        return cls(bare, _kept(answer.citations), _kept(answer.nearest))

    def dump(self) -> bytes:
        """As it lies in the journal: JSON, compressed."""
        # Not pydantic's own JSON, which has no infinity.
        plain = _adapter().dump_python(self, mode="json")
        return zlib.compress(json.dumps(plain).encode())

    @classmethod
    def load(cls, dumped: bytes) -> "KeptTurn":
        """What `dump` wrote. Raises ValueError for what is damaged, or written otherwise."""
        try:
            return _adapter().validate_json(zlib.decompress(dumped))
        except zlib.error as error:
            raise ValueError(f"a kept turn is damaged: {error}") from None


@cache
def _adapter() -> TypeAdapter[KeptTurn]:
    return TypeAdapter(KeptTurn)


def _kept(citations: Sequence[Citation]) -> tuple[KeptQuote, ...]:
    return tuple(
        KeptQuote(
            str(cited(each)),
            each.score,
            tuple((twin.article_id, twin.start, twin.end) for twin in each.also_in),
        )
        for each in citations
    )


@dataclass(frozen=True, slots=True)
class Reopened:
    """The answer of a kept turn; `is_lost` where none of what it cited stands in its article."""

    answer: Answer
    is_lost: bool


class Reopener:
    """Makes answers of kept turns, from the articles as they are now; splits each article once."""

    def __init__(self, article: FindArticle) -> None:
        self._article = cache(article)
        self._passages = cache(self._split)

    def open(self, turn: KeptTurn) -> Reopened:
        """The answer, its citations numbered anew where one is gone."""
        citations = tuple(self._citations(turn.citations))
        nearest = tuple(self._citations(turn.nearest))
        answer = replace(turn.answer, citations=citations, nearest=nearest)
        return Reopened(answer, bool(turn.citations) and not citations)

    def _citations(self, quotes: Sequence[KeptQuote]) -> Iterator[Citation]:
        number = 1
        for quote in quotes:
            citation = self._citation(quote, number)
            if citation is not None:
                yield citation
                number += 1

    def _citation(self, quote: KeptQuote, number: int) -> Citation | None:
        place = read_cited(quote.place)
        article = self._article(place.article_id) if place else None
        if place is None or article is None:
            return None
        span = standing(article, (place.start, place.end), place.version).span
        passage = self._passage(article.id, span) if span else None
        if span is None or passage is None:
            return None
        answer = place.moved(span).answer or (None, None)
        twins = (
            self._passage(article_id, (start, end)) for article_id, start, end in quote.also_in
        )
        return Citation(
            number,
            passage,
            article,
            article.text[slice(*span)],
            *span,
            quote.score,
            tuple(twin for twin in twins if twin is not None),
            *answer,
        )

    def _passage(self, article_id: str, span: Span) -> Passage | None:
        start, end = span
        passages = self._passages(article_id)
        return next((each for each in passages if each.start <= start and end <= each.end), None)

    def _split(self, article_id: str) -> list[Passage]:
        article = self._article(article_id)
        if article is None:
            return []
        return [beginning(article)] if article.is_excerpt else split(article)
