"""How confidence is fitted and how it is measured."""

import numpy as np
import pytest

from bench.covering import HALVES, NEAR, Covering, other_numbers
from bench.fit_confidence import fit, fit_product
from bench.understanding import calibration_error
from qa.answerability import FEATURES


def covering(rows: int, moved: float) -> Covering:
    """Covered and not in turn; the first signal tells which, as far as it is moved."""
    covered = np.arange(rows) % 2 == 0
    noise = np.random.default_rng(0).normal(size=(rows, len(FEATURES)))
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
    assert int(np.argmax(np.abs(model.covered.weights) + np.abs(model.answered.weights))) == 0


def test_what_is_near_but_no_answer_is_told_of_all_the_same() -> None:
    draw = np.random.default_rng(0)
    rows = draw.normal(size=(3000, 2))
    covered = (rows[:, 0] > 0) & (rows[:, 1] > 0)
    model = fit_product(rows, covered, np.ones(len(rows)), [0, 1], [0, 1])
    each = [np.array(part.weights) for part in (model.covered, model.answered)]
    assert sorted(int(np.argmax(weights)) for weights in each) == [0, 1]


def test_a_part_leaves_out_the_columns_that_it_may_not_use() -> None:
    some = covering(200, 3.0)
    model = fit_product(some.features, some.covered, np.ones(200), [0, 1], [2])
    assert np.flatnonzero(model.covered.weights).tolist() == [0, 1]
    assert np.flatnonzero(model.answered.weights).tolist() in ([2], [])


def test_another_number_is_put_behind_a_name_and_nowhere_else() -> None:
    rows = [{"text": "Who won Super Bowl 50?"}, {"text": "Who won 50 games in 1950?"}]
    assert [each.text for each in other_numbers(rows)] == ["Who won Super Bowl 57?"]
