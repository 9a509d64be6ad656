"""An archive in Milvus: what is sent there, who publishes, and what is told while it is away."""

import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from time import monotonic
from typing import Any

import numpy as np
import pytest

from index.analysis import Analyzer
from index.article import Article
from index.build import build
from index.build.removal import remove_articles
from index.dates import time_range
from index.errors import BuildError, BuildRunsError, IndexRefusedError, SettingError, StoreError
from index.keys import BLOCK, blocks_of, first_key
from index.period import Bound, Period, Selection
from index.settings import home_of, milvus_place
from index.split import split
from index.store import looked_at_every, open_store, open_writer, published_stamp, verify
from index.store.base import Place
from index.store.catalogue import Numbered
from index.store.columns import Columns
from index.store.draft import columns_of
from index.store.table import Table
from index.vectors import to_rows
from qa import live as live_module
from qa.answer import Question
from qa.ask import Asker
from qa.live import LiveIndex
from qa.search import Searcher
from tests.fakes import DIMENSION, CountingEncoder, HashEncoder, no_progress
from tests.milvus import milvus_lite
from tests.needs import missing_module

try:
    from index.store.milvus import client, generation, packing, schema, statistics, store, writer
except ModuleNotFoundError as error:
    missing_module(error)

ENCODER = HashEncoder()
SOON = 15.0
FLEET = range(10, 30)
TOLD = ("", " It sank in 1912.", " Its captain was Ida Marsh. Where did she go?")


def article(number: int) -> Article:
    """One of several, with a date and a source, or with none."""
    text = f"Ship {number} left the harbour of Bergen.{TOLD[number % 3]}"
    told = Article(f"ship{number}", text, f"Ship {number}")
    if number % 2 == 0:
        return told
    return replace(told, source="Gazette", published=f"20{10 + number}-03-{1 + number:02}")


LONG = Article(
    "log", " ".join(f"On day {day} the ship sailed on. " + 70 * "far " + "." for day in range(120))
)


def columns(number: int, told: Article) -> Columns:
    """The columns of an article, with vectors that are its own."""
    found = columns_of(number, told, split(told), Analyzer())
    rows = int(found.row_count.sum())
    vectors = np.random.default_rng(number).integers(-127, 128, (rows, DIMENSION))
    return Columns(**{name: getattr(found, name) for name in _NAMES}, vectors=vectors.astype("i1"))


_NAMES = [name for name in Columns.__slots__ if name != "vectors"]


@pytest.mark.parametrize("told", [*map(article, (1, 2, 3)), LONG], ids=lambda told: told.id)
def test_a_passage_is_after_its_journey_what_it_was(told: Article) -> None:
    sent = columns(7, told)
    packed = packing.pack(sent)
    found = packing.unpack(packed, DIMENSION)
    for name in Columns.__slots__:
        assert np.array_equal(getattr(found, name), getattr(sent, name)), name


def test_the_first_passage_of_a_block_brings_what_is_read_of_those_around_it() -> None:
    sent = columns(7, LONG)
    blocks = np.unique(blocks_of(sent.keys))
    assert len(blocks) == 2
    for block in blocks:
        keys = sent.keys[blocks_of(sent.keys) == block]
        first = [each for each in packing.pack(sent) if each.key == keys[0]]
        near, whole = Table(packing.unpack(first, DIMENSION)).around(keys), Table(sent).around(keys)
        for name in ("keys", "vectors", "counts", "terms"):
            assert np.array_equal(getattr(near, name), getattr(whole, name)), name
    assert len(packing.unpack(packing.pack(sent)[1:3], DIMENSION)) == 0


def test_a_block_that_counts_more_passages_than_it_has_is_told() -> None:
    block = (2**40).to_bytes(8, "little")
    with pytest.raises(ValueError, match="buffer"):
        packing.unpack([packing.Packed(first_key(7), block, b"")], DIMENSION)


def test_bytes_of_any_length_travel_as_texts_that_fields_hold() -> None:
    content = np.random.default_rng(7).bytes(2 * packing.CHUNK_BYTES + 5)
    chunks = packing.in_chunks(content)
    assert [len(chunk) <= 65_535 for chunk in chunks] == [True] * 3
    assert packing.from_chunks(chunks) == content
    assert packing.in_chunks(b"") == []


