"""Links of a page: safe for every id, bounded, and read back as they were made."""

from dataclasses import replace
from urllib.parse import parse_qs, unquote, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qa.present.links import MOST_CITED, Cited, cited, export_link, page_of, read_cited, reader_page
from qa.present.version import Version
from tests.web_sample import FEE, FOLLOWED, HOSTILE, LANDING, MOON, cite

VERSION = Version("0123456789ab", "cdef01234567")
ANSWER = (cite(MOON, LANDING), cite(MOON, FOLLOWED, 2), cite(HOSTILE, FEE, 3))
ids = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=200)


def test_a_page_links_to_the_quote_in_its_version_and_scrolls_to_it() -> None:
    quoted = cited(ANSWER[0])
    assert reader_page(ANSWER[0]) == (
        f"/articles/space%2Fapollo-11?quote={quoted.start}-{quoted.end}&v={quoted.version}#quote"
    )


def test_a_link_names_the_citations_of_its_answer() -> None:
    asked = parse_qs(urlsplit(reader_page(ANSWER[1], ANSWER)).query)
    assert [read_cited(text) for text in asked["cited"]] == [cited(each) for each in ANSWER]


def test_the_only_citation_of_an_answer_has_no_others_to_name() -> None:
    assert "cited=" not in reader_page(ANSWER[0], ANSWER[:1])


def test_view_and_language_are_kept() -> None:
    asked = parse_qs(urlsplit(reader_page(ANSWER[0], view="panel", lang="uk")).query)
    assert (asked["view"], asked["lang"]) == (["panel"], ["uk"])


@pytest.mark.parametrize(
    "among",
    [
        [Cited("a", number, number + 1) for number in range(MOST_CITED + 1)],
        [Cited(f"{number}" * 900, 0, 1) for number in range(MOST_CITED - 1)],
    ],
)
def test_citations_that_make_a_link_too_long_are_left_out(among: list[Cited]) -> None:
    assert page_of(among[0], among) == page_of(among[0])


@given(ids, st.integers(0, 999_999_999), st.booleans())
def test_every_quote_is_read_back_from_its_place(name: str, start: int, has_version: bool) -> None:
    quoted = Cited(name, start, start + 1, VERSION if has_version else None)
    if len(str(quoted)) <= 1000 and start < 999_999_999:
        assert read_cited(str(quoted)) == quoted


@given(ids)
def test_every_id_comes_back_whole_from_its_page(name: str) -> None:
    quoted = Cited(name, 0, 5, VERSION)
    parts = urlsplit(page_of(quoted, [quoted, replace(quoted, start=1)]))
    assert (parts.scheme, parts.netloc, parts.fragment) == ("", "", "quote")
    assert unquote(parts.path.removeprefix("/articles/")) == name
    assert parts.path.count("/") == 2
    assert parse_qs(parts.query)["cited"][0] == str(quoted)


@pytest.mark.parametrize(
    "text", ["", "a", "a:1", "a:1-", ":1-2", "a:x-2", "a:1-2@", "a:1-2@xyz", "a" * 1200 + ":1-2"]
)
def test_what_names_no_quote_is_none(text: str) -> None:
    assert read_cited(text) is None


def test_an_answers_citations_can_be_had_as_a_file() -> None:
    link = export_link("ris", ANSWER)
    assert link.startswith("/export/ris?c=space/apollo-11:")
    asked = parse_qs(urlsplit(link).query)
    assert [read_cited(text) for text in asked["c"]] == [cited(each) for each in ANSWER]
