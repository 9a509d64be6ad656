"""A question as attempts to answer it: which searches to make, one after the other.

A time that is told bounds the first of them. The last leave it out of account, so that it never
throws out the answer: articles also tell of times long before they were published.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import timedelta

from index.dates import time_range
from index.period import Days, Selection, bound_of
from qa.answer import Question, Understood
from qa.rank.priors import Prior, time_prior
from qa.rank.weights import TIME, TimeWeights
from qa.timex.extract import AskedTime, asks_for_all, read_asked_time, subject_of
from qa.timex.ranges import Range, is_in_a_day, period_of, whole_days, widened

_YEAR = re.compile(r"(?<!\d)(?:1\d{3}|20\d\d)(?!\d)")
# "The 2010 earthquake", "the tsunami of 2004"
_OF_THE_TOPIC = re.compile(r"\b(?:the|of) (?P<year>(?:18|19|20)\d\d)\b(?![–%-]|[.,]\d)", re.I)
# Of more years at once it cannot be said that a text has to name one.
_MOST_YEARS = 3
_DAY, _MOMENT = timedelta(days=1), timedelta(microseconds=1)


@dataclass(frozen=True, slots=True)
class Attempt:
    """One search for an answer: `wording` among `selection`, to whose scores `prior` adds.

    `asked` is the time that the question tells, of which `is_bounded` says that the selection is
    within. With `takes_all` nothing but that time is asked for. Only what names one of `years`, if
    there are any, may answer; and what fits best has to name one of `topic_years`, which belong to
    what is asked about and do not say when.
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
    asked_at: str,
    days: Days,
    weights: TimeWeights = TIME,
) -> Iterator[Attempt]:
    """What to try for a question asked at a moment, in ISO 8601, of an archive of these days."""
    asked = AskedTime(rest=understood.text)
    if "when" not in question.ignore:
        asked = read_asked_time(understood.text, asked_at, days)
    subject = subject_of(asked.rest, is_dated=days.newest is not None)
    any_time = Attempt(
        wording=replace(understood, text=subject) if subject else understood,
        selection=_known_then(question, days),
        prior=_prior(question, asked, weights),
        asked=asked,
        takes_all=asked.range is not None and asks_for_all(asked.rest),
    )
    for told in _ranges(asked.range, days):
        for text in [subject] if subject else _wordings(asked, understood.text):
            yield replace(
                any_time,
                wording=replace(understood, text=text),
                selection=replace(any_time.selection, within=period_of(told)),
                asked=replace(asked, range=told),
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


def years_named(told: Range | None, phrase: str) -> frozenset[int]:
    """The years that the words name themselves; none where they name none, or many.

    >>> from qa.timex.ranges import of_months
    >>> sorted(years_named(of_months(2015, 1, 24), "in 2015 or 2016"))
    [2015, 2016]
    """
    if told is None or told.start is None or told.end is None or not _YEAR.search(phrase):
        return frozenset()
    years = range(told.start.year, (told.end - _MOMENT).year + 1)
    return frozenset(years) if len(years) <= _MOST_YEARS else frozenset()


def years_of_topic(text: str) -> frozenset[int]:
    """The years that belong to what is asked about, and do not say when.

    >>> years_of_topic("How strong was the 1960 earthquake?")
    frozenset({1960})
    """
    return frozenset(int(found["year"]) for found in _OF_THE_TOPIC.finditer(text))


def _ranges(told: Range | None, days: Days) -> Iterator[Range]:
    """The time that is told as exactly as the archive knows it, where it has anything of it."""
    for each in widened(told) if told is not None else ():
        if days.hold(*whole_days(each)):
            yield each


def _wordings(asked: AskedTime, text: str) -> list[str]:
    """The question with and without the words that tell its time, the better first.

    A time that bounds is told by the passages' dates: their words need not tell it. But they say
    "this week" as questions do.
    """
    if asks_for_all(asked.rest):
        return [asked.rest]
    is_long = asked.range is not None and not is_in_a_day(asked.range)
    return [text, asked.rest] if asked.is_relative and is_long else [asked.rest, text]


def _prior(question: Question, asked: AskedTime, weights: TimeWeights) -> Prior | None:
    """For a question asked now, or at no known time, what is new says nothing."""
    if question.asked_at is None:
        return time_prior(asked.lean, None, weights)
    until = time_range(question.asked_at)
    return time_prior(asked.lean, max(until.start, until.end - _DAY), weights)


def _known_then(question: Question, days: Days) -> Selection:
    """What the question's own filters let through of what was known when it was asked."""
    selection = question.selection
    if question.asked_at is None:
        # Of what is asked now all is known that there is.
        return selection
    until = time_range(question.asked_at)
    if days.newest is None or days.newest < until.start.date():
        return selection
    return replace(selection, known_by=bound_of(until.end - timedelta(seconds=1)))
