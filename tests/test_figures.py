"""Numbers with what they count, and when two reports differ."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qa.order import differ, read_figures

KILLED = "How many people were killed in Zaporizhzhia?"


def test_dates_years_and_times_count_nothing() -> None:
    found = read_figures("On 30 September 2022 at 3 pm 16 missiles hit the market of Zaporizhzhia.")
    assert [figure.value for figure in found] == [16]


@pytest.mark.parametrize(
    ("words", "value"),
    [
        ("$1.1 billion in aid", 1.1e9),
        ("1,700 homes", 1700),
        ("four leaks", 4),
        ("60 percent", 60),
    ],
)
def test_a_number_is_read_in_figures_and_in_words(words: str, value: float) -> None:
    assert value in [figure.value for figure in read_figures(f"They named {words}.")]


def test_another_number_for_the_same_thing_differs() -> None:
    early = "At least 23 people were killed in Zaporizhzhia."
    late = "In Zaporizhzhia 30 people have been killed, officials say."
    assert differ(KILLED, (early, late))
    assert not differ(KILLED, (early, early))


@pytest.mark.parametrize(
    "other",
    [
        "In Kherson 30 people were killed.",
        "In Zaporizhzhia 16 missiles fell where people were killed.",
        "In Zaporizhzhia people were killed on 30 September.",
        "In Zaporizhzhia 30 people lived.",
    ],
)
def test_a_number_of_something_else_does_not_differ(other: str) -> None:
    assert not differ(KILLED, ("At least 23 people were killed in Zaporizhzhia.", other))


def test_a_rounded_number_does_not_differ() -> None:
    question = "How many homes in Pakistan were destroyed?"
    rough = "About 1,000 homes in Pakistan were destroyed."
    exact = "In Pakistan 1,036 homes were destroyed."
    assert not differ(question, (rough, exact))


def test_a_question_that_asks_for_no_number_has_no_reports_that_differ() -> None:
    quotes = ("Kyiv named 23 people.", "Kyiv named 30 people.")
    assert not differ("Who named people in Kyiv?", quotes)


@given(st.text(max_size=80), st.text(max_size=80))
def test_nothing_that_is_said_makes_it_raise(question: str, quote: str) -> None:
    assert not differ(question, (quote, quote))
