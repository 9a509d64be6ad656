"""The newest published index answers, soon and from many threads, and no question waits for it."""

import os
import re
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import fields, replace
from datetime import UTC, datetime
from functools import partial
from itertools import count
from pathlib import Path
from time import monotonic

import numpy as np
import pytest

from index.build import build
from index.embed import Model
from index.errors import DamagedError, IndexMissingError, IndexRefusedError
from index.store import LocalStore, Store, open_store
from index.store.columns import Columns
from index.store.local import info_of
from index.store.manifest import MANIFEST, read_manifest
from qa.answer import Question
from qa.live import LiveIndex
from tests.archives import Record, build_records
from tests.fakes import HashEncoder, no_progress

ASKED = Question("How much water does the dam on the Tessel hold?")
PATIENCE = 20.0
SOON = 2.0
LOCK: Record = {"_id": "lock", "text": "The lock on the Tessel is closed. Who holds its water?"}
COLUMNS = [column.name for column in fields(Columns)]


def dam(version: int) -> Record:
    """The article in this version."""
    text = f"The dam on the Tessel holds {version} million cubic metres of water."
    return {"_id": "dam", "text": text, "title": f"Version {version}"}


def publish(data: Path, version: int) -> Path:
    """Build the index with the article in this version."""
    return build_records(data, [dam(version)])


def publish_by_another_model(data: Path) -> None:
    """Put the manifest of another model's index in the place of ours."""
    other = data.with_name("other")
    source = data.with_name("other.jsonl")
    source.write_text('{"_id": "dam", "text": "Another model."}', encoding="utf-8")
    build([source], other, HashEncoder("other"), no_progress)
    (other / MANIFEST).replace(data / MANIFEST)


def opened(data: Path, encoder: HashEncoder | None = None) -> LiveIndex:
    """The index, live."""
    encoder = encoder or HashEncoder()
    return LiveIndex(data, encoder, encoder.model)


def said(live: LiveIndex) -> str:
    """The quote that comes first, answer or not."""
    answer = live.ask(ASKED)
    return (answer.citations or answer.nearest)[0].quote


def is_said(live: LiveIndex, words: str) -> bool:
    return words in said(live)


def wait_until(is_so: Callable[[], bool], seconds: float = PATIENCE) -> bool:
    """Whether it is so before the time is up."""
    until, tick = monotonic() + seconds, threading.Event()
    while not is_so() and monotonic() < until:
        tick.wait(0.02)
    return is_so()


# Threads that watched before the test, for servers of other files that run in this process.
_OTHERS = set[threading.Thread]()


def watchers() -> list[threading.Thread]:
    """The threads that watch for this test."""
    found = (each for each in threading.enumerate() if each.name == "index watcher")
    return [each for each in found if each not in _OTHERS]


@pytest.fixture(autouse=True)
def _others() -> None:
    _OTHERS.clear()
    _OTHERS.update(watchers())


@pytest.fixture
def data(tmp_path: Path) -> Path:
    return publish(tmp_path / "data", 1)


@pytest.fixture
def live(data: Path) -> LiveIndex:
    return opened(data)


@pytest.fixture
def watching(live: LiveIndex) -> Iterator[LiveIndex]:
    live.watch()
    yield live
    live.close()
    assert wait_until(lambda: not watchers())


def test_it_answers_from_the_generation_opened_until_it_is_told_of_another(
    data: Path, live: LiveIndex
) -> None:
    publish(data, 2)
    assert "holds 1 million" in said(live)
    live.refresh()
    assert "holds 2 million" in said(live)
    article = live.article("dam")
    assert article is not None
    assert article.title == "Version 2"
    assert live.store.info == info_of(read_manifest(data))


def test_a_build_that_ends_is_answered_from_within_two_seconds(
    data: Path, watching: LiveIndex
) -> None:
    for version in (2, 3):
        publish(data, version)
        expected = f"holds {version} million"
        assert wait_until(partial(is_said, watching, expected), SOON)


def test_once_closed_it_watches_no_more_and_answers_on(data: Path, live: LiveIndex) -> None:
    live.watch()
    assert len(watchers()) == 1
    live.close()
    assert wait_until(lambda: not watchers())
    publish(data, 2)
    assert "holds 1 million" in said(live)


def test_the_watcher_does_not_keep_the_process_alive(watching: LiveIndex) -> None:
    assert [thread.daemon for thread in watchers()] == [True]


def test_an_index_that_did_not_change_is_not_opened_again(data: Path, live: LiveIndex) -> None:
    snapshot = live.store
    publish(data, 1)
    live.refresh()
    assert said(live)
    assert live.store is snapshot