def test_statistics_of_changes_are_those_of_all_that_is_left() -> None:
    def told(*numbers: int) -> statistics.Statistics:
        total = statistics.NOTHING
        for number in numbers:
            numbered = Numbered(number, article(number))
            total = total.changed(
                statistics.count(Table(columns(number, article(number))), [numbered]),
                statistics.NOTHING,
            )
        return total

    left = told(1, 2, 3).changed(told(4), told(2))
    stored = statistics.from_arrays(statistics.to_arrays(left))
    for one in (told(1, 3, 4), stored):
        for name in ("counts", "terms", "words", "bytes"):
            assert getattr(one, name) == getattr(left, name)
        assert one.holding_of(one.codes).tolist() == left.holding_of(one.codes).tolist()
        for name in ("spellings", "closed", "forms", "days", "sources", "dates"):
            assert getattr(one, name) == getattr(left, name)
    assert left.newest == "2013-03-04"


def test_a_selection_is_told_in_numbers_alone() -> None:
    period = Period(time_range("2022-01-01"), time_range("2022-12-31"))
    asked = Selection(period, '"; drop', frozenset({3, 1}), known_by=Bound(5, is_utc=True))
    first, last = 1_640_995_200, 1_672_531_200
    assert schema.conditions(asked) == [
        f"source == {schema.code_of(asked.source)}",
        "number in [1, 3]",
        f"earliest >= {first}",
        f"latest <= {last}",
        "earliest_utc <= 5",
    ]


@pytest.mark.parametrize(
    ("name", "uri", "home"),
    [
        ("milvus://db.example:19530/news", "http://db.example:19530", "data/news"),
        ("milvus-lite:some/folder", "some/folder/milvus.db", "some/folder"),
    ],
)
def test_a_name_tells_where_the_archive_and_its_folder_are(name: str, uri: str, home: str) -> None:
    assert milvus_place(Path(name)).uri == uri
    assert home_of(Path(name)) == Path(home)
    assert home_of(Path("data")) == Path("data")


@pytest.mark.parametrize(
    "name",
    [
        *("milvus://db.example/news", "milvus://db:1", "milvus-lite:"),
        *("milvus://db:0/news", "milvus://db:99999/news", f"milvus://db:1/{'news' * 60}"),
        "milvus://db:1/nüws",
    ],
)
def test_a_name_that_means_no_place_is_refused(name: str) -> None:
    with pytest.raises(SettingError, match="name a folder of the index, milvus://HOST:PORT"):
        milvus_place(Path(name))


@pytest.mark.parametrize("end", ["passages", "articles", "versions", "generation_7"])
def test_the_name_of_another_archives_collection_is_refused(end: str) -> None:
    with pytest.raises(SettingError, match=f"'news_{end}' may be a collection of another archive"):
        milvus_place(Path(f"milvus://db:1/news_{end}"))


def test_without_pymilvus_the_remedy_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [name for name in sys.modules if name.startswith("index.store.milvus")]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.delattr("index.store.milvus", raising=False)
    monkeypatch.setitem(sys.modules, "pymilvus", None)
    with pytest.raises(SettingError, match=r"pip install -r requirements-milvus.txt"):
        open_store(Path("milvus://db:19530/news"))


@pytest.fixture(scope="module")
def unused() -> Iterator[int]:
    """A port where nobody listens: it is taken, and closed to all."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        yield taken.getsockname()[1]


def test_a_milvus_that_is_away_is_told_soon_and_by_its_name(
    unused: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    place, began = f"milvus://127.0.0.1:{unused}/news", monotonic()
    for ask in (open_store, published_stamp, lambda data: list(verify(data))):
        with pytest.raises(StoreError, match=f"Milvus at '{place}' fails .*: check that it runs"):
            ask(Path(place))
    assert monotonic() - began < SOON


def test_a_watcher_goes_on_while_the_store_is_away_and_tells_it_once(
    built_data: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def away(data: Path) -> None:
        raise StoreError("Milvus is away")

    live = LiveIndex(built_data, ENCODER, ENCODER.model)
    with monkeypatch.context() as patched:
        patched.setattr(live_module, "published_stamp", away)
        live.refresh()
        live.refresh()
    live.refresh()
    assert [line.getMessage() for line in caplog.records] == [
        "Milvus is away",
        "the store answers again",
    ]


@pytest.fixture(scope="module")
def fleet(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An archive of ships, built at once, from which none was ever removed; not to be changed."""
    data = milvus_lite(tmp_path_factory.mktemp("fleet") / "data")
    build([ships(home_of(data).parent, FLEET)], data, ENCODER, no_progress)
    return data


def ships(folder: Path, numbers: range) -> Path:
    """The files of some ships, in a folder."""
    (folder / "ships").mkdir(exist_ok=True)
    for number in numbers:
        told = article(number)
        head = "".join(
            f"{name}: {value}\n"
            for name in ("title", "source", "published")
            if (value := getattr(told, name)) is not None
        )
        (folder / "ships" / f"{told.id}.txt").write_text(f"{head}\n{told.text}\n", "utf-8")
    return folder / "ships"


