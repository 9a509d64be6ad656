"""What the hand and the ear do to a word."""

import pytest

from qa.understand.slips import Slip, slip


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("attaks", "attacks"),
        ("leak", "leaks"),
        ("attackks", "attacks"),
        ("leakss", "leaks"),
        ("wetsern", "western"),
        ("waht", "what"),
        ("hte", "the"),
    ],
)
def test_letters_dropped_doubled_and_exchanged_are_fumbled(typed: str, meant: str) -> None:
    assert slip(typed, meant) is Slip.FUMBLED


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("streem", "stream"),
        ("skream", "scream"),
        ("pipelime", "pipeline"),
        ("westminister", "westminster"),
        ("kuba", "cuba"),
    ],
)
def test_the_next_key_and_what_sounds_alike_are_changed(typed: str, meant: str) -> None:
    assert slip(typed, meant) is Slip.CHANGED


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("streem", "street"),
        ("stream", "stream"),
        ("livers", "divers"),
        ("arent", "parent"),
        ("streaxm", "stream"),
        ("grande", "grand"),
        ("straem", "scream"),
        ("", "a"),
        ("", ""),
    ],
)
def test_another_letter_out_of_the_blue_or_at_the_front_is_no_slip(typed: str, meant: str) -> None:
    assert slip(typed, meant) is Slip.NONE
