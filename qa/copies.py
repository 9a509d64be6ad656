"""Sentences that repeat another: wire copies, re-posts, a live blog that quotes an article."""

import numpy as np
from numpy.typing import NDArray

from index.gathered import PassageRows, offsets, runs
from index.lexical import Codes
from qa.evidence import Matches
from qa.matching import count_terms, find_terms

# Of the terms of the shorter of two sentences, so many stand in both; who said so is told in one.
_ALIKE = 0.8
# A cheap first look: so many, where the sentence has them.
_FEWEST = 4


def find_copies(matches: Matches, row: int) -> list[int]:
    """The rows of sentences that may repeat this one, by their terms; itself left out."""
    rows = matches.rows
    own, _ = _each_once(rows, np.array([row]))
    if not len(own):
        return []
    found = find_terms(own, rows.terms, rows.row_terms)
    shared = (count_terms(len(own), found, len(rows.row_terms)) > 0).sum(axis=1)
    shared[[row, *matches.first.tolist()]] = 0
    near = np.flatnonzero(shared >= min(_FEWEST, len(own)))
    _, lengths = _each_once(rows, near)
    alike = shared[near] >= _ALIKE * np.minimum(len(own), lengths)
    return [int(other) for other in near[alike]]


def _each_once(rows: PassageRows, chosen: NDArray[np.int64]) -> tuple[Codes, NDArray[np.int64]]:
    """The terms of rows, each once in its row, and how many each row has."""
    counts = rows.row_terms[chosen]
    terms = rows.terms[runs(offsets(rows.row_terms)[chosen], counts)]
    # One number for row and term, so that all rows are sorted at once.
    row_of = np.repeat(np.arange(len(chosen), dtype=np.uint64), counts)
    once = np.unique((row_of << np.uint64(32)) | terms.astype(np.uint64))
    lengths = np.bincount((once >> np.uint64(32)).astype(np.int64), minlength=len(chosen))
    return (once & np.uint64(0xFFFFFFFF)).astype(np.uint32), lengths