def test_segments_that_are_still_part_of_the_index_are_not_opened_again(
    data: Path, live: LiveIndex
) -> None:
    before = live.store
    build_records(data, [dam(1), {"_id": "lock", "text": "The lock beside the dam is closed."}])
    live.refresh()
    assert live.store is not before
    assert isinstance(before, LocalStore)
    assert isinstance(live.store, LocalStore)
    assert len(live.store.segments) == len(before.segments) + 1
    assert live.store.segments[0] is before.segments[0]
    assert live.article("lock") is not None
    assert "holds 1 million" in said(live)


def test_an_index_that_was_removed_and_built_anew_is_read_anew(data: Path, live: LiveIndex) -> None:
    # Everything that the manifest tells of the segment, even its name, is as it was before.
    data.rename(data.with_name("away"))
    publish(data, 2)
    assert isinstance(live.store, LocalStore)
    assert read_manifest(data).segments == live.store.manifest.segments
    live.refresh()
    assert "holds 2 million" in said(live)
    article = live.article("dam")
    assert article is not None
    assert article.title == "Version 2"


@pytest.mark.parametrize(
    "kind",
    ["vectors.faiss", "terms.bin", "vectors.bin", "keys.bin", "words.bin", "*.idx", "*.store"],
)
def test_a_file_cut_short_under_the_server_is_told_and_does_not_end_it(
    data: Path, live: LiveIndex, kind: str
) -> None:
    """Reading what was cut off a mapped file would end the process, and with it this test."""
    assert said(live)
    [path] = data.rglob(kind)
    os.truncate(path, path.stat().st_size // 2)
    # Asked otherwise: what was just answered is repeated without a file.
    with pytest.raises(DamagedError, match=re.escape(f"{path} was cut from")):
        live.ask(replace(ASKED, k=1))


@pytest.mark.parametrize("name", COLUMNS)
def test_a_changed_byte_in_any_column_is_told_or_changes_no_more_than_the_answer(
    tmp_path: Path, name: str
) -> None:
    data = build_records(tmp_path / "data", [dam(1), LOCK, {**dam(1), "_id": "weir"}])
    live, moments = opened(data), count()
    [path] = data.rglob(f"{name}.bin")
    stored = path.read_bytes()
    # As many bytes as three passages have in numbers of sixteen, and each of the eight bits.
    for place in range(min(len(stored), 48)):
        with path.open("r+b") as file:
            file.seek(place)
            file.write(bytes([stored[place] ^ (1 << place % 8)]))
        with suppress(DamagedError):
            # Of another moment: what was just answered is repeated without a file.
            asked_at = datetime.fromtimestamp(next(moments), UTC).isoformat()
            answer = live.ask(replace(ASKED, asked_at=asked_at))
            assert answer.citations or answer.nearest
        with path.open("r+b") as file:
            file.write(stored)
    assert "holds 1 million" in said(live)


@pytest.mark.parametrize(
    ("name", "value"),
    [("first_row", 2**40), ("row_count", 2**30), ("term_count", 2**30), ("row_terms", 2**30)],
)
def test_a_count_that_a_column_cannot_hold_is_told_before_anything_is_made_of_it(
    data: Path, live: LiveIndex, name: str, value: int
) -> None:
    [path] = data.rglob(f"{name}.bin")
    stored = np.memmap(path, np.int64 if name == "first_row" else np.int32, mode="r+")
    stored[0] = value
    with pytest.raises(DamagedError, match="check the index with python -m index verify"):
        live.ask(ASKED)


def test_an_article_that_the_index_does_not_have_is_none(live: LiveIndex) -> None:
    assert live.article("nowhere") is None


def test_without_an_index_it_cannot_begin(tmp_path: Path) -> None:
    with pytest.raises(IndexMissingError, match="python -m index build"):
        opened(tmp_path / "none")


def test_it_does_not_begin_with_an_index_of_another_model(data: Path) -> None:
    with pytest.raises(IndexRefusedError, match="'hash', not 'other'"):
        opened(data, HashEncoder("other"))


def test_an_index_that_is_refused_leaves_the_one_before_serving_and_warns_once(
    data: Path, live: LiveIndex, caplog: pytest.LogCaptureFixture
) -> None:
    publish_by_another_model(data)
    for _ in range(3):
        live.refresh()
        assert "holds 1 million" in said(live)
    assert [record.levelname for record in caplog.records] == ["WARNING"]
    assert "the old one stays" in caplog.records[0].getMessage()
    assert "built with model 'other', not 'hash'" in caplog.records[0].getMessage()


def test_after_an_index_that_was_refused_a_good_one_is_taken(
    data: Path, live: LiveIndex, caplog: pytest.LogCaptureFixture
) -> None:
    kept = (data / MANIFEST).read_bytes()
    (data / MANIFEST).write_text("{}", encoding="utf-8")
    live.refresh()
    assert "holds 1 million" in said(live)
    (data / MANIFEST).unlink()
    (data / MANIFEST).write_bytes(kept)
    publish(data, 2)
    live.refresh()
    assert "holds 2 million" in said(live)
    assert len(caplog.records) == 1


def test_an_index_that_is_taken_away_leaves_the_one_before_serving_and_warns_once(
    data: Path, live: LiveIndex, caplog: pytest.LogCaptureFixture
) -> None:
    data.rename(data.with_name("away"))
    for _ in range(2):
        live.refresh()
        assert "holds 1 million" in said(live)
    assert len(caplog.records) == 1


def test_a_generation_that_is_cleared_away_serves_on_until_the_next_is_opened(
    data: Path, live: LiveIndex
) -> None:
    before = {path.name for path in data.glob("segment-*")}
    for version in (2, 3, 4):
        publish(data, version)
    assert before.isdisjoint(path.name for path in data.glob("segment-*"))
    with ThreadPoolExecutor(4) as pool:
        quotes = set(pool.map(lambda _: said(live), range(8)))
    assert ["holds 1 million" in quote for quote in quotes] == [True]
    assert live.article("dam") is not None


def test_a_good_index_published_while_a_bad_one_is_refused_is_not_missed(
    data: Path,
    live: LiveIndex,
    caplog: pytest.LogCaptureFixture,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    publish(data, 2)

    def refuse_and_publish(folder: Path, model: Model, before: Store) -> Store:
        monkeypatch.setattr("qa.live.open_store", open_store)
        publish(folder, 3)
        raise IndexRefusedError("generation 2 is damaged")

    monkeypatch.setattr("qa.live.open_store", refuse_and_publish)
    live.refresh()
    assert "holds 1 million" in said(live)
    live.refresh()
    assert "holds 3 million" in said(live)
    assert len(caplog.records) == 1


def test_a_fault_that_nobody_foresaw_does_not_end_the_watching(
    data: Path,
    watching: LiveIndex,
    caplog: pytest.LogCaptureFixture,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    failed = threading.Event()

    def fail(folder: Path, model: Model, before: Store) -> Store:
        monkeypatch.setattr("qa.live.open_store", open_store)
        failed.set()
        raise RuntimeError("nobody foresaw this")

    monkeypatch.setattr("qa.live.open_store", fail)
    publish(data, 2)
    assert failed.wait(PATIENCE)
    publish(data, 3)
    assert wait_until(lambda: "holds 3 million" in said(watching))
    assert "nobody foresaw this" in caplog.text


def test_no_question_waits_while_a_generation_is_opened(
    data: Path, watching: LiveIndex, monkeypatch: pytest.MonkeyPatch
) -> None:
    begun, go_on = threading.Event(), threading.Event()

    def open_slowly(folder: Path, model: Model, before: Store) -> Store:
        begun.set()
        assert go_on.wait(PATIENCE)
        return open_store(folder, model, before)

    monkeypatch.setattr("qa.live.open_store", open_slowly)
    publish(data, 2)
    assert begun.wait(PATIENCE)
    with ThreadPoolExecutor(4) as pool:
        asked = [pool.submit(said, watching) for _ in range(8)]
        quotes = [each.result(PATIENCE) for each in asked]
    found = watching.article("dam")
    assert not go_on.is_set()
    assert all("holds 1 million" in quote for quote in quotes)
    assert found is not None
    go_on.set()
    assert wait_until(lambda: "holds 2 million" in said(watching))


def test_a_generation_is_opened_once_however_many_refresh(
    data: Path, live: LiveIndex, monkeypatch: pytest.MonkeyPatch
) -> None:
    times = []

    def count(folder: Path, model: Model, before: Store) -> Store:
        times.append(folder)
        return open_store(folder, model, before)

    monkeypatch.setattr("qa.live.open_store", count)
    publish(data, 2)
    with ThreadPoolExecutor(8) as pool:
        for done in [pool.submit(live.refresh) for _ in range(8)]:
            done.result(PATIENCE)
    assert len(times) == 1
    assert "holds 2 million" in said(live)


def test_many_threads_ask_while_builds_publish(data: Path, watching: LiveIndex) -> None:
    ended = threading.Event()

    def ask_until_the_end() -> set[str]:
        quotes = {said(watching)}
        while not ended.wait(0.02):
            quotes.add(said(watching))
            assert watching.article("dam") is not None
        return quotes | {said(watching)}

    with ThreadPoolExecutor(8) as pool:
        asking = [pool.submit(ask_until_the_end) for _ in range(8)]
        try:
            for version in (2, 3, 4, 5):
                publish(data, version)
            manifest = read_manifest(data)
            newest = wait_until(lambda: watching.store.info == info_of(manifest))
        finally:
            ended.set()
        quotes = [future.result(timeout=60) for future in asking]
    possible = {f"The dam on the Tessel holds {n} million cubic metres of water." for n in range(6)}
    assert newest
    assert set.union(*quotes) <= possible
    assert all(any("holds 5 million" in quote for quote in found) for found in quotes)
