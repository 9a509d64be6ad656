"""Features of how well passages fit a question, of similar scale, for all passages at once."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from index.analysis import Codes
from index.embed import Vectors
from index.keys import Keys, blocks_of, offsets, ranges
from index.store import PassageRows, PassageTerms
from index.vectors import cosines as row_cosines
from index.vectors import from_signed_bytes
from qa.rank.matching import Flags, Floats, Texts, count_terms, find_pairs, find_query, share
from qa.understand.query import Query

# A word whose squared cosine is this or more matches as well as the word itself.
_SAME = 0.52


def soft_matches(words: Vectors, asked: Vectors) -> Floats:
    """0 to 1 for each word and term of the question, shape (words, terms).

    Squared cosines, so that merely related words count little. Words without a vector match
    nothing.
    """
    cosines = np.maximum(words @ asked.T, 0).astype(np.float64)
    return np.asarray(np.minimum(cosines**2 / _SAME, 1.0))


# The usual parameters of BM25.
_K1, _B = 1.2, 0.75


def article_features(
    query: Query, around: PassageTerms, keys: Keys, mean_terms: float
) -> Mapping[str, Floats]:
    """Features of the article around each passage, shape (passages,).

    `around` holds the passages and their neighbours; `mean_terms` is the mean number of terms per
    article. Besides the features, `focus` is how similar the passages of the article are, the mean
    cosine between them: high if it is about one thing, low in a digest.
    """
    vectors = from_signed_bytes(around.vectors)
    cosines = np.einsum("ij,j->i", vectors, query.vector).astype(np.float64)
    found = find_query(query, Texts(around.terms, around.counts))
    counted = count_terms(len(query.terms), found, len(around.keys))
    places = np.searchsorted(around.keys, keys)
    blocks, first, members = np.unique(
        blocks_of(around.keys), return_index=True, return_counts=True
    )
    of_passage = np.searchsorted(blocks, blocks_of(keys))
    lengths = _mean_lengths(vectors, members)
    towards = np.add.reduceat(cosines, first) / members / np.maximum(lengths, 1e-12)
    scores = bm25(
        query,
        np.add.reduceat(counted, first),
        np.add.reduceat(around.counts, first) / max(mean_terms, 1.0),
    )
    alone = 1.0 / members
    # The mean of a single passage adds nothing to its own cosine.
    means = np.add.reduceat(cosines, first) / members * (1.0 - alone)
    return {
        "article_mean": means[of_passage],
        "whole_article": alone[of_passage],
        "article_cosine": towards[of_passage],
        "article_bm25": scores[of_passage],
        "focus": _focus(lengths, members)[of_passage],
        "coverage": share(query.weights, _with_previous(around.keys, counted > 0)[places]),
    }


def _mean_lengths(vectors: Vectors, members: NDArray[np.int64]) -> Floats:
    """The length of the mean of each run of `members` unit vectors."""
    lengths = np.ones(len(members))
    # Where most articles have one passage, most would be added up for nothing.
    several = members > 1
    if several.any():
        counts = members[several]
        sums = np.add.reduceat(vectors[np.repeat(several, members)], np.cumsum(counts) - counts)
        lengths[several] = np.sqrt(np.vecdot(sums, sums)) / counts
    return lengths


def bm25(query: Query, often: NDArray[np.int64], length: Floats) -> Floats:
    """BM25 (Robertson and Zaragoza, 2009) of texts, as a share of the highest possible.

    `often` is how often each term occurs in each text, (texts, terms); `length` is relative to the
    mean.
    """
    saturation = often * (_K1 + 1) / (often + (_K1 * (1 - _B + _B * length))[:, np.newaxis])
    return share(query.weights, saturation) / (_K1 + 1)


def _focus(lengths: Floats, members: NDArray[np.int64]) -> Floats:
    """Mean cosine, from the length of the mean of unit vectors; 1 for a single passage."""
    pairs = members * (members - 1)
    alike = (members * lengths) ** 2 - members
    return np.where(pairs > 0, alike / np.maximum(pairs, 1), 1.0)


def _with_previous(keys: Keys, present: Flags) -> Flags:
    """What is in each passage or in the one before it, which often has its names."""
    # Keys of an article are consecutive; those of the next begin far above.
    follows = np.diff(keys) == 1
    joined = present.copy()
    joined[1:][follows] |= present[:-1][follows]
    return joined


# The features of a passage, each a column of `Matches.features`.
# - `sentence_cosine`: of its best sentence;
# - `sentence_coverage`: the share of the question's terms, by weight, in its best sentence and in
#   title and heading; words of similar meaning count in part;
# - `phrase`: the share of the question's pairs of neighbouring terms;
# - `missing_name`: 1 if it lacks something that the question names;
# - `coverage`: the share of the terms in the passage and the one before it;
# - of the article around it: `article_cosine` of its mean vector, `article_bm25` as a share of the
#   highest possible, `article_mean` of its passages' cosines, if it has several;
# - `whole_article`: the passage's share of its article, 1 if it is all of it.
# Sentences that are questions do not count: they answer nothing.
FEATURES = (
    "sentence_cosine",
    "sentence_coverage",
    "phrase",
    "missing_name",
    "coverage",
    "article_cosine",
    "article_bm25",
    "article_mean",
    "whole_article",
)
# A passage without a statement uses its own cosine, less this.
_NO_SENTENCE = 0.2
_SENTENCE_COVERAGE = FEATURES.index("sentence_coverage")


class Archive(Protocol):
    """Where features are looked up: a store."""

    @property
    def mean_article_terms(self) -> float:
        """Mean number of terms per article."""

    def around(self, keys: Keys) -> PassageTerms:
        """The passages of these keys and their neighbours."""

    def word_vectors(self, codes: Codes) -> Vectors:
        """The unit vectors of words; zeros for unknown ones."""


@dataclass(frozen=True, slots=True)
class SentenceMatches:
    """What of the question is in each sentence of one passage.

    `cosine` has shape (sentences,), `terms` (sentences, terms of the question), 1 for a term
    itself and less for words of similar meaning, `pairs` (sentences, pairs of the question);
    `front` says which terms are in title and heading; `asks` which sentences are questions.
    """

    cosine: Floats
    terms: Floats
    pairs: Flags
    front: Floats
    asks: Flags


@dataclass(frozen=True, slots=True)
class Matches:
    """A question matched with the rows of passages.

    `features` has shape (passages, features); `related` says which passages have a word of the
    question, `focus` how far the article of each is about one thing. `texts` are the rows as texts,
    `first` is the first row of each passage; `cosines`, `terms` and `pairs` are of all rows.
    """

    features: Floats
    related: Flags
    focus: Floats
    rows: PassageRows
    texts: Texts
    first: NDArray[np.int64]
    cosines: Floats
    terms: Floats
    pairs: Flags

    def sentences(self, place: int) -> SentenceMatches:
        """The matches of the sentences of the passage at this place."""
        first = int(self.first[place])
        rows = slice(first + 1, first + int(self.rows.counts[place]))
        return SentenceMatches(
            self.cosines[rows],
            self.terms[rows],
            self.pairs[rows],
            self.terms[first],
            self.rows.row_asks[rows],
        )


def match(query: Query, rows: PassageRows, archive: Archive) -> Matches:
    """Match the question with the rows of passages, word by word.

    Every passage has at least one row.
    """
    first = offsets(rows.counts)
    texts = Texts(rows.terms, rows.row_terms)
    found = find_query(query, texts)
    present = count_terms(len(query.terms), found, len(texts)) > 0
    matches = Matches(
        features=np.zeros((len(first), len(FEATURES))),
        related=np.zeros(len(first), np.bool_),
        focus=np.ones(len(first)),
        rows=rows,
        texts=texts,
        first=first,
        cosines=row_cosines(rows.vectors, query.vector).astype(np.float64),
        terms=present.astype(np.float64),
        pairs=find_pairs(query, found, len(texts)),
    )
    return _with_features(query, matches, present, archive) if len(first) else matches


def look_closer(
    query: Query, matches: Matches, places: NDArray[np.int64], archive: Archive
) -> Matches:
    """The same, but in the passages at these places words of similar meaning count too."""
    if not len(places):
        return matches
    rows = ranges(matches.first[places], matches.rows.counts[places])
    terms = matches.terms.copy()
    terms[rows] = np.maximum(terms[rows], _best_soft_matches(query, matches, rows, archive))
    closer = replace(matches, terms=terms, features=matches.features.copy())
    closer.features[:, _SENTENCE_COVERAGE] = _sentence_coverage(query, closer)
    return closer


def _with_features(query: Query, matches: Matches, present: Flags, archive: Archive) -> Matches:
    keys = matches.rows.keys
    whole = np.logical_or.reduceat(present, matches.first)
    columns = {
        "sentence_cosine": _sentence_cosine(matches),
        "sentence_coverage": _sentence_coverage(query, matches),
        "phrase": _phrase(query, matches),
        "missing_name": (query.names & ~whole).any(axis=1).astype(np.float64),
        **article_features(query, archive.around(keys), keys, archive.mean_article_terms),
    }
    return replace(
        matches,
        features=np.column_stack([columns[name] for name in FEATURES]),
        related=np.asarray(whole[:, query.weights > 0].any(axis=1)),
        focus=np.asarray(columns["focus"], dtype=np.float64),
    )


def _sentence_cosine(matches: Matches) -> Floats:
    first, cosines = matches.first, matches.cosines
    nearest = np.maximum.reduceat(np.where(_are_statements(matches), cosines, -np.inf), first)
    return np.where(np.isfinite(nearest), nearest, cosines[first] - _NO_SENTENCE)


def _sentence_coverage(query: Query, matches: Matches) -> Floats:
    first, terms = matches.first, matches.terms
    passage_of = np.repeat(np.arange(len(first)), matches.rows.counts)
    covered = share(query.weights, np.maximum(terms, terms[first][passage_of]))
    return np.asarray(np.maximum.reduceat(np.where(_are_statements(matches), covered, 0.0), first))


def _phrase(query: Query, matches: Matches) -> Floats:
    pairs = matches.pairs & _are_statements(matches)[:, np.newaxis]
    return share(query.pair_weights, np.logical_or.reduceat(pairs, matches.first))


def _are_statements(matches: Matches) -> Flags:
    """Which rows are statements, which may answer.

    First rows are not: their pairs are the title's, their vectors the whole passage's.
    """
    statements = ~matches.rows.row_asks
    statements[matches.first] = False
    return statements


def _best_soft_matches(
    query: Query, matches: Matches, chosen: NDArray[np.int64], archive: Archive
) -> Floats:
    """How well words of the chosen rows match terms of the question, (rows, terms)."""
    found = np.zeros((len(chosen), len(query.terms)))
    asked = np.flatnonzero(query.word_vectors.any(axis=1))
    counts = matches.texts.counts[chosen]
    filled = np.flatnonzero(counts)
    if not len(asked) or not len(filled):
        return found
    places = ranges(matches.texts.starts[chosen], counts)
    codes, words = np.unique(matches.texts.terms[places], return_inverse=True)
    similarity = soft_matches(archive.word_vectors(codes), query.word_vectors[asked])
    best = np.maximum.reduceat(similarity[words], offsets(counts)[filled])
    found[np.ix_(filled, asked)] = best
    return found
