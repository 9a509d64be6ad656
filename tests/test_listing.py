"""A question for articles is answered by a list of them: how each begins."""

from pathlib import Path

import pytest

from index.store import open_store
from qa.answer import Question
from qa.ask import Asker
from qa.search import Searcher
from qa.understand.listing import topic_listed
from tests.fakes import HashEncoder


@pytest.mark.parametrize(
    ("text", "topic"),
    [
        ("What articles do you have about space?", "space"),
        ("Which articles are about the war in Ukraine?", "the war in Ukraine"),
        ("show me all articles on insulin", "insulin"),
        ("Do you have any articles about volcanoes?", "volcanoes"),
        ("What is this archive about?", ""),
        ("What are these articles about?", ""),
        ("What topics do you cover?", ""),
        ("Which articles do you have?", ""),
        ("What is this archive for?", None),
        ("What is the article about Pompeii based on?", None),
        ("Which articles of the treaty are about borders in space?", None),
        ("Who writes articles about space?", None),
        ("What is space about?", None),
    ],
)
def test_articles_are_asked_for_by_their_topic_or_all(text: str, topic: str | None) -> None:
    assert topic_listed(text) == topic


@pytest.fixture(scope="module")
def asker(read_only_data: Path) -> Asker:
    store = open_store(read_only_data, HashEncoder().model)
    return Asker(store, Searcher(store, HashEncoder()))


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
