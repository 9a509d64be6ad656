"""A title that is asked as it stands opens its article; a question for articles lists them."""

from itertools import pairwise
from pathlib import Path

import pytest

from index.article import Article, Entry
from index.readers.liveblog import find_entries
from index.store import open_store
from qa.answer import Question
from qa.ask import Asker
from qa.search import Searcher
from qa.understand.topic import topic_listed, topics_of
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


@pytest.mark.parametrize(
    ("text", "topic"),
    [
        ("What articles do you have about space?", "space"),
        ("Which articles are about the war in Ukraine?", "the war in Ukraine"),
        ("show me all articles on insulin", "insulin"),
        ("Do you have any articles about volcanoes?", "volcanoes"),
        ("Do you have anything on insulin?", "insulin"),
        ("Any stories on wheat?", "wheat"),
        ("Is there anything here about trams?", "trams"),
        ("What have you written about the dam?", "the dam"),
        ("What can I read about volcanoes?", "volcanoes"),
        ("List articles that mention the harbour", "the harbour"),
        ("What is this archive about?", ""),
        ("What can I read about here?", ""),
        ("What do your articles write about?", ""),
        ("What does this site deal with?", ""),
        ("What are these articles about?", ""),
        ("What topics do you cover?", ""),
        ("Which articles do you have?", ""),
        ("What is this archive for?", None),
        ("What is the article about Pompeii based on?", None),
        ("Which articles of the treaty are about borders in space?", None),
        ("Who writes articles about space?", None),
        ("Is there anything that kills mould?", None),
        ("Is there anything on the roof?", None),
        ("What have you read about the dam?", None),
        ("What can I read in the third letter?", None),
        ("Any news on the strike?", None),
        ("What is space about?", None),
    ],
)
def test_articles_are_asked_for_by_their_topic_or_all(text: str, topic: str | None) -> None:
    assert topic_listed(text) == topic


def test_articles_about_a_topic_are_listed_by_how_they_begin(asker: Asker) -> None:
    [comet] = asker.ask(Question("What articles do you have about the comet?")).citations
    assert (comet.article.id, comet.number) == ("comet", 1)
    assert comet.quote == "The comet can be seen with the naked eye until Friday."


def test_all_articles_are_listed_newest_first(asker: Asker) -> None:
    answer = asker.ask(Question("What is this archive about?"))
    listed = [citation.article.id for citation in answer.citations]
    assert listed == ["comet", "harbour", "lighthouse", "dam", "bakery"]
    assert (answer.order, answer.confidence) == ("newest_first", 1.0)
    few = asker.ask(Question("What is this archive about?", k=2, source="Sky Notes"))
    assert [citation.article.id for citation in few.citations] == ["comet"]


def test_where_no_article_is_about_it_there_is_no_list(asker: Asker) -> None:
    assert asker.ask(Question("What articles do you have about gluons?")).citations == ()
