"""How near passages lie to what was cited."""

from pathlib import Path

import numpy as np
import pytest

from index.article import parse_passage_id
from qa.nearness import beside, keys_of, nearness
from tests.archives import Opened, build_records, open_index

LONG = " ".join(f"Sentence {number} tells of the dam and of its long wall." for number in range(60))
RECORDS = [{"_id": "news/dam:1", "text": LONG}, {"_id": "b", "text": "The bakery closed."}]


@pytest.fixture(scope="module")
def opened(tmp_path_factory: pytest.TempPathFactory) -> Opened:
    data: Path = tmp_path_factory.mktemp("near") / "data"
    return open_index(build_records(data, RECORDS))


def passages(opened: Opened) -> dict[str, int]:
    """The keys of all passages by their ids."""
    snapshot = opened.snapshot
    keys = [int(key) for segment in snapshot.segments for key in segment.columns.keys]
    return {snapshot.locate(key).passage.id: key for key in keys}


def test_the_key_of_every_passage_is_found_by_its_id(opened: Opened) -> None:
    found = passages(opened)
    assert len(found) > 3
    assert {name: opened.snapshot.key_of(name) for name in found} == found


@pytest.mark.parametrize("name", ["b", "b:0", "gone:0-9", "news/dam:0-9", "", "b:9-0x"])
def test_an_id_of_nothing_has_no_key(opened: Opened, name: str) -> None:
    assert opened.snapshot.key_of(name) is None
    assert keys_of([name], opened.snapshot).tolist() == []


def test_an_id_of_an_older_text_leads_to_what_stands_there_now(opened: Opened) -> None:
    second = sorted(passages(opened).items(), key=lambda item: item[1])[1]
    start = int(second[0].rpartition(":")[2].partition("-")[0])
    assert opened.snapshot.key_of(f"news/dam:1:{start + 3}-{start + 9}") == second[1]


def test_ids_of_passages_have_a_form() -> None:
    assert parse_passage_id("a:b:3-14") == ("a:b", 3, 14)
    assert parse_passage_id("a:b") is None
    assert parse_passage_id(":3-14") is None


def test_neighbours_are_nearest_and_other_articles_not_near() -> None:
    first, other = 1 << 24, 2 << 24
    keys = np.array([first, first + 1, first + 2, first + 4, other])
    assert nearness(keys, np.array([first])).tolist() == [1, 1, 1 / 2, 1 / 4, 0]
    assert nearness(keys, np.array([], dtype=np.int64)).tolist() == [0] * 5


def test_what_was_cited_itself_is_as_near_as_is_asked_for() -> None:
    first = 1 << 24
    keys = np.array([first, first + 1, first + 2])
    cited = np.array([first, first + 2])
    assert nearness(keys, cited, again=0.25).tolist() == [0.25, 1, 0.25]


def test_beside_a_passage_lie_those_before_and_behind_it_in_its_article() -> None:
    first = 1 << 24
    assert beside(np.array([first, first + 5])).tolist() == [
        *(first, first + 1),
        *(first + 4, first + 5, first + 6),
    ]
    assert beside(np.array([], dtype=np.int64)).tolist() == []
