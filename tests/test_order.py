"""Whether reports differ in a number."""

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qa.order import differ

KILLED = "How many people were killed in Zaporizhzhia?"
EARLY = "At least 23 people were killed in Zaporizhzhia."
LATE = "In Zaporizhzhia 30 people have been killed, officials say."


def test_another_number_for_the_same_thing_differs() -> None:
    assert differ(KILLED, EARLY, LATE)
    assert differ(KILLED, EARLY, "In Zaporizhzhia eleven civilians died: killed by a missile.")


@pytest.mark.parametrize(
    "other",
    [
        EARLY,
        "In Kherson 30 people were killed.",
        "In Zaporizhzhia 16 missiles fell where people were killed.",
        "In Zaporizhzhia people were killed on 30 September.",
        "In Zaporizhzhia 30 people lived.",
        "In Zaporizhzhia 30 people were killed, 23 of them in the market.",
        "In Zaporizhzhia people were killed in 2022.",
        "In Zaporizhzhia people were killed at 9:30pm, and 30% of the roof fell.",
    ],
)
def test_a_number_of_something_else_or_one_that_both_tell_does_not_differ(other: str) -> None:
    assert not differ(KILLED, EARLY, other)


def test_a_rounded_number_does_not_differ() -> None:
    question = "How many homes in Pakistan were destroyed?"
    rough = "About 1,000 homes in Pakistan were destroyed."
    exact = "In Pakistan 1,036 homes were destroyed."
    assert not differ(question, rough, exact)


def test_a_question_that_asks_for_no_number_has_no_reports_that_differ() -> None:
    one, other = "Kyiv named 23 people.", "Kyiv named 30 people."
    assert not differ("Who named people in Kyiv?", one, other)


def test_of_sixty_pairs_of_reports_those_said_to_differ_do() -> None:
    lines = (Path(__file__).parent / "reports.jsonl").read_text("utf-8").splitlines()
    pairs = [json.loads(line) for line in lines]
    said = [pair for pair in pairs if differ(pair["question"], pair["one"], pair["other"])]
    right = sum(pair["differ"] for pair in said)
    assert len(pairs) == 60
    assert right / len(said) >= 0.95
    assert right / sum(pair["differ"] for pair in pairs) >= 0.95


@given(st.text(max_size=80), st.text(max_size=80))
def test_nothing_that_is_said_makes_it_raise(question: str, quote: str) -> None:
    assert not differ(question, quote, quote)
