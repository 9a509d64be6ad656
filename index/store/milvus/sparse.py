"""BM25 (Robertson et al., 1994) as inner products of sparse vectors, numbered by term codes.

The passage's side holds what a term counts there, the question's side how rare it is. Passages are
compared with a length that does not change: so those of an earlier build need not be written again,
and an index means the same however it grew.
"""

from collections.abc import Mapping
from math import log

import numpy as np
from numpy.typing import NDArray

from index.analysis import Codes

_K1, _B = 1.2, 0.75
# In terms: about what passages of whole sentences come to (`index.split`).
_USUAL_LENGTH = 120
# Milvus has one dimension fewer than there are codes.
_LAST = 2**32 - 2
# A vector must not be empty. No word has this code, which is that of the empty one.
_NOTHING = {0: 1e-6}


def passage_side(terms: Codes) -> Mapping[int, float]:
    """The weights of the terms of a passage, repeats included, by their codes."""
    codes, counts = np.unique(terms, return_counts=True)
    usual = _K1 * (1 - _B + _B * len(terms) / _USUAL_LENGTH)
    weights = counts * (_K1 + 1) / (counts + usual)
    return dict(zip(_dimensions(codes), weights.tolist(), strict=True)) or _NOTHING


def question_side(codes: Codes, holding: NDArray[np.int64], passages: int) -> Mapping[int, float]:
    """How rare the terms of a question are: `holding` of so many passages have each.

    Terms that no passage has are left out.
    """
    known = zip(_dimensions(codes), holding.tolist(), strict=True)
    return {code: log(1 + (passages - n + 0.5) / (n + 0.5)) for code, n in known if n}


def _dimensions(codes: Codes) -> list[int]:
    found: list[int] = np.minimum(codes, _LAST).tolist()
    return found
