"""When passages are from, and which of them a question is about."""

from dataclasses import dataclass
from datetime import date, datetime

import numpy as np
from numpy.typing import NDArray

from index.article import Article, Entry
from index.dates import TimeRange, time_range

# For passages of unknown time: inside no period.
NEVER_EARLY, NEVER_LATE = np.iinfo(np.int64).min, np.iinfo(np.int64).max


@dataclass(frozen=True, slots=True)
class Moments:
    """First and last second in local time, and the offset from UTC.

    An unknown time lies in no period.
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
    """A moment in seconds since 1970: in UTC, or in the local time of each passage."""

    seconds: int
    is_utc: bool


@dataclass(frozen=True, slots=True)
class Period:
    """From the first moment of `after` to the last of `before`; None leaves a side open.

    A bound with a UTC offset compares moments, one without compares local dates and times. A
    passage is inside if all the time that it may be from is.
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

    `articles` are numbers; an empty set selects nothing. So are `without`, which are left out.
    `within` is a second period. `known_by`
    leaves out passages that begin later than a moment: what was not yet known then. It alone
    keeps passages of unknown time.
    """

    period: Period = Period()
    source: str | None = None
    articles: frozenset[int] | None = None
    without: frozenset[int] = frozenset()
    within: Period = Period()
    known_by: Bound | None = None

    @property
    def is_everything(self) -> bool:
        """Whether nothing is left out."""
        return self == EVERYTHING

    @property
    def periods(self) -> tuple[Period, ...]:
        """The periods that a passage must lie in, all of them."""
        return (self.period, self.within)


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


def bound_of(moment: datetime) -> Bound:
    """A moment in the form that passages are compared with."""
    return Bound(_seconds(moment), moment.utcoffset() is not None)


def _seconds(moment: datetime) -> int:
    """Seconds since 1970: in local time, or in UTC if the moment has an offset."""
    offset = moment.utcoffset()
    shown = (moment.replace(tzinfo=None) - datetime(1970, 1, 1)).total_seconds()
    return int(shown - (offset.total_seconds() if offset is not None else 0))


@dataclass(frozen=True, slots=True)
class Days:
    """First and last day that passages may be from, each pair once, as ordinals of `date`.

    They tell which year a date without one means.
    """

    first: NDArray[np.int64]
    last: NDArray[np.int64]

    @property
    def newest(self) -> date | None:
        """The last day, or None if no passage is dated."""
        return date.fromordinal(int(self.last.max())) if len(self.last) else None

    def hold(self, after: date | None, before: date | None) -> bool:
        """Whether a passage is from these days, both included; None leaves a side open."""
        inside = np.ones(len(self.first), np.bool_)
        if after is not None:
            inside &= self.first >= after.toordinal()
        if before is not None:
            inside &= self.last <= before.toordinal()
        return bool(inside.any())
