"""Search in time: what a question says of when bounds or leans the search, on evidence.

A time that is told bounds what is searched only where the archive has passages of that time that
answer. Else it is left out of account, so that it never throws out the answer: articles also tell
of times long before they were published.
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta

import numpy as np
from numpy.typing import NDArray

from index.dates import TimeRange, time_range
from index.keys import Keys, place_of
from index.lexical import words
from index.period import Period, Selection, bound_of
from index.settings import Strictness
from index.store import Snapshot
from qa.answer import Hit, Question
from qa.asked_time import AskedTime, read_asked_time
from qa.confidence import THRESHOLDS
from qa.conversation import Understood
from qa.matching import Floats
from qa.ranges import Range
from qa.recency import Leaning, Recency
from qa.search import Prior, Ranking, Searcher, selection_of
from qa.sureness import sureness
from qa.terms import content_words
from qa.understood import When
from qa.weights import TIME

# A question of these alone, beside its time, asks for all that is told of it.
_ANYTHING = frozenset(
    """
    happen happened happening happens going news new events event timeline chronology course
    reported report reports told day latest main important major headlines things thing
    """.split()
)
# What is asked of the newest of a subject is the subject.
_NEWEST_OF = re.compile(
    r"(?:what(?:['’]s| is) )?(?:the )?(?:latest|newest|most recent)"
    r"(?: (?:news|reports?|developments?|events?))? (?:on|about|from|of) (?P<subject>[^?]+)\??",
    re.IGNORECASE,
)
_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Timely:
    """A ranking, what the question was understood as, and what time of it bounds or leans that.

    `is_open` says that nothing but a time is asked for, so that all of it answers; `is_missed`
    that it is one counted from now, of which the archive has nothing, so that nothing does.
    """

    ranking: Ranking
    understood: Understood
    asked: AskedTime
    when: When | None
    is_open: bool = False
    is_missed: bool = False


class TimelySearcher:
    """Searches one snapshot of the index as the time in a question asks."""

    def __init__(
        self, snapshot: Snapshot, searcher: Searcher, strictness: Strictness = "balanced"
    ) -> None:
        self._snapshot = snapshot
        self._searcher = searcher
        self._threshold = THRESHOLDS[strictness]

    def search(self, question: Question) -> list[Hit]:
        """Up to `question.k` passages, best first; fewer where fewer have to do with it."""
        return [
            Hit(self._snapshot.locate(candidate.key).passage, candidate.score)
            for candidate in self.rank(question).ranking.best(question.k)
        ]

    def rank(self, question: Question, now: str | None = None) -> Timely:
        """All candidates, best first, of a question asked at its own moment, else `now`."""
        asked_at = question.asked_at or now or datetime.now(UTC).isoformat()
        understood = self._searcher.understand(question)
        asked = AskedTime(rest=understood.text)
        if "when" not in question.ignore:
            asked = read_asked_time(understood.text, asked_at, self._snapshot.days)

        def answers(ranking: Ranking) -> bool:
            return sureness(ranking, self._snapshot) >= self._threshold

        asking = _Asking(
            self._snapshot, self._searcher, question, understood, asked, asked_at, answers
        )
        return asking.rank()


class _Asking:
    """One question on its way."""

    def __init__(
        self,
        snapshot: Snapshot,
        searcher: Searcher,
        question: Question,
        understood: Understood,
        asked: AskedTime,
        asked_at: str,
        answers: Callable[[Ranking], bool],
    ) -> None:
        self._snapshot, self._searcher = snapshot, searcher
        self._answers = answers
        self._question, self._understood, self._asked = question, understood, asked
        self._until = time_range(asked_at)
        left = [word for word in content_words(asked.rest) if word not in _ANYTHING]
        self._is_open = asked.range is not None and not left
        # A time that bounds is told by the passages' dates: their words need not tell it. But they
        # say "this week" as questions do.
        is_long = asked.range is not None and not _is_in_a_day(asked.range)
        keeps_words = asked.is_relative and is_long and not self._is_open
        self._plain = understood if keeps_words else _worded(understood, asked.rest)
        is_dated = snapshot.days.newest is not None
        newest = _NEWEST_OF.fullmatch(understood.text.strip()) if is_dated else None
        self._any_time = _worded(understood, newest["subject"]) if newest else understood
        self._prior = self._choose_prior()
        self._known = self._known_then()

    def rank(self) -> Timely:
        """Of the time that is told where that answers, else of any; where nothing does, of it."""
        inside: Timely | None = None
        for each in self._bounded():
            if each.is_open or self._answers_in_time(each.ranking):
                return each
            inside = inside or each
        found = self._unbounded()
        return inside if inside and not self._answers(found.ranking) else found

    def _bounded(self) -> Iterator[Timely]:
        """Only what is from the time that is told, as exactly as the archive knows it."""
        if self._asked.range is None:
            return
        for told in _widened(self._asked.range):
            if self._snapshot.days.hold(*_whole_days(told)):
                within = replace(self._known, within=_period(told))
                ranking = self._searcher.rank(self._question, within, self._prior, self._plain)
                if self._is_open:
                    ranking = replace(ranking, order=self._openings_first(ranking))
                if len(ranking.order):
                    asked = replace(self._asked, range=told)
                    yield Timely(ranking, self._understood, asked, asked.when, self._is_open)

    def _unbounded(self) -> Timely:
        """Whatever its time: first what was known when the question was asked."""
        found = self._searcher.rank(self._question, self._known, self._prior, self._any_time)
        if self._known.known_by is not None and not self._answers(found):
            later = self._searcher.rank(self._question, None, self._prior, self._any_time)
            found = later if self._answers(later) else found
        asked = replace(self._asked, range=None)
        # Nothing that tells of "yesterday" tells of the one that is meant.
        is_missed = self._is_open and self._asked.is_relative
        return Timely(found, self._understood, asked, asked.when, is_missed=is_missed)

    def _rank_plain(self) -> Ranking:
        return self._searcher.rank(self._question, self._known, self._prior, self._plain)

    def _openings_first(self, ranking: Ranking) -> NDArray[np.int64]:
        """All of it: what opens an article or an entry says most of what is told."""
        opens = [self._opens(key) for key in ranking.keys.tolist()]
        return np.lexsort((-ranking.scores, ~np.array(opens, np.bool_)))

    def _opens(self, key: int) -> bool:
        passage = self._snapshot.locate(key).passage
        return passage.start <= passage.entry.body if passage.entry else place_of(key) == 0

    def _answers_in_time(self, inside: Ranking) -> bool:
        return self._answers(inside) and not self._is_elsewhere(inside)

    def _is_elsewhere(self, inside: Ranking) -> bool:
        """Whether something of another time tells of the time that is asked for, much better."""
        best = next(self._rank_plain().best(1), None)
        own = next(inside.best(1), None)
        if best is None or own is None or best.score < own.score + TIME.elsewhere:
            return False
        located = self._snapshot.locate(best.key)
        told = set(words(f"{located.article.title or ''} {located.passage.text}"))
        return all(word in told for word in words(self._asked.phrase) if word.isdigit())

    def _choose_prior(self) -> Prior | None:
        priors: list[Prior] = []
        if self._asked.lean is not None:
            priors.append(Leaning(self._snapshot, self._asked.lean))
        if self._question.asked_at is not None:
            priors.append(Recency(self._snapshot, max(self._until.start, self._until.end - _DAY)))
        return _Sum(tuple(priors)) if priors else None

    def _known_then(self) -> Selection:
        """What the question's own filters let through of what was known when it was asked."""
        selection, newest = selection_of(self._question), self._snapshot.days.newest
        if newest is None or newest < self._until.start.date():
            return selection
        return replace(selection, known_by=bound_of(self._until.end - timedelta(seconds=1)))


