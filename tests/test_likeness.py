"""How far a word stands in for another, by the cosine of their vectors."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from index.embed import unit
from qa.rank.features import soft_matches


@pytest.mark.parametrize(
    ("cosine", "counted"), [(1.0, 1.0), (0.73, 1.0), (0.5, 0.25 / 0.52), (0.0, 0.0), (-0.9, 0.0)]
)
def test_the_squared_cosine_counts_up_to_a_full_match(cosine: float, counted: float) -> None:
    word = np.array([[cosine, np.sqrt(1 - cosine**2)]], np.float32)
    asked = np.array([[1, 0]], np.float32)
    assert soft_matches(word, asked).tolist() == [[pytest.approx(counted, abs=1e-6)]]


def test_a_word_without_a_vector_stands_in_for_nothing() -> None:
    words, asked = np.zeros((2, 3), np.float32), np.ones((1, 3), np.float32)
    assert soft_matches(words, asked).tolist() == [[0.0], [0.0]]


@given(st.integers(0, 5), st.integers(0, 5), st.integers(0, 99))
def test_each_word_is_held_against_each_term_and_counts_from_nothing_to_one(
    words: int, terms: int, seed: int
) -> None:
    chance = np.random.default_rng(seed)
    said, asked = (unit(chance.normal(size=(count, 3))) for count in (words, terms))
    found = soft_matches(said, asked)
    assert found.shape == (words, terms)
    for word, row in zip(said, found.tolist(), strict=True):
        cosines = [max(0.0, float(word @ term)) for term in asked]
        assert row == pytest.approx([min(1.0, each**2 / 0.52) for each in cosines], abs=1e-5)
