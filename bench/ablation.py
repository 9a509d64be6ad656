"""One data set asked in every stage of the ranking, and each stage scored."""

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import islice
from statistics import median

import numpy as np
from tqdm import tqdm

from bench.datasets import DataSet, Judging
from bench.stages import STAGES, WITHOUT, Asked
from index.embed import Vectors
from index.keys import Keys
from index.store import Store
from qa.answer import Question
from qa.evaluate import score
from qa.rank.batching import BatchEncoder
from qa.search import Searcher

Means = Mapping[str, float]

# No measure looks further down.
_SCORED = 10
_BATCH = 32


@dataclass(frozen=True, slots=True)
class Scores:
    """The means of one judging: for each stage, and for each measure that is left out."""

    title: str
    stages: Mapping[str, Means]
    without: Mapping[str, Means]


@dataclass(frozen=True, slots=True)
class Figures:
    """What was found of one data set; `ms` is the median time of ranking, without encoding."""

    name: str
    passages: int
    questions: int
    ms: float
    scores: tuple[Scores, ...]


class KnownVectors:
    """Gives vectors of questions that were encoded before, so that ranking is timed alone."""

    def __init__(self, encoder: BatchEncoder, questions: Sequence[Question]) -> None:
        texts = list(dict.fromkeys(question.text for question in questions))
        self._encoder = encoder
        self._vectors: dict[str, Vectors] = {}
        for first in range(0, len(texts), _BATCH):
            self.encode_queries(texts[first : first + _BATCH])

    def encode_queries(self, texts: Sequence[str]) -> Vectors:
        """The vectors of questions, shape (texts, dimension); of what else is asked, made now."""
        missing = [text for text in texts if text not in self._vectors]
        if missing:
            self._vectors.update(zip(missing, self._encoder.encode_queries(missing), strict=True))
        return np.array([self._vectors[text] for text in texts], dtype=np.float32)


def measure_stages(data_set: DataSet, snapshot: Store, encoder: KnownVectors) -> Figures:
    """Ask every question once, order what was found in every way, and score each."""
    searcher = Searcher(snapshot, encoder)
    ways = {**STAGES, **WITHOUT}
    found: dict[str, dict[str, Keys]] = {way: {} for way in ways}
    ms = []
    for question in tqdm(data_set.questions, desc=data_set.name, unit=" questions"):
        started = time.perf_counter()
        ranking = searcher.rank(question)
        ms.append((time.perf_counter() - started) * 1000)
        asked = Asked(snapshot, ranking)
        for way, stage in ways.items():
            found[way][question.id or ""] = stage(asked)
    return Figures(
        name=data_set.name,
        passages=snapshot.info.counts.passages,
        questions=len(data_set.questions),
        ms=median(ms),
        scores=tuple(_scores(judging, snapshot, found) for judging in data_set.judgings),
    )


def _scores(judging: Judging, snapshot: Store, found: Mapping[str, Mapping[str, Keys]]) -> Scores:
    @cache
    def name_of(key: int) -> str:
        return judging.name_of(snapshot.locate(key))

    def first_names(keys: Keys) -> tuple[str, ...]:
        # An article stands where its best passage does.
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
