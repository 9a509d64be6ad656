"""BM25 (Robertson et al., 1994): proposed as inner products, ranked as tantivy ranks.

A passage is stored for a mean length that never changes, so that an index means the same however it
grew. Of what is proposed by that, the true mean decides, as in a folder.
"""

from collections.abc import Mapping
from math import log

import numpy as np
from numpy.typing import NDArray

from index.analysis import Codes

Weights = Mapping[int, float]

_K1, _B = 1.2, 0.75
# In terms: about what passages of whole sentences come to (`index.split`).
_USUAL_LENGTH = 120
# Milvus has one dimension fewer than there are codes.
_LAST = 2**32 - 2
# A vector must not be empty. No word has this code, which is that of the empty one.
_NOTHING = {0: 1e-6}
# tantivy keeps a length in a byte: exactly up to here, beyond with four bits from 24 on.
_KEPT_EXACTLY, _KEPT_FROM, _KEPT_BITS = 39, 24, 4


def passage_side(terms: Codes) -> Weights:
    """The weights of the terms of a passage, repeats included, by their codes."""
    codes, counts = np.unique(terms, return_counts=True)
    weights = counts * (_K1 + 1) / (counts + _damping(len(terms), _USUAL_LENGTH))
    return dict(zip(_dimensions(codes), weights.tolist(), strict=True)) or _NOTHING


def question_side(codes: Codes, holding: NDArray[np.int64], passages: int) -> Weights:
    """How rare the terms of a question are: `holding` of so many passages have each.

    Terms that no passage has are left out.
    """
    known = zip(_dimensions(codes), holding.tolist(), strict=True)
    return {code: log(1 + (passages - n + 0.5) / (n + 0.5)) for code, n in known if n}


def bm25(question: Weights, passage: Weights, mean_length: float) -> float:
    """The score of a passage among others of this mean length, all of it by its weights alone.

    A weight is `count · (k1 + 1) / (count + damping)`, so that it tells `count / damping`. All
    counts together are the length, of which the damping is made: that can be solved for both.
    """
    shares = sum(map(_share, passage.values()))
    grows = _K1 * _B / _USUAL_LENGTH
    # Rounding must not make a length of many thousands less than none.
    stored = _K1 * (1 - _B) / max(1 - shares * grows, 1e-6)
    damping = _damping(kept_length(round(shares * stored)), mean_length)
    score = 0.0
    for code in question.keys() & passage.keys():
        count = round(_share(passage[code]) * stored)
        score += question[code] * (_K1 + 1) * count / (count + damping)
    return score


def kept_length(length: int) -> int:
    """A length as tantivy keeps it.

    >>> [kept_length(length) for length in (39, 41, 57, 151)]
    [39, 40, 56, 144]
    """
    if length <= _KEPT_EXACTLY:
        return length
    over = length - _KEPT_FROM
    lost = max(over.bit_length() - _KEPT_BITS, 0)
    return _KEPT_FROM + (over >> lost << lost)


def _damping(length: int, mean_length: float) -> float:
    return _K1 * (1 - _B + _B * length / mean_length)


def _share(weight: float) -> float:
    """What part of its passage's damping the count of a term is."""
    return weight / (_K1 + 1 - weight)


def _dimensions(codes: Codes) -> list[int]:
    found: list[int] = np.minimum(codes, _LAST).tolist()
    return found
