"""The newest published index answers, at the next question and from many threads."""

import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from index.build import build
from index.embed import Model
from index.errors import IndexMissingError, IndexRefusedError
from index.manifest import MANIFEST, read_manifest
from index.store import Snapshot, open_snapshot
from qa.answer import Question
from qa.live import LiveIndex
from tests.archives import build_records
from tests.fakes import HashEncoder, no_progress

ASKED = Question("How much water does the dam on the Tessel hold?")


def publish(data: Path, version: int) -> Path:
    """Build the index with the article in this version."""
    text = f"The dam on the Tessel holds {version} million cubic metres of water."
    return build_records(data, [{"_id": "dam", "text": text, "title": f"Version {version}"}])


def publish_by_another_model(data: Path) -> None:
    """Put the manifest of another model's index in the place of ours."""
    other = data.with_name("other")
    source = data.with_name("other.jsonl")
    source.write_text('{"_id": "dam", "text": "Another model."}', encoding="utf-8")
    build([source], other, HashEncoder("other"), no_progress)
    (other / MANIFEST).replace(data / MANIFEST)


def said(live: LiveIndex) -> str:
    """The quote that comes first, answer or not."""
    answer = live.ask(ASKED)
    return (answer.citations or answer.nearest)[0].quote


@pytest.fixture
def data(tmp_path: Path) -> Path:
    return publish(tmp_path / "data", 1)


def test_a_build_that_ends_is_answered_from_at_the_next_question(data: Path) -> None:
    live = LiveIndex(data, HashEncoder())
    assert "holds 1 million" in said(live)
    publish(data, 2)
    assert "holds 2 million" in said(live)
    article = live.article("dam")
    assert article is not None
    assert article.title == "Version 2"
    assert live.snapshot.manifest.generation == 2


def test_an_index_that_did_not_change_is_not_opened_again(data: Path) -> None:
    live = LiveIndex(data, HashEncoder())
    snapshot = live.snapshot
    publish(data, 1)
    assert said(live)
    assert live.snapshot is snapshot


def test_an_article_that_the_index_does_not_have_is_none(data: Path) -> None:
    assert LiveIndex(data, HashEncoder()).article("nowhere") is None


def test_without_an_index_it_cannot_begin(tmp_path: Path) -> None:
    with pytest.raises(IndexMissingError, match="python -m index build"):
        LiveIndex(tmp_path / "none", HashEncoder())


def test_it_does_not_begin_with_an_index_of_another_model(data: Path) -> None:
    with pytest.raises(IndexRefusedError, match="'hash', not 'other'"):
        LiveIndex(data, HashEncoder("other"))


def test_an_index_that_is_refused_leaves_the_one_before_serving_and_warns_once(
    data: Path, caplog: pytest.LogCaptureFixture
) -> None:
    live = LiveIndex(data, HashEncoder())
    publish_by_another_model(data)
    for _ in range(3):
        assert "holds 1 million" in said(live)
    assert [record.levelname for record in caplog.records] == ["WARNING"]
    assert "the one before serves on" in caplog.records[0].getMessage()
    assert "built with model 'other', not 'hash'" in caplog.records[0].getMessage()


def test_after_an_index_that_was_refused_a_good_one_is_taken(
    data: Path, caplog: pytest.LogCaptureFixture
) -> None:
    live = LiveIndex(data, HashEncoder())
    kept = (data / MANIFEST).read_bytes()
    (data / MANIFEST).write_text("{}", encoding="utf-8")
    assert "holds 1 million" in said(live)
    (data / MANIFEST).unlink()
    (data / MANIFEST).write_bytes(kept)
    publish(data, 2)
    assert "holds 2 million" in said(live)
    assert len(caplog.records) == 1


def test_an_index_that_is_taken_away_leaves_the_one_before_serving_and_warns_once(
    data: Path, caplog: pytest.LogCaptureFixture
) -> None:
    live = LiveIndex(data, HashEncoder())
    (data / MANIFEST).unlink()
    assert "holds 1 million" in said(live)
    assert "holds 1 million" in said(live)
    assert len(caplog.records) == 1


def test_a_good_index_published_while_a_bad_one_is_refused_is_not_missed(
    data: Path, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    live = LiveIndex(data, HashEncoder())
    publish(data, 2)

    def refuse_and_publish(folder: Path, model: Model) -> Snapshot:
        monkeypatch.setattr("qa.live.open_snapshot", open_snapshot)
        publish(folder, 3)
        raise IndexRefusedError("generation 2 is damaged")

    monkeypatch.setattr("qa.live.open_snapshot", refuse_and_publish)
    assert "holds 1 million" in said(live)
    assert "holds 3 million" in said(live)
    assert len(caplog.records) == 1


def test_many_threads_ask_while_builds_publish(data: Path) -> None:
    live = LiveIndex(data, HashEncoder())
    ended = threading.Event()

    def ask_until_the_end() -> set[str]:
        quotes = {said(live)}
        while not ended.is_set():
            quotes.add(said(live))
            assert live.article("dam") is not None
        return quotes | {said(live)}

    with ThreadPoolExecutor(8) as pool:
        asking = [pool.submit(ask_until_the_end) for _ in range(8)]
        try:
            for version in (2, 3, 4, 5):
                publish(data, version)
        finally:
            ended.set()
        quotes = [future.result(timeout=60) for future in asking]
    possible = {f"The dam on the Tessel holds {n} million cubic metres of water." for n in range(6)}
    assert set.union(*quotes) <= possible
    assert all(any("holds 5 million" in quote for quote in found) for found in quotes)
    assert read_manifest(data).generation == 5
