"""How likely a passage answers."""

from dataclasses import fields, replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qa.confidence import ANSWERS, confidence
from qa.evidence import Evidence

NOTHING = Evidence(*[0.0] * len(fields(Evidence)))
EVERYTHING = replace(
    NOTHING,
    passage_cosine=1.0,
    sentence_cosine=1.0,
    bm25=3.0,
    sentence_coverage=1.0,
    coverage=1.0,
    phrase=1.0,
)
values = st.lists(st.floats(-1, 50), min_size=len(fields(Evidence)), max_size=len(fields(Evidence)))


@given(values.map(lambda drawn: Evidence(*drawn)))
def test_it_is_a_probability_whatever_the_evidence(evidence: Evidence) -> None:
    assert 0 <= confidence(evidence) <= 1


def test_no_evidence_is_no_answer_and_all_of_it_is_one() -> None:
    assert confidence(NOTHING) < ANSWERS < confidence(EVERYTHING)
    assert confidence(EVERYTHING) > 0.9


@pytest.mark.parametrize("measure", ["sentence_cosine", "sentence_coverage"])
def test_a_sentence_that_fits_better_answers_more_likely(measure: str) -> None:
    some = replace(EVERYTHING, **{measure: 0.4})
    assert confidence(EVERYTHING) > confidence(some)
