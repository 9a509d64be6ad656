import hashlib
import os
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from index.article import Article
from index.encoders.files import ENCODER, Exported, write_exported
from index.errors import DamagedError
from index.store import verify
from index.store.base import Counts
from index.store.local import open_local
from index.store.manifest import MANIFEST, Manifest, read_manifest, read_removed, sum_file
from index.store.publish import Revision, clear, publish
from tests.segments import ENCODER as HASHES
from tests.segments import publish_more

SHIP = Article("ship", "The ferry left. Nobody wept.", title="A ferry", published="2022-09-29")
DAM = Article("dam", "The dam broke.", published="1962-03-01", updated="2023-04-05")
OWL = Article("owl", "The owl called at night. It was heard.")


def inodes(data: Path) -> dict[str, tuple[int, int]]:
    """Inodes and times of change of all files but the manifest."""
    files = [path for path in data.rglob("*") if path.is_file() and path.name != MANIFEST]
    stats = {path.relative_to(data).as_posix(): path.stat() for path in files}
    return {name: (stat.st_ino, stat.st_mtime_ns) for name, stat in stats.items()}


def names_in(data: Path) -> set[str]:
    return {path.name for path in data.iterdir()}


def files_of(manifest: Manifest, folder: str) -> list[str]:
    return [file.path for file in manifest.files if file.path.startswith(f"{folder}/")]


def test_the_first_generation_holds_its_segment_and_words(tmp_path: Path) -> None:
    manifest = publish_more(tmp_path, None, SHIP, DAM)
    assert manifest == read_manifest(tmp_path)
    assert (manifest.generation, manifest.next_number, manifest.next_segment) == (1, 3, 2)
    assert manifest.counts == Counts(articles=2, passages=2, sentences=3)
    assert (manifest.newest, manifest.removed) == ("2023-04-05", None)
    assert names_in(tmp_path) == {MANIFEST, "segment-000001", "lexical-000001"}
    assert list(verify(tmp_path)) == []


def test_adding_leaves_the_files_of_other_segments_untouched(tmp_path: Path) -> None:
    first = publish_more(tmp_path, None, SHIP, DAM)
    before = inodes(tmp_path)
    second = publish_more(tmp_path, first, OWL)
    after = inodes(tmp_path)
    kept = files_of(first, "segment-000001")
    assert {name: after[name] for name in kept} == {name: before[name] for name in kept}
    assert second.counts == Counts(3, 3, 5)
    assert names_in(tmp_path) == {*(MANIFEST, "segment-000001", "segment-000002", "lexical-000002")}
    assert list(verify(tmp_path)) == []


def test_the_words_before_are_taken_over_by_link(tmp_path: Path) -> None:
    first = publish_more(tmp_path, None, SHIP, DAM)
    before = inodes(tmp_path)
    publish_more(tmp_path, first, OWL)
    after = inodes(tmp_path)
    [terms] = [name for name in before if name.endswith(".term")]
    assert after[terms.replace("000001", "000002")][0] == before[terms][0]


def test_removing_writes_no_segment_but_the_numbers(tmp_path: Path) -> None:
    first = publish_more(tmp_path, None, SHIP, DAM)
    before = inodes(tmp_path)
    second = publish_more(tmp_path, first, removed=[2])
    assert second.segments == first.segments
    assert second.counts == Counts(1, 1, 2)
    assert second.newest == "2022-09-29"
    assert read_removed(tmp_path, second).tolist() == [2]
    kept = files_of(first, "segment-000001")
    assert {n: inodes(tmp_path)[n] for n in kept} == {n: before[n] for n in kept}
    assert names_in(tmp_path) == {
        *(MANIFEST, "segment-000001", "lexical-000002", "removed-000002.bin")
    }
    assert list(verify(tmp_path)) == []


def test_removed_numbers_add_up_from_generation_to_generation(tmp_path: Path) -> None:
    first = publish_more(tmp_path, None, SHIP, DAM, OWL)
    second = publish_more(tmp_path, first, removed=[3])
    third = publish_more(tmp_path, second, removed=[1])
    assert read_removed(tmp_path, third).tolist() == [1, 3]
    assert third.counts == Counts(1, 1, 1)


