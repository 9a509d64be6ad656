"""Search in time: what a question says of when bounds or leans the search, on evidence.

A time that is told bounds what is searched only where the archive has passages of that time that
answer. Else it is left out of account, so that it never throws out the answer: articles also tell
of times long before they were published.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

from index.analysis import words
from index.dates import time_range
from index.period import Selection, bound_of
from index.settings import Strictness
from index.store import Store
from qa.answer import Hit, Question, When
from qa.answerability import THRESHOLDS, sureness
from qa.filters import (
    NEARBY,
    Sifted,
    lies_ahead,
    openings_first,
    sift,
    tells_of,
    unsifted,
    years_named,
    years_of_matter,
)
from qa.numbered import numbered_names, tells_of_another
from qa.rank.priors import prior_in_time
from qa.rank.weights import TIME, TimeWeights
from qa.search import Prior, Ranking, Searcher, selection_of
from qa.timex.extract import AskedTime, asks_for_all, read_asked_time, subject_of
from qa.timex.ranges import Range, is_in_a_day, period_of, whole_days, widened
from qa.understand.followup import Understood

# A far time is told by "today" as well, "What is Pompeii today?".
_NOWADAYS = "today"
# What answers in its time as surely as this does so whatever is told of other times.
_BEYOND_DOUBT = 0.6
_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Timely:
    """What was found, what the question was understood as, what time of it bounds or leans that.

    `sure` is how likely the first passage answers. `is_open` says that nothing but a time is asked
    for, so that all of it answers; `is_missed` that nothing tells of the time, so that nothing
    answers.
    """

    found: Sifted
    understood: Understood
    asked: AskedTime
    sure: float
    is_open: bool = False
    is_missed: bool = False

    @property
    def ranking(self) -> Ranking:
        """What may answer, best first."""
        return self.found.ranking

    @property
    def when(self) -> When | None:
        """What time was understood, for people to see."""
        return self.asked.when


class TimelySearcher:
    """Searches one snapshot of the index as the time in a question asks."""

    def __init__(
        self,
        snapshot: Store,
        searcher: Searcher,
        strictness: Strictness = "balanced",
        weights: TimeWeights = TIME,
    ) -> None:
        self._archive = _Archive(snapshot, searcher, THRESHOLDS[strictness], weights)

    def search(self, question: Question) -> list[Hit]:
        """Up to `question.k` passages, best first; fewer where fewer have to do with it."""
        return [
            Hit(self._archive.snapshot.locate(candidate.key).passage, candidate.score)
            for candidate in self.rank(question).found.whole.best(question.k)
        ]

    def rank(self, question: Question, now: str | None = None) -> Timely:
        """All candidates, best first, of a question asked at its own moment, else `now`."""
        asked_at = question.asked_at or now or datetime.now(UTC).isoformat()
        understood = self._archive.searcher.understand(question)
        asked = AskedTime(rest=understood.text)
        if "when" not in question.ignore:
            asked = read_asked_time(understood.text, asked_at, self._archive.snapshot.days)
        return _Asking(self._archive, question, understood, asked, asked_at).rank()


@dataclass(frozen=True, slots=True)
class _Archive:
    """What is searched and how: from `threshold` on it is sure that a passage answers."""

    snapshot: Store
    searcher: Searcher
    threshold: float
    weights: TimeWeights


class _Asking:
    """One question on its way."""

    def __init__(
        self,
        archive: _Archive,
        question: Question,
        understood: Understood,
        asked: AskedTime,
        asked_at: str,
    ) -> None:
        self._snapshot, self._searcher = archive.snapshot, archive.searcher
        self._threshold, self._weights = archive.threshold, archive.weights
        self._question, self._understood, self._asked = question, understood, asked
        self._until = time_range(asked_at)
        self._is_open = asked.range is not None and asks_for_all(asked.rest)
        self._plain = _worded(understood, asked.rest)
        is_dated = self._snapshot.days.newest is not None
        subject = subject_of(asked.rest, is_dated=is_dated)
        if subject is not None:
            self._plain = _worded(understood, subject)
        self._any_time = self._plain if subject is not None else understood
        # A time that bounds is told by the passages' dates: their words need not tell it. But they
        # say "this week" as questions do.
        is_long = asked.range is not None and not is_in_a_day(asked.range)
        keeps_words = asked.is_relative and is_long and not self._is_open
        wordings = (self._any_time, self._plain) if keeps_words else (self._plain, self._any_time)
        self._wordings = wordings[:1] if self._is_open or subject is not None else wordings
        self._prior = self._choose_prior()
        self._known = self._known_then()

    def rank(self) -> Timely:
        """Of the time that is told where that answers, else of any; where nothing does, of it."""
        inside: Timely | None = None
        for each in self._bounded():
            if each.is_open or self._answers_in_time(each):
                return each
            inside = inside or each
        found = self._unbounded()
        return inside if inside and found.sure < self._threshold else found

    def _bounded(self) -> Iterator[Timely]:
        """Only what is from the time that is told, as exactly as the archive knows it."""
        if self._asked.range is None:
            return
        for told in widened(self._asked.range):
            if self._snapshot.days.hold(*whole_days(told)):
                within = replace(self._known, within=period_of(told))
                for wording in self._wordings:
                    found = self._within(told, self._rank(within, wording))
                    if len(found.ranking.order):
                        yield found

    def _within(self, told: Range, found: Sifted) -> Timely:
        asked = replace(self._asked, range=told)
        if not self._is_open:
            return Timely(found, self._understood, asked, self._sure(found))
        order = openings_first(found.ranking, self._snapshot)
        every = unsifted(replace(found.ranking, order=order))
        return Timely(every, self._understood, asked, 1.0, is_open=True)

    def _unbounded(self) -> Timely:
        """Whatever its time: first what was known when the question was asked."""
        found = self._rank(self._known, self._any_time)
        told = self._telling(found)
        has_none = len(found.ranking.order) > 0 and not len(told.ranking.order)
        if self._is_missed() or has_none or self._is_of_another_year(found):
            return Timely(found, self._understood, self._asked, 0.0, is_missed=True)
        sure = self._sure(told)
        if self._known.known_by is not None and sure < self._threshold:
            later = self._telling(self._rank(None, self._any_time))
            sure_later = self._sure(later)
            if sure_later >= self._threshold:
                told, sure = later, sure_later
        if sure < self._threshold:
            return Timely(found, self._understood, self._asked, sure)
        # Its words tell of the time, whenever they were written.
        asked = replace(self._asked, range=None)
        return Timely(told, self._understood, asked, sure)

    def _is_missed(self) -> bool:
        """Whether nothing can tell of the time: not of the "yesterday" that is meant, at least."""
        asked = self._asked
        if asked.range is None or not asked.is_relative:
            return False
        if self._is_open:
            return True
        is_now = asked.phrase.lower() == _NOWADAYS
        return not is_now and lies_ahead(asked.range, self._snapshot.days.newest)

    def _telling(self, found: Sifted) -> Sifted:
        """Those that tell of the year that is asked for, where its words name one."""
        years = years_named(self._asked.range, self._asked.phrase)
        if not years:
            return found
        return sift(found, lambda located: tells_of(located, years), self._snapshot)

    def _is_of_another_year(self, found: Sifted) -> bool:
        """Whether what fits best tells of another flood than "the flood of 2004"."""
        years = years_of_matter(self._understood.text) if self._asked.range is None else frozenset()
        best = next(found.ranking.best(1), None)
        if best is None or not years:
            return False
        return not tells_of(self._snapshot.locate(best.key), years, NEARBY)

    def _rank(self, among: Selection | None, understood: Understood) -> Sifted:
        """Without what tells of another thing of the same name, with another number."""
        found = unsifted(self._searcher.rank(self._question, among, self._prior, understood))
        numbered = numbered_names(self._understood.worded)
        if not numbered:
            return found
        return sift(found, lambda each: not tells_of_another(each, numbered), self._snapshot)

    def _sure(self, found: Sifted) -> float:
        """How likely its first passage answers."""
        return sureness(found.ranking, self._snapshot)

    def _answers_in_time(self, inside: Timely) -> bool:
        if inside.sure >= _BEYOND_DOUBT:
            return True
        return inside.sure >= self._threshold and not self._is_elsewhere(inside.ranking)

    def _is_elsewhere(self, inside: Ranking) -> bool:
        """Whether something of another time tells of the time that is asked for, much better."""
        best = next(self._rank(self._known, self._plain).ranking.best(1), None)
        own = next(inside.best(1), None)
        if best is None or own is None or best.score < own.score + self._weights.elsewhere:
            return False
        located = self._snapshot.locate(best.key)
        told = set(words(f"{located.article.title or ''} {located.passage.text}"))
        return all(word in told for word in words(self._asked.phrase) if word.isdigit())

    def _choose_prior(self) -> Prior | None:
        moment = max(self._until.start, self._until.end - _DAY)
        is_told = self._question.asked_at is not None
        return prior_in_time(
            self._snapshot, self._asked.lean, moment if is_told else None, self._weights
        )

    def _known_then(self) -> Selection:
        """What the question's own filters let through of what was known when it was asked."""
        selection, newest = selection_of(self._question), self._snapshot.days.newest
        if newest is None or newest < self._until.start.date():
            return selection
        return replace(selection, known_by=bound_of(self._until.end - timedelta(seconds=1)))


def _worded(understood: Understood, text: str) -> Understood:
    """The same in other words, of which those that the reader said now stay their own."""
    is_own = understood.text == understood.own
    return replace(understood, text=text, own=text if is_own else understood.own)
