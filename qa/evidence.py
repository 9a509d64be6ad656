"""How well passages fit a question: plain measures of about the same size, for all at once."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from index.segment import PassageRows
from index.vectors import cosines as row_cosines
from qa.query import Query

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]

# What speaks for a passage, a column each of `Matches.evidence`. Cosines of vectors; BM25 divided
# by ten; `sentence_coverage` is the share of the question's terms, by weight, in its best sentence
# and what stands in front, `coverage` in the whole passage, `phrase` the share of its pairs;
# `missing_name` is 1 where the passage leaves out something that the question names.
MEASURES = (
    "passage_cosine",
    "sentence_cosine",
    "bm25",
    "sentence_coverage",
    "coverage",
    "phrase",
    "missing_name",
)
# BM25's usual parameters (Robertson and Zaragoza, 2009), which tantivy has too.
_K1, _B = 1.2, 0.75
_NO_SENTENCE = -1.0


@dataclass(frozen=True, slots=True)
class SentenceMatches:
    """What of the question stands in each sentence of one passage.

    `cosine` has shape (sentences,), `terms` (sentences, terms of the question), `pairs`
    (sentences, pairs of the question); `front` says which terms stand in front of the passage.
    """

    cosine: Floats
    terms: Flags
    pairs: Flags
    front: Flags


@dataclass(frozen=True, slots=True)
class Matches:
    """A question laid over the rows of passages.

    `evidence` has shape (passages, measures). `first` is the row of each passage, which has
    `counts` rows; `cosines`, `terms` and `pairs` are of all rows.
    """

    evidence: Floats
    first: NDArray[np.int64]
    counts: NDArray[np.int32]
    cosines: Floats
    terms: Flags
    pairs: Flags

    def sentences(self, place: int) -> SentenceMatches:
        """Those of the passage at this place."""
        first = int(self.first[place])
        rows = slice(first + 1, first + int(self.counts[place]))
        return SentenceMatches(
            self.cosines[rows], self.terms[rows], self.pairs[rows], self.terms[first]
        )


@dataclass(frozen=True, slots=True)
class _Found:
    """Terms of the rows that the question has, in their order.

    `positions` are those in all terms of the rows, `rows` the row of each, `places` the term's
    place among those of the question.
    """

    positions: NDArray[np.int64]
    rows: NDArray[np.int64]
    places: NDArray[np.int64]


def match(query: Query, rows: PassageRows, mean_terms: float) -> Matches:
    """Lay the question over the rows; `mean_terms` is how many terms a passage has.

    Every passage has at least its own row.
    """
    first = np.cumsum(rows.counts, dtype=np.int64) - rows.counts
    found = _find_terms(query, rows)
    counted = _count_terms(query, found, len(rows.row_terms))
    pairs = _find_pairs(query, found, len(rows.row_terms))
    # What stands in front is no sentence: its pairs are the title's, its vector the passage's.
    pairs[first] = False
    cosines = row_cosines(rows.vectors, query.vector).astype(np.float64)
    evidence = _weigh(query, rows, first, counted, pairs, cosines, mean_terms)
    return Matches(evidence, first, rows.counts, cosines, counted > 0, pairs)


def _weigh(
    query: Query,
    rows: PassageRows,
    first: NDArray[np.int64],
    counted: NDArray[np.int64],
    pairs: Flags,
    cosines: Floats,
    mean_terms: float,
) -> Floats:
    if not len(first):
        return np.zeros((0, len(MEASURES)))
    terms = counted > 0
    passage_of = np.repeat(np.arange(len(first)), rows.counts)
    with_front = terms | terms[first][passage_of]
    whole = np.logical_or.reduceat(terms, first)
    sentence_cosines = cosines.copy()
    sentence_cosines[first] = _NO_SENTENCE
    columns = {
        "passage_cosine": cosines[first],
        "sentence_cosine": np.maximum.reduceat(sentence_cosines, first),
        "bm25": _bm25(query, rows, first, counted, mean_terms) / 10,
        "sentence_coverage": np.maximum.reduceat(share(query.weights, with_front), first),
        "coverage": share(query.weights, whole),
        "phrase": share(query.pair_weights, np.logical_or.reduceat(pairs, first)),
        "missing_name": (query.names & ~whole).any(axis=1),
    }
    return np.column_stack([columns[measure] for measure in MEASURES]).astype(np.float64)


def _bm25(
    query: Query,
    rows: PassageRows,
    first: NDArray[np.int64],
    counted: NDArray[np.int64],
    mean_terms: float,
) -> Floats:
    """BM25 (Robertson and Zaragoza, 2009) over each passage and what stands in front of it."""
    often = np.add.reduceat(counted, first)
    length = np.add.reduceat(rows.row_terms, first) / max(mean_terms, 1.0)
    saturation = often * (_K1 + 1) / (often + (_K1 * (1 - _B + _B * length))[:, np.newaxis])
    return np.asarray(saturation @ query.weights)


def share(weights: Floats, present: Flags) -> Floats:
    """How much of the weight is present in each row; none where nothing has weight."""
    total = float(weights.sum())
    if total == 0:
        return np.zeros(len(present))
    return np.asarray(present @ weights / total)


def _find_terms(query: Query, rows: PassageRows) -> _Found:
    """Where terms of the question stand."""
    # Nearly all terms are told apart by half of their bits, at a fraction of a search's cost.
    is_near = np.zeros(1 << 16, dtype=np.bool_)
    is_near[query.codes & 0xFFFF] = True
    near = np.flatnonzero(is_near[rows.terms & 0xFFFF])
    order = np.argsort(query.codes)
    codes, terms = query.codes[order], rows.terms[near]
    nearest = np.minimum(np.searchsorted(codes, terms), len(codes) - 1)
    same = codes[nearest] == terms
    positions = near[same]
    ends = np.cumsum(rows.row_terms, dtype=np.int64)
    return _Found(positions, np.searchsorted(ends, positions, side="right"), order[nearest[same]])


def _count_terms(query: Query, found: _Found, rows: int) -> NDArray[np.int64]:
    """How often each term of the question stands in each row."""
    cells = found.rows * len(query.terms) + found.places
    counts = np.bincount(cells, minlength=rows * len(query.terms))
    return counts.reshape(rows, len(query.terms))


def _find_pairs(query: Query, found: _Found, rows: int) -> Flags:
    """Which pairs of the question stand side by side in each row."""
    present = np.zeros((rows, len(query.pairs)), dtype=np.bool_)
    beside = (np.diff(found.positions) == 1) & (np.diff(found.rows) == 0)
    starts = np.flatnonzero(beside)
    numbers = np.full((len(query.terms), len(query.terms)), -1)
    numbers[query.pairs[:, 0], query.pairs[:, 1]] = np.arange(len(query.pairs))
    pair = numbers[found.places[starts], found.places[starts + 1]]
    present[found.rows[starts[pair >= 0]], pair[pair >= 0]] = True
    return present