@dataclass(frozen=True, slots=True)
class _Sum:
    """Several priors as one."""

    priors: tuple[Prior, ...]

    def __call__(self, keys: Keys, focus: Floats) -> Floats:
        """Their sum."""
        return np.asarray(sum(prior(keys, focus) for prior in self.priors))


def _worded(understood: Understood, text: str) -> Understood:
    """The same in other words, of which those that the reader said now stay their own."""
    is_own = understood.text == understood.own
    return replace(understood, text=text, own=text if is_own else understood.own)


def _widened(told: Range) -> Iterator[Range]:
    """Hours as they are told, then as whole days: of most articles no hour is known."""
    yield told
    if not told.is_of_days:
        first, last = _whole_days(told)
        yield Range(
            datetime.combine(first, datetime.min.time()) if first else None,
            datetime.combine(last + _DAY, datetime.min.time()) if last else None,
        )


def _whole_days(told: Range) -> tuple[date | None, date | None]:
    last = (told.end - timedelta(microseconds=1)).date() if told.end else None
    return told.start.date() if told.start else None, last


def _is_in_a_day(told: Range) -> bool:
    first, last = _whole_days(told)
    return first is not None and first == last


def _period(told: Range) -> Period:
    """The passages all of whose time lies inside."""
    return Period(
        after=TimeRange(told.start, told.start) if told.start else None,
        before=TimeRange(told.end, told.end) if told.end else None,
    )
