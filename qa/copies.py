"""Sentences that repeat another: wire copies, re-posts, a live blog that quotes an article."""

import numpy as np
from numpy.typing import NDArray

from index.gathered import PassageRows
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
    ends = np.cumsum(rows.row_terms, dtype=np.int64)
    own = _terms_of(rows, row, ends)
    if not len(own):
        return []
    found = find_terms(own, rows.terms, rows.row_terms)
    shared = (count_terms(len(own), found, len(ends)) > 0).sum(axis=1)
    shared[[row, *matches.first.tolist()]] = 0
    return [
        other
        for other in np.flatnonzero(shared >= min(_FEWEST, len(own))).tolist()
        if shared[other] >= _ALIKE * min(len(own), len(_terms_of(rows, other, ends)))
    ]


def _terms_of(rows: PassageRows, row: int, ends: NDArray[np.int64]) -> Codes:
    """The terms of a row, each once."""
    return np.unique(rows.terms[ends[row] - rows.row_terms[row] : ends[row]])
