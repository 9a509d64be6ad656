"""How confidence is fitted and how it is measured."""

import numpy as np
import pytest

from bench.covering import HALVES, NEAR, Covering
from bench.fit_confidence import fit
from bench.understanding_confidence import calibration_error
from qa.assurance import SIGNALS


def covering(rows: int, moved: float) -> Covering:
    """Covered and not in turn; the first signal tells which, as far as it is moved."""
    covered = np.arange(rows) % 2 == 0
    noise = np.random.default_rng(0).normal(size=(rows, len(SIGNALS)))
    noise[:, 0] += moved * covered
    return Covering(noise, covered, np.arange(rows))


def test_chances_that_are_the_shares_have_no_error() -> None:
    chances = np.repeat([0.25, 0.75], 4)
    covered = np.array([1, 0, 0, 0, 1, 1, 1, 0], dtype=np.float64)
    assert calibration_error(chances, covered) == 0


def test_the_error_is_the_distance_weighed_by_the_size_of_the_bin() -> None:
    chances = np.array([0.95, 0.95, 0.05, 1.0])
    covered = np.array([0.0, 0.0, 0.0, 1.0])
    expected = 3 / 4 * abs((0.95 + 0.95 + 1.0) / 3 - 1 / 3) + 1 / 4 * 0.05
    assert calibration_error(chances, covered) == pytest.approx(expected)


def test_the_fit_finds_the_signal_that_tells() -> None:
    model = fit({HALVES: covering(400, 3.0), NEAR: covering(100, 3.0)})
    assert int(np.argmax(np.abs(model.coef_[0]))) == 0
