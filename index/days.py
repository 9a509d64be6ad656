"""The days that an archive tells of, so that a time without a year finds the year that is meant."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

import numpy as np
from numpy.typing import NDArray

from index.columns import NEVER_EARLY, Columns

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
