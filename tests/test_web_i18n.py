"""Every language says the same things, and each reader gets their own."""

from string import Formatter

import pytest
from hypothesis import given
from hypothesis import strategies as st
from markupsafe import Markup

from index.article import DATE_ORIGINS
from qa.web.i18n import best_language, filled, languages, view_of, words_in


@pytest.mark.parametrize("code", languages())
def test_every_language_has_the_words_and_blanks_of_english(code: str) -> None:
    english, words = words_in("en"), words_in(code)
    assert words.rooms.keys() == english.rooms.keys()
    for room, said in english.rooms.items():
        assert words.rooms[room].keys() == said.keys()
        for name, text in said.items():
            assert words.rooms[room][name].strip() or not text
            assert _blanks(words.rooms[room][name]) == _blanks(text)


def test_each_way_to_tell_a_date_has_words() -> None:
    assert set(words_in("en").of("dates")) == set(DATE_ORIGINS)


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
        ("zxx", "en"),
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


def test_a_link_decides_the_language_and_else_the_browser() -> None:
    assert view_of(None, "uk", "de").words.code == "uk"
    assert view_of(None, "../uk", "de").words.code == "de"
    assert view_of(None, None, None).words.code == "en"
    assert (view_of(None, None, "de").lang, view_of(None, "de", None).lang) == ("", "de")


def test_only_the_panel_is_a_panel() -> None:
    assert [view_of(view, None, None).name for view in ("panel", "Panel", "", None)] == [
        *("panel", "", "", "")
    ]


def test_what_fills_a_blank_is_escaped_but_markup_is_not() -> None:
    assert filled("<By> {a}", a="<b>") == "&lt;By&gt; &lt;b&gt;"
    assert filled("By {a}", a=Markup("<b>")) == "By <b>"
