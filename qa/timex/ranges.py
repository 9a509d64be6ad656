"""Ranges of time, made of days, of months or of a part of a day."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import MAXYEAR, date, datetime, time, timedelta

from index.dates import TimeRange
from index.period import Period

_DAY = timedelta(days=1)
# The parts of a day, from one hour to another; a night ends on the next day.
PARTS = {
    **{"morning": (5, 12), "afternoon": (12, 18), "evening": (18, 24), "night": (18, 30)},
    **{"early": (0, 12), "late": (18, 30), "early hours": (0, 6), "small hours": (0, 6)},
}


@dataclass(frozen=True, slots=True)
class Range:
    """From `start` up to, not including, `end`, in local time. An open side is None."""

    start: datetime | None
    end: datetime | None

    @property
    def is_empty(self) -> bool:
        """Whether nothing lies inside."""
        return self.start is not None and self.end is not None and self.start >= self.end

    @property
    def is_of_days(self) -> bool:
        """Whether it covers whole days."""
        return all(side is None or side.time() == time.min for side in (self.start, self.end))

    def moved(self, by: timedelta) -> "Range":
        """The same range, later by `by`."""
        start, end = self.start, self.end
        return Range(start + by if start else None, end + by if end else None)

    def or_(self, other: "Range") -> "Range":
        """The range from the start of the first to the end of the last."""
        return Range(
            min(self.start, other.start) if self.start and other.start else None,
            max(self.end, other.end) if self.end and other.end else None,
        )

    def and_(self, other: "Range") -> "Range":
        """The overlap of both."""
        return Range(
            max((each for each in (self.start, other.start) if each), default=None),
            min((each for each in (self.end, other.end) if each), default=None),
        )


def of_days(first: date, last: date | None = None) -> Range:
    """From one day to another, both included; `first` alone without `last`."""
    start = datetime.combine(first, time.min)
    return Range(start, datetime.combine((last or first) + _DAY, time.min))


def of_months(year: int, month: int, count: int) -> Range | None:
    """`count` months from this one on; months below 1 are in the year before.

    None if they lie outside the years that a date can have.
    """
    first = year * 12 + month - 1
    years = (first // 12, (first + count) // 12)
    if not all(1 <= each < MAXYEAR for each in years):
        return None
    return Range(
        datetime(years[0], first % 12 + 1, 1), datetime(years[1], (first + count) % 12 + 1, 1)
    )


def part_of(day: Range, part: str) -> Range | None:
    """The morning, afternoon, evening or night of a day."""
    if day.start is None or day.end is None or day.end - day.start != _DAY:
        return None
    first, last = PARTS[part.lower()]
    return Range(day.start + timedelta(hours=first), day.start + timedelta(hours=last))


def widened(given: Range) -> Iterator[Range]:
    """The range itself, then widened to whole days: for most articles no hour is known."""
    yield given
    if not given.is_of_days:
        first, last = whole_days(given)
        yield Range(
            datetime.combine(first, datetime.min.time()) if first else None,
            datetime.combine(last + _DAY, datetime.min.time()) if last else None,
        )


def whole_days(given: Range) -> tuple[date | None, date | None]:
    """Its first and last day; None for an open side."""
    last = (given.end - timedelta(microseconds=1)).date() if given.end else None
    return given.start.date() if given.start else None, last


def is_in_a_day(given: Range) -> bool:
    """Whether it begins and ends on the same day."""
    first, last = whole_days(given)
    return first is not None and first == last


def period_of(given: Range) -> Period:
    """The same time as a period that selects passages."""
    return Period(
        after=TimeRange(given.start, given.start) if given.start else None,
        before=TimeRange(given.end, given.end) if given.end else None,
    )
