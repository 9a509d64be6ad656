"""A time for people to read, and as the bounds that lie inside."""

from datetime import datetime, timedelta

from qa.ranges import Range
from qa.when import in_words

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
            return f"since {_moment(start)}"
        if end is None:
            return ""
        whole = told.is_of_days
        return f"up to {_moment(end - _DAY)}" if whole else f"before {_moment(end)}"
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


def _moment(moment: datetime) -> str:
    iso = moment.isoformat()
    return in_words(iso[:10] if iso[11:16] == "00:00" else iso)


def _hours(start: datetime, end: datetime) -> str:
    if end - start <= _DAY and (end - _MINUTE).date() == start.date():
        closing = "24:00" if end.date() > start.date() else f"{end:%H:%M}"
        return f"{in_words(start.date().isoformat())}, {start:%H:%M} to {closing}"
    return f"{_moment(start)} to {_moment(end)}"


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
