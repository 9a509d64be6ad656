"""Sentences that repeat another: wire copies, re-posts, a live blog that quotes an article."""

import re

import numpy as np
from numpy.typing import NDArray

from index.gathered import PassageRows
from index.lexical import Codes
from qa.evidence import Matches
from qa.matching import count_terms, find_terms

# Terms that two sentences share, of those that either has: an attribution may be dropped.
_ALIKE = 0.8
# Of fewer terms each counts.
_FEWEST = 6
_NUMBER = re.compile(r"\d+(?:[.,:]\d+)*")
_NAME = re.compile(r"(?<!^)(?<![.!?:“\"] )\b[^\W\d_a-z][\w'’-]+")


def find_copies(matches: Matches, row: int) -> list[int]:
    """The rows of sentences that have about the same terms as this one, itself left out."""
    rows = matches.rows
    ends = np.cumsum(rows.row_terms, dtype=np.int64)
    own = _terms_of(rows, row, ends)
    if not len(own):
        return []
    found = find_terms(own, rows.terms, rows.row_terms)
    shared = (count_terms(len(own), found, len(ends)) > 0).sum(axis=1)
    shared[[row, *matches.first.tolist()]] = 0
    alike = _ALIKE if len(own) >= _FEWEST else 1.0
    likely = np.flatnonzero(shared >= alike * len(own))
    return [
        other
        for other in likely.tolist()
        if shared[other] >= alike * (len(own) + len(_terms_of(rows, other, ends)) - shared[other])
    ]


def tell_the_same(one: str, other: str) -> bool:
    """Whether sentences of the same terms agree in numbers and in names.

    A copy may leave a name out; it does not put another in its place.

    >>> tell_the_same("Nine died in York.", "Nine died in Leeds.")
    False
    """
    if sorted(_NUMBER.findall(one)) != sorted(_NUMBER.findall(other)):
        return False
    names, others = set(_NAME.findall(one)), set(_NAME.findall(other))
    return names <= others or others <= names


def _terms_of(rows: PassageRows, row: int, ends: NDArray[np.int64]) -> Codes:
    """The terms of a row, each once."""
    return np.unique(rows.terms[ends[row] - rows.row_terms[row] : ends[row]])
