import shutil
import sqlite3
from dataclasses import replace
from pathlib import Path

import pytest

from index.catalogue import Catalogue
from index.errors import IndexMissingError, IndexRefusedError
from index.manifest import MANIFEST, read_manifest, sum_file, write_manifest
from index.store import CATALOGUE, VECTORS, count_faults, open_snapshot, total_bytes
from index.vectors import VectorIndex
from index.verify import verify
from tests.fakes import HashEncoder


def published_files(data: Path) -> list[Path]:
    return [data / file.path for file in read_manifest(data).files]


def seal(data: Path) -> None:
    """Sum the files up anew, as one does who wants the damage not to be noticed."""
    manifest = read_manifest(data)
    files = tuple(sum_file(data, path) for path in published_files(data))
    write_manifest(data, replace(manifest, files=files))


def everything_in(folder: Path) -> dict[str, tuple[int, int]]:
    """Sizes and times of change of all that is there."""
    stats = {path: path.stat() for path in sorted(folder.rglob("*"))}
    return {str(path): (stat.st_size, stat.st_mtime_ns) for path, stat in stats.items()}


def test_an_index_opens_with_all_its_parts(read_only_data: Path, encoder: HashEncoder) -> None:
    snapshot = open_snapshot(read_only_data, encoder.model)
    passages = snapshot.manifest.counts.passages
    assert len(snapshot.lexical) == len(snapshot.vectors) == passages == 11
    assert snapshot.article("dam") == snapshot.catalogue.article("dam") is not None
    assert snapshot.article("unknown") is None
    assert count_faults(snapshot) == []
    snapshot.close()


def test_passages_lie_under_one_key_in_all_parts(read_only_data: Path) -> None:
    snapshot = open_snapshot(read_only_data)
    keys = {worded.key for worded in snapshot.catalogue.every_passage()}
    assert keys == set(snapshot.vectors.keys().tolist())
    assert keys == {match.key for match in snapshot.lexical.search(["the", "it", "neither"], 99)}


def test_title_and_heading_are_searched_as_part_of_a_passage(read_only_data: Path) -> None:
    snapshot = open_snapshot(read_only_data)
    [match] = snapshot.lexical.search(["tug", "quay"], 1)
    [stored] = snapshot.catalogue.passages([match.key]).values()
    assert stored.worded.passage.text == "Three tugs left before the strike began."
    assert snapshot.lexical.document_frequency("vessel") == 7


def test_the_size_on_disk_is_that_of_the_published_files(read_only_data: Path) -> None:
    sizes = [path.stat().st_size for path in published_files(read_only_data)]
    assert total_bytes(read_manifest(read_only_data)) == sum(sizes)


def test_an_index_of_another_model_is_refused_by_name_with_the_remedy(
    read_only_data: Path,
) -> None:
    with pytest.raises(IndexRefusedError) as refused:
        open_snapshot(read_only_data, HashEncoder("other").model)
    assert str(refused.value) == (
        f"the index in {str(read_only_data)!r} was built with model 'hash', not 'other': "
        f"set FOOTNOTE_MODEL=hash, or remove {str(read_only_data)!r} and build again with "
        "python -m index build"
    )


def test_the_same_model_under_another_name_is_accepted(
    read_only_data: Path, encoder: HashEncoder
) -> None:
    renamed = replace(encoder.model, name="models/hash")
    assert open_snapshot(read_only_data, renamed).manifest.model.name == "hash"


def test_a_folder_without_an_index_is_missing_not_refused(tmp_path: Path) -> None:
    with pytest.raises(IndexMissingError, match="build one with"):
        open_snapshot(tmp_path)


def test_every_missing_file_is_refused_by_name_with_the_remedy(data: Path) -> None:
    for path in published_files(data):
        kept = path.read_bytes()
        path.unlink()
        with pytest.raises(IndexRefusedError, match=rf"{path} is missing: remove .* and build"):
            open_snapshot(data)
        path.write_bytes(kept)
    open_snapshot(data).close()


