"""Links of a page: safe for every id, bounded, and read back as they were made."""

from dataclasses import replace
from urllib.parse import parse_qs, unquote, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from index.article import Article, Page, Passage
from qa.answer import Citation
from qa.present.links import (
    MOST_CITED,
    Cited,
    cited,
    cited_span,
    export_link,
    original_link,
    page_of,
    read_cited,
    reader_link,
    reader_page,
    source_link,
    web_address,
)
from qa.present.version import Version
from tests.web_sample import (
    FEE,
    FOLLOWED,
    HOSTILE,
    LANDING,
    MOON,
    TOUCHED_DOWN_AT,
    answering,
    cite,
)

VERSION = Version("0123456789ab", "cdef01234567")
ANSWER = (cite(MOON, LANDING), cite(MOON, FOLLOWED, 2), cite(HOSTILE, FEE, 3))
ids = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=200)


# The version of an article that is "Words.", quoted whole.
WORDS = "44dcebcdcc56-44dcebcdcc56"


def quoting(text: str, url: str | None = "https://example.org/a", name: str = "a") -> Citation:
    """A citation whose quote is the whole text."""
    passage = Passage(name, 0, len(text), text, ((0, len(text)),))
    return Citation(1, passage, Article(name, text, url=url), text, 0, len(text), 0.5)


def test_a_page_links_to_the_quote_in_its_version_and_scrolls_to_it() -> None:
    quoted = cited(ANSWER[0])
    assert reader_page(ANSWER[0]) == (
        f"/articles/space%2Fapollo-11?quote={quoted.start}-{quoted.end}&v={quoted.version}#quote"
    )


def test_a_link_to_an_excerpt_names_no_version_of_the_article() -> None:
    excerpt = Article("dam", "The dam holds. It was built in 1912.").excerpt(14)
    assert cited_span(excerpt, (0, len(excerpt.text))).version is None


def test_a_link_names_the_citations_of_its_answer() -> None:
    asked = parse_qs(urlsplit(reader_page(ANSWER[1], ANSWER)).query)
    assert [read_cited(text) for text in asked["cited"]] == [cited(each) for each in ANSWER]


def test_the_only_citation_of_an_answer_has_no_others_to_name() -> None:
    assert "cited=" not in reader_page(ANSWER[0], ANSWER[:1])


def test_a_link_names_the_words_that_answer_and_those_of_the_other_citations() -> None:
    told = answering(ANSWER[0], TOUCHED_DOWN_AT)
    span = f"{told.answer_start}-{told.answer_end}"
    asked = parse_qs(urlsplit(reader_page(told, [told, ANSWER[1]])).query)
    assert asked["answer"] == [span]
    assert [read_cited(text) for text in asked["cited"]] == [cited(told), cited(ANSWER[1])]
    assert reader_link(told).endswith(f"&answer={span}")


@pytest.mark.parametrize("answer", ["0-5", "8-12", "7-7", "9-8", "12-13"])
def test_an_answer_outside_of_its_quote_is_none(answer: str) -> None:
    assert read_cited(f"a:3-10~{answer}") == Cited("a", 3, 10)


def test_words_that_answer_move_with_their_quote() -> None:
    assert Cited("a", 3, 10, answer=(4, 6)).moved((13, 20)) == Cited("a", 13, 20, answer=(14, 16))


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
    answer = (start, start + 1) if has_version else None
    quoted = Cited(name, start, start + 1, VERSION if has_version else None, answer)
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
    "text",
    ["", "a", "a:1", "a:1-", ":1-2", "a:x-2", "a:1-2@", "a:1-2@xyz", "a:1-2~", "a" * 1200 + ":1-2"],
)
def test_what_names_no_quote_is_none(text: str) -> None:
    assert read_cited(text) is None


def test_an_answers_citations_can_be_had_as_a_file() -> None:
    link = export_link("ris", ANSWER)
    assert link.startswith("/export/ris?c=space/apollo-11:")
    asked = parse_qs(urlsplit(link).query)
    assert [read_cited(text) for text in asked["c"]] == [cited(each) for each in ANSWER]


@pytest.mark.parametrize(
    ("article_id", "path"),
    [
        ("story", "/articles/story"),
        ("two words", "/articles/two%20words"),
        ("space/apollo-11", "/articles/space%2Fapollo-11"),
        ("../../etc/passwd", "/articles/..%2F..%2Fetc%2Fpasswd"),
        ("a?b=c&d", "/articles/a%3Fb%3Dc%26d"),
        ("a#b", "/articles/a%23b"),
        ("50%", "/articles/50%25"),
        ("Київ", "/articles/%D0%9A%D0%B8%D1%97%D0%B2"),
    ],
)
def test_the_reader_link_holds_the_id_in_one_step_of_its_path(article_id: str, path: str) -> None:
    assert reader_link(quoting("Words.", name=article_id)) == f"{path}?quote=0-6&v={WORDS}"


@given(ids)
def test_every_id_comes_back_whole_from_its_reader_link(article_id: str) -> None:
    parts = urlsplit(reader_link(quoting("Words.", name=article_id)))
    assert parts.path.count("/") == 2
    assert unquote(parts.path.removeprefix("/articles/")) == article_id
    assert (parts.query, parts.fragment, parts.netloc) == (f"quote=0-6&v={WORDS}", "", "")


@pytest.mark.parametrize(
    ("quote", "fragment"),
    [
        ("Ten-year plan.", "Ten%2Dyear%20plan."),
        ("Yes, sir", "Yes%2C%20sir"),
        ("R&D", "R%26D"),
        ("two\nlines  here", "two,lines%20here"),
        ("two  words", "two%20words"),
        ("дамба", "%D0%B4%D0%B0%D0%BC%D0%B1%D0%B0"),
        ("大坝", "%E5%A4%A7%E5%9D%9D"),
        ('a "b" #c', "a%20%22b%22%20%23c"),
    ],
)
def test_the_text_fragment_encodes_all_that_means_something_in_one(
    quote: str, fragment: str
) -> None:
    assert source_link(quoting(quote)) == f"https://example.org/a#:~:text={fragment}"


def test_the_originals_own_fragment_gives_way_to_the_quotes() -> None:
    link = source_link(quoting("Words.", url="https://example.org/a?b=1#part-2"))
    assert link == "https://example.org/a?b=1#:~:text=Words."


@pytest.mark.parametrize(
    "url",
    [
        "javascript:alert(1)",
        " JavaScript:alert(1)",
        "data:text/html,<script>alert(1)</script>",
        "file:///etc/passwd",
        "//example.org/a",
        "httpx://example.org",
        "",
        None,
    ],
)
def test_only_web_addresses_are_linked(url: str | None) -> None:
    assert web_address(Article("a", "words", url=url)) is None
    assert source_link(quoting("words", url=url)) is None


def test_a_web_address_is_linked_in_any_case_and_without_blanks_around() -> None:
    assert web_address(Article("a", "words", url=" HTTPS://Example.org ")) == "HTTPS://Example.org"


def test_a_pdf_is_linked_at_its_page() -> None:
    printed = Article("a", "One. Two.", url="https://a.org/b.pdf", pages=(Page(0, 1), Page(5, 7)))
    assert original_link(printed, (5, 9)) == "https://a.org/b.pdf#page=7"
