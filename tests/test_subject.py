"""What stands in front of an article's passages where it has a title, and where it has none."""

import pytest

from index.article import Article, Entry
from index.subject import subject_of

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
