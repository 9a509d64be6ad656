"""The one path from a question to an answer that every face calls."""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from index.article import Passage, Span
from index.store import Located, Snapshot
from qa.answer import Answer, Citation, Question
from qa.confidence import ANSWERS, confidence
from qa.query import Query
from qa.quote import find_quote
from qa.search import Candidate, Ranking, Searcher

MOST_CITATIONS = 5
_MOST_NEAREST = 3
_CONSIDERED = 20
# A further passage is cited only where it is not far less likely to answer than the first.
_AS_LIKELY = 0.6


@dataclass(frozen=True, slots=True)
class _Quoted:
    """A candidate with the quote found in it and how likely it answers.

    `words` are the quote's, by which it is told apart from others.
    """

    located: Located
    span: Span
    score: float
    words: str

    @property
    def passage(self) -> Passage:
        """The passage that is quoted."""
        return self.located.passage


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
        self._clock = clock

    def ask(self, question: Question) -> Answer:
        """At most five citations, best first; none where the articles do not cover it.

        Raises DamagedError where a cited article is not the one that was indexed.
        """
        started = time.perf_counter()
        asked_at = question.asked_at or _zulu(self._clock())
        ranking = self._searcher.rank(question)
        answering = _answering(list(ranking.best(_CONSIDERED)))
        # Only what may be shown is read and quoted.
        if answering:
            quoted = [self._quote(ranking.query, candidate) for candidate in answering]
        else:
            quoted = self._nearest(ranking)
        most = min(question.k, MOST_CITATIONS) if answering else _MOST_NEAREST
        chosen = _cite(_apart(quoted)[:most], quoted)
        return Answer(
            question=question,
            asked_at=asked_at,
            citations=chosen if answering else (),
            nearest=() if answering else chosen,
            took_ms=(time.perf_counter() - started) * 1000,
        )

    def _nearest(self, ranking: Ranking) -> list[_Quoted]:
        """As many as it takes for enough that say different things."""
        quoted: list[_Quoted] = []
        for candidate in ranking.best(_CONSIDERED):
            quoted.append(self._quote(ranking.query, candidate))
            if len(_apart(quoted)) == _MOST_NEAREST:
                break
        return quoted

    def _quote(self, query: Query, candidate: Candidate) -> _Quoted:
        located = self._snapshot.locate(candidate.key)
        span = find_quote(query, candidate.sentences, located.passage)
        words = " ".join(located.passage.words(span).split()).casefold()
        return _Quoted(located, span, confidence(candidate.evidence), words)


def _cite(chosen: Sequence[_Quoted], quoted: Sequence[_Quoted]) -> tuple[Citation, ...]:
    return tuple(_citation(number, one, quoted) for number, one in enumerate(chosen, start=1))


def _citation(number: int, one: _Quoted, quoted: Sequence[_Quoted]) -> Citation:
    article, (start, end) = one.located.article, one.span
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


def _answering(candidates: Sequence[Candidate]) -> list[Candidate]:
    """The first if it answers, and further ones about as likely to."""
    likely = [confidence(candidate.evidence) for candidate in candidates]
    if not likely or likely[0] < ANSWERS:
        return []
    enough = max(ANSWERS, _AS_LIKELY * likely[0])
    return [one for one, chance in zip(candidates, likely, strict=True) if chance >= enough]


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
