"""Finds terms, those of a question say, in stored texts, all texts at once."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from index.analysis import Codes
from index.keys import offsets
from qa.understand.query import Phrase, Query

Flags = NDArray[np.bool_]
Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Texts:
    """Consecutive texts to find terms in, several times.

    `terms` are codes, `counts` how many of them each text has.
    """

    terms: Codes
    counts: NDArray[np.int32]

    def __len__(self) -> int:
        return len(self.counts)

    @cached_property
    def starts(self) -> NDArray[np.int64]:
        """Where each text begins."""
        return offsets(self.counts)

    @cached_property
    def rows(self) -> NDArray[np.int64]:
        """The text that each term stands in."""
        return np.repeat(np.arange(len(self)), self.counts)

    def near(self, sought: Codes) -> NDArray[np.int64]:
        """Positions of terms that may be sought: all that are, and one in thousands of the others.

        Half of the bits are looked at, at a fraction of the cost of a search.
        """
        is_near = np.zeros(1 << 16, dtype=np.bool_)
        is_near[_halves(sought)] = True
        return np.flatnonzero(is_near.take(self._halves))

    def count(self, positions: NDArray[np.int64]) -> NDArray[np.int64]:
        """How many of the positions lie in each text.

        >>> texts = Texts(np.arange(5, dtype=np.uint32), np.array([2, 0, 3], np.int32))
        >>> texts.count(np.array([0, 1, 4])).tolist()
        [2, 0, 1]
        """
        return np.bincount(self.rows[positions], minlength=len(self))

    @cached_property
    def _halves(self) -> NDArray[np.intp]:
        return _halves(self.terms).astype(np.intp)


@dataclass(frozen=True, slots=True)
class Found:
    """Occurrences of the sought terms, in order.

    `positions` are places in all terms of the texts, `rows` the text of each, `places` the term's
    place among those sought.
    """

    positions: NDArray[np.int64]
    rows: NDArray[np.int64]
    places: NDArray[np.int64]


def find_terms(sought: Codes, texts: Texts) -> Found:
    """Find the sought terms, at least one."""
    near = texts.near(sought)
    order = np.argsort(sought)
    codes, found = sought[order], texts.terms[near]
    nearest = np.minimum(np.searchsorted(codes, found), len(codes) - 1)
    same = codes[nearest] == found
    positions = near[same]
    return Found(positions, texts.rows[positions], order[nearest[same]])


def find_query(query: Query, texts: Texts) -> Found:
    """Find the terms of a question, however they are written in the texts.

    Where a phrase stands that counts as terms of the question, these stand there, one beside the
    other, spread over as many positions as the phrase has.
    """
    found = find_terms(query.codes, texts)
    if not query.phrases:
        return found
    parts = [(found.positions, found.places), *_find_phrases(query.phrases, texts)]
    positions = np.concatenate([each for each, _ in parts])
    places = np.concatenate([each for _, each in parts])
    order = np.argsort(positions, kind="stable")
    in_order = positions[order]
    return Found(in_order, texts.rows[in_order], places[order])


def _find_phrases(
    phrases: Sequence[Phrase], texts: Texts
) -> Iterator[tuple[NDArray[np.int64], NDArray[np.int64]]]:
    """Positions, and the terms of the question that stand there by another name."""
    first = np.array(sorted({int(each.codes[0]) for each in phrases}), np.uint32)
    begins = find_terms(first, texts)
    ends = texts.starts + texts.counts
    for phrase in phrases:
        length = len(phrase.codes)
        is_first = first[begins.places] == phrase.codes[0]
        starts, rows = begins.positions[is_first], begins.rows[is_first]
        starts = starts[starts + length <= ends[rows]]
        for place, code in enumerate(phrase.codes[1:], start=1):
            starts = starts[texts.terms[starts + place] == code]
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
    positions, rows = found.positions, found.rows
    starts = np.flatnonzero((positions[1:] - positions[:-1] <= 1) & (rows[1:] == rows[:-1]))
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
