"""Whether what was written at another time tells of the time that a question names."""

import re
from datetime import UTC, date, datetime, timedelta

from index.period import moments
from index.store import Located
from qa.ranges import Range

_YEAR = re.compile(r"(?<!\d)(?:1\d{3}|20\d\d)(?!\d)")
# "The 2010 earthquake", "the tsunami of 2004"
_OF_THE_MATTER = re.compile(r"\b(?:the|of) (?P<year>(?:18|19|20)\d\d)\b(?![–%-]|[.,]\d)", re.I)
# Of more years at once it cannot be said that a text has to name one.
_MOST_YEARS = 3
# The year that a passage is about stands in it, before it, or where its article begins.
_BEFORE, NEARBY, _BEHIND, _OPENING = 1500, 300, 300, 600
_MOMENT = timedelta(microseconds=1)


def years_named(told: Range | None, phrase: str) -> frozenset[int]:
    """The years that the words name themselves; none where they name none, or many.

    >>> from qa.ranges import of_months
    >>> sorted(years_named(of_months(2015, 1, 24), "in 2015 or 2016"))
    [2015, 2016]
    """
    if told is None or told.start is None or told.end is None or not _YEAR.search(phrase):
        return frozenset()
    years = range(told.start.year, (told.end - _MOMENT).year + 1)
    return frozenset(years) if len(years) <= _MOST_YEARS else frozenset()


def years_of_matter(text: str) -> frozenset[int]:
    """The years that belong to what is asked about, and do not say when.

    >>> years_of_matter("How strong was the 1960 earthquake?")
    frozenset({1960})
    """
    return frozenset(int(found["year"]) for found in _OF_THE_MATTER.finditer(text))


def tells_of(located: Located, years: frozenset[int], before: int = _BEFORE) -> bool:
    """Whether the passage, what stands around it, or what opens its article names one of them.

    Up to so many characters before it count. So does what is from such a year; what is from no
    known time may be.
    """
    article, passage = located.article, located.passage
    when = moments(article, passage.entry)
    if not when.is_known or datetime.fromtimestamp(when.earliest, UTC).year in years:
        return True
    texts = (
        article.title or "",
        passage.entry.heading or "" if passage.entry else "",
        article.text[max(0, passage.start - before) : passage.end + _BEHIND],
        article.text[:_OPENING],
    )
    return any(int(year) in years for text in texts for year in _YEAR.findall(text))


def lies_ahead(told: Range | None, newest: date | None) -> bool:
    """Whether all was written before that time began, so that nothing can tell of it."""
    if told is None or told.start is None or newest is None:
        return False
    return newest < told.start.date()
