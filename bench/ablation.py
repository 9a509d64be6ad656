"""What each part of the ranking contributes: a data set ranked in stages, each stage scored.

A stage is a way to order the candidates, by one part of the features, by all of them, or by all
but one.
"""

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, partial
from itertools import islice
from statistics import median

import numpy as np
from tqdm import tqdm

from bench.sets import DataSet, Judging
from index.embed import Vectors
from index.keys import Keys
from index.period import EVERYTHING
from index.store.local import LocalStore
from qa.answer import Question
from qa.evaluate import score
from qa.rank.batching import BatchEncoder
from qa.rank.features import FEATURES, bm25
from qa.rank.matching import Floats, count_terms, find_terms
from qa.rank.weights import RANKING
from qa.search import Ranking, Searcher, fused

# How many passages a stage with its own search returns; as many as the full ranking looks at.
DEPTH = 100
Means = Mapping[str, float]
# No measure looks further down.
_SCORED = 10
_BATCH = 32


@dataclass(frozen=True, slots=True)
class Asked:
    """A question asked of an index, and Footnote's ranking."""

    store: LocalStore
    ranking: Ranking


Stage = Callable[[Asked], Keys]


def by_vectors(asked: Asked) -> Keys:
    """By the cosine of the passage alone."""
    return asked.store.nearest(asked.ranking.query.vector, DEPTH, EVERYTHING)


def by_words(asked: Asked) -> Keys:
    """By BM25 alone."""
    return asked.store.bm25(asked.ranking.query.content_terms, DEPTH, EVERYTHING)


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


def by_all(asked: Asked) -> Keys:
    """As Footnote ranks."""
    return asked.ranking.keys[asked.ranking.order]


def without(feature: str, asked: Asked) -> Keys:
    """As Footnote ranks, but with the weight of one feature set to zero."""
    weights = np.array(RANKING.weights)
    weights[FEATURES.index(feature)] = 0.0
    order = asked.ranking.order
    scores = asked.ranking.matches.features[order] @ weights
    return asked.ranking.keys[order[np.argsort(-scores, kind="stable")]]


ALL = "all evidence"
STAGES: Mapping[str, Stage] = {
    "passage vectors": by_vectors,
    "BM25": by_words,
    "both, fused by rank": by_both,
    "the floor": by_floor,
    ALL: by_all,
}
WITHOUT: Mapping[str, Stage] = {feature: partial(without, feature) for feature in FEATURES}


@dataclass(frozen=True, slots=True)
class Scores:
    """The means of one judging: for each stage, and for each feature left out."""

    title: str
    stages: Mapping[str, Means]
    without: Mapping[str, Means]


@dataclass(frozen=True, slots=True)
class Figures:
    """The results for one data set; `ms` is the median time of ranking, without encoding."""

    name: str
    passages: int
    questions: int
    ms: float
    scores: tuple[Scores, ...]


class KnownVectors:
    """Gives vectors of questions encoded beforehand, so that only ranking is timed."""

    def __init__(self, encoder: BatchEncoder, questions: Sequence[Question]) -> None:
        texts = list(dict.fromkeys(question.text for question in questions))
        self._encoder = encoder
        self._vectors: dict[str, Vectors] = {}
        for first in range(0, len(texts), _BATCH):
            self.encode_queries(texts[first : first + _BATCH])

    def encode_queries(self, texts: Sequence[str]) -> Vectors:
        """The vectors of texts, shape (texts, dimension); unknown ones are encoded now."""
        missing = [text for text in texts if text not in self._vectors]
        if missing:
            self._vectors.update(zip(missing, self._encoder.encode_queries(missing), strict=True))
        return np.array([self._vectors[text] for text in texts], dtype=np.float32)


def measure_stages(data_set: DataSet, store: LocalStore, encoder: KnownVectors) -> Figures:
    """Ask every question once, order the candidates in every way, and score each."""
    searcher = Searcher(store, encoder)
    ways = {**STAGES, **WITHOUT}
    found: dict[str, dict[str, Keys]] = {way: {} for way in ways}
    ms = []
    for question in tqdm(data_set.questions, desc=data_set.name, unit=" questions"):
        started = time.perf_counter()
        ranking = searcher.rank(question)
        ms.append((time.perf_counter() - started) * 1000)
        asked = Asked(store, ranking)
        for way, stage in ways.items():
            found[way][question.id or ""] = stage(asked)
    return Figures(
        name=data_set.name,
        passages=store.info.counts.passages,
        questions=len(data_set.questions),
        ms=median(ms),
        scores=tuple(_scores(judging, store, found) for judging in data_set.judgings),
    )


def _bm25(asked: Asked) -> Floats:
    query, matches = asked.ranking.query, asked.ranking.matches
    texts, first = matches.texts, matches.first
    found = find_terms(query.codes, texts)
    counted = np.add.reduceat(count_terms(len(query.terms), found, len(texts)), first)
    counts = asked.store.info.counts
    mean = asked.store.mean_article_terms * counts.articles / max(counts.passages, 1)
    lengths = np.add.reduceat(texts.counts, first) / max(mean, 1.0)
    return bm25(query, counted, lengths)


def _standardized(columns: Floats) -> Floats:
    """Each column with mean 0 and deviation 1; 0 if all values are equal."""
    deviations = columns.std(axis=0)
    spread = np.where(deviations > 0, deviations, 1.0)
    return np.asarray((columns - columns.mean(axis=0)) / spread)


def _scores(judging: Judging, store: LocalStore, found: Mapping[str, Mapping[str, Keys]]) -> Scores:
    @cache
    def name_of(key: int) -> str:
        return judging.name_of(store.locate(key))

    def first_names(keys: Keys) -> tuple[str, ...]:
        # An article ranks where its best passage does.
        names = dict.fromkeys(map(name_of, keys.tolist()))
        return tuple(islice(names, _SCORED))

    means = {
        way: score(judging.judged, {asked: first_names(keys) for asked, keys in runs.items()})
        for way, runs in found.items()
    }
    return Scores(
        judging.title,
        {way: means[way].measures for way in STAGES},
        {way: means[way].measures for way in WITHOUT},
    )
