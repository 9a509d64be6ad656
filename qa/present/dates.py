"""Dates, times and ranges of time in words, as much of them as is known, in any language."""

import re
from datetime import date, datetime, timedelta
from functools import cache, lru_cache

from babel import Locale, UnknownLocaleError
from babel.dates import format_date, format_interval, format_skeleton

from index.article import Article, Entry
from qa.answer import Citation
from qa.timex.ranges import Range

DAY = re.compile(r"\d{4}-\d\d-\d\d")
MONTH = re.compile(r"\d{4}-\d\d")
# The day stands before the month, as in most of the world.
_ENGLISH = Locale("en", "GB")
_DAY = timedelta(days=1)
_MINUTE = timedelta(minutes=1)


@lru_cache(maxsize=1024)
def in_words(iso: str, language: str = "en") -> str:
    """An ISO 8601 date or date-time for people to read; what is no such date comes back as it is.

    >>> in_words("2022-09-29")
    '29 September 2022'
    >>> in_words("2022-09-29T21:13:00+02:00")
    '29 September 2022, 21:13 (UTC+02:00)'
    >>> in_words("2022-09-29", "de")
    '29. September 2022'
    """
    locale = locale_of(language)
    try:
        if MONTH.fullmatch(iso):
            return format_skeleton("yMMMM", date.fromisoformat(f"{iso}-01"), locale=locale)
        if DAY.fullmatch(iso):
            return format_date(date.fromisoformat(iso), "long", locale=locale)
        return _moment(datetime.fromisoformat(iso), locale) if iso[4:5] == "-" else iso
    except ValueError:
        return iso


@cache
def locale_of(language: str) -> Locale:
    """How a language writes dates and lists, by its code; an unknown one as British English."""
    if language == "en":
        return _ENGLISH
    try:
        return Locale.parse(language)
    except (UnknownLocaleError, ValueError):
        # An interface can speak a language whose dates nobody has written down.
        return _ENGLISH


def _moment(moment: datetime, locale: Locale) -> str:
    # The offset is told, never changed: a time is what the article's clock showed.
    zone = f" ({moment:%Z})" if moment.tzinfo else ""
    comma = "،" if locale.language == "ar" else ","
    return f"{format_date(moment, 'long', locale=locale)}{comma} {moment:%H:%M}{zone}"


def times(
    citation: Citation, language: str = "en", article_of: str = "article of {date}"
) -> tuple[str, ...]:
    """When it was said, for people to read; empty where nothing is known.

    A clock time whose day is not known stays as the article writes it.
    """
    return times_of(citation.article, citation.passage.entry, language, article_of)


def times_of(
    article: Article,
    entry: Entry | None,
    language: str = "en",
    article_of: str = "article of {date}",
) -> tuple[str, ...]:
    """The same of a passage in the entry of an article, or in one without entries."""
    day = (in_words(article.published, language),) if article.published else ()
    if entry is None:
        return day
    if entry.time:
        return (in_words(entry.time, language),)
    dated = (article_of.format(date=each) for each in day)
    return (*([entry.clock] if entry.clock else []), *dated)


def span_in_words(after: str | None, before: str | None, language: str) -> str:
    """A time with its ends, either of which may be open, in as few words as tell it.

    >>> span_in_words("2022-09-01", "2022-09-30", "fr")
    'septembre 2022'
    """
    ends = [end for end in (after, before) if end]
    if len(ends) < 2 or not all(map(DAY.fullmatch, ends)):
        return " – ".join(dict.fromkeys(in_words(end, language) for end in ends))
    try:
        first, last = map(date.fromisoformat, ends)
    except ValueError:
        return " – ".join(ends)
    if (first.month, first.day, last.month, last.day) == (1, 1, 12, 31) and first.year == last.year:
        return str(first.year)
    is_month = first.day == 1 and (last + timedelta(1)).day == 1
    if is_month and (first.year, first.month) == (last.year, last.month):
        return in_words(f"{first:%Y-%m}", language)
    if first == last:
        return in_words(ends[0], language)
    return str(format_interval(first, last, "yMMMMd", locale=locale_of(language)))


def range_in_words(span: Range) -> str:
    """For people to read.

    >>> range_in_words(Range(datetime(2022, 9, 28), datetime(2022, 9, 29)))
    '28 September 2022'
    >>> range_in_words(Range(None, datetime(2022, 9, 30, 12)))
    'before 30 September 2022, 12:00'
    """
    start, end = span.start, span.end
    if start is None or end is None:
        if start is not None:
            return f"since {_moment_words(start)}"
        if end is None:
            return ""
        whole = span.is_of_days
        return f"up to {_moment_words(end - _DAY)}" if whole else f"before {_moment_words(end)}"
    if not span.is_of_days:
        return _hours(start, end)
    return _days(start, end)


def bounds_of(span: Range) -> tuple[str | None, str | None]:
    """First and last day, or minute, that lie inside, in ISO 8601; None for an open side."""
    if span.is_of_days:
        last = span.end - _DAY if span.end else None
        return (
            span.start.date().isoformat() if span.start else None,
            last.date().isoformat() if last else None,
        )
    last = span.end - _MINUTE if span.end else None
    return (
        span.start.isoformat()[:16] if span.start else None,
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
