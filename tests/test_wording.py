"""Copies are told from other reports of about the same words."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qa.cite import tell_the_same

FIRE = "The fire in the old mill began in a store of oil and spread within minutes"


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (f"{FIRE}.", f"“{FIRE}.”"),
        ("The dam broke.", "The dam broke!"),
        (f"{FIRE}.", f"{FIRE}, officials said."),
        (f"{FIRE}.", f"According to the mayor of Kessel Bay, {FIRE[0].lower()}{FIRE[1:]}."),
        (f"{FIRE}.", f"KESSEL BAY (Orrin Wire) — {FIRE}."),
        (f"{FIRE}.", f"(Orrin Wire) - {FIRE}."),
        (f"{FIRE}.", f"(OW) {FIRE}."),
        ("Mending the clock cost 1,200 pounds.", "Mending the clock cost 1200 pounds."),
        (
            "The mill’s owner wasn’t at home that night.",
            "The mill's owner wasn't at home that night.",
        ),
        ("The old dam that broke was built in haste.", "The old dam broke, built in haste."),
    ],
)
def test_the_same_words_in_other_dress_tell_the_same(one: str, other: str) -> None:
    assert tell_the_same(one, other)
    assert tell_the_same(other, one)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (
            "The storm killed two people in Kessel Bay.",
            "The storm killed nine people in Kessel Bay.",
        ),
        ("Some 9 people drowned in Kessel Bay.", "Some 14 people drowned in Kessel Bay."),
        ("Shares of Orrin Steel rose on Monday.", "Shares of Orrin Steel fell on Monday."),
        (
            "The harbour board did approve the plan to close it.",
            "The harbour board did not approve the plan to close it.",
        ),
        (
            "In the clash 12 people were killed and 30 injured.",
            "In the clash 30 people were killed and 12 injured.",
        ),
        ("Orrin Town beat Kessel Bay in the final.", "Kessel Bay beat Orrin Town in the final."),
        (
            "Smith was arrested on Monday over the fire.",
            "Jones was arrested on Monday over the fire.",
        ),
        (
            "The repair will cost $5 million, it heard.",
            "The repair will cost £5 million, it heard.",
        ),
        ("Turnout rose by 5 points in Kessel Bay.", "Turnout rose by 5% points in Kessel Bay."),
        ("The dam broke.", "The dam broke, officials said."),
        (f"{FIRE}.", f"{FIRE}, officials could not say."),
        (f"{FIRE}.", f"{FIRE}, killing nine, officials said."),
        (f"{FIRE}.", f"{FIRE}, which the mayor of Kessel Bay denied."),
        ("NASA chief Bill Orr resigned on Monday.", "NASA chief Jim Orr resigned on Monday."),
    ],
)
def test_what_is_exchanged_or_added_makes_another_report(one: str, other: str) -> None:
    assert not tell_the_same(one, other)
    assert not tell_the_same(other, one)


@pytest.mark.parametrize(
    "sentence",
    ["It opened in 1999.", "She was born in the town in 1960.", "...", ""],
)
def test_what_points_back_in_few_words_may_be_about_different_things(sentence: str) -> None:
    assert not tell_the_same(sentence, sentence)


@given(st.text(), st.text())
def test_the_order_of_two_sentences_does_not_matter(one: str, other: str) -> None:
    assert tell_the_same(one, other) == tell_the_same(other, one)
