"""Fit CONFIDENCE of `qa/rank/weights.py`, and print it with its scores on held-out data.

    python -m bench.fit_confidence EVAL_DIR --indexes DIR

Fits the product of two logistic regressions on covered questions against others: that the articles
cover the question (`covered`), and that the sentence answers it (`answered`). Near misses are
covered but not answered. The first lines leave out one set at a time.
"""

import sys
from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize
from scipy.special import expit, log_expit
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import roc_auc_score

from bench.covering import CLAPNQ, HALVES, KEYWORDS, NEAR, NUMBERS, TALK, Covering, read_covering
from bench.fit import SMALL_TALK
from bench.sets import read_folders
from qa.answerability import FEATURES, confidence
from qa.rank.matching import Flags, Floats
from qa.rank.weights import Linear, ProductModel

# How much a question of each set counts: near misses less than others, since readers ask them less
# often than the set does, and the few lines of small talk more.
WEIGHTS: Mapping[str, float] = {
    HALVES: 1.0,
    KEYWORDS: 0.2,
    NEAR: 0.6,
    NUMBERS: 0.5,
    CLAPNQ: 1.0,
    TALK: 10.0,
}
_CHECKED = (HALVES, KEYWORDS, NEAR, CLAPNQ)
# The share of covered questions that `open` answers, and of others that `strict` declines.
_OPEN, _STRICT = 0.98, 0.98
_FOLDS = 5
# Most articles of these sets are one passage, so they say nothing about passages of longer ones.
_KNOWN = [name for name in FEATURES if name not in ("article_mean", "whole_article")]
# A quote that says something else does not mean that the articles do not cover the topic; the text
# around a quote, and the order of its words, do not say whether it answers.
_NOT_TOLD, _NOT_SAID = ("other_number", "denied"), ("phrase", "coverage")
_TOLD = [FEATURES.index(name) for name in _KNOWN if name not in _NOT_TOLD]
_SAID = [FEATURES.index(name) for name in _KNOWN if name not in _NOT_SAID]
# Penalty on squared weights of standardised features.
_RIDGE = 8.0
# Where the fit of the second one starts: nearly everything covered is answered.
_MOSTLY = 2.0


def main(arguments: Sequence[str]) -> int:
    """Print the fit and its thresholds."""
    options = read_folders(arguments, __doc__)
    sets = read_covering(options.folder, options.indexes, SMALL_TALK)
    for name in _CHECKED:
        rest = {other: rows for other, rows in sets.items() if other != name}
        print(f"{name}: fitted without it, AUROC {_area(sets[name], fit(rest)):.4f}")
    chances = _held_out(sets)
    for name in _CHECKED:
        area = roc_auc_score(sets[name].covered, chances[name])
        print(f"{name}: on groups it was not fitted on, AUROC {area:.4f}")
    for name, threshold in _thresholds(sets[HALVES], chances[HALVES]).items():
        covered = sets[HALVES].covered
        answered = (chances[HALVES][covered] >= threshold).mean()
        declined = (chances[HALVES][~covered] < threshold).mean()
        print(f"{name} {threshold:.2f}: answered {answered:.3f}, declined {declined:.3f}")
    model = fit(sets)
    for name, each in (("covered", model.covered), ("answered", model.answered)):
        print(f"{name}=Linear(weights={each.weights}, constant={each.constant})")
    return 0


def fit(sets: Mapping[str, Covering]) -> ProductModel:
    """Fit on all sets, by their weights."""
    rows = np.concatenate([each.features for each in sets.values()])
    covered = np.concatenate([each.covered for each in sets.values()])
    counts = np.repeat(
        [WEIGHTS[name] for name in sets], [len(each.covered) for each in sets.values()]
    )
    return fit_product(rows, covered, counts, _TOLD, _SAID)


