"""The one path from a question to an answer that every face calls."""

import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from index.article import Article, Passage, Span
from index.errors import DamagedError
from index.lexical import Analyzer
from index.store import Snapshot
from qa.answer import Answer, Citation, Question
from qa.confidence import ANSWERS, confidence
from qa.quote import find_quote
from qa.search import Ranking, Searcher

MOST_CITATIONS = 5
_MOST_NEAREST = 3
_CONSIDERED = 20
# A further passage is cited only where it is not far less likely to answer than the first.
_AS_LIKELY = 0.6


@dataclass(frozen=True, slots=True)
class _Quoted:
    """A candidate with the quote found in it and how likely it answers."""

    passage: Passage
    span: Span
    score: float

    @property
    def words(self) -> str:
        """The quote, told apart from others by its words alone."""
        return " ".join(self.passage.words(self.span).split()).casefold()


class Asker:
    """Answers questions from one snapshot of the index."""

    def __init__(
        self,
        snapshot: Snapshot,
        searcher: Searcher,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._snapshot = snapshot
        self._searcher = searcher
        self._analyzer = Analyzer()
        self._clock = clock

    def ask(self, question: Question) -> Answer:
        """At most five citations, best first; none where the articles do not cover it.

        Raises DamagedError where a cited article is not the one that was indexed.
        """
        started = time.perf_counter()
        asked_at = question.asked_at or _zulu(self._clock())
        quoted = list(self._quote(self._searcher.rank(question)))
        cited = _worth_citing(quoted)[: min(question.k, MOST_CITATIONS)]
        nearest = [] if cited else _apart(quoted)[:_MOST_NEAREST]
        return Answer(
            question=question,
            asked_at=asked_at,
            citations=self._cite(cited, quoted),
            nearest=self._cite(nearest, quoted),
            took_ms=(time.perf_counter() - started) * 1000,
        )

    def _quote(self, ranking: Ranking) -> Iterator[_Quoted]:
        for candidate in ranking.candidates[:_CONSIDERED]:
            yield _Quoted(
                passage=candidate.stored.worded.passage,
                span=find_quote(ranking.query, candidate, self._analyzer),
                score=confidence(candidate.evidence),
            )

    def _cite(self, chosen: Sequence[_Quoted], quoted: Sequence[_Quoted]) -> tuple[Citation, ...]:
        return tuple(
            self._citation(number, one, quoted) for number, one in enumerate(chosen, start=1)
        )

    def _citation(self, number: int, one: _Quoted, quoted: Sequence[_Quoted]) -> Citation:
        article = self._article(one.passage.article_id)
        start, end = one.span
        return Citation(
            number=number,
            passage=one.passage,
            article=article,
            quote=article.text[start:end],
            quote_start=start,
            quote_end=end,
            score=one.score,
            also_in=_also_in(one, quoted),
        )

    def _article(self, article_id: str) -> Article:
        article = self._snapshot.article(article_id)
        if article is None:
            raise DamagedError(
                f"the index has a passage of article {article_id!r} but not the article: "
                "check it with python -m index verify"
            )
        return article


def _worth_citing(quoted: Sequence[_Quoted]) -> list[_Quoted]:
    """The first if it answers, and further ones about as likely to, no quote twice."""
    if not quoted or quoted[0].score < ANSWERS:
        return []
    enough = max(ANSWERS, _AS_LIKELY * quoted[0].score)
    return _apart([one for one in quoted if one.score >= enough])


def _apart(quoted: Sequence[_Quoted]) -> list[_Quoted]:
    """The first of each quote."""
    first: dict[str, _Quoted] = {}
    for one in quoted:
        first.setdefault(one.words, one)
    return list(first.values())


def _also_in(one: _Quoted, quoted: Sequence[_Quoted]) -> tuple[Passage, ...]:
    """Passages of other articles with the same words."""
    twins = (other.passage for other in quoted if other.words == one.words)
    return tuple(twin for twin in twins if twin.article_id != one.passage.article_id)


def _zulu(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
