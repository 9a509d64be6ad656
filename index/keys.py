"""Keys of passages, each an article's number and a place in it; and their ragged arrays.

Such an array holds what passages have of different lengths, one after the other, so that all are
processed at once.
"""

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from index.vectors import Positions, Rows

Keys = NDArray[np.int64]
Numbers = NDArray[np.int64]

_PLACE_BITS = 24
_BLOCK_BITS = 5
# How many passages a block has, but for the last of an article: about twenty printed pages.
BLOCK = 1 << _BLOCK_BITS


def first_key(number: int) -> int:
    """The key of the first passage of article `number`; the others count up from it.

    >>> first_key(1)
    16777216
    """
    return number << _PLACE_BITS


def numbers_of(keys: Keys) -> Numbers:
    """The article of each passage."""
    return keys >> _PLACE_BITS


def number_of(key: int) -> int:
    """The article of one passage."""
    return key >> _PLACE_BITS


def places_of(keys: Keys) -> Numbers:
    """The place of each passage in its article, from 0."""
    return keys & ((1 << _PLACE_BITS) - 1)


def place_of(key: int) -> int:
    """The place of one passage."""
    return key & ((1 << _PLACE_BITS) - 1)


def blocks_of(keys: Keys) -> Numbers:
    """The block of its article that each passage lies in: usually the whole article.

    Blocks bound the context of a passage, however long the article is.
    """
    return keys >> _BLOCK_BITS


def first_keys(blocks: Numbers) -> Keys:
    """The first key of each block."""
    return blocks << _BLOCK_BITS


def no_keys() -> Keys:
    """An empty array of keys."""
    return np.zeros(0, dtype=np.int64)


@dataclass(frozen=True, slots=True)
class PassageRows:
    """The rows of passages, one after the other (see `index.store.columns`).

    `counts` is the number of rows of each passage, shape (passages,); `vectors` are as stored,
    (rows, dimension); `row_terms` is the number of terms of each row, `row_asks` whether it is a
    question; `terms` are codes.
    """

    keys: Keys
    counts: NDArray[np.int32]
    vectors: Rows
    row_terms: NDArray[np.int32]
    row_asks: NDArray[np.bool_]
    terms: NDArray[np.uint32]


@dataclass(frozen=True, slots=True)
class PassageTerms:
    """Whole passages, in the order of their keys.

    `vectors` are as stored, (passages, dimension); `counts` is the number of terms of each
    passage, title and heading included; `terms` are codes.
    """

    keys: Keys
    vectors: Rows
    counts: NDArray[np.int32]
    terms: NDArray[np.uint32]


def offsets(counts: NDArray[np.int32]) -> Positions:
    """Where each range begins, if ranges of length `counts` follow one another.

    >>> offsets(np.array([2, 1, 3])).tolist()
    [0, 2, 3]
    """
    return np.cumsum(counts, dtype=np.int64) - counts


def ranges(starts: NDArray[np.int64], counts: NDArray[np.int32]) -> Positions:
    """All places in the ranges that begin at `starts` and are `counts` long.

    >>> ranges(np.array([4, 9]), np.array([2, 1])).tolist()
    [4, 5, 9]
    """
    ends = np.cumsum(counts, dtype=np.int64)
    total = int(ends[-1]) if len(ends) else 0
    return np.repeat(starts - (ends - counts), counts) + np.arange(total, dtype=np.int64)


def concat(parts: Iterable[PassageRows], dimension: int) -> PassageRows:
    """The rows of several segments as one."""
    found = list(parts) or [_no_rows(dimension)]
    if len(found) == 1:
        return found[0]
    return PassageRows(
        keys=np.concatenate([part.keys for part in found]),
        counts=np.concatenate([part.counts for part in found]),
        vectors=np.concatenate([part.vectors for part in found]),
        row_terms=np.concatenate([part.row_terms for part in found]),
        row_asks=np.concatenate([part.row_asks for part in found]),
        terms=np.concatenate([part.terms for part in found]),
    )


def concat_terms(parts: Iterable[PassageTerms], dimension: int) -> PassageTerms:
    """The passages of several segments as one, in the order of their keys."""
    found = list(parts) or [_no_terms(dimension)]
    if len(found) == 1:
        return found[0]
    keys = np.concatenate([part.keys for part in found])
    # The key ranges of segments may overlap.
    order = np.argsort(keys, kind="stable")
    counts = np.concatenate([part.counts for part in found])
    terms = np.concatenate([part.terms for part in found])
    return PassageTerms(
        keys=keys[order],
        vectors=np.concatenate([part.vectors for part in found])[order],
        counts=counts[order],
        terms=terms[ranges(offsets(counts)[order], counts[order])],
    )


def _no_rows(dimension: int) -> PassageRows:
    return PassageRows(
        no_keys(),
        np.zeros(0, np.int32),
        np.zeros((0, dimension), np.int8),
        np.zeros(0, np.int32),
        np.zeros(0, np.bool_),
        np.zeros(0, np.uint32),
    )


def _no_terms(dimension: int) -> PassageTerms:
    return PassageTerms(
        no_keys(),
        np.zeros((0, dimension), np.int8),
        np.zeros(0, np.int32),
        np.zeros(0, np.uint32),
    )
