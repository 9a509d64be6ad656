"""A reference says what is known of a quote, and no more."""

from dataclasses import replace

import pytest

from index.article import Article
from qa.present.references import Reference, citation_line, line, reference, reference_of
from tests.web_sample import BLOG, CEREMONY, FEE, HOSTILE, LANDING, MOON, cite

BARE = Reference("k", "It leaks.", "The dam", None, None, None, None)


def test_a_citation_is_a_line_to_be_pasted() -> None:
    assert citation_line(cite(MOON, LANDING)) == (
        f"“{LANDING}” — The first landing on the Moon, Mara Lindqvist, The Orbital Record, "
        "20 July 2019. https://example.org/apollo-11?a=1&b=2#:~:text="
        "The%20Eagle%20touched%20down%20in%20the%20Sea%20of%20Tranquility%20at%2020%3A17%20UTC"
        "%20on%2020%20July%201969."
    )


def test_a_live_blogs_citation_tells_the_time_of_its_entry() -> None:
    line = citation_line(cite(BLOG, CEREMONY, entry=BLOG.entries[1]))
    assert line == (
        f"“{CEREMONY}” — Live: the decrees, Newsroom 24, 29 September 2022, 21:13 (UTC+02:00)."
    )


def test_without_a_web_address_the_page_is_linked_that_was_told() -> None:
    assert citation_line(cite(HOSTILE, FEE)).endswith(".")
    page = "http://localhost/articles/x"
    assert citation_line(cite(HOSTILE, FEE), page).endswith(f". {page}")


def test_the_entry_of_a_span_is_found() -> None:
    start = BLOG.text.index(CEREMONY)
    assert reference(BLOG, (start, start + 11)).issued == "2022-09-29T21:13:00+02:00"
    assert reference(BLOG, (0, 7)).issued == "2022-09-29"


def test_line_breaks_and_control_characters_become_spaces() -> None:
    article = Article("a", "One\nTwo\tThree\u2028four\x00.", title="A\r\nER  - ", author="\x1b[1m")
    found = reference(article, (0, len(article.text)))
    assert (found.quote, found.title, found.author) == ("One Two Three four .", "A ER -", "[1m")


@pytest.mark.parametrize(
    ("issued", "parts"),
    [
        ("2022", (2022,)),
        ("2022-09", (2022, 9)),
        ("2022-09-29", (2022, 9, 29)),
        ("2022-09-29T21:13:00+02:00", (2022, 9, 29)),
        ("2022-13-45", ()),
        ("<i>never</i>", ()),
        ("20220929", ()),
        (None, ()),
    ],
)
def test_as_much_of_a_date_as_is_known(issued: str | None, parts: tuple[int, ...]) -> None:
    assert replace(BARE, issued=issued).date_parts == parts


def test_quotes_of_two_places_have_two_keys() -> None:
    keys = {reference_of(cite(MOON, quote)).key for quote in (LANDING, "Aldrin followed him.")}
    assert len(keys) == 2


@pytest.mark.parametrize("words", ['"It leaks."', "“It leaks.”", "«It leaks.»"])
def test_words_that_stand_in_quotation_marks_get_no_second_pair(words: str) -> None:
    article = Article("dam", f"He said: {words} So it was.", title="The dam")
    start = article.text.index(words)
    written = line(reference(article, (start, start + len(words))))
    assert written.startswith(f"{words} — The dam.")


def test_marks_inside_of_a_quote_are_not_taken_for_its_own() -> None:
    text = '"It leaks," he said, "and more."'
    assert line(reference(Article("dam", text), (0, len(text)))).startswith(f"“{text}” — ")
