"""A time that is asked for as what passages are searched by: as told, then as whole days."""

from collections.abc import Iterator
from datetime import date, datetime, timedelta

from index.dates import TimeRange
from index.period import Period
from qa.ranges import Range

_DAY = timedelta(days=1)


def widened(told: Range) -> Iterator[Range]:
    """Hours as they are told, then as whole days: of most articles no hour is known."""
    yield told
    if not told.is_of_days:
        first, last = whole_days(told)
        yield Range(
            datetime.combine(first, datetime.min.time()) if first else None,
            datetime.combine(last + _DAY, datetime.min.time()) if last else None,
        )


def whole_days(told: Range) -> tuple[date | None, date | None]:
    """The first and the last day of it; None for an open side."""
    last = (told.end - timedelta(microseconds=1)).date() if told.end else None
    return told.start.date() if told.start else None, last


def is_in_a_day(told: Range) -> bool:
    """Whether it begins and ends on one day."""
    first, last = whole_days(told)
    return first is not None and first == last


def period_of(told: Range) -> Period:
    """The passages all of whose time lies inside."""
    return Period(
        after=TimeRange(told.start, told.start) if told.start else None,
        before=TimeRange(told.end, told.end) if told.end else None,
    )