def fit_product(
    rows: Floats,
    covered: Flags,
    counts: Floats,
    of_covered: Sequence[int],
    of_answered: Sequence[int],
) -> ProductModel:
    """The most likely weights for rows of shape (questions, features), weighted by `counts`.

    `of_covered` and `of_answered` are the columns that each of the two may use.
    """
    mean, spread = rows.mean(axis=0), rows.std(axis=0) + 1e-9
    even = (rows - mean) / spread
    parts = (_with_ones(even[:, of_covered]), _with_ones(even[:, of_answered]))
    signs = np.where(covered, 1.0, -1.0)

    def loss(values: Floats) -> tuple[float, Floats]:
        chosen = np.split(values, [len(of_covered) + 1])
        odds = [part @ weights for part, weights in zip(parts, chosen, strict=True)]
        log_chance = log_expit(odds[0]) + log_expit(odds[1])
        log_rest = np.log1p(-np.minimum(np.exp(log_chance), 1 - 1e-12))
        slope = np.where(covered, -1.0, np.exp(log_chance - log_rest)) * counts
        penalty, slopes = 0.0, []
        for part, each, weights in zip(parts, odds, chosen, strict=True):
            held = np.append(weights[:-1], 0.0)
            penalty += _RIDGE * float(held @ held)
            slopes.append(part.T @ (slope * expit(-each)) + 2 * _RIDGE * held)
        lost = -float(counts @ np.where(covered, log_chance, log_rest))
        return lost + penalty, np.concatenate(slopes)

    start = LogisticRegression(max_iter=2000).fit(even[:, of_covered], signs, counts)
    first = np.concatenate(
        [start.coef_[0], start.intercept_, np.zeros(len(of_answered)), np.array([_MOSTLY])]
    )
    found = minimize(loss, first, jac=True, method="L-BFGS-B", options={"maxiter": 2000}).x
    halves = np.split(found, [len(of_covered) + 1])
    return ProductModel(
        *(
            _plain(half, columns, mean, spread)
            for half, columns in zip(halves, (of_covered, of_answered), strict=True)
        )
    )


def _held_out(sets: Mapping[str, Covering]) -> dict[str, Floats]:
    """The probability of each question by a fit that has not seen its group."""
    chances = {name: np.zeros(len(each.covered)) for name, each in sets.items()}
    for fold in range(_FOLDS):
        seen = {name: _only(each, each.groups % _FOLDS != fold) for name, each in sets.items()}
        model = fit(seen)
        for name, each in sets.items():
            here = each.groups % _FOLDS == fold
            if here.any():
                chances[name][here] = _chances(each.features[here], model)
    return chances


def _only(covering: Covering, chosen: NDArray[np.bool_]) -> Covering:
    return Covering(covering.features[chosen], covering.covered[chosen], covering.groups[chosen])


def _thresholds(halves: Covering, chances: Floats) -> dict[str, float]:
    """Thresholds; `balanced` answers as large a share of the covered as it declines of others."""
    covered, others = np.sort(chances[halves.covered]), np.sort(chances[~halves.covered])
    steps = np.arange(0.02, 0.98, 0.01)
    answered = 1 - np.searchsorted(covered, steps) / len(covered)
    declined = np.searchsorted(others, steps) / len(others)
    return {
        "strict": float(steps[np.argmax(declined >= _STRICT)]),
        "balanced": float(steps[np.argmax(np.minimum(answered - 0.01, declined))]),
        "open": float(steps[np.flatnonzero(answered >= _OPEN)[-1]]),
    }


def _area(covering: Covering, model: ProductModel) -> float:
    return float(roc_auc_score(covering.covered, _chances(covering.features, model)))


def _chances(rows: Floats, model: ProductModel) -> Floats:
    return np.array([confidence(row, model) for row in rows])


def _plain(half: Floats, columns: Sequence[int], mean: Floats, spread: Floats) -> Linear:
    """Weights for raw features, from those for standardised ones."""
    weights = np.zeros(len(mean))
    weights[list(columns)] = half[:-1] / spread[list(columns)]
    constant = float(half[-1] - weights @ mean)
    return Linear(tuple(weights.round(2).tolist()), round(constant, 2))


def _with_ones(rows: Floats) -> Floats:
    return np.column_stack([rows, np.ones(len(rows))])


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
