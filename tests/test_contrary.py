"""What is not so, and opposites, are told from what is asked."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qa.contrary import is_denied, is_opposite


@pytest.mark.parametrize(
    ("question", "sentence", "denied"),
    [
        ("Where were the tribes not settled?", "They were settled in the south.", True),
        ("Who never signed the treaty?", "Nobody from Kherson signed it.", False),
        ("What can reason not be used to test?", "It tests men, but not God.", False),
        ("Where were the tribes settled?", "They were settled in the south.", False),
    ],
)
def test_what_is_not_so_is_not_told_by_what_is(question: str, sentence: str, denied: bool) -> None:
    assert is_denied(question, sentence) is denied


@pytest.mark.parametrize(
    ("question", "sentence", "opposite"),
    [
        ("Who was the first premier?", "The current premier is Daniel Andrews.", True),
        ("Which courts apply the least of it?", "Most of it is applied by state courts.", True),
        ("What is impossible for these classes?", "It is possible that they collapse.", True),
        ("Which set is of connected graphs?", "It is the set of all unconnected graphs.", True),
        ("Who was the first premier?", "The first premier came before the current one.", False),
        ("Is it the first or the last?", "It is the last.", False),
        ("Who was in the boat?", "The men got out of the boat.", False),
    ],
)
def test_the_opposite_of_a_word_is_no_answer_to_it(
    question: str, sentence: str, opposite: bool
) -> None:
    assert is_opposite(question, sentence) is opposite


@given(st.text(), st.text())
def test_any_two_lines_can_be_laid_side_by_side(question: str, sentence: str) -> None:
    assert is_denied(question, sentence) in (True, False)
    assert is_opposite(question, question) is False
    assert is_opposite(question, sentence) in (True, False)
