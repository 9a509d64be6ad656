"""Fit CONFIDENCE of `qa/weights.py`, and print it with how well it does on other data.

    python -m bench.fit_confidence EVAL_DIR --indexes DIR

Logistic regression of covered against not covered. Its first lines leave one set out at a time.
"""

import argparse
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import roc_auc_score

from bench.covering import CLAPNQ, HALVES, KEYWORDS, NEAR, TALK, Covering, read_covering
from bench.fit import SMALL_TALK
from qa.matching import Floats

# How much a question counts, by its set: near misses count less than the others, since readers ask
# them less often than the set has them, and the few lines of small talk count more.
WEIGHTS: Mapping[str, float] = {HALVES: 1.0, KEYWORDS: 0.2, NEAR: 0.6, CLAPNQ: 1.0, TALK: 10.0}
# Shares of the covered that are answered where open, of the others that are declined where strict.
_OPEN, _STRICT = 0.98, 0.98
_FOLDS = 5
_EVERY = 2


def main(arguments: Sequence[str]) -> int:
    """Print the fit and its thresholds."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path, metavar="EVAL_DIR")
    parser.add_argument("--indexes", type=Path, default=Path("data/bench"))
    options = parser.parse_args(arguments)
    sets = read_covering(options.folder, options.indexes, SMALL_TALK, _EVERY)
    for name, each in sets.items():
        if name != TALK:
            rest = {other: rows for other, rows in sets.items() if other != name}
            print(f"{name}: fitted without it, AUROC {_area(each, fit(rest)):.4f}")
    chances = _held_out(sets)
    for name, each in sets.items():
        if name != TALK:
            area = roc_auc_score(each.covered, chances[name])
            print(f"{name}: on groups it was not fitted on, AUROC {area:.4f}")
    for name, threshold in _thresholds(sets[HALVES], chances[HALVES]).items():
        covered = sets[HALVES].covered
        answered = (chances[HALVES][covered] >= threshold).mean()
        declined = (chances[HALVES][~covered] < threshold).mean()
        print(f"{name} {threshold:.2f}: answered {answered:.3f}, declined {declined:.3f}")
    model = fit(sets)
    print("CONFIDENCE", model.coef_[0].round(2).tolist(), float(model.intercept_[0].round(2)))
    return 0


def fit(sets: Mapping[str, Covering]) -> LogisticRegression:
    """On all of them, by their weights."""
    rows = np.concatenate([each.signals for each in sets.values()])
    covered = np.concatenate([each.covered for each in sets.values()])
    weights = np.repeat(
        [WEIGHTS[name] for name in sets], [len(each.covered) for each in sets.values()]
    )
    return LogisticRegression(C=10, max_iter=2000).fit(rows, covered, weights)


def _held_out(sets: Mapping[str, Covering]) -> dict[str, Floats]:
    """The chances of each question by a fit that has seen none of its group."""
    chances = {name: np.zeros(len(each.covered)) for name, each in sets.items()}
    for fold in range(_FOLDS):
        seen = {name: _only(each, each.groups % _FOLDS != fold) for name, each in sets.items()}
        model = fit(seen)
        for name, each in sets.items():
            here = each.groups % _FOLDS == fold
            if here.any():
                chances[name][here] = model.predict_proba(each.signals[here])[:, 1]
    return chances


def _only(covering: Covering, chosen: NDArray[np.bool_]) -> Covering:
    return Covering(covering.signals[chosen], covering.covered[chosen], covering.groups[chosen])


def _thresholds(halves: Covering, chances: Floats) -> dict[str, float]:
    """Balanced: where as large a share is answered of the covered as is declined of the others."""
    covered, others = np.sort(chances[halves.covered]), np.sort(chances[~halves.covered])
    steps = np.arange(0.02, 0.98, 0.01)
    answered = 1 - np.searchsorted(covered, steps) / len(covered)
    declined = np.searchsorted(others, steps) / len(others)
    return {
        "strict": float(steps[np.argmax(declined >= _STRICT)]),
        "balanced": float(steps[np.argmax(np.minimum(answered - 0.01, declined))]),
        "open": float(steps[np.flatnonzero(answered >= _OPEN)[-1]]),
    }


def _area(covering: Covering, model: LogisticRegression) -> float:
    chances = model.predict_proba(covering.signals)[:, 1]
    return float(roc_auc_score(covering.covered, chances))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
