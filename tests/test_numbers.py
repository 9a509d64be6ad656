"""Numbers in questions, and other ways to write them."""

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qa.read.numbered import as_written, lack_amounts
from qa.understand.numbers import numbers_in, writings


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("1250000", 1_250_000),
        ("1,250,000", 1_250_000),
        ("1 250 000", 1_250_000),
        ("1.25 million", 1_250_000),
        ("1.25m", 1_250_000),
        ("one and a quarter million", 1_250_000),
        ("two and a half billion", 2_500_000_000),
        ("half a million", 500_000),
        ("a quarter of a million", 250_000),
        ("three quarters of a million", 750_000),
        ("36,417", 36_417),
        ("thirty-six thousand four hundred and seventeen", 36_417),
        ("thirty six thousand, four hundred seventeen", 36_417),
        ("four hundred", 400),
        ("a hundred and five thousand three hundred", 105_300),
        ("two million three hundred thousand", 2_300_000),
        ("a thousand", 1000),
        ("nine", 9),
        ("Twenty-one", 21),
        ("$12bn", 12_000_000_000),
        ("12 billion dollars", 12_000_000_000),
    ],
)
def test_a_number_is_read_whole(text: str, value: int) -> None:
    assert [each.value for each in numbers_in(f"Were {text} lost?")] == [value]


@pytest.mark.parametrize(
    "text", ["one of them", "a half", "1.5", "A46", "1.2.2022", "a millionaire"]
)
def test_what_counts_nothing_from_two_up_is_no_number(text: str) -> None:
    assert not list(numbers_in(text))


@pytest.mark.parametrize(
    ("value", "written"),
    [
        (1_250_000, {"1250000", "1,250,000", "1.25 million", "one and a quarter million", "1.25m"}),
        (500_000, {"half a million", "500,000", "five hundred thousand", "0.5 million"}),
        (36_417, {"36,417", "thirty-six thousand four hundred and seventeen"}),
        (12_000_000_000, {"12bn", "12 bn", "twelve billion", "12 billion"}),
        (400, {"400", "four hundred"}),
        (9, {"9", "nine"}),
    ],
)
def test_it_is_written_in_figures_and_in_words(value: int, written: set[str]) -> None:
    assert written <= set(writings(Fraction(value)))


def test_a_year_is_written_in_one_way() -> None:
    assert not list(writings(Fraction(1973)))


@given(st.integers(2, 10**12))
def test_each_way_to_write_a_number_is_read_as_that_number(value: int) -> None:
    for written in writings(Fraction(value)):
        assert [each.value for each in numbers_in(written)] == [value], written


@pytest.mark.parametrize(
    ("asked", "told", "read"),
    [
        ("Who lost 1250000 coins?", "It lost 1.25 million coins.", "Who lost 1.25 million coins?"),
        (
            "Who lost 1.25 million coins?",
            "One and a quarter million coins were lost.",
            "Who lost One and a quarter million coins?",
        ),
        ("Who paid twelve billion dollars?", "It paid $12bn.", "Who paid 12bn dollars?"),
        ("Is the E6 open?", "The B 9 and the E 6 are.", "Is the E 6 open?"),
        ("is the e 6 open", "The B 9 and the E-6 are.", "is the E-6 open"),
        ("Did flight 218 land?", "Flight 218 left.", "Did Flight 218 land?"),
        (
            "Is the A4 or the A46 open?",
            "The A46 is not, the A 4 is.",
            "Is the A 4 or the A46 open?",
        ),
        # As it stands there too, of a name or a time, or of no text.
        ("Who lost 400 coins?", "Four hundred coins, 400, were lost.", "Who lost 400 coins?"),
        ("When did Apollo 11 land?", "Eleven men saw it.", "When did Apollo 11 land?"),
        ("Who came on 3 May?", "Three men came.", "Who came on 3 May?"),
        ("Who came in 1912?", "It cost 1,912 crowns.", "Who came in 1912?"),
        ("Who came at 10:30?", "Ten men and thirty women.", "Who came at 10:30?"),
        ("Was a 46-year-old hurt?", "On the A 46 nobody was.", "Was a 46-year-old hurt?"),
        ("Who lost 500 coins?", "Four hundred coins were lost.", "Who lost 500 coins?"),
    ],
)
def test_a_question_is_written_with_the_numbers_of_the_text(
    asked: str, told: str, read: str
) -> None:
    assert as_written(asked, [told]) == read


@pytest.mark.parametrize(
    ("asked", "lacking"),
    [
        ("Who carried 406 men?", [False, True]),
        ("Who carried four hundred and six men?", [False, True]),
        ("Who carried 9 men?", [False, False]),
        ("Who carried 500 men?", [False, False]),
        ("Who carried men in 1998?", [False, False]),
        ("Who carried men in the last 54 hours?", [False, False]),
    ],
)
def test_what_lacks_an_amount_that_another_text_has_is_told(
    asked: str, lacking: list[bool]
) -> None:
    told = ["All four hundred and six men of the nine were lost in 1998.", "He was 54."]
    assert lack_amounts(asked, told) == lacking
