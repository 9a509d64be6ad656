"""Two logistic regressions fitted at once, of which the product is the chance.

Each is given half of the credit where both are needed: what is near but no answer is told apart
from what is far by the one, from an answer by the other.
"""

from collections.abc import Sequence

import numpy as np
from scipy.optimize import minimize
from scipy.special import expit, log_expit
from sklearn.linear_model import LogisticRegression

from qa.rank.matching import Flags, Floats
from qa.rank.weights import Linear, ProductModel

# Of the squares of weights, in the measure of signals that are equally spread.
_RIDGE = 8.0
# Where the search for the second one starts: nearly all that is told is answered.
_MOSTLY = 2.0


def fit_twofold(
    rows: Floats, covered: Flags, counts: Floats, told: Sequence[int], said: Sequence[int]
) -> ProductModel:
    """The most likely weights of signals, shape (questions, signals), each counted so much.

    `told` and `said` are the columns that each of the two may use.
    """
    mean, spread = rows.mean(axis=0), rows.std(axis=0) + 1e-9
    even = (rows - mean) / spread
    parts = (_with_ones(even[:, told]), _with_ones(even[:, said]))
    signs = np.where(covered, 1.0, -1.0)

    def loss(values: Floats) -> tuple[float, Floats]:
        chosen = np.split(values, [len(told) + 1])
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

    start = LogisticRegression(max_iter=2000).fit(even[:, told], signs, counts)
    first = np.concatenate(
        [start.coef_[0], start.intercept_, np.zeros(len(said)), np.array([_MOSTLY])]
    )
    found = minimize(loss, first, jac=True, method="L-BFGS-B", options={"maxiter": 2000}).x
    halves = np.split(found, [len(told) + 1])
    return ProductModel(
        *(
            _plain(half, columns, mean, spread)
            for half, columns in zip(halves, (told, said), strict=True)
        )
    )


def _plain(half: Floats, columns: Sequence[int], mean: Floats, spread: Floats) -> Linear:
    """Weights for signals as they are, from those for signals that are equally spread."""
    weights = np.zeros(len(mean))
    weights[list(columns)] = half[:-1] / spread[list(columns)]
    constant = float(half[-1] - weights @ mean)
    return Linear(tuple(weights.round(2).tolist()), round(constant, 2))


def _with_ones(rows: Floats) -> Floats:
    return np.column_stack([rows, np.ones(len(rows))])
