"""A quote is found again in a changed article, or said to be gone; never is another marked."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from index.article import Article
from qa.present.version import Version, read_version, standing, version_of

FIRST = Article("a", "The dam leaks. No one is hurt. Water stands in two streets.")
QUOTE = "No one is hurt."
SPAN = (FIRST.text.index(QUOTE), FIRST.text.index(QUOTE) + len(QUOTE))
VERSION = version_of(FIRST, SPAN)


def changed(text: str) -> Article:
    return Article("a", text)


def test_a_version_is_read_back_from_a_link() -> None:
    assert read_version(str(VERSION)) == VERSION


def test_a_version_holds_the_first_digits_of_both_digests() -> None:
    assert FIRST.digest.removeprefix("sha256:").startswith(VERSION.article)
    assert len(str(VERSION)) == 25


@pytest.mark.parametrize("text", ["", "abc", str(VERSION)[:-1], f"{VERSION}0", "g" * 12 + "-0"])
def test_what_is_no_version_is_none(text: str) -> None:
    assert read_version(text) is None


def test_in_the_same_version_a_quote_stands_where_it_stood() -> None:
    found = standing(FIRST, SPAN, VERSION)
    assert (found.span, found.is_changed) == (SPAN, False)


def test_what_else_changed_is_told_of_a_quote_that_stands_where_it_stood() -> None:
    found = standing(changed(f"{FIRST.text} It was mended."), SPAN, VERSION)
    assert (found.span, found.is_changed) == (SPAN, True)


def test_a_quote_that_moved_is_found_again() -> None:
    later = changed(f"UPDATED. {FIRST.text}")
    found = standing(later, SPAN, VERSION)
    assert found.is_changed
    assert found.span is not None
    assert later.text[slice(*found.span)] == QUOTE


def test_a_quote_that_is_gone_is_not_marked_elsewhere() -> None:
    found = standing(changed(FIRST.text.replace("No one", "A man")), SPAN, VERSION)
    assert (found.span, found.is_changed) == (None, True)


def test_a_quote_past_the_end_of_a_shorter_text_is_found_again() -> None:
    assert standing(changed(QUOTE), SPAN, VERSION).span == (0, len(QUOTE))


def test_of_several_places_the_nearest_is_taken() -> None:
    later = changed(f"{QUOTE} It was said again and again that nothing is lost: {QUOTE}")
    assert standing(later, (2, 2 + len(QUOTE)), VERSION).span == (0, len(QUOTE))
    far = (len(later.text) - len(QUOTE), len(later.text))
    assert standing(later, (60, 60 + len(QUOTE)), VERSION).span == far


def test_a_span_that_does_not_fit_its_version_marks_nothing() -> None:
    assert standing(FIRST, (0, 7), VERSION).span is None
    assert standing(FIRST, SPAN, replace(VERSION, quote="0" * 12)).span is None


@pytest.mark.parametrize("span", [(5, 5), (9, 3), (0, 999), (-3, 4)])
def test_without_a_version_a_span_has_to_lie_in_the_text(span: tuple[int, int]) -> None:
    assert standing(FIRST, span, None).span is None
    assert standing(FIRST, (0, 3), None).span == (0, 3)


@given(st.text("ab .\n大坝é", min_size=1), st.text("ab .\n大é"), st.data())
def test_words_that_still_stand_whole_are_found(text: str, more: str, data: st.DataObject) -> None:
    words = [word for word in text.split() if word]
    if not words:
        return
    quote = data.draw(st.sampled_from(words))
    start = text.index(quote)
    if start and text[start - 1].isalnum() and quote[0].isalnum():
        return
    version = version_of(Article("a", text), (start, start + len(quote)))
    later = Article("a", f"{more} {text}")
    found = standing(later, (start, start + len(quote)), version).span
    assert found is not None
    assert later.text[slice(*found)] == quote


@given(st.text(), st.integers(-5, 50), st.integers(-5, 50))
def test_what_is_found_is_what_was_quoted(text: str, start: int, end: int) -> None:
    article = Article("a", text.encode(errors="replace").decode())
    found = standing(article, (start, end), Version("0" * 12, VERSION.quote)).span
    assert found is None or article.text[slice(*found)] == QUOTE
