"""A title or a heading that is asked as it stands opens its article."""

from itertools import pairwise
from pathlib import Path

import pytest

from index.article import Article, Entry
from index.readers.liveblog import find_entries
from index.store import open_store
from qa.answer import Question
from qa.ask import Asker
from qa.search import Searcher
from qa.understand.topic import topics_of
from tests.fakes import HashEncoder


@pytest.fixture(scope="module")
def asker(read_only_data: Path) -> Asker:
    encoder = HashEncoder()
    store = open_store(read_only_data, encoder.model)
    return Asker(store, Searcher(store, encoder))


def test_no_topic_is_cut_at_an_abbreviation() -> None:
    headings = ("What the U.S. and the U.K. want", "Talks with the U.S.", "Dr. Field vs. St. Orrin")
    text = "All times are GMT.\n" + "\n".join(f"4:25am: {each}\nThey met." for each in headings)
    blog = Article("blog", text, entries=tuple(find_entries(text, None, None)))
    assert topics_of(blog, 0) == list(headings)
    title = "U.S. ships sail for St. Orrin, Capt. Field says"
    assert topics_of(Article("ships", "They sail.", title=title), 0) == [title]


@pytest.mark.parametrize(
    ("text", "article", "lead"),
    [
        (
            "The lighthouse of Cape Orrin",
            "lighthouse",
            "The lighthouse of Cape Orrin was lit for the first time on 3 November 1874.",
        ),
        ("the bakery in  mill lane", "bakery", "The bakery in Mill Lane closed after 112 years."),
        ("Mayor speaks to the crews", "harbour", "The mayor said that a deal was near."),
        ("Talks break off", "harbour", "Neither side would say why the talks had failed."),
    ],
)
def test_the_lead_is_the_answer(asker: Asker, text: str, article: str, lead: str) -> None:
    answer = asker.ask(Question(text))
    [citation] = answer.citations
    assert (citation.article.id, citation.quote, citation.number) == (article, lead, 1)
    assert (answer.status, answer.confidence) == ("answered", 1.0)


@pytest.mark.parametrize("text", ["The lighthouse", "When was the lighthouse of Cape Orrin lit?"])
def test_a_question_or_a_part_of_a_title_is_asked_as_any_other(asker: Asker, text: str) -> None:
    assert asker.ask(Question(text)).confidence < 1


def test_the_topic_of_an_article_is_its_title() -> None:
    assert topics_of(Article("a", "It leaks.", title="The dam"), 0) == ["The dam"]
    assert topics_of(Article("a", "It leaks."), 0) == []


def test_topics_of_a_live_blog_are_its_headings_the_nearest_first() -> None:
    text = "One. Two. Three. Four. "
    starts = [0, 5, 10, 17, 23]
    entries = tuple(
        Entry(start, end, None, text[start : end - 2]) for start, end in pairwise(starts)
    )
    blog = Article("a", text, title="Live", entries=entries)
    assert topics_of(blog, 12) == ["Four", "Two", "One"]
