"""Reranks the best candidates with a model that reads question and passage together."""

from collections.abc import Sequence
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

Scores = NDArray[np.float64]

# How many of the best are reranked: each costs a pass through the model.
RERANKED = 50


class Reranker(Protocol):
    """Scores passages by how well each answers a question. Thread-safe."""

    def scores(self, question: str, passages: Sequence[str]) -> Scores:
        """A score for each passage, shape (passages,), higher is better."""


def load_reranker(name: str) -> Reranker | None:
    """The CrossEncoder of this name, or None for an empty name. Raises ModelError."""
    if not name:
        return None
    # Imports torch, which takes seconds: only those with a reranker should wait for it.
    from qa.rank.cross_encoder import CrossEncoderReranker

    return CrossEncoderReranker(name)


def rerank(
    order: NDArray[np.int64], scores: Scores, given: Scores
) -> tuple[NDArray[np.int64], Scores]:
    """Order and scores after a reranker has `given` scores to the first of `order`.

    The others keep their order and their distances, below the lowest given score, so that scores
    fall all along the order:

    >>> order, scores = rerank(np.array([2, 0, 1]), np.array([5.0, 3.0, 6.0]), np.array([1, 4]))
    >>> order.tolist(), scores.tolist()
    ([0, 2, 1], [4.0, 1.0, 1.0])
    """
    best, others = order[: len(given)], order[len(given) :]
    reranked = scores.copy()
    reranked[best] = given
    if len(others):
        reranked[others] = given.min() - (scores[others[0]] - scores[others])
    return np.concatenate([best[np.argsort(-given, kind="stable")], others]), reranked
