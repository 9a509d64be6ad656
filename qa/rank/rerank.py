"""The best candidates ranked anew, by a model that reads question and passage together."""

from collections.abc import Sequence
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

Scores = NDArray[np.float64]

# So many of the best are ranked anew: each costs a pass through the model.
RERANKED = 50


class Reranker(Protocol):
    """Scores passages by how well each answers a question. Safe to share by threads."""

    def scores(self, question: str, passages: Sequence[str]) -> Scores:
        """A score for each passage, shape (passages,), higher is better."""


def load_reranker(name: str) -> Reranker | None:
    """The CrossEncoder of this name, None where none is named. Raises ModelError."""
    if not name:
        return None
    # It imports torch, which takes seconds and which only those with a reranker need.
    from qa.rank.cross_encoder import CrossEncoderReranker

    return CrossEncoderReranker(name)


def rank_anew(
    order: NDArray[np.int64], scores: Scores, given: Scores
) -> tuple[NDArray[np.int64], Scores]:
    """Order and scores once the first of `order` were `given` scores by a reranker.

    The others keep their order and their distances below the least that was given, so that
    scores fall all along the order:

    >>> order, scores = rank_anew(np.array([2, 0, 1]), np.array([5.0, 3.0, 6.0]), np.array([1, 4]))
    >>> order.tolist(), scores.tolist()
    ([0, 2, 1], [4.0, 1.0, 1.0])
    """
    best, others = order[: len(given)], order[len(given) :]
    anew = scores.copy()
    anew[best] = given
    if len(others):
        anew[others] = given.min() - (scores[others[0]] - scores[others])
    return np.concatenate([best[np.argsort(-given, kind="stable")], others]), anew