def test_numbers_that_no_segment_holds_are_not_noted(tmp_path: Path) -> None:
    first = publish_more(tmp_path, None, SHIP, DAM)
    assert publish_more(tmp_path, first, OWL, removed=[77]).removed is None


def test_an_article_removed_from_the_segment_just_added_is_found_nowhere(tmp_path: Path) -> None:
    """As of a draft that a killed build left, of which a later build needs a part."""
    manifest = publish_more(tmp_path, None, SHIP, DAM, removed=[1])
    assert manifest.counts == Counts(1, 1, 1)
    snapshot = open_local(tmp_path)
    assert len(snapshot.lexical) == 1
    assert snapshot.article("ship") is None
    assert list(verify(tmp_path)) == []
    snapshot.close()


def test_a_generation_of_the_same_articles_keeps_the_words_as_they_are(tmp_path: Path) -> None:
    first = publish_more(tmp_path, None, SHIP)
    before = inodes(tmp_path)
    none = np.zeros(0, np.int64)
    same = Revision(first.segments, None, none, first.next_number, first.next_segment)
    second = publish(tmp_path, first, same, HASHES.model)
    assert (second.generation, second.lexical) == (2, "lexical-000001")
    assert inodes(tmp_path) == before
    assert second.files == first.files


@pytest.mark.parametrize("removed", [[], [2]])
def test_every_sum_told_is_that_of_its_file(tmp_path: Path, removed: list[int]) -> None:
    """Those that were taken over from the generation before included."""
    first = publish_more(tmp_path, None, SHIP, DAM)
    second = publish_more(tmp_path, first, OWL, removed=removed)
    assert {file.path for file in second.files} == {
        path.relative_to(tmp_path).as_posix()
        for path in tmp_path.rglob("*")
        if path.is_file() and path.name != MANIFEST and path.suffix != ".lock"
    }
    for file in second.files:
        stored = (tmp_path / file.path).read_bytes()
        assert (file.bytes, file.sha256) == (len(stored), hashlib.sha256(stored).hexdigest())


def test_what_an_earlier_segment_holds_is_not_read_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = publish_more(tmp_path, None, SHIP, DAM)
    summed: list[str] = []

    def watch(data: Path, path: Path) -> object:
        summed.append(path.relative_to(data).as_posix())
        return sum_file(data, path)

    monkeypatch.setattr("index.store.publish.sum_file", watch)
    publish_more(tmp_path, first, OWL)
    assert not [name for name in summed if name.startswith("segment-000001")]
    assert [name for name in summed if name.startswith("segment-000002")]


def test_an_encoder_that_was_made_anew_is_summed_up_anew(tmp_path: Path) -> None:
    home = tmp_path / ENCODER
    home.mkdir()
    write_exported(home, Exported(HASHES.model, "hash", query_prompt="one"))
    first = publish_more(tmp_path, None, SHIP)
    assert f"{ENCODER}/encoder.json" in [file.path for file in first.files]
    assert (first.runs, list(verify(tmp_path))) == ("hash", [])
    write_exported(home, Exported(HASHES.model, "hash", query_prompt="two"))
    publish_more(tmp_path, first, OWL)
    assert list(verify(tmp_path)) == []


def test_what_runs_the_model_is_told_in_the_manifest(tmp_path: Path) -> None:
    assert publish_more(tmp_path, None, SHIP).runs == "hash"
    (tmp_path / ENCODER).mkdir()
    write_exported(tmp_path / ENCODER, Exported(HASHES.model, "ONNX Runtime, 8 bits", 0.99))
    assert publish_more(tmp_path, read_manifest(tmp_path), OWL).runs == "ONNX Runtime, 8 bits"


def test_what_earlier_builds_left_is_cleared_and_nothing_else(tmp_path: Path) -> None:
    manifest = publish_more(tmp_path, None, SHIP)
    kept = names_in(tmp_path)
    for name in ("segment-000009", "lexical-000009", f"{ENCODER}.new"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "file").touch()
    (tmp_path / "removed-000009.bin").touch()
    (tmp_path / "my notes.txt").touch()
    clear(tmp_path, manifest, keep="segment-000009")
    assert names_in(tmp_path) == kept | {"segment-000009", "my notes.txt"}
    clear(tmp_path, manifest)
    assert names_in(tmp_path) == kept | {"my notes.txt"}
    assert list(verify(tmp_path)) == []


