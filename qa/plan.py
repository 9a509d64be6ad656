"""Plans the searches for a question, as attempts to make one after the other.

A time in the question bounds the first attempts. The last ones ignore it, so that it never hides
the answer: articles also report on times long before they were published.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import timedelta

from index.dates import time_range
from index.period import Days, Selection, bound_of
from qa.answer import Question, Understood
from qa.rank.priors import Prior, time_prior
from qa.rank.weights import TimeWeights
from qa.timex.extract import AskedTime, asks_for_all, subject_of
from qa.timex.grammar import YEAR
from qa.timex.ranges import Range, is_in_a_day, period_of, whole_days, widened

# "The 2010 earthquake", "the tsunami of 2004"
_OF_THE_TOPIC = re.compile(r"\b(?:the|of) (?P<year>(?:18|19|20)\d\d)\b(?![–%-]|[.,]\d)", re.I)
# With more years than this, a text need not name one.
_MOST_YEARS = 3
_DAY, _MOMENT = timedelta(days=1), timedelta(microseconds=1)


@dataclass(frozen=True, slots=True)
class Attempt:
    """One search for an answer: `wording` among `selection`, with `prior` added to the scores.

    `asked` is what the question says about time; `is_bounded` if the selection is within it. With
    `takes_all` the question asks only for that time. If there are `years`, only a passage that
    names one may answer; and the best passage must name one of `topic_years`, which belong to the
    topic and do not say when.
    """

    wording: Understood
    selection: Selection
    prior: Prior | None
    asked: AskedTime
    is_bounded: bool = False
    takes_all: bool = False
    years: frozenset[int] = frozenset()
    topic_years: frozenset[int] = frozenset()


def attempts(
    question: Question,
    understood: Understood,
    asked: AskedTime,
    days: Days,
    weights: TimeWeights,
) -> Iterator[Attempt]:
    """The attempts for a question that says this about time, of an archive of these days."""
    subject = subject_of(asked.rest, is_dated=days.newest is not None)
    any_time = Attempt(
        wording=replace(understood, text=subject, whole=None) if subject else understood,
        selection=_known_then(question, days),
        prior=_prior(question, asked, weights),
        asked=asked,
        takes_all=asked.range is not None and asks_for_all(asked.rest),
    )
    for bounds, other in _ranges(asked, days):
        for text in [subject] if subject else _wordings(asked, understood.text):
            yield replace(
                any_time,
                wording=replace(understood, text=text, whole=None),
                selection=replace(any_time.selection, within=period_of(bounds)),
                asked=replace(asked, range=bounds, other=other),
                is_bounded=True,
            )
    any_time = replace(
        any_time,
        years=years_named(asked.range, asked.phrase),
        topic_years=years_of_topic(understood.text) if asked.range is None else frozenset(),
    )
    yield any_time
    if any_time.selection.known_by is not None:
        yield replace(any_time, selection=question.selection)


def years_named(bounds: Range | None, phrase: str) -> frozenset[int]:
    """The years that the phrase names; none if it names no year, or many.

    >>> from qa.timex.ranges import of_months
    >>> sorted(years_named(of_months(2015, 1, 24), "in 2015 or 2016"))
    [2015, 2016]
    """
    if bounds is None or bounds.start is None or bounds.end is None or not YEAR.search(phrase):
        return frozenset()
    years = range(bounds.start.year, (bounds.end - _MOMENT).year + 1)
    return frozenset(years) if len(years) <= _MOST_YEARS else frozenset()


def years_of_topic(text: str) -> frozenset[int]:
    """The years that belong to the topic, and do not say when.

    >>> years_of_topic("How strong was the 1960 earthquake?")
    frozenset({1960})
    """
    return frozenset(int(found["year"]) for found in _OF_THE_TOPIC.finditer(text))


def _ranges(asked: AskedTime, days: Days) -> Iterator[tuple[Range, Range | None]]:
    """The time of the question, then widened to days; each only if the archive has passages.

    Beside each stands the other time that the same words may mean, which is tried next.
    """
    pairs = ((asked.range, asked.other), (asked.other, asked.range))
    for bounds, other in pairs:
        for each in widened(bounds) if bounds is not None else ():
            if days.hold(*whole_days(each)):
                yield each, other


def _wordings(asked: AskedTime, text: str) -> list[str]:
    """The question with and without the words for its time, the better first.

    The passages' dates already match a time that bounds, so their words need not. But passages say
    "this week" just as questions do.
    """
    if asks_for_all(asked.rest):
        return [asked.rest]
    is_long = asked.range is not None and not is_in_a_day(asked.range)
    return [text, asked.rest] if asked.is_relative and is_long else [asked.rest, text]


def _prior(question: Question, asked: AskedTime, weights: TimeWeights) -> Prior | None:
    """Recency does not count for a question asked now, or at no known time."""
    if question.asked_at is None:
        return time_prior(asked.lean, None, weights)
    until = time_range(question.asked_at)
    return time_prior(asked.lean, max(until.start, until.end - _DAY), weights)


def _known_then(question: Question, days: Days) -> Selection:
    """What the question's own filters let through of what was known when it was asked."""
    selection = question.selection
    if question.asked_at is None:
        # Asked now: everything is known.
        return selection
    until = time_range(question.asked_at)
    if days.newest is None or days.newest < until.start.date():
        return selection
    return replace(selection, known_by=bound_of(until.end - timedelta(seconds=1)))