def counted(data: Path) -> statistics.Statistics:
    """What a generation counts."""
    return store.collections_of(data).newest()[1].statistics


def build_in_parts(folder: Path, data: Path) -> None:
    """Build a ship at a time; between, wrecks come and go."""
    for number in FLEET:
        source = ships(folder, range(number, number + 1))
        for wreck in source.glob("wreck*"):
            wreck.unlink()
        if number % 5 == 4:
            (source / f"wreck{number}.txt").write_text(f"Ship {number} burned in Bergen.", "utf-8")
        build([source], data, ENCODER, no_progress, prune=True)
    remove_articles(data, [f"wreck{FLEET[-1]}"])


def test_an_index_built_in_parts_with_deletions_between_is_the_one_built_at_once(
    fleet: Path, tmp_path: Path
) -> None:
    parts = milvus_lite(tmp_path / "data")
    build_in_parts(tmp_path, parts)
    one, other = counted(fleet), counted(parts)
    assert (one.counts, one.terms, one.newest) == (other.counts, other.terms, other.newest)
    assert one.holding_of(one.codes).tolist() == other.holding_of(one.codes).tolist()
    assert one.spellings == other.spellings
    assert list(verify(parts)) == []
    assert answered(parts) == answered(fleet)


def answered(data: Path) -> list[list[str]]:
    """What words find, and what is cited for questions."""
    with closing(open_store(data, ENCODER.model)) as opened:
        asker = Asker(opened, Searcher(opened, ENCODER))
        keys = opened.bm25(Analyzer().terms("captain of the ship"), 50, Selection())
        found = [opened.locate(key).passage.id for key in keys.tolist()]
        assert len(found) == len(FLEET)
        answers = [asker.ask(Question(f"Who was the captain of ship {n}?")) for n in (11, 14, 26)]
    return [found, *([each.quote for each in answer.citations] for answer in answers)]


def other_machine(data: Path, home: Path) -> writer.MilvusWriter:
    """A writer to the same archive with a folder of its own."""
    home.mkdir(exist_ok=True)
    return writer.MilvusWriter(*store.collections_of(data).newest(), ENCODER, home)


def test_of_two_machines_that_publish_one_is_first_and_the_other_keeps_its_draft(
    tmp_path: Path,
) -> None:
    data = milvus_lite(tmp_path / "data")
    source = ships(tmp_path, range(1, 3))
    build([source], data, ENCODER, no_progress)
    slower = other_machine(data, tmp_path / "slower")
    number = put(slower, article(5))
    ships(tmp_path, range(3, 4))
    build([source], data, ENCODER, no_progress)
    with pytest.raises(BuildError, match=r"has published generation 2 .* run the build again"):
        slower.publish({number}, ())
    slower.close()
    again = other_machine(data, tmp_path / "slower")
    assert [each.id for each in again.draft.known()] == ["ship5"]
    info = again.publish({number}, ())
    assert (info.generation, info.counts.articles) == (3, 4)
    assert list(verify(data)) == []
    claimed = store.collections_of(data).claim(4, "0123abcd")
    with pytest.raises(BuildRunsError, match=f"drop the collection '{claimed}'"):
        other_machine(data, tmp_path / "slower").publish((), {1})


def put(machine: writer.MilvusWriter, told: Article) -> int:
    """Put an article into the draft, and embed it."""
    number = machine.draft.put(told, Place(told.id, told.id), "record", split(told))
    made = [each.text for each in iter(machine.draft.pending().__next__, None) if each]
    machine.draft.embed([to_rows(each) for each in ENCODER.encode_passages(made)])
    return number


def test_what_a_killed_build_sent_is_not_seen_and_swept_by_the_next(tmp_path: Path) -> None:
    data = milvus_lite(tmp_path / "data")
    source = ships(tmp_path, range(1, 3))
    build([source], data, ENCODER, no_progress)
    collections = store.collections_of(data)
    [row] = collections.client.query(collections.passages, f"key == {first_key(1)}", ["*"])
    collections.client.upsert(collections.passages, [{**row, "key": first_key(3), "number": 3}])
    with closing(open_store(data)) as opened:
        found = opened.nearest(ENCODER.encode_query("Ship 1"), 99, Selection())
    assert len(found) == 2
    ships(tmp_path, range(3, 4))
    counting = CountingEncoder(ENCODER)
    build([source], data, counting, no_progress)
    assert len(counting.embedded) == 1
    assert list(verify(data)) == []
    assert collections.client.count(collections.passages, "number >= 1") == 3


