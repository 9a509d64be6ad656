"""How likely a passage answers."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from qa.confidence import ANSWERS, confidence
from qa.evidence import MEASURES

values = st.lists(st.floats(-1, 50), min_size=len(MEASURES), max_size=len(MEASURES))


def evidence(**measures: float) -> NDArray[np.float64]:
    """These measures, the others nothing."""
    return np.array([measures.get(name, 0.0) for name in MEASURES])


NOTHING = evidence()
EVERYTHING = {name: 1.0 for name in MEASURES if name != "missing_name"} | {"bm25": 3.0}


@given(values)
def test_it_is_a_probability_whatever_the_evidence(drawn: list[float]) -> None:
    assert 0 <= confidence(np.array(drawn)) <= 1


def test_no_evidence_is_no_answer_and_all_of_it_is_one() -> None:
    assert confidence(NOTHING) < ANSWERS < confidence(evidence(**EVERYTHING))
    assert confidence(evidence(**EVERYTHING)) > 0.9


@pytest.mark.parametrize("measure", ["sentence_cosine", "sentence_coverage"])
def test_a_sentence_that_fits_better_answers_more_likely(measure: str) -> None:
    some = evidence(**(EVERYTHING | {measure: 0.4}))
    assert confidence(evidence(**EVERYTHING)) > confidence(some)
