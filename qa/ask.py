"""The one path from a question to an answer that every face calls."""

import time
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from itertools import islice

from index.analysis import Analyzer
from index.settings import Strictness
from index.store import Store
from qa.answer import Answer, Question, Reply
from qa.answerability import THRESHOLDS, chance
from qa.cite import Teller, choose, cite
from qa.filters import spread
from qa.order import in_time, moments_of
from qa.plan import Timely, TimelySearcher
from qa.search import Candidate, Searcher, page_article
from qa.stages import lap
from qa.topic import lead_of
from qa.understand.language import is_foreign, reads_many_languages
from qa.understand.smalltalk import small_talk

MOST_CITATIONS = 5
_MOST_NEAREST = 3
_CONSIDERED = 20
# A further passage is cited only where it is not far less likely to answer than the first.
_AS_LIKELY = 0.6
_LIKELY = 0.5


class Asker:
    """Answers questions from one snapshot of the index."""

    def __init__(
        self,
        snapshot: Store,
        searcher: Searcher,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
        strictness: Strictness = "balanced",
    ) -> None:
        self._snapshot = snapshot
        self._searcher = TimelySearcher(snapshot, searcher, strictness)
        self._clock = clock
        self._analyzer = Analyzer()
        self._threshold = THRESHOLDS[strictness]

    def ask(self, question: Question) -> Answer:
        """At most five citations, none where the articles do not cover it.

        They stand best first, or in the order of time that `Answer.order` names.

        Raises DamagedError where a cited article is not the one that was indexed.
        """
        started = time.perf_counter()
        asked_at = question.asked_at or _zulu(self._clock())
        reply = small_talk(question.text) or self._language(question.text)
        if reply is not None:
            took_ms = (time.perf_counter() - started) * 1000
            return Answer(question, asked_at, (), (), took_ms, reply=reply)
        found = self._searcher.rank(question, asked_at)
        ranking = found.ranking
        lap("search")
        candidates = list(ranking.best(_CONSIDERED))
        keys = (candidate.key for candidate in candidates)
        lead = lead_of(question.text, keys, self._snapshot)
        if lead is not None:
            took_ms = (time.perf_counter() - started) * 1000
            return Answer(question, asked_at, (lead,), (), took_ms, confidence=1.0)
        sure = found.sure
        answering = _answering(found, candidates) if sure >= self._threshold else []
        is_course = found.asked.is_course or found.is_open
        if is_course and not found.is_open:
            answering = spread(answering, self._snapshot)
        # Only what may be shown is read and quoted.
        told = Teller(self._snapshot, ranking, opens=found.is_open).tell(
            answering or _with_chances(candidates)
        )
        if answering:
            most = min(question.k, MOST_CITATIONS)
            chosen = moments_of(told, most) if is_course else choose(told, most)
        else:
            chosen = list(islice(told, _MOST_NEAREST))
        ordered = in_time(chosen if answering else (), found.asked, question.text)
        citations = cite(ordered.told if answering else chosen)
        lap("quote")
        return Answer(
            question=question,
            asked_at=asked_at,
            citations=citations if answering else (),
            nearest=() if answering else citations,
            took_ms=(time.perf_counter() - started) * 1000,
            confidence=sure,
            understood_as=found.understood.shown,
            understood_when=found.when,
            order=ordered.order,
            reports_differ=ordered.reports_differ,
            page_article=page_article(question, self._snapshot),
        )

    def _language(self, text: str) -> Reply | None:
        if reads_many_languages(self._snapshot.manifest.model.name):
            return None
        lexical, analyzer = self._snapshot.lexical, self._analyzer

        def share(word: str) -> float:
            holding = (lexical.document_frequency(term) for term in analyzer.terms(word))
            return max(holding, default=0) / max(len(lexical), 1)

        return "language" if is_foreign(text, share) else None


def _answering(found: Timely, candidates: Sequence[Candidate]) -> list[tuple[Candidate, float]]:
    """The first, and further ones that answer about as likely, with how likely.

    Where nothing but a time is asked for, all that is from it answers.
    """
    if found.is_open:
        return [(candidate, 1.0) for candidate in candidates]
    likely = _with_chances(candidates)
    first = likely[0][1]
    enough = max(_AS_LIKELY * first, min(first, _LIKELY))
    return [likely[0], *(each for each in likely[1:] if each[1] >= enough)]


def _with_chances(candidates: Sequence[Candidate]) -> list[tuple[Candidate, float]]:
    return [(candidate, chance(candidate.evidence)) for candidate in candidates]


def _zulu(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
