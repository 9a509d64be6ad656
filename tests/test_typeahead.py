"""What is offered while a question is typed: articles by their titles, passages by their words."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from index.store import open_store
from qa.typeahead import Matched, Typeahead
from qa.understand.spelling import Speller
from qa.web.app import create_app
from qa.web.protocols import About
from tests.web_sample import EXAMPLES, SampleArticles, SampleAsker


@pytest.fixture(scope="module")
def typeahead(read_only_data: Path) -> Iterator[Typeahead]:
    store = open_store(read_only_data)
    yield Typeahead(store, Speller(store))
    store.close()


def titles(found: Matched) -> list[str | None]:
    return [each.title for each in found.articles]


def sentences(found: Matched) -> list[str]:
    return [each.article.text[slice(*each.sentence)] for each in found.passages]


@pytest.mark.parametrize("typed", ["lig", "LIGHTH", "cape lighthouse", "orrin the", "lighthuose"])
def test_an_article_is_found_by_beginnings_of_words_of_its_title(
    typeahead: Typeahead, typed: str
) -> None:
    assert "The lighthouse of Cape Orrin" in titles(typeahead.match(typed))


def test_a_title_that_begins_as_what_is_typed_comes_first(typeahead: Typeahead) -> None:
    found = titles(typeahead.match("the ba"))
    assert found[0] == "The bakery in Mill Lane"
    assert len(found) == len(set(found))


def test_words_of_two_titles_find_neither(typeahead: Typeahead) -> None:
    assert titles(typeahead.match("bakery lighthouse")) == []


@pytest.mark.parametrize("typed", ["spillw", "Did the spillway hold", "spilway"])
def test_a_passage_is_found_by_all_of_its_words_the_last_one_half_typed(
    typeahead: Typeahead, typed: str
) -> None:
    assert sentences(typeahead.match(typed)) == ["The spillway held, and no house was lost."]


@pytest.mark.parametrize("typed", ["", "li", "  a ", "zqx", "spillway comet", "???"])
def test_where_nothing_has_all_the_words_nothing_is_offered(
    typeahead: Typeahead, typed: str
) -> None:
    assert typeahead.match(typed).passages == ()


def test_over_http_each_match_has_what_to_read_and_where(typeahead: Typeahead) -> None:
    app = create_app(
        SampleAsker(), SampleArticles(), EXAMPLES, lambda: About(3), match=typeahead.match
    )
    found = TestClient(app).get("/footnote/typed", params={"q": "comet", "lang": "de"}).json()
    [article], [passage] = found["articles"], found["passages"]
    assert article["text"] == "A comet in the evening sky"
    assert article["facts"] == ["Sky Notes", "20. Januar 2023"]
    assert passage["text"].startswith("The comet can be seen")
    assert "quote=0-" in passage["link"]
    assert "lang=de" in passage["link"]
