"""When a passage is from, as it is stored, and which passages a question is about.

The days that an archive tells of, so that a time without a year finds the year that is meant.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime

import numpy as np
from numpy.typing import NDArray

from index.article import Article, Entry
from index.dates import TimeRange, time_range
from index.keys import numbers_of
from index.store.columns import NEVER_EARLY, NEVER_LATE, NO_SOURCE, Columns


@dataclass(frozen=True, slots=True)
class Moments:
    """First and last second by the clock of the place, and that clock's offset from UTC.

    A time that is not known lies in no period.
    """

    earliest: int = NEVER_EARLY
    latest: int = NEVER_LATE
    utc_offset: int = 0

    @property
    def is_known(self) -> bool:
        """Whether anything is known."""
        return self.earliest != NEVER_EARLY


@dataclass(frozen=True, slots=True)
class Bound:
    """A moment in seconds since 1970: of UTC, or of the clock of each place."""

    seconds: int
    is_utc: bool


@dataclass(frozen=True, slots=True)
class Period:
    """From the first moment of `after` to the last of `before`; None leaves a side open.

    A bound with a UTC offset compares moments, one without compares the calendar and clock of
    the place. A passage lies inside when all the time it may be from does.
    """

    after: TimeRange | None = None
    before: TimeRange | None = None

    @property
    def earliest(self) -> Bound | None:
        """No passage inside begins before this."""
        return bound_of(self.after.start) if self.after else None

    @property
    def latest(self) -> Bound | None:
        """No passage inside ends after this."""
        return bound_of(self.before.end) if self.before else None


@dataclass(frozen=True, slots=True)
class Selection:
    """The passages that a question is about: of a period and, if named, of a source or articles.

    `articles` are numbers; of an empty set there is no passage. `within` is a second period, and
    `known_by` leaves out what begins later than a moment: what was not yet known then. Only there
    a passage of unknown time stays.
    """

    period: Period = Period()
    source: str | None = None
    articles: frozenset[int] | None = None
    within: Period = Period()
    known_by: Bound | None = None

    @property
    def is_everything(self) -> bool:
        """Whether nothing is left out."""
        return self == EVERYTHING

    @property
    def periods(self) -> tuple[Period, ...]:
        """The periods in all of which a passage must lie."""
        return (self.period, self.within)

    def mask(self, columns: Columns, source: int | None) -> NDArray[np.bool_]:
        """True for each passage inside; `source` is the number that the columns know it by.

        An unknown source has no number, and no passage.
        """
        inside = np.ones(len(columns), dtype=np.bool_)
        if self.source is not None:
            inside &= (columns.source == source) & (columns.source != NO_SOURCE)
        if self.articles is not None:
            inside &= np.isin(numbers_of(columns.keys), sorted(self.articles))
        for period in self.periods:
            if (first := period.earliest) is not None:
                known = columns.earliest != NEVER_EARLY
                inside &= known & (columns.earliest - _shift(columns, first) >= first.seconds)
            if (last := period.latest) is not None:
                known = columns.latest != NEVER_LATE
                inside &= known & (columns.latest - _shift(columns, last) <= last.seconds)
        if (by := self.known_by) is not None:
            unknown = columns.earliest == NEVER_EARLY
            inside &= unknown | (columns.earliest - _shift(columns, by) <= by.seconds)
        return inside


EVERYTHING = Selection()


def moments(article: Article, entry: Entry | None) -> Moments:
    """The entry's own time in a live blog, else the publication date, else nothing."""
    time = (entry.time if entry else None) or article.published
    if time is None:
        return Moments()
    known = time_range(time)
    offset = known.start.utcoffset()
    return Moments(
        _seconds(known.start.replace(tzinfo=None)),
        _seconds(known.end.replace(tzinfo=None)),
        int(offset.total_seconds()) if offset is not None else 0,
    )


def _shift(columns: Columns, bound: Bound) -> NDArray[np.int32] | int:
    return columns.utc_offset if bound.is_utc else 0


def bound_of(moment: datetime) -> Bound:
    """A moment as passages are compared with it."""
    return Bound(_seconds(moment), moment.utcoffset() is not None)


def _seconds(moment: datetime) -> int:
    """Seconds since 1970: of the clock shown, or of UTC where the moment has an offset."""
    offset = moment.utcoffset()
    shown = (moment.replace(tzinfo=None) - datetime(1970, 1, 1)).total_seconds()
    return int(shown - (offset.total_seconds() if offset is not None else 0))


_SECONDS = 86_400
_EPOCH = date(1970, 1, 1).toordinal()


@dataclass(frozen=True, slots=True)
class Days:
    """First and last day of what passages may be from, each pair once, as ordinals of `date`."""

    first: NDArray[np.int64]
    last: NDArray[np.int64]

    @property
    def newest(self) -> date | None:
        """The last day, or None where no passage is dated."""
        return date.fromordinal(int(self.last.max())) if len(self.last) else None

    def hold(self, after: date | None, before: date | None) -> bool:
        """Whether a passage is from these days, both included; None leaves a side open."""
        inside = np.ones(len(self.first), np.bool_)
        if after is not None:
            inside &= self.first >= after.toordinal()
        if before is not None:
            inside &= self.last <= before.toordinal()
        return bool(inside.any())


def days_of(parts: Iterable[tuple[Columns, NDArray[np.bool_] | None]]) -> Days:
    """Those of the passages of several segments, of each all or the ones that are marked."""
    pairs = [_pairs(columns, live) for columns, live in parts]
    found = np.unique(np.concatenate(pairs or [np.zeros((0, 2), np.int64)]), axis=0)
    return Days(found[:, 0], found[:, 1])


def _pairs(columns: Columns, live: NDArray[np.bool_] | None) -> NDArray[np.int64]:
    known = columns.earliest != NEVER_EARLY
    chosen = known if live is None else known & live
    first = columns.earliest[chosen] // _SECONDS
    # The end is the first second that lies behind.
    last = (columns.latest[chosen] - 1) // _SECONDS
    packed = np.unique((first << 32) + (last - first))
    days = packed >> 32
    return np.column_stack([days, days + (packed & 0xFFFFFFFF)]) + _EPOCH
