"""The one path from a question to an answer that every face calls."""

import time
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from itertools import islice

from index.store import Snapshot
from qa.answer import Answer, Question
from qa.cite import Teller, choose, cite
from qa.confidence import ANSWERS, confidence
from qa.page import page_article
from qa.search import Candidate, Searcher
from qa.stages import lap

MOST_CITATIONS = 5
_MOST_NEAREST = 3
_CONSIDERED = 20
# A further passage is cited only where it is not far less likely to answer than the first.
_AS_LIKELY = 0.6


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
        lap("search")
        candidates = list(ranking.best(_CONSIDERED))
        answering = _answering(candidates)
        # Only what may be shown is read and quoted.
        told = Teller(self._snapshot, ranking).tell(answering or _with_chances(candidates))
        if answering:
            chosen = choose(told, min(question.k, MOST_CITATIONS))
        else:
            chosen = list(islice(told, _MOST_NEAREST))
        citations = cite(chosen)
        lap("quote")
        return Answer(
            question=question,
            asked_at=asked_at,
            citations=citations if answering else (),
            nearest=() if answering else citations,
            took_ms=(time.perf_counter() - started) * 1000,
            confidence=confidence(candidates[0].evidence) if candidates else 0.0,
            page_article=page_article(question, self._snapshot),
            understood_as=ranking.understood.shown,
        )


def _answering(candidates: Sequence[Candidate]) -> list[tuple[Candidate, float]]:
    """The first if it answers, and further ones about as likely to, with how likely."""
    likely = _with_chances(candidates)
    if not likely or likely[0][1] < ANSWERS:
        return []
    enough = max(ANSWERS, _AS_LIKELY * likely[0][1])
    return [(one, chance) for one, chance in likely if chance >= enough]


def _with_chances(candidates: Sequence[Candidate]) -> list[tuple[Candidate, float]]:
    return [(candidate, confidence(candidate.evidence)) for candidate in candidates]


def _zulu(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
