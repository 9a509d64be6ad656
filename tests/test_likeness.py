"""How far a word stands in for another, by the cosine of their vectors."""

import numpy as np
import pytest

from qa.likeness import stand_ins


@pytest.mark.parametrize(
    ("cosine", "counted"), [(1.0, 1.0), (0.73, 1.0), (0.5, 0.25 / 0.52), (0.0, 0.0), (-0.9, 0.0)]
)
def test_the_squared_cosine_counts_up_to_a_full_match(cosine: float, counted: float) -> None:
    word = np.array([[cosine, np.sqrt(1 - cosine**2)]], np.float32)
    asked = np.array([[1, 0]], np.float32)
    assert stand_ins(word, asked).tolist() == [[pytest.approx(counted, abs=1e-6)]]


def test_a_word_without_a_vector_stands_in_for_nothing() -> None:
    words, asked = np.zeros((2, 3), np.float32), np.ones((1, 3), np.float32)
    assert stand_ins(words, asked).tolist() == [[0.0], [0.0]]
