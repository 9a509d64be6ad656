"""The ranking in stages, from one part of the evidence to all of it, each a way to order keys."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial

import numpy as np

from index.keys import Keys
from index.period import EVERYTHING
from index.store import Store
from qa.rank.features import FEATURES, bm25
from qa.rank.matching import Floats, count_terms, find_terms
from qa.rank.weights import RANKING
from qa.search import Ranking, fused

# Passages of a stage that searches for itself; as many as the full ranking looks into.
DEPTH = 100


@dataclass(frozen=True, slots=True)
class Asked:
    """A question put to an index, and how Footnote ranks what it proposes."""

    snapshot: Store
    ranking: Ranking


Stage = Callable[[Asked], Keys]


def by_vectors(asked: Asked) -> Keys:
    """By the cosine of the passage alone."""
    return asked.snapshot.nearest(asked.ranking.query.vector, DEPTH, EVERYTHING)


def by_words(asked: Asked) -> Keys:
    """By BM25 alone."""
    return asked.snapshot.bm25(asked.ranking.query.content_terms, DEPTH, EVERYTHING)


def by_both(asked: Asked) -> Keys:
    """By reciprocal-rank fusion of the two."""
    return fused(by_words(asked), by_vectors(asked))


def by_floor(asked: Asked) -> Keys:
    """By the sum of the z-scores of passage, best sentence and BM25 over the candidates."""
    matches = asked.ranking.matches
    columns = (
        matches.cosines[matches.first],
        matches.features[:, FEATURES.index("sentence_cosine")],
        _bm25(asked),
    )
    scores = _standardized(np.column_stack(columns)).sum(axis=1)
    return asked.ranking.keys[np.argsort(-scores, kind="stable")]


def _bm25(asked: Asked) -> Floats:
    query, matches = asked.ranking.query, asked.ranking.matches
    rows, first = matches.rows, matches.first
    found = find_terms(query.codes, rows.terms, rows.row_terms)
    counted = np.add.reduceat(count_terms(len(query.terms), found, len(rows.row_terms)), first)
    counts = asked.snapshot.info.counts
    mean = asked.snapshot.mean_article_terms * counts.articles / max(counts.passages, 1)
    lengths = np.add.reduceat(rows.row_terms, first) / max(mean, 1.0)
    return bm25(query, counted, lengths)


def by_all(asked: Asked) -> Keys:
    """As Footnote ranks."""
    return asked.ranking.keys[asked.ranking.order]


def without(measure: str, asked: Asked) -> Keys:
    """As Footnote ranks, the weight of one measure being zero and the others as they are."""
    weights = np.array(RANKING.weights)
    weights[FEATURES.index(measure)] = 0.0
    order = asked.ranking.order
    scores = asked.ranking.matches.features[order] @ weights
    return asked.ranking.keys[order[np.argsort(-scores, kind="stable")]]


def _standardized(columns: Floats) -> Floats:
    """Each column with mean 0 and deviation 1; with 0 where all are alike."""
    deviations = columns.std(axis=0)
    spread = np.where(deviations > 0, deviations, 1.0)
    return np.asarray((columns - columns.mean(axis=0)) / spread)


ALL = "all evidence"
STAGES: Mapping[str, Stage] = {
    "passage vectors": by_vectors,
    "BM25": by_words,
    "both, fused by rank": by_both,
    "the floor": by_floor,
    ALL: by_all,
}
WITHOUT: Mapping[str, Stage] = {measure: partial(without, measure) for measure in FEATURES}