def test_what_is_there_of_an_article_is_found_by_id_or_text_with_one_question(
    fleet: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked, query = list[str](), client.Client.query

    def watched(self: client.Client, collection: str, *told: Any, **named: Any) -> list[client.Row]:
        asked.append(collection.rpartition("_")[2])
        return query(self, collection, *told, **named)

    with open_writer(fleet) as machine:
        held = machine.article_numbered(1)
        assert held is not None
        monkeypatch.setattr(client.Client, "query", watched)
        assert machine.reusable_rows(Article("new", "Never seen.")) == {}
        assert asked == ["articles"]
        texts = set(machine.reusable_rows(held))
        for other in (replace(held, id="moved"), replace(held, text=f"Later. {held.text}")):
            asked.clear()
            assert set(machine.reusable_rows(other)) == texts != set()
            assert asked == ["articles", "passages"]


def test_an_article_of_several_blocks_is_read_whole(tmp_path: Path) -> None:
    data, source = milvus_lite(tmp_path / "data"), tmp_path / "log.txt"
    source.write_text(f"{LONG.text}\n", "utf-8")
    build([source], data, ENCODER, no_progress)
    with closing(open_store(data)) as opened:
        passages = opened.passage_count(1)
        assert passages == len(split(LONG)) > BLOCK
        found = opened.located([first_key(1) + place for place in range(passages)])
    assert [each.passage.text for each in found] == [each.text for each in split(LONG)]
    assert list(verify(data)) == []


def test_an_index_of_another_model_is_refused(fleet: Path) -> None:
    with pytest.raises(IndexRefusedError, match="set FOOTNOTE_MODEL=hash"):
        open_store(fleet, HashEncoder("other").model)
    with (
        pytest.raises(IndexRefusedError, match="set FOOTNOTE_MODEL=hash"),
        open_writer(fleet, HashEncoder("other")),
    ):
        pass


def test_an_index_of_another_format_is_refused(
    fleet: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(generation, "FORMAT", generation.FORMAT + 1)
    with pytest.raises(
        IndexRefusedError, match=r"has format \d+, this version reads \d+: build it"
    ):
        open_store(fleet)


def test_a_server_looks_each_second_and_takes_up_what_is_published(tmp_path: Path) -> None:
    data = milvus_lite(tmp_path / "data")
    build([ships(tmp_path, range(1, 2))], data, ENCODER, no_progress)
    with closing(LiveIndex(data, ENCODER, ENCODER.model)) as live:
        build([ships(tmp_path, range(1, 3))], data, ENCODER, no_progress)
        live.refresh()
        assert live.store.info.generation == 2
    assert looked_at_every(data) <= 1


def test_a_milvus_lite_that_another_process_has_open_is_told_in_a_line(fleet: Path) -> None:
    with closing(open_store(fleet)):
        told = subprocess.run(
            [sys.executable, "-m", "index", "status", "--data", str(fleet)],
            capture_output=True,
            text=True,
            check=False,
        )
    assert (told.returncode, told.stdout) == (1, "")
    assert told.stderr.strip().count("\n") == 0
    assert "only one process can have it open, so stop any other and try again" in told.stderr


@pytest.mark.parametrize("lost", ["passages", "articles"])
def test_an_archive_that_lost_a_collection_is_built_again_by_the_next_build(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture, lost: str
) -> None:
    data, source = milvus_lite(tmp_path / "data"), ships(tmp_path, range(1, 4))
    build([source], data, ENCODER, no_progress)
    collections = store.collections_of(data)
    collections.client.drop(f"footnote_{lost}")
    with pytest.raises(StoreError, match=f"has no collection 'footnote_{lost}': build the index"):
        list(verify(data))
    with pytest.raises(StoreError, match="are lost in Milvus: build the index from all its source"):
        remove_articles(data, ["ship1"])
    assert not caplog.messages
    # Killed while it builds, it leaves collections without anything that is shown.
    with monkeypatch.context() as patched:
        patched.setattr(generation.Collections, "write", lambda *_: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            build([source], data, ENCODER, no_progress)
    report = build([source], data, ENCODER, no_progress)
    assert [each.partition(": ")[2] for each in caplog.messages] == 2 * [
        "this build makes the index anew, so build all its sources"
    ]
    assert (report.info.generation, report.info.counts.articles) == (2, 3)
    assert list(verify(data)) == []
    assert collections.client.count(collections.passages, "number >= 1") == 3


def test_faults_are_told(tmp_path: Path) -> None:
    data = milvus_lite(tmp_path / "data")
    build([ships(tmp_path, range(1, 3))], data, ENCODER, no_progress)
    collections = store.collections_of(data)
    collections.client.delete(collections.passages, f"key == {first_key(1)}")
    assert any("instead of" in fault for fault in verify(data))
    collections.client.drop(collections.passages)
    with pytest.raises(StoreError, match="has no collection 'footnote_passages': build the index"):
        open_store(data)
