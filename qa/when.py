"""Dates and times in words, as much of them as is known."""

import re
from datetime import date, datetime

from qa.answer import Citation

DAY = re.compile(r"\d{4}-\d\d-\d\d")
MONTH = re.compile(r"\d{4}-\d\d")


def in_words(iso: str) -> str:
    """An ISO 8601 date or date-time for people to read; what is no such date comes back as it is.

    >>> in_words("2022-09-29")
    '29 September 2022'
    >>> in_words("2022-09-29T21:13:00+02:00")
    '29 September 2022, 21:13 (UTC+02:00)'
    """
    try:
        if MONTH.fullmatch(iso):
            return f"{date.fromisoformat(f'{iso}-01'):%B %Y}"
        if DAY.fullmatch(iso):
            return _day(date.fromisoformat(iso))
        return _moment(datetime.fromisoformat(iso)) if iso[4:5] == "-" else iso
    except ValueError:
        return iso


def times(citation: Citation) -> tuple[str, ...]:
    """When it was said, for people to read; empty where nothing is known.

    A clock time whose day is not known stays as the article writes it.
    """
    entry, published = citation.passage.entry, citation.article.published
    day = (in_words(published),) if published else ()
    if entry is None:
        return day
    if entry.time:
        return (in_words(entry.time),)
    return (*([entry.clock] if entry.clock else []), *(f"article of {each}" for each in day))


def _day(day: date) -> str:
    return f"{day.day} {day:%B %Y}"


def _moment(moment: datetime) -> str:
    zone = f" ({moment:%Z})" if moment.tzinfo else ""
    return f"{_day(moment)}, {moment:%H:%M}{zone}"
