"""Dates in the words of each language, as much of them as is known."""

from datetime import date, datetime

from babel.dates import format_date, format_skeleton

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


def _moment(moment: datetime, language: str) -> str:
    # The offset is told, never changed: a time is what the article's clock showed.
    zone = f" ({moment:%Z})" if moment.tzinfo else ""
    comma = "،" if language == "ar" else ","
    return f"{format_date(moment, 'long', locale=language)}{comma} {moment:%H:%M}{zone}"
