"""Fit `TIME` of `qa/rank/weights.py` on RealTimeQA, leaving out weeks in turn; print its scores.

    python -m bench.fit_time EVAL_DIR [--indexes DIR]

Coordinate ascent from the current numbers: one at a time is set to its best value, as long as that
helps, by the mean reciprocal rank of the article that answers. `lean` and `focus_width` are not
fitted: hardly any question of the set leans to a time, and any width does.
"""

import sys
from collections.abc import Mapping, Sequence
from contextlib import closing
from dataclasses import asdict, replace

import numpy as np
from numpy.typing import NDArray

from bench.dated import question_dates
from bench.sets import open_index, read_folders, read_set
from index.encoders import ModelEncoder
from index.store import Store
from qa.answer import Question
from qa.ask import Asker
from qa.rank.batching import SharedEncoder
from qa.rank.weights import TIME, TimeWeights
from qa.search import Searcher

GRID: Mapping[str, Sequence[float]] = {
    "recent": (3.0, 4.0, 5.0, 6.0, 7.0),
    "days": (7.0, 8.0, 9.0, 10.0, 12.0),
    "steepness": (2.0, 3.0, 4.0, 6.0),
    "focus": (0.35, 0.4, 0.45, 0.5),
    "position": (0.0, 0.25, 0.5, 0.75, 1.0, 1.25, 1.5),
}
FOLDS = 5
# Several passages of one article count once.
_DEPTH = 30
# An article that is not found counts as ranked here.
_NOT_FOUND = 100

Ranks = NDArray[np.int64]


def main(arguments: Sequence[str]) -> int:
    """Print fits without a fifth of the weeks, how they do on that fifth, and their median."""
    options = read_folders(arguments, __doc__)
    data_set, data = read_set("realtimeqa", options.folder, options.indexes), options.indexes
    encoder = ModelEncoder(data / "realtimeqa")
    with closing(open_index(data_set.archive, data / "realtimeqa", encoder)) as store:
        gold = data_set.judgings[0].judged.answering()
        days = question_dates(options.folder)
        asked = [replace(each, asked_at=days[each.id or ""]) for each in data_set.questions]
        ranker = _Ranker(store, SharedEncoder(encoder), asked, gold)
        weeks = sorted({each.asked_at for each in asked if each.asked_at})
        folds = np.array([weeks.index(each.asked_at or "") % FOLDS for each in asked])
        left_out, fits = np.zeros(len(asked), np.int64), list[TimeWeights]()
        for fold in range(FOLDS):
            fit = ranker.fit(folds != fold)
            fits.append(fit)
            left_out[folds == fold] = ranker.ranks(fit)[folds == fold]
            print(f"without fold {fold}: {_listed(fit)}", flush=True)
        print(f"left out: {_show(left_out)}; with the current ones: {_show(ranker.ranks(TIME))}")
        middle = _median(fits)
        print(f"TIME = {_listed(middle)}: {_show(ranker.ranks(middle))}")
    return 0


def _median(fits: Sequence[TimeWeights]) -> TimeWeights:
    """The median of each number: a few questions can move a single fit far."""
    numbers = [asdict(fit) for fit in fits]
    return TimeWeights(
        **{name: float(np.median([each[name] for each in numbers])) for name in numbers[0]}
    )


class _Ranker:
    """Ranks the questions of the set with any weights, once for each weights."""

    def __init__(
        self,
        store: Store,
        encoder: SharedEncoder,
        asked: Sequence[Question],
        gold: Mapping[str, set[str]],
    ) -> None:
        self._store, self._searcher = store, Searcher(store, encoder)
        self._asked, self._gold = asked, gold
        self._known = dict[TimeWeights, Ranks]()

    def fit(self, kept: NDArray[np.bool_]) -> TimeWeights:
        """The best weights on the kept questions, once no single change helps any more."""
        best = TIME
        while True:
            before = best
            for name, values in GRID.items():
                changed = [replace(best, **{name: value}) for value in values]
                best = max([best, *changed], key=lambda each: self._mean(each, kept))
            if best == before:
                return best

    def ranks(self, weights: TimeWeights) -> Ranks:
        """The rank of the article that answers, shape (questions,)."""
        if weights not in self._known:
            searcher = Asker(self._store, self._searcher, weights=weights)
            found = [self._rank(searcher, each) for each in self._asked]
            self._known[weights] = np.array(found, np.int64)
        return self._known[weights]

    def _mean(self, weights: TimeWeights, kept: NDArray[np.bool_]) -> float:
        return float((1 / self.ranks(weights)[kept]).mean())

    def _rank(self, searcher: Asker, question: Question) -> int:
        hits = searcher.search(replace(question, k=_DEPTH))
        names = list(dict.fromkeys(hit.passage.article_id for hit in hits))
        gold = self._gold[question.id or ""]
        return next((rank for rank, name in enumerate(names, 1) if name in gold), _NOT_FOUND)


def _show(ranks: Ranks) -> str:
    return (
        f"hit@1 {(ranks == 1).mean():.3f}, hit@5 {(ranks <= 5).mean():.3f}, "
        f"MRR {(1 / ranks).mean():.3f}"
    )


def _listed(weights: TimeWeights) -> str:
    return ", ".join(f"{name}={value:g}" for name, value in asdict(weights).items())


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
