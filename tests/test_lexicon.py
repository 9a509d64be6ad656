"""The words of an archive, and those that are a few letters away."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rapidfuzz.distance import OSA

from qa.understand.lexicon import Lexicon, english, fold

SPELLINGS = [("apollo", 9), ("polo", 2), ("saarbrücken", 1), ("sofia", 3), ("софия", 4), ("46", 8)]
LEXICON = Lexicon(SPELLINGS)


@pytest.mark.parametrize("word", ["Apollo", "APOLLO", "saarbrucken", "Saarbru\u0308cken"])
def test_a_word_is_known_in_any_case_and_without_its_accents(word: str) -> None:
    assert word in LEXICON
    assert "apolo" not in LEXICON


@pytest.mark.parametrize(
    ("typed", "edits", "meant"),
    [
        ("apolo", 1, ["apollo", "polo"]),
        ("apllo", 2, ["polo"]),
        ("aoplo", 2, ["apollo", "polo"]),
        ("Saarbrukcen", 1, ["saarbrücken"]),
        ("софиа", 1, ["софия"]),
        ("47", 1, []),
        ("zeppelin", 2, []),
    ],
)
def test_words_near_come_as_the_archive_spells_them_and_the_commonest_first(
    typed: str, edits: int, meant: list[str]
) -> None:
    assert LEXICON.near(typed, edits) == meant


def test_an_archive_without_words_has_none_near() -> None:
    assert "apollo" not in Lexicon([])
    assert Lexicon([]).near("apollo", 2) == []


@pytest.mark.parametrize(
    "word", ["\N{HALFWIDTH KATAKANA VOICED SOUND MARK}", "\ufdfa" * 30, "x" * 99]
)
def test_words_without_letters_or_without_end_are_no_words(word: str) -> None:
    lexicon = Lexicon([(word, 1), *SPELLINGS])
    assert lexicon.near(word, 1) == []
    assert lexicon.near("apolo", 1) == ["apollo", "polo"]


WORD = st.text("abcdeéя", min_size=1, max_size=6)


@given(st.lists(WORD, unique_by=fold), WORD, st.integers(1, 2))
def test_no_word_so_near_is_left_out_and_none_comes_that_is_not(
    words: list[str], typed: str, edits: int
) -> None:
    lexicon = Lexicon((word, 1) for word in words)
    right = {word for word in words if OSA.distance(fold(word), fold(typed)) == edits}
    assert set(lexicon.near(typed, edits)) == right


def test_common_words_and_names_are_english_and_errors_are_not() -> None:
    assert all(word in english() for word in ("leeks", "colour", "color", "Gagarin"))
    assert not any(word in english() for word in ("streem", "goverment", "apolo"))
