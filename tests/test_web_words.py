"""Every language says the same things, and the reader's own is found."""

from string import Formatter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qa.web.i18n import best_language, languages, words_in


@pytest.mark.parametrize("code", languages())
def test_every_language_has_the_words_and_blanks_of_english(code: str) -> None:
    english, words = words_in("en"), words_in(code)
    assert words.rooms.keys() == english.rooms.keys()
    for room, said in english.rooms.items():
        assert words.rooms[room].keys() == said.keys()
        for name, text in said.items():
            assert words.rooms[room][name].strip() or not text
            assert _blanks(words.rooms[room][name]) == _blanks(text)


def test_only_arabic_is_written_from_the_right() -> None:
    assert [code for code in languages() if words_in(code).direction == "rtl"] == ["ar"]


def test_a_language_that_is_not_there_is_an_error() -> None:
    with pytest.raises(KeyError):
        words_in("../en")


@pytest.mark.parametrize(
    ("accepted", "code"),
    [
        (None, "en"),
        ("", "en"),
        ("pt", "en"),
        ("de-AT,de;q=0.9,en;q=0.8", "de"),
        ("en;q=0.3, ar;q=0.7", "ar"),
        ("fr;q=0, es;q=0.1", "es"),
        ("UK", "uk"),
        ("de;q=x", "en"),
    ],
)
def test_the_language_wanted_most_is_found(accepted: str | None, code: str) -> None:
    assert best_language(accepted) == code


@given(st.text())
def test_any_header_finds_some_language(accepted: str) -> None:
    assert best_language(accepted) in languages()


def _blanks(text: str) -> set[str | None]:
    return {name for _, name, _, _ in Formatter().parse(text) if name is not None}
