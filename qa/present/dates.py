"""Dates and times in words, as much of them as is known.

A time for people to read, and as the bounds that lie inside.

Dates in the words of each language, as much of them as is known.
"""

import re
from datetime import date, datetime, timedelta

from babel.dates import format_date, format_interval, format_skeleton

from qa.answer import Citation
from qa.timex.ranges import Range

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


_DAY = timedelta(days=1)
_MINUTE = timedelta(minutes=1)


def range_in_words(told: Range) -> str:
    """For people to read.

    >>> range_in_words(Range(datetime(2022, 9, 28), datetime(2022, 9, 29)))
    '28 September 2022'
    >>> range_in_words(Range(None, datetime(2022, 9, 30, 12)))
    'before 30 September 2022, 12:00'
    """
    start, end = told.start, told.end
    if start is None or end is None:
        if start is not None:
            return f"since {_moment_words(start)}"
        if end is None:
            return ""
        whole = told.is_of_days
        return f"up to {_moment_words(end - _DAY)}" if whole else f"before {_moment_words(end)}"
    if not told.is_of_days:
        return _hours(start, end)
    return _days(start, end)


def bounds_of(told: Range) -> tuple[str | None, str | None]:
    """First and last day, or minute, that lie inside, in ISO 8601; None for an open side."""
    if told.is_of_days:
        last = told.end - _DAY if told.end else None
        return (
            told.start.date().isoformat() if told.start else None,
            last.date().isoformat() if last else None,
        )
    last = told.end - _MINUTE if told.end else None
    return (
        told.start.isoformat()[:16] if told.start else None,
        last.isoformat()[:16] if last else None,
    )


def _moment_words(moment: datetime) -> str:
    iso = moment.isoformat()
    return in_words(iso[:10] if iso[11:16] == "00:00" else iso)


def _hours(start: datetime, end: datetime) -> str:
    if end - start <= _DAY and (end - _MINUTE).date() == start.date():
        closing = "24:00" if end.date() > start.date() else f"{end:%H:%M}"
        return f"{in_words(start.date().isoformat())}, {start:%H:%M} to {closing}"
    return f"{_moment_words(start)} to {_moment_words(end)}"


def _days(start: datetime, end: datetime) -> str:
    first, last = start.date(), (end - _DAY).date()
    if (first.month, first.day, end.month, end.day) == (1, 1, 1, 1):
        return _span(str(first.year), str(last.year))
    if (first.day, end.day) == (1, 1):
        return _span(*(in_words(each.isoformat()[:7]) for each in (first, last)))
    return _span(*(in_words(each.isoformat()) for each in (first, last)))


def _span(first: str, last: str) -> str:
    """What both ends share is said once, at the end.

    >>> _span("28 September 2022", "30 September 2022")
    '28 to 30 September 2022'
    """
    if first == last:
        return last
    one, other = first.split(), last.split()
    while len(one) > 1 and one[-1] == other[-1]:
        one.pop()
        other.pop()
    return f"{' '.join(one)} to {last}"


def told(iso: str, language: str) -> str:
    """An ISO 8601 date or date-time for people to read; what is no such date stays as it is.

    >>> told("2022-09-29", "uk")
    '29 вересня 2022 р.'
    """
    if language == "en":
        return in_words(iso)
    try:
        if MONTH.fullmatch(iso):
            return format_skeleton("yMMMM", date.fromisoformat(f"{iso}-01"), locale=language)
        if DAY.fullmatch(iso):
            return format_date(date.fromisoformat(iso), "long", locale=language)
        return _moment_in(datetime.fromisoformat(iso), language) if iso[4:5] == "-" else iso
    except ValueError:
        return iso


def span_told(after: str | None, before: str | None, language: str) -> str:
    """A time with its ends, either of which may be open, in as few words as tell it.

    >>> span_told("2022-09-01", "2022-09-30", "fr")
    'septembre 2022'
    """
    ends = [end for end in (after, before) if end]
    if len(ends) < 2 or not all(map(DAY.fullmatch, ends)):
        return " – ".join(dict.fromkeys(told(end, language) for end in ends))
    try:
        first, last = map(date.fromisoformat, ends)
    except ValueError:
        return " – ".join(ends)
    if (first.month, first.day, last.month, last.day) == (1, 1, 12, 31) and first.year == last.year:
        return str(first.year)
    is_month = first.day == 1 and (last + timedelta(1)).day == 1
    if is_month and (first.year, first.month) == (last.year, last.month):
        return told(f"{first:%Y-%m}", language)
    if first == last:
        return told(ends[0], language)
    return str(format_interval(first, last, "yMMMMd", locale=language))


def _moment_in(moment: datetime, language: str) -> str:
    # The offset is told, never changed: a time is what the article's clock showed.
    zone = f" ({moment:%Z})" if moment.tzinfo else ""
    comma = "،" if language == "ar" else ","
    return f"{format_date(moment, 'long', locale=language)}{comma} {moment:%H:%M}{zone}"
