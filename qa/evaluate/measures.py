"""Measures of a ranking, as trec_eval computes them: nDCG, hit rate, reciprocal rank, recall.

Each takes the names of what was found, best first and each once, and what is relevant of each
name judged: whole numbers, of which 0 and less is not relevant. Each is from 0 to 1; where nothing
is relevant it is 0. They are written out since the packages that have them need a compiler on
some machines.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from math import log2

Relevance = Mapping[str, int]


@dataclass(frozen=True, slots=True)
class Judgement:
    """How relevant an article is to a question."""

    query_id: str
    doc_id: str
    relevance: int


def ndcg(found: Sequence[str], relevance: Relevance, depth: int) -> float:
    """Normalized discounted cumulative gain (Järvelin & Kekäläinen, 2002), relevance as the gain.

    >>> round(ndcg(["a", "b"], {"b": 1}, depth=10), 3)
    0.631
    """
    ideal = sorted((gain for gain in relevance.values() if gain > 0), reverse=True)
    if not ideal:
        return 0.0
    gains = (max(relevance.get(name, 0), 0) for name in found[:depth])
    return _discounted(gains) / _discounted(ideal[:depth])


def _discounted(gains: Iterable[int]) -> float:
    return sum(gain / log2(rank + 1) for rank, gain in enumerate(gains, start=1))


def hit(found: Sequence[str], relevance: Relevance, depth: int) -> float:
    """1 where one of the first `depth` is relevant.

    >>> hit(["a", "b"], {"b": 1}, depth=1)
    0.0
    """
    return float(any(relevance.get(name, 0) > 0 for name in found[:depth]))


def reciprocal_rank(found: Sequence[str], relevance: Relevance, depth: int) -> float:
    """1 by the rank of the first that is relevant, if it is among the first `depth`.

    >>> reciprocal_rank(["a", "b"], {"b": 1}, depth=10)
    0.5
    """
    for rank, name in enumerate(found[:depth], start=1):
        if relevance.get(name, 0) > 0:
            return 1 / rank
    return 0.0


def recall(found: Sequence[str], relevance: Relevance, depth: int) -> float:
    """Which share of what is relevant is among the first `depth`.

    >>> recall(["a", "b"], {"b": 1, "c": 1}, depth=10)
    0.5
    """
    relevant = {name for name, gain in relevance.items() if gain > 0}
    return len(relevant.intersection(found[:depth])) / len(relevant) if relevant else 0.0
