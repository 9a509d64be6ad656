"""How likely a passage answers."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from qa.answerability import SIGNALS, THRESHOLDS, confidence

values = st.lists(st.floats(-1, 50), min_size=len(SIGNALS), max_size=len(SIGNALS))


def evidence(**measures: float) -> NDArray[np.float64]:
    """These measures, the others nothing."""
    return np.array([measures.get(name, 0.0) for name in SIGNALS])


AGAINST = ("missing_name", "torn_name", "other_number", "denied", "opposite")
NOTHING = evidence()
EVERYTHING = {name: 1.0 for name in SIGNALS if name not in AGAINST}


@given(values)
def test_it_is_a_probability_whatever_the_evidence(drawn: list[float]) -> None:
    assert 0 <= confidence(np.array(drawn)) <= 1


def test_no_evidence_is_no_answer_and_all_of_it_is_one() -> None:
    assert confidence(NOTHING) < THRESHOLDS["open"]
    assert confidence(evidence(**EVERYTHING)) > THRESHOLDS["strict"]
    assert confidence(evidence(**EVERYTHING)) > 0.9


@pytest.mark.parametrize("measure", ["sentence_cosine", "sentence_coverage"])
def test_a_sentence_that_fits_better_answers_more_likely(measure: str) -> None:
    some = evidence(**(EVERYTHING | {measure: 0.4}))
    assert confidence(evidence(**EVERYTHING)) > confidence(some)


@pytest.mark.parametrize("signal", AGAINST)
def test_what_speaks_against_an_answer_makes_it_less_likely(signal: str) -> None:
    against = evidence(**(EVERYTHING | {signal: 1.0}))
    assert confidence(against) < confidence(evidence(**EVERYTHING))


def test_the_stricter_the_surer_an_answer_has_to_be() -> None:
    assert THRESHOLDS["strict"] > THRESHOLDS["balanced"] > THRESHOLDS["open"]
