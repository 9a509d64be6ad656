"""The words that carry a question's meaning."""

import pytest

from index.analysis import content_words, names, words
from index.english import FUNCTION_WORDS


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("Who's on Apollo-11?", ["who", "s", "on", "apollo", "11"]),
        ("snake_case", ["snake", "case"]),
        ("ДАМБА, Été!", ["дамба", "été"]),
        ("🙂 … _", []),
        ("", []),
    ],
)
def test_words_are_letters_and_digits_in_lower_case(text: str, found: list[str]) -> None:
    assert words(text) == found


def test_content_words_keep_their_order_and_repeat() -> None:
    assert content_words("Who built the dam, and why was the dam built?") == [
        *("built", "dam", "dam", "built")
    ]


def test_a_question_of_function_words_has_no_content() -> None:
    assert content_words("What did he say about it, and why don't they?") == []


def test_function_words_are_written_as_words_are_found() -> None:
    assert all(words(word) == [word] for word in FUNCTION_WORDS)


@pytest.mark.parametrize("word", ["war", "not far", "first", "year", "us army", "may day"])
def test_words_that_name_something_are_content(word: str) -> None:
    assert content_words(word)


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("When did Katla erupt in 1918?", ["Katla", "1918"]),
        ("Katla erupted when?", []),
        ("Who was Michael Collins?", ["Michael", "Collins"]),
        ("Was Putin's speech on the BBC?", ["Putin", "BBC"]),
        ("What did I say, and what did He?", []),
        ("who was michael collins", []),
        ("1969 moon landing", ["1969"]),
        ("Что сказал Путин?", ["Путин"]),
    ],
)
def test_names_are_capitals_after_the_first_word_and_numbers(text: str, found: list[str]) -> None:
    assert names(text) == found


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("WHO WAS FIRST ON THE MOON IN 1969?", ["1969"]),
        ("The First Landing On The Moon", []),
        ("Moon 11", ["11"]),
        ("1969", ["1969"]),
        ("🙂", []),
        ("", []),
    ],
)
def test_capitals_say_nothing_where_every_word_has_one(text: str, found: list[str]) -> None:
    assert names(text) == found
