"""How well the index finds what is marked as relevant, scored by ir-measures."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace

import ir_measures
import numpy as np
from ir_measures import RR, Measure, ScoredDoc, Success, nDCG

from qa.answer import Hit, Question
from qa.judged import Judged

MEASURES: Mapping[str, Measure] = {
    "nDCG@10": nDCG @ 10,
    "hit@1": Success @ 1,
    "hit@3": Success @ 3,
    "hit@5": Success @ 5,
    "hit@10": Success @ 10,
    "MRR@10": RR @ 10,
}
# Several passages of one article count once, so more are asked for than are scored.
_DEPTH = 50
_RESAMPLES = 1000
_CONFIDENCE = 95
_SEED = 1


@dataclass(frozen=True, slots=True)
class Interval:
    """Where the mean of a measure lies with 95 % confidence, were other such questions asked."""

    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Scored:
    """One question: its measures, and the articles found, best first."""

    question: Question
    measures: dict[str, float]
    found: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Evaluation:
    """Every question's score; means and intervals follow from them."""

    scored: tuple[Scored, ...]

    @property
    def questions(self) -> int:
        """How many were asked."""
        return len(self.scored)

    @property
    def measures(self) -> dict[str, float]:
        """The mean of each measure over the questions."""
        return {name: float(np.mean(self._values(name))) for name in MEASURES}

    @property
    def intervals(self) -> dict[str, Interval]:
        """By the percentile bootstrap (Efron, 1979) over the questions."""
        rows = np.random.default_rng(_SEED).integers(
            self.questions, size=(_RESAMPLES, self.questions)
        )
        return {
            name: _interval(np.array(self._values(name))[rows].mean(axis=1)) for name in MEASURES
        }

    def _values(self, name: str) -> list[float]:
        return [one.measures[name] for one in self.scored]


def evaluate(
    judged: Judged,
    search: Callable[[Question], list[Hit]],
    watch: Callable[[list[Question]], Iterable[Question]] = iter,
) -> Evaluation:
    """Ask every judged question and score the articles found.

    `watch` gives the questions one by one, and may show how far it is.
    """
    found = {question.id or "": _articles(question, search) for question in watch(judged.questions)}
    return score(judged, found)


def score(judged: Judged, found: Mapping[str, tuple[str, ...]]) -> Evaluation:
    """Score what was found for the id of each question: ids, best first, each once."""
    run = [
        ScoredDoc(query_id, article_id, -float(rank))
        for query_id, articles in found.items()
        for rank, article_id in enumerate(articles)
    ]
    values: dict[str, dict[str, float]] = defaultdict(dict)
    names = {measure: name for name, measure in MEASURES.items()}
    for metric in ir_measures.iter_calc(MEASURES.values(), judged.judgements, run):
        values[metric.query_id][names[metric.measure]] = float(metric.value)
    return Evaluation(
        tuple(
            Scored(question, _all_measures(values[question.id or ""]), found[question.id or ""])
            for question in judged.questions
        )
    )


def _articles(question: Question, search: Callable[[Question], list[Hit]]) -> tuple[str, ...]:
    hits = search(replace(question, history=(), k=_DEPTH))
    return tuple(dict.fromkeys(hit.passage.article_id for hit in hits))


def _all_measures(found: Mapping[str, float]) -> dict[str, float]:
    """A question for which nothing was found has no value, which is as good as none of it."""
    return {name: found.get(name, 0.0) for name in MEASURES}


def _interval(means: "np.ndarray[tuple[int], np.dtype[np.float64]]") -> Interval:
    tail = (100 - _CONFIDENCE) / 2
    low, high = np.percentile(means, [tail, 100 - tail])
    return Interval(float(low), float(high))