def test_where_nothing_is_published_all_that_builds_left_is_cleared(tmp_path: Path) -> None:
    publish_more(tmp_path, None, SHIP)
    (tmp_path / MANIFEST).unlink()
    clear(tmp_path, None)
    assert names_in(tmp_path) == set()


def test_a_manifest_half_written_by_a_killed_build_is_cleared(tmp_path: Path) -> None:
    manifest = publish_more(tmp_path, None, SHIP)
    left = tmp_path / f".{MANIFEST}.12ab34cd.new"
    left.write_text("{")
    clear(tmp_path, manifest)
    assert not left.exists()


def test_a_manifest_is_published_after_all_that_it_names(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = publish_more(tmp_path, None, SHIP, DAM)

    def fail(data: Path, manifest: Manifest) -> None:
        assert all((data / file.path).stat().st_size == file.bytes for file in manifest.files)
        raise OSError("the disk is full")

    monkeypatch.setattr("index.store.publish.write_manifest", fail)
    with pytest.raises(OSError, match="the disk is full"):
        publish_more(tmp_path, first, OWL, removed=[1])
    assert read_manifest(tmp_path) == first
    assert list(verify(tmp_path)) == []


@pytest.mark.parametrize("name", ["terms", "row_spans", "keys"])
def test_what_contradicts_itself_is_not_published_and_the_next_build_is_right(
    tmp_path: Path, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = publish_more(tmp_path, None, SHIP)

    def damage(folder: Path) -> None:
        path = folder / f"{name}.bin"
        if path.exists():
            path.write_bytes(path.read_bytes()[:-8])

    with monkeypatch.context() as patched:
        patched.setattr("index.store.draft.sync_files", damage)
        with pytest.raises(DamagedError, match="the index is as it was: run the build again"):
            publish_more(tmp_path, first, DAM)
    assert read_manifest(tmp_path) == first
    assert names_in(tmp_path) == {MANIFEST, "segment-000001", "lexical-000001"}
    publish_more(tmp_path, first, DAM)
    assert list(verify(tmp_path)) == []


def test_a_segment_of_no_live_article_counts_for_nothing(tmp_path: Path) -> None:
    first = publish_more(tmp_path, None, SHIP, DAM)
    last = publish_more(tmp_path, first, removed=[1, 2])
    assert last.counts == Counts(0, 0, 0)
    assert last.newest is None
    assert list(verify(tmp_path)) == []
    assert replace(last, generation=1).segments == first.segments


def some_group() -> int:
    """One that this process may give files to, and not its own if there is such."""
    others = [4242] if os.geteuid() == 0 else os.getgroups()
    return next((group for group in others if group != os.getegid()), os.getegid())


@pytest.fixture
def nothing_for_others() -> Iterator[None]:
    """As a unit of systemd sets it: what is made is for its owner alone."""
    before = os.umask(0o077)
    yield
    os.umask(before)


@pytest.mark.usefixtures("nothing_for_others")
def test_the_group_of_the_folder_may_read_what_is_published_and_no_one_else(tmp_path: Path) -> None:
    data = tmp_path / "data"
    data.mkdir()
    data.chmod(0o750)
    os.chown(data, -1, some_group())
    first = publish_more(data, None, SHIP, DAM)
    second = publish_more(data, first, OWL, removed=[1])
    named = {data / file.path for file in second.files}
    for path in (data / MANIFEST, *named, *(path.parent for path in named)):
        found = path.stat()
        assert (found.st_gid, found.st_mode & 0o047) == (some_group(), 0o040), path


@pytest.mark.usefixtures("nothing_for_others")
def test_where_the_group_may_not_enter_the_folder_it_is_given_nothing(tmp_path: Path) -> None:
    data = tmp_path / "data"
    data.mkdir()
    manifest = publish_more(data, None, SHIP)
    paths = [data / MANIFEST, *(data / file.path for file in manifest.files)]
    assert {path.stat().st_mode & 0o077 for path in paths} == {0}
