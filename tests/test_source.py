"""A source that no article is of is a mistake, which is told with the nearest names."""

from pathlib import Path

import pytest

from index.store import Store, open_store
from qa.answer import Question
from qa.ask import Asker
from qa.question import BadQuestionError, check_source
from qa.search import Searcher
from tests.fakes import HashEncoder


@pytest.fixture(scope="module")
def store(read_only_data: Path) -> Store:
    return open_store(read_only_data, HashEncoder().model)


@pytest.mark.parametrize(
    ("asked", "nearest"),
    [
        ("Coast", "Coast Weekly"),
        ("coast weekly", "Coast Weekly"),
        ("Inland Gazete", "Inland Gazette"),
        ("SkyNotes", "Sky Notes"),
        ("inland-gazette.example", "Inland Gazette"),
    ],
)
def test_an_unknown_source_is_refused_with_the_nearest(
    store: Store, asked: str, nearest: str
) -> None:
    with pytest.raises(BadQuestionError) as refused:
        check_source(Question("Which dam?", source=asked), store)
    assert refused.value.code == "unknown_source"
    assert str(refused.value).startswith(
        f"no article is of the source {asked!r}: ask for {nearest!r}"
    )


def test_a_source_by_its_exact_name_and_none_are_let_through(store: Store) -> None:
    check_source(Question("Which dam?", source="Inland Gazette"), store)
    check_source(Question("Which dam?"), store)


def test_whatever_is_asked_of_an_unknown_source_is_refused(store: Store) -> None:
    asker = Asker(store, Searcher(store, HashEncoder()))
    for ask in (asker.ask, asker.search, asker.days):
        with pytest.raises(BadQuestionError, match="no article is of the source 'Nope'"):
            ask(Question("Which dam?", source="Nope"))
