"""A citation says what its article says, or does not exist."""

from dataclasses import FrozenInstanceError, replace
from typing import Any

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from index.article import Article, Entry, Page, Passage
from qa.answer import DEFAULT_K, Answer, Citation, MisquotedError, Question

TEXT = "The dam was built in 1931. It holds back the Tessel. Nobody was hurt."
ARTICLE = Article("dam", TEXT, published="2020-02-11")
PASSAGE = Passage("dam", 0, len(TEXT), TEXT, ((0, 26), (27, 52), (53, 69)))
RIGHT = Citation(1, PASSAGE, ARTICLE, TEXT[27:52], 27, 52, 0.9)

articles_with_two_spans = st.text(st.characters(exclude_categories=["Cs"]), min_size=1).flatmap(
    lambda text: st.tuples(
        st.just(text),
        *[st.integers(0, len(text)) for _ in range(4)],
    )
)


@given(articles_with_two_spans)
def test_any_span_inside_the_passage_with_its_own_text_can_be_cited(
    drawn: tuple[str, int, int, int, int],
) -> None:
    text, *offsets = drawn
    start, quote_start, quote_end, end = sorted(offsets)
    assume(quote_start < quote_end)
    passage = Passage("a", start, end, text[start:end], ())
    quote = text[quote_start:quote_end]
    citation = Citation(1, passage, Article("a", text), quote, quote_start, quote_end, 0.5)
    assert citation.article.text[citation.quote_start : citation.quote_end] == quote


@given(st.text(), st.integers(-5, 80), st.integers(-5, 80))
def test_words_that_are_not_the_articles_at_the_span_are_never_cited(
    quote: str, start: int, end: int
) -> None:
    assume(not (0 <= start < end <= len(TEXT) and quote == TEXT[start:end]))
    with pytest.raises(MisquotedError):
        Citation(1, PASSAGE, ARTICLE, quote, start, end, 0.5)


@pytest.mark.parametrize(
    "wrong",
    [
        {"quote": TEXT[27:51]},
        {"quote": TEXT[27:52].lower()},
        {"quote_start": 26},
        {"quote_end": 53},
        {"quote_start": 28, "quote_end": 53},
        {"quote_start": 27 - len(TEXT), "quote_end": 52 - len(TEXT)},
        {"quote": "", "quote_end": 27},
    ],
)
def test_a_quote_beside_its_span_is_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(MisquotedError):
        replace(RIGHT, **wrong)


def test_a_misquote_is_told_with_its_words_its_place_and_its_article() -> None:
    with pytest.raises(MisquotedError, match=r"'dam' does not say 'It held back.*' at 27-52"):
        replace(RIGHT, quote="It held back the Tesselll.")


def test_a_quote_that_leaves_its_passage_is_refused_although_the_article_says_it() -> None:
    passage = Passage("dam", 0, 52, TEXT[:52], ((0, 26), (27, 52)))
    with pytest.raises(MisquotedError, match=r"53-69 leaves passage dam:0-52"):
        Citation(1, passage, ARTICLE, TEXT[53:69], 53, 69, 0.9)


def test_a_passage_of_another_article_is_refused_although_the_words_are_the_same() -> None:
    with pytest.raises(MisquotedError, match="is not of article 'copy'"):
        replace(RIGHT, article=Article("copy", TEXT))


def test_a_passage_that_is_not_the_articles_text_is_refused() -> None:
    older = TEXT.replace("1931", "1913")
    passage = Passage("dam", 0, len(older), older, ())
    with pytest.raises(MisquotedError, match="not the article's text at its span"):
        replace(RIGHT, passage=passage)


@pytest.mark.parametrize(
    ("time", "published", "when"),
    [
        ("2022-09-29T21:13:00+02:00", "2022-09-30", "2022-09-29T21:13:00+02:00"),
        (None, "2022-09-30", "2022-09-30"),
        (None, None, None),
    ],
)
def test_when_is_the_entrys_time_before_the_publication_date(
    time: str | None, published: str | None, when: str | None
) -> None:
    entry = Entry(0, len(TEXT), time, "Dam", clock="9:13pm")
    article = Article("dam", TEXT, published=published, entries=(entry,))
    cited = replace(RIGHT, article=article, passage=replace(PASSAGE, entry=entry))
    assert (cited.when, cited.heading) == (when, "Dam")


def test_an_ordinary_article_has_its_date_and_no_heading() -> None:
    assert (RIGHT.when, RIGHT.heading) == ("2020-02-11", None)


def test_the_status_follows_from_the_citations_alone() -> None:
    answered = Answer(Question("dam?"), "2026", (RIGHT,), (), 1.0)
    assert answered.status == "answered"
    assert replace(answered, citations=(), nearest=(RIGHT,)).status == "not_covered"
    assert replace(answered, citations=()).status == "not_covered"


@pytest.mark.parametrize(
    ("confidence", "nearest", "is_unsure", "is_close"),
    [
        (0.2, (RIGHT,), True, True),
        (0.15, (RIGHT,), True, True),
        (0.1, (RIGHT,), False, True),
        (0.07, (RIGHT,), False, False),
        (0.2, (), False, False),
    ],
)
def test_an_answer_is_unsure_or_close_where_what_came_closest_is_likely_enough(
    confidence: float, nearest: tuple[Citation, ...], is_unsure: bool, is_close: bool
) -> None:
    answer = Answer(Question("?"), "2026", (), nearest, 1.0, confidence, unsure_from=0.15)
    assert (answer.is_unsure, answer.is_close) == (is_unsure, is_close)
    assert answer.status == "not_covered"
    answered = replace(answer, citations=(RIGHT,), nearest=())
    assert not answered.is_unsure | answered.is_close


@pytest.mark.parametrize(
    ("value", "name"),
    [
        (RIGHT, "quote"),
        (Question("dam?"), "text"),
        (Answer(Question("dam?"), "2026", (), (), 1.0), "citations"),
    ],
)
def test_answers_and_their_parts_cannot_be_changed(value: object, name: str) -> None:
    assert not hasattr(value, "__dict__")
    with pytest.raises(FrozenInstanceError):
        setattr(value, name, "another")


def test_a_question_asks_for_five_hits_and_filters_nothing_by_itself() -> None:
    asked = Question("dam?")
    assert (asked.k, asked.history) == (DEFAULT_K, ()) == (5, ())
    assert (asked.after, asked.before, asked.source, asked.asked_at) == (None,) * 4


def test_a_citation_has_the_page_that_its_quote_begins_on() -> None:
    printed = replace(ARTICLE, pages=(Page(0, 1), Page(30, 2), Page(53, 3)))
    assert replace(RIGHT, article=printed).page == 1
    assert replace(RIGHT, article=printed, quote=TEXT[53:], quote_start=53, quote_end=69).page == 3
    assert RIGHT.page is None
