"""A turn of a conversation as the journal keeps it: an answer with its quotes by their places.

No article's text is kept. Whoever opens the conversation later reads the same words from the
articles as they are then; a quote that has left its article is not shown.
"""

import json
import zlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cache
from typing import Self

from pydantic import TypeAdapter

from index.article import Article, Passage, Span
from index.split import split
from qa.access.members import beginning
from qa.answer import Answer, Citation
from qa.present.links import cited, read_cited
from qa.present.version import standing

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
