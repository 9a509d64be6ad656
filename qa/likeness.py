"""How far other words stand in for those of the question: `photograph` for `picture`."""

import numpy as np

from index.embed import Vectors
from qa.matching import Floats

# A word whose cosine is the root of this stands in as well as the word itself.
_SAME = 0.52


def stand_ins(words: Vectors, asked: Vectors) -> Floats:
    """0 to 1 for each word and term of the question, shape (words, terms).

    The squared cosine, so that words that merely belong together count little. Words without a
    vector stand in for nothing.
    """
    cosines = np.maximum(words @ asked.T, 0).astype(np.float64)
    return np.asarray(np.minimum(cosines**2 / _SAME, 1.0))
