"""How a page is shown, and dates in the words of each language."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from markupsafe import Markup

from qa.present.dates import told
from qa.web.i18n import filled, languages, view_of


@pytest.mark.parametrize(
    ("language", "day", "month"),
    [
        ("en", "29 September 2022", "September 2022"),
        ("fr", "29 septembre 2022", "septembre 2022"),
        ("de", "29. September 2022", "September 2022"),
        ("es", "29 de septiembre de 2022", "septiembre de 2022"),
        ("uk", "29 вересня 2022\u202fр.", "вересень 2022\u202fр."),
        ("ar", "29 سبتمبر 2022", "سبتمبر 2022"),
    ],
)
def test_a_date_is_told_as_the_language_tells_it(language: str, day: str, month: str) -> None:
    comma = "،" if language == "ar" else ","
    assert told("2022-09-29", language) == day
    assert told("2022-09", language) == month
    assert told("2022", language) == "2022"
    assert told("2022-09-29T21:13:00", language) == f"{day}{comma} 21:13"
    assert told("2022-09-29T21:13:00+02:00", language) == f"{day}{comma} 21:13 (UTC+02:00)"


@given(st.text() | st.from_regex(r"\d{4}-\d\d-\d\d(T\d\d:\d\d)?", fullmatch=True))
def test_any_text_in_place_of_a_date_is_told_somehow(iso: str) -> None:
    for language in languages():
        assert told(iso, language) or not iso


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
