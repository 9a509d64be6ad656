"""Dates in the words of each language, as much of them as is known."""

from datetime import date, datetime, timedelta

from babel.dates import format_date, format_interval, format_skeleton

from qa.when import DAY, MONTH, in_words


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
        return _moment(datetime.fromisoformat(iso), language) if iso[4:5] == "-" else iso
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


def _moment(moment: datetime, language: str) -> str:
    # The offset is told, never changed: a time is what the article's clock showed.
    zone = f" ({moment:%Z})" if moment.tzinfo else ""
    comma = "،" if language == "ar" else ","
    return f"{format_date(moment, 'long', locale=language)}{comma} {moment:%H:%M}{zone}"