def test_every_truncated_file_is_refused_by_name(data: Path) -> None:
    for path in published_files(data):
        kept = path.read_bytes()
        if kept:
            path.write_bytes(kept[:-1])
            with pytest.raises(IndexRefusedError, match=rf"{path} has {len(kept) - 1} bytes"):
                open_snapshot(data)
            path.write_bytes(kept)
    open_snapshot(data).close()


def test_a_large_index_is_opened_without_reading_it_whole_and_verified_on_request(
    data: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("index.store._CHECKED_WHOLE", 0)
    path = read_manifest(data).folder(data) / VECTORS
    stored = bytearray(path.read_bytes())
    stored[-100] ^= 1
    path.write_bytes(stored)
    open_snapshot(data).close()
    assert list(verify(data)) == [f"{path} is damaged, its checksum is wrong"]


@pytest.mark.parametrize(
    ("sql", "fault"),
    [
        ("DELETE FROM articles WHERE id = 'dam'", "4 articles in the catalogue instead of 5"),
        ("DELETE FROM passages WHERE article_id = 'dam'", "10 passages in the catalogue instead"),
        ("UPDATE passages SET sentences = '[]'", "0 sentences in the catalogue instead of 28"),
    ],
)
def test_a_catalogue_with_other_counts_is_refused_though_its_checksum_is_right(
    data: Path, sql: str, fault: str
) -> None:
    with sqlite3.connect(read_manifest(data).folder(data) / CATALOGUE) as catalogue:
        catalogue.execute(sql)
    catalogue.close()
    seal(data)
    with pytest.raises(IndexRefusedError, match=fault):
        open_snapshot(data)
    assert any(fault in line for line in verify(data))


def test_vectors_of_other_passages_are_refused_though_their_checksum_is_right(
    data: Path,
) -> None:
    path = read_manifest(data).folder(data) / VECTORS
    keys, vectors = Catalogue(path.with_name(CATALOGUE)).vectors()
    VectorIndex.of(keys[:-1], vectors[:-1]).write(path)
    seal(data)
    with pytest.raises(IndexRefusedError, match="has 10 passage vectors instead of 11: remove"):
        open_snapshot(data)
    VectorIndex.of(keys, vectors[:, :32].copy()).write(path)
    seal(data)
    with pytest.raises(IndexRefusedError, match="has 32 numbers a vector instead of 64"):
        open_snapshot(data)


@pytest.mark.parametrize("name", [CATALOGUE, VECTORS, "lexical/meta.json"])
def test_a_file_that_is_something_else_is_refused_though_its_checksum_is_right(
    data: Path, name: str
) -> None:
    (read_manifest(data).folder(data) / name).write_bytes(b"This is something else. " * 50)
    seal(data)
    with pytest.raises(IndexRefusedError, match=r"cannot be read \(.+\): remove"):
        open_snapshot(data)


def test_opening_and_searching_leaves_no_trace_on_the_disk(data: Path) -> None:
    before = everything_in(data)
    snapshot = open_snapshot(data)
    snapshot.lexical.search(["harbour"], 9)
    assert len(list(snapshot.catalogue.articles())) == 5
    assert everything_in(data) == before
    snapshot.close()
    assert everything_in(data) == before


def test_a_data_folder_can_be_copied_elsewhere(data: Path, tmp_path: Path) -> None:
    shutil.move(data, tmp_path / "moved here")
    snapshot = open_snapshot(tmp_path / "moved here")
    assert snapshot.manifest.counts.articles == 5


def test_a_reader_who_met_a_build_between_two_steps_opens_the_new_generation(
    data: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The first manifest read is of a generation that was cleared away meanwhile."""
    manifest = read_manifest(data)
    stale = replace(manifest, generation=0, files=(replace(manifest.files[0], path="gone"),))
    answers = iter([stale, manifest])
    monkeypatch.setattr("index.store.read_manifest", lambda data: next(answers))
    assert open_snapshot(data).manifest == manifest


def test_the_manifest_is_the_only_file_beside_the_generation(data: Path) -> None:
    home = read_manifest(data).folder(data)
    assert sorted(data.iterdir()) == [home, data / MANIFEST]
