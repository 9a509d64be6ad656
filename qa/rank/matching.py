"""Finds terms, those of a question say, in stored texts, all texts at once."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from index.analysis import Codes
from qa.understand.query import Phrase, Query

Flags = NDArray[np.bool_]
Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Found:
    """Occurrences of the sought terms, in order.

    `positions` are places in all terms of the texts, `rows` the text of each, `places` the term's
    place among those sought.
    """

    positions: NDArray[np.int64]
    rows: NDArray[np.int64]
    places: NDArray[np.int64]


def find_terms(sought: Codes, terms: Codes, counts: NDArray[np.int32]) -> Found:
    """Find the sought terms, at least one, in consecutive texts of `counts` terms."""
    near = np.flatnonzero(may_be_among(sought, terms))
    order = np.argsort(sought)
    codes, found = sought[order], terms[near]
    nearest = np.minimum(np.searchsorted(codes, found), len(codes) - 1)
    same = codes[nearest] == found
    positions = near[same]
    of_each = count_in_runs(positions, np.cumsum(counts, dtype=np.int64))
    return Found(positions, np.repeat(np.arange(len(counts)), of_each), order[nearest[same]])


def count_in_runs(positions: NDArray[np.int64], ends: NDArray[np.int64]) -> NDArray[np.int64]:
    """How many of the positions, which are in order, lie in each of the runs that end there.

    >>> count_in_runs(np.array([0, 1, 4]), np.array([2, 2, 5])).tolist()
    [2, 0, 1]
    """
    return np.diff(np.searchsorted(positions, ends), prepend=0)


def may_be_among(sought: Codes, terms: Codes) -> Flags:
    """Which of the terms may be sought: all that are, and one in thousands of the others.

    Half of the bits are looked at, at a fraction of the cost of a search.
    """
    is_near = np.zeros(1 << 16, dtype=np.bool_)
    is_near[_halves(sought)] = True
    return is_near.take(_halves(terms))


def find_query(query: Query, terms: Codes, counts: NDArray[np.int32]) -> Found:
    """Find the terms of a question in consecutive texts, however they are written there.

    Where a phrase stands that counts as terms of the question, these stand there, one beside the
    other, spread over as many positions as the phrase has.
    """
    found = find_terms(query.codes, terms, counts)
    if not query.phrases:
        return found
    parts = [(found.positions, found.places), *_find_phrases(query.phrases, terms, counts)]
    positions = np.concatenate([each for each, _ in parts])
    places = np.concatenate([each for _, each in parts])
    order = np.argsort(positions, kind="stable")
    ends = np.cumsum(counts, dtype=np.int64)
    rows = np.searchsorted(ends, positions[order], side="right")
    return Found(positions[order], rows, places[order])


def _find_phrases(
    phrases: Sequence[Phrase], terms: Codes, counts: NDArray[np.int32]
) -> Iterator[tuple[NDArray[np.int64], NDArray[np.int64]]]:
    """Positions, and the terms of the question that stand there by another name."""
    first = np.array(sorted({int(each.codes[0]) for each in phrases}), np.uint32)
    begins = find_terms(first, terms, counts)
    ends = np.cumsum(counts, dtype=np.int64)
    for phrase in phrases:
        length = len(phrase.codes)
        is_first = first[begins.places] == phrase.codes[0]
        starts, rows = begins.positions[is_first], begins.rows[is_first]
        starts = starts[starts + length <= ends[rows]]
        for place, code in enumerate(phrase.codes[1:], start=1):
            starts = starts[terms[starts + place] == code]
        steps = max(length, len(phrase.places))
        for step in range(steps if len(starts) else 0):
            place = phrase.places[step * len(phrase.places) // steps]
            yield starts + step * length // steps, np.full(len(starts), place, np.int64)


def _halves(codes: Codes) -> NDArray[np.uint16]:
    """Half of the bits of each code, whichever half comes first in memory: a view, not a copy."""
    return np.ascontiguousarray(codes).view(np.uint16)[::2]


def count_terms(sought: int, found: Found, texts: int) -> NDArray[np.int64]:
    """How often each sought term occurs in each text, shape (texts, sought)."""
    cells = found.rows * sought + found.places
    return np.bincount(cells, minlength=texts * sought).reshape(texts, sought)


def find_pairs(query: Query, found: Found, texts: int) -> Flags:
    """Which pairs of the question are side by side in each text, shape (texts, pairs).

    Two at one position are those that one word stands for.
    """
    present = np.zeros((texts, len(query.pairs)), dtype=np.bool_)
    beside = (np.diff(found.positions) <= 1) & (np.diff(found.rows) == 0)
    starts = np.flatnonzero(beside)
    numbers = np.full((len(query.terms), len(query.terms)), -1)
    numbers[query.pairs[:, 0], query.pairs[:, 1]] = np.arange(len(query.pairs))
    pair = numbers[found.places[starts], found.places[starts + 1]]
    present[found.rows[starts[pair >= 0]], pair[pair >= 0]] = True
    return present


def share(weights: Floats, present: Floats | Flags) -> Floats:
    """The share of the weight that is present in each text; 0 if nothing has weight."""
    total = float(weights.sum())
    if total == 0:
        return np.zeros(len(present))
    return np.asarray(present @ weights / total, dtype=np.float64)
