"""What is damaged in Milvus is told in words, as what is damaged on disk is."""

from collections.abc import Iterator
from contextlib import closing, suppress
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from starlette.testclient import TestClient

from index.analysis import Analyzer
from index.article import Article
from index.build import build
from index.build.versions import find_version, keep_versions, version_faults
from index.errors import DamagedError, IndexRefusedError
from index.keys import first_key
from index.settings import home_of
from index.split import split
from index.store import open_store, verify
from index.store.draft import columns_of
from index.store.table import Table
from qa.answer import Question
from qa.live import LiveIndex
from qa.web.app import create_app
from qa.web.protocols import About
from tests.fakes import DIMENSION, HashEncoder, no_progress
from tests.milvus import milvus_lite
from tests.needs import missing_module
from tests.web_sample import EXAMPLES

try:
    from index.store.milvus import packing, store
    from index.store.milvus.client import Row
except ModuleNotFoundError as error:
    missing_module(error)

ENCODER = HashEncoder()
DAM = Article("dam", "The dam holds a lake.\n\nIt was built in 1912. Who built it? Ida Marsh did.")
DIGITS = DAM.digest.removeprefix("sha256:")
QUESTION = Question("Who built the dam?")
# Where a block tells how many passages it has; and the rows and terms of its first one.
PASSAGES, ROWS, TERMS = 0, 8 * 4, 8 * 5


@pytest.fixture(scope="module")
def packed() -> packing.Packed:
    """One passage, in which each byte can be changed."""
    found = columns_of(1, DAM, split(DAM), Analyzer())
    rows = int(found.row_count.sum())
    [made] = packing.pack(replace(found, vectors=np.ones((rows, DIMENSION), np.int8)))
    return made


def with_bytes(packed: packing.Packed, name: str, content: bytes) -> packing.Packed:
    """The same with another block or rest."""
    held = {"block": packed.block, "rest": packed.rest} | {name: content}
    return packing.Packed(packed.key, **held)


def read(packed: packing.Packed) -> None:
    """All that is read of a passage for a question."""
    table = Table(packing.unpack([packed], DIMENSION))
    keys = table.columns.keys[:1]
    table.rows(keys)
    table.around(keys)
    table.times(keys)
    table.passage(int(keys[0]), DAM)


@pytest.mark.parametrize("name", ["block", "rest"])
def test_a_changed_byte_is_told_or_changes_no_more_than_what_is_found(
    packed: packing.Packed, name: str
) -> None:
    stored: bytes = getattr(packed, name)
    for place in range(min(len(stored), 96)):
        changed = bytearray(stored)
        changed[place] ^= 1 << place % 8
        with suppress(ValueError, DamagedError):
            read(with_bytes(packed, name, bytes(changed)))


@pytest.mark.parametrize("value", [-1, -(2**40), 2**40])
@pytest.mark.parametrize("place", [PASSAGES, ROWS, TERMS])
def test_a_count_that_cannot_be_is_told_before_room_is_made_for_so_many(
    packed: packing.Packed, place: int, value: int
) -> None:
    block = packed.block[:place] + value.to_bytes(8, "little", signed=True)
    with pytest.raises(ValueError, match=r"count|bytes|buffer"):
        read(replace(packed, block=block + packed.block[place + 8 :]))


@pytest.mark.parametrize("name", ["block", "rest"])
def test_bytes_that_nothing_counts_are_told(packed: packing.Packed, name: str) -> None:
    with pytest.raises(ValueError, match="bytes"):
        read(with_bytes(packed, name, getattr(packed, name) + b"\0"))


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An archive with one article; each test damages it, and mends it again."""
    data = milvus_lite(tmp_path_factory.mktemp("damage") / "data")
    source = home_of(data).parent / "dam.txt"
    source.write_text(DAM.text, "utf-8")
    build([source], data, ENCODER, no_progress)
    return data


@pytest.fixture
def live(data: Path) -> Iterator[LiveIndex]:
    """An index of which nothing was read yet."""
    with closing(LiveIndex(data, ENCODER, ENCODER.model, strictness="open")) as opened:
        yield opened


class Damage:
    """Changes rows of the archive, and puts back what they were."""

    def __init__(self, data: Path) -> None:
        self.collections, self.generation = store.collections_of(data).newest()
        self._held: list[tuple[str, Row]] = []

    def change(self, collection: str, among: str, **fields: list[str]) -> None:
        """Give the one row that is meant other fields."""
        [row] = self.collections.client.query(collection, among, ["*"], is_latest=True)
        self._held.append((collection, row))
        self.collections.client.upsert(collection, [{**row, **fields}])

    def mend(self) -> None:
        for collection, row in self._held:
            self.collections.client.upsert(collection, [row])


@pytest.fixture
def damage(data: Path) -> Iterator[Damage]:
    made = Damage(data)
    yield made
    made.mend()


@pytest.mark.parametrize(("field", "content"), [("block", "no base64"), ("rest", "AAAA")])
def test_rows_that_cannot_be_read_are_told(
    data: Path, live: LiveIndex, damage: Damage, field: str, content: str
) -> None:
    damage.change(damage.collections.passages, f"key == {first_key(1)}", **{field: [content]})
    with pytest.raises(DamagedError, match=r"passages that cannot be read .*index verify"):
        live.ask(QUESTION)
    assert any("passages that cannot be read" in fault for fault in verify(data))


def test_a_question_that_meets_such_rows_is_a_503_that_says_so(
    live: LiveIndex, damage: Damage
) -> None:
    damage.change(damage.collections.passages, f"key == {first_key(1)}", block=["AAAA"])
    client = TestClient(create_app(live, live, EXAMPLES, lambda: About(1)))
    told = client.post("/api/ask", json={"question": QUESTION.text})
    assert (told.status_code, told.json()["error"]["code"]) == (503, "damaged")


@pytest.mark.parametrize("field", ["facts", "text"])
def test_an_article_that_cannot_be_read_is_told_by_its_number(
    data: Path, live: LiveIndex, damage: Damage, field: str
) -> None:
    damage.change(damage.collections.articles, "number == 1", **{field: ["AAAA"]})
    with pytest.raises(DamagedError, match=f"holds {field} of article 1 that cannot be read"):
        live.article("dam")
    [fault] = verify(data)
    assert f"holds {field} of article 1 that cannot be read" in fault
    with closing(open_store(data)) as opened, suppress(DamagedError):
        list(opened.listed())


@pytest.mark.parametrize("content", [[DIGITS, "A"], [DIGITS], []])
def test_a_former_text_that_cannot_be_read_is_named(
    data: Path, damage: Damage, content: list[str]
) -> None:
    keep_versions(data, [DAM])
    damage.change(f"{damage.collections.place.name}_versions", "key >= 0", content=content)
    [fault] = version_faults(data)
    assert fault.startswith(f"the version {DIGITS[:12]} in '{data}' cannot be read (")
    with pytest.raises(DamagedError, match="cannot be read"):
        find_version(data, DAM.id, DAM.digest)


@pytest.mark.parametrize("content", [["AAAA"], []])
def test_a_generation_whose_head_cannot_be_read_is_refused_by_its_name(
    data: Path, damage: Damage, content: list[str]
) -> None:
    name = f"{damage.collections.place.name}_generation_1"
    damage.change(name, "part == 0", content=content)
    with pytest.raises(IndexRefusedError, match=f"'{name}' .* is damaged .*: build the index"):
        open_store(data)
