"""The JSON forms: their keys are a contract, their links are safe."""

import json
from typing import Any
from urllib.parse import unquote, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from index.article import Article, Passage
from qa.answer import Answer, Citation, Hit, Question, When
from qa.present.wire import (
    answer_json,
    citation_json,
    error_json,
    hits_json,
    reader_link,
    source_link,
    web_address,
    whole_article_json,
)
from tests.web_sample import BLOG, CEREMONY, HOSTILE, LANDING, MOON, answer, cite

ARTICLE_KEYS = {"id", "title", "source", "author", "published", "updated", "url", "digest"}
CITATION_KEYS = {
    *("number", "quote", "quote_start", "quote_end", "passage", "article", "when", "heading"),
    *("score", "link", "source_link", "also_in"),
}
ANSWER_KEYS = set(
    """
    id question asked_at status confidence understood_as understood_when order reports_differ reply
    citations nearest suggestions page_article took_ms
    """.split()
)
encodable = st.text(st.characters(exclude_categories=["Cs"]), min_size=1)


def quoting(text: str, url: str | None = "https://example.org/a", name: str = "a") -> Citation:
    """A citation whose quote is the whole text."""
    passage = Passage(name, 0, len(text), text, ((0, len(text)),))
    return Citation(1, passage, Article(name, text, url=url), text, 0, len(text), 0.5)


def test_an_answer_has_the_keys_of_the_contract_and_no_others() -> None:
    sent = answer_json(answer(Question("ceremony?", id="q7"), cite(BLOG, CEREMONY)))
    assert set(sent) == ANSWER_KEYS
    assert (sent["id"], sent["question"], sent["status"]) == ("q7", "ceremony?", "answered")
    assert (sent["asked_at"], sent["nearest"], sent["took_ms"]) == ("2026-01-31T09:00:00Z", [], 7.9)


def test_an_answer_that_is_not_covered_has_its_nearest_in_the_shape_of_citations() -> None:
    sent = answer_json(Answer(Question("tea?"), "2026", (), (cite(MOON, LANDING),), 1.04))
    assert (sent["status"], sent["citations"], sent["took_ms"]) == ("not_covered", [], 1.0)
    assert [set(near) for near in sent["nearest"]] == [CITATION_KEYS]
    assert sent["id"] is None


def test_what_was_understood_is_told_and_without_more_it_is_the_question() -> None:
    when = When("on 1 May", "1 May 2022", "2022-05-01", "2022-05-01", is_exact=True)
    sent = answer_json(Answer(Question("why?"), "2026", (), (), 1.0, understood_when=when))
    assert sent["understood_as"] == "why?"
    assert sent["understood_when"] == {
        "phrase": "on 1 May",
        "text": "1 May 2022",
        "after": "2022-05-01",
        "before": "2022-05-01",
        "exact": True,
    }
    asked = Answer(Question("why?"), "2026", (), (), 1.0, understood_as="why did it leak?")
    assert answer_json(asked)["understood_as"] == "why did it leak?"


def test_a_citation_has_the_keys_of_the_contract_and_no_others() -> None:
    sent = citation_json(cite(BLOG, CEREMONY, entry=BLOG.entries[1]))
    assert set(sent) == CITATION_KEYS
    assert set(sent["passage"]) == {"id", "start", "end", "text"}
    assert set(sent["article"]) == ARTICLE_KEYS
    assert (sent["when"], sent["heading"]) == (
        "2022-09-29T21:13:00+02:00",
        "Signing set for Friday",
    )


def test_offsets_on_the_wire_count_in_the_articles_text() -> None:
    sent = citation_json(cite(MOON, LANDING))
    assert MOON.text[sent["quote_start"] : sent["quote_end"]] == sent["quote"] == LANDING
    passage = sent["passage"]
    assert MOON.text[passage["start"] : passage["end"]] == passage["text"]
    assert passage["id"] == f"space/apollo-11:{passage['start']}-{passage['end']}"
    assert sent["article"]["digest"] == MOON.digest


def test_the_same_words_elsewhere_are_named_by_article_and_passage() -> None:
    twin = Passage("copy", 10, 15, "words", ())
    said = Citation(1, Passage("a", 0, 5, "words", ()), Article("a", "words"), "words", 0, 5, 0.5)
    one = citation_json(Citation(1, said.passage, said.article, "words", 0, 5, 0.5, (twin,)))
    assert one["also_in"] == [{"article_id": "copy", "passage_id": "copy:10-15"}]
    assert citation_json(said)["also_in"] == []


def test_hits_have_the_keys_of_the_contract_and_count_from_one() -> None:
    passages = [cite(MOON, LANDING).passage, cite(BLOG, CEREMONY).passage]
    sent = hits_json(Question("moon?"), [Hit(passages[0], 1.23456), Hit(passages[1], -0.5)])
    assert set(sent) == {"id", "question", "hits"}
    assert [set(hit) for hit in sent["hits"]] == [
        {"rank", "score", "article_id", "passage_id", "text"}
    ] * 2
    assert [(hit["rank"], hit["score"]) for hit in sent["hits"]] == [(1, 1.2346), (2, -0.5)]
    assert sent["hits"][0]["passage_id"] == passages[0].id


def test_a_whole_article_has_its_text_and_entries_beside_what_a_citation_tells() -> None:
    sent = whole_article_json(BLOG)
    assert set(sent) == ARTICLE_KEYS | {"text", "entries"}
    assert [set(entry) for entry in sent["entries"]] == [{"start", "end", "time", "heading"}] * 2
    assert sent["entries"][0]["time"] is None
    assert sent["text"] == BLOG.text


def test_what_is_not_known_of_an_article_is_null() -> None:
    sent = whole_article_json(Article("a", "words"))
    assert [name for name, value in sent.items() if value is None] == [
        *("title", "source", "author", "published", "updated", "url")
    ]


def test_an_error_has_one_shape() -> None:
    assert error_json("bad_k", "k is 0") == {"error": {"code": "bad_k", "message": "k is 0"}}


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
    assert reader_link(quoting("Words.", name=article_id)) == f"{path}?quote=0-6"


@given(encodable)
def test_every_id_comes_back_whole_from_its_reader_link(article_id: str) -> None:
    parts = urlsplit(reader_link(quoting("Words.", name=article_id)))
    assert parts.path.count("/") == 2
    assert unquote(parts.path.removeprefix("/articles/")) == article_id
    assert (parts.query, parts.fragment, parts.netloc) == ("quote=0-6", "", "")


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


@pytest.mark.parametrize(
    "sent",
    [
        answer_json(answer(Question("fee \N{PILE OF POO}?"), cite(HOSTILE, "(alert(3)"[1:]))),
        hits_json(Question("дамба?"), [Hit(cite(HOSTILE, "1. one\n* two").passage, 0.5)]),
        whole_article_json(HOSTILE),
    ],
)
def test_everything_can_be_sent_as_utf_8_and_read_back(sent: dict[str, Any]) -> None:
    assert json.loads(json.dumps(sent, ensure_ascii=False, allow_nan=False).encode()) == sent
