"""Ranges: a time from one moment to another, made of days, of months or of a part of a day."""

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
    """From `start` to before `end`, by the clock of each place. An open side is None."""

    start: datetime | None
    end: datetime | None

    @property
    def is_empty(self) -> bool:
        """Whether nothing lies inside."""
        return self.start is not None and self.end is not None and self.start >= self.end

    @property
    def is_of_days(self) -> bool:
        """Whether it takes in whole days."""
        return all(side is None or side.time() == time.min for side in (self.start, self.end))

    def moved(self, by: timedelta) -> "Range":
        """As long, so much later."""
        start, end = self.start, self.end
        return Range(start + by if start else None, end + by if end else None)

    def or_(self, other: "Range") -> "Range":
        """What lies in one of both or between them."""
        return Range(
            min(self.start, other.start) if self.start and other.start else None,
            max(self.end, other.end) if self.end and other.end else None,
        )

    def and_(self, other: "Range") -> "Range":
        """What lies in both."""
        return Range(
            max((each for each in (self.start, other.start) if each), default=None),
            min((each for each in (self.end, other.end) if each), default=None),
        )


def of_days(first: date, last: date | None = None) -> Range:
    """From one day to another, both included; one day where no other is told."""
    start = datetime.combine(first, time.min)
    return Range(start, datetime.combine((last or first) + _DAY, time.min))


def of_months(year: int, month: int, count: int) -> Range | None:
    """So many months from one on; months before January are of the year before.

    None where they lie outside of the years that a date can have.
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
