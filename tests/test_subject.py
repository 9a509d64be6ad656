"""What stands in front of an article's passages where it has a title, and where it has none."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from index.article import Article, Entry
from index.split import LONGEST_PASSAGE, sentence_spans, subject_of

LONG = " The water rose by a metre in the night." * 40
OPENING = "The dam on the Tessel broke before dawn on Monday."


def test_the_title_is_the_subject() -> None:
    assert subject_of(Article("a", OPENING + LONG, title="A dam breaks")) == "A dam breaks"


def test_without_a_title_it_is_the_opening_sentence() -> None:
    assert subject_of(Article("a", OPENING + LONG)) == OPENING


@pytest.mark.parametrize(
    "before", ["TESSEL VALLEY, 3 May —", "Share this.", "Have you ever seen a dam break?"]
)
def test_a_dateline_a_label_and_a_question_are_no_opening(before: str) -> None:
    assert subject_of(Article("a", f"{before}\n\n{OPENING}{LONG}")) == OPENING


@pytest.mark.parametrize(
    ("first", "opens"),
    [("A dam broke near Tessel today.", True), ("A dam broke today, Monday.", False)],
)
def test_six_words_are_enough_for_an_opening(first: str, opens: bool) -> None:
    assert (subject_of(Article("a", f"{first}\n\n{OPENING}{LONG}")) == first) == opens


def test_of_a_long_opening_thirty_words_are_enough() -> None:
    words = [f"word{number}" for number in range(80)]
    subject = subject_of(Article("a", " ".join(words) + "." + LONG))
    assert subject == " ".join(words[:30])


def test_one_passage_alone_needs_no_subject() -> None:
    assert subject_of(Article("a", OPENING)) is None


def test_a_live_blog_has_none_for_it_opens_with_its_latest_entry() -> None:
    text = OPENING + LONG
    assert subject_of(Article("a", text, entries=(Entry(0, len(text), None, ""),))) is None


def test_an_article_without_a_single_statement_has_none() -> None:
    assert subject_of(Article("a", "one two three four\n\n" * 80)) is None


def test_a_quotation_that_states_something_is_an_opening() -> None:
    opening = "“Nobody saw the water come that night.”"
    assert subject_of(Article("a", f"{opening}\n\n{LONG}")) == opening


def test_an_opening_is_one_line_however_an_editor_wrapped_it() -> None:
    wrapped = "The dam on the river Tessel broke before dawn\non Monday, as the keeper had said."
    assert subject_of(Article("a", f"{wrapped}\n\n{LONG}")) == wrapped.replace("\n", " ")


@pytest.mark.parametrize(("words", "has_one"), [(LONGEST_PASSAGE, False), (191, True)])
def test_an_article_of_more_than_a_passage_has_an_opening(words: int, has_one: bool) -> None:
    text = " ".join(["word"] * (words - 6) + ["It was a stormy night indeed."])
    assert (subject_of(Article("a", text)) is not None) == has_one


@given(st.lists(st.sampled_from(["word", "Rain fell.", "Why?", "\n\n", "It rose.", "“Oh", "!”"])))
def test_whatever_the_text_an_opening_is_the_beginning_of_a_sentence_of_it(
    pieces: list[str],
) -> None:
    text = " ".join([*pieces, LONG])
    subject = subject_of(Article("a", text))
    assert subject is not None
    assert 6 <= len(subject.split()) <= 30
    sentences = (text[start:end].split() for start, end in sentence_spans(text, 0, len(text)))
    assert subject.split() in [sentence[:30] for sentence in sentences]
