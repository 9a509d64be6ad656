"""Which passages of a segment are in a selection, and the days that they are from."""

from collections.abc import Iterable
from datetime import date

import numpy as np
from numpy.typing import NDArray

from index.keys import numbers_of
from index.period import NEVER_EARLY, NEVER_LATE, Bound, Days, Selection
from index.store.columns import NO_SOURCE, Columns

_SECONDS = 86_400
_EPOCH = date(1970, 1, 1).toordinal()


def mask(selection: Selection, columns: Columns, source: int | None) -> NDArray[np.bool_]:
    """True for each passage inside; `source` is the number of the selection's source.

    An unknown source has no number, and no passages.
    """
    inside = np.ones(len(columns), dtype=np.bool_)
    if selection.source is not None:
        inside &= (columns.source == source) & (columns.source != NO_SOURCE)
    if selection.articles is not None:
        inside &= np.isin(numbers_of(columns.keys), sorted(selection.articles))
    if selection.without:
        inside &= ~np.isin(numbers_of(columns.keys), sorted(selection.without))
    for period in selection.periods:
        if (first := period.earliest) is not None:
            known = columns.earliest != NEVER_EARLY
            inside &= known & (columns.earliest - _shift(columns, first) >= first.seconds)
        if (last := period.latest) is not None:
            known = columns.latest != NEVER_LATE
            inside &= known & (columns.latest - _shift(columns, last) <= last.seconds)
    if (by := selection.known_by) is not None:
        unknown = columns.earliest == NEVER_EARLY
        inside &= unknown | (columns.earliest - _shift(columns, by) <= by.seconds)
    return inside


def _shift(columns: Columns, bound: Bound) -> NDArray[np.int32] | int:
    return columns.utc_offset if bound.is_utc else 0


def days_of(parts: Iterable[tuple[Columns, NDArray[np.bool_] | None]]) -> Days:
    """The days of the passages of several segments: of all, or of those in the mask."""
    pairs = [day_pairs(columns, live)[0] for columns, live in parts]
    found = np.unique(np.concatenate(pairs or [np.zeros((0, 2), np.int64)]), axis=0)
    return Days(found[:, 0], found[:, 1])


def day_pairs(
    columns: Columns, live: NDArray[np.bool_] | None = None
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """First and last day of the passages, each pair once, and how many passages have it.

    Of all passages, or of those in the mask; those of unknown time are left out.
    """
    known = columns.earliest != NEVER_EARLY
    chosen = known if live is None else known & live
    first = columns.earliest[chosen] // _SECONDS
    # `latest` is the first second after the end.
    last = (columns.latest[chosen] - 1) // _SECONDS
    packed, counts = np.unique((first << 32) + (last - first), return_counts=True)
    days = packed >> 32
    return np.column_stack([days, days + (packed & 0xFFFFFFFF)]) + _EPOCH, counts
