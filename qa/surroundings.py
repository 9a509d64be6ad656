"""What the article around a passage tells of it: a digest that mentions a thing is not about it."""

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from index.gathered import PassageTerms
from index.keys import Keys, blocks_of
from index.vectors import from_signed_bytes
from qa.matching import Flags, Floats, count_terms, find_terms, share
from qa.query import Query

# The usual parameters of BM25.
_K1, _B = 1.2, 0.75


def surroundings(
    query: Query, around: PassageTerms, keys: Keys, mean_terms: float
) -> Mapping[str, Floats]:
    """Measures of the article around each of the passages, shape (passages,).

    `around` holds them and their neighbours; `mean_terms` is how many terms an article has. Besides
    what is evidence, `focus` is how alike the passages of the article are, the mean of the cosines
    between them: high where it is about one thing, low in a digest.
    """
    vectors = from_signed_bytes(around.vectors)
    cosines = np.einsum("ij,j->i", vectors, query.vector).astype(np.float64)
    found = find_terms(query.codes, around.terms, around.counts)
    counted = count_terms(len(query.terms), found, len(around.keys))
    places = np.searchsorted(around.keys, keys)
    blocks, first, members = np.unique(
        blocks_of(around.keys), return_index=True, return_counts=True
    )
    of_passage = np.searchsorted(blocks, blocks_of(keys))
    centres = np.add.reduceat(vectors, first) / members[:, np.newaxis]
    lengths = np.sqrt(np.einsum("ij,ij->i", centres, centres))
    towards = np.add.reduceat(cosines, first) / members / np.maximum(lengths, 1e-12)
    scores = bm25(
        query,
        np.add.reduceat(counted, first),
        np.add.reduceat(around.counts, first) / max(mean_terms, 1.0),
    )
    alone = 1.0 / members
    # The mean of one passage is no more than its own cosine.
    means = np.add.reduceat(cosines, first) / members * (1.0 - alone)
    return {
        "article_mean": means[of_passage],
        "whole_article": alone[of_passage],
        "article_cosine": towards[of_passage],
        "article_bm25": scores[of_passage],
        "focus": _focus(lengths, members)[of_passage],
        "coverage": share(query.weights, _with_the_one_before(around.keys, counted > 0)[places]),
    }


def bm25(query: Query, often: NDArray[np.int64], length: Floats) -> Floats:
    """BM25 (Robertson and Zaragoza, 2009) of texts as a share of the most that a text can have.

    `often` is how often each term stands in each, (texts, terms); `length` by that of the mean.
    """
    saturation = often * (_K1 + 1) / (often + (_K1 * (1 - _B + _B * length))[:, np.newaxis])
    return share(query.weights, saturation) / (_K1 + 1)


def _focus(lengths: Floats, members: NDArray[np.int64]) -> Floats:
    """From the length of the mean of unit vectors; 1 for an article of one passage."""
    pairs = members * (members - 1)
    alike = (members * lengths) ** 2 - members
    return np.where(pairs > 0, alike / np.maximum(pairs, 1), 1.0)


def _with_the_one_before(keys: Keys, present: Flags) -> Flags:
    """What stands in each passage or in that before it, where its names are often left."""
    # Keys of one article count on; those of the next begin far behind.
    follows = np.diff(keys) == 1
    joined = present.copy()
    joined[1:][follows] |= present[:-1][follows]
    return joined
