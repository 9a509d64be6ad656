"""The one path from a question to an answer that every face calls."""

import time
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from itertools import islice

from index.store import Snapshot
from qa.answer import Answer, Question
from qa.chronology import in_time
from qa.cite import Teller, choose, cite
from qa.confidence import ANSWERS, confidence
from qa.search import Candidate, Searcher
from qa.timely import Timely, TimelySearcher

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
        self._searcher = TimelySearcher(snapshot, searcher)
        self._clock = clock

    def ask(self, question: Question) -> Answer:
        """At most five citations, none where the articles do not cover it.

        They stand best first, or in the order of time that `Answer.order` names.

        Raises DamagedError where a cited article is not the one that was indexed.
        """
        started = time.perf_counter()
        asked_at = question.asked_at or _zulu(self._clock())
        found = self._searcher.rank(question, asked_at)
        ranking = found.ranking
        candidates = list(ranking.best(_CONSIDERED))
        answering = _answering_of(found, candidates)
        # Only what may be shown is read and quoted.
        told = Teller(self._snapshot, ranking, opens=found.is_open).tell(
            answering or _with_chances(candidates)
        )
        if answering:
            most = min(question.k, MOST_CITATIONS)
            chosen = choose(told, most, by_entry=found.asked.is_course)
        else:
            chosen = list(islice(told, _MOST_NEAREST))
        ordered = in_time(chosen if answering else (), found.asked, question.text)
        citations = cite(ordered.told if answering else chosen)
        return Answer(
            question=question,
            asked_at=asked_at,
            citations=citations if answering else (),
            nearest=() if answering else citations,
            took_ms=(time.perf_counter() - started) * 1000,
            confidence=_confidence_of(found, candidates),
            understood_when=found.when,
            order=ordered.order,
            reports_differ=ordered.reports_differ,
        )


def _answering_of(found: Timely, candidates: Sequence[Candidate]) -> list[tuple[Candidate, float]]:
    """Where nothing but a time is asked for, all that is from it answers."""
    if found.is_open:
        return [(candidate, 1.0) for candidate in candidates]
    return _answering(candidates)


def _confidence_of(found: Timely, candidates: Sequence[Candidate]) -> float:
    if not candidates:
        return 0.0
    return 1.0 if found.is_open else confidence(candidates[0].evidence)


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
