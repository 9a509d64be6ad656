import shutil
import sqlite3
from dataclasses import replace
from pathlib import Path

import pytest

from index.errors import IndexMissingError, IndexRefusedError
from index.manifest import MANIFEST, read_manifest, sum_file, write_manifest
from index.store import CATALOGUE, open_snapshot
from index.verify import verify

# Of each kind of file that an index consists of, one.
KINDS = [
    *(MANIFEST, "catalogue.sqlite", "vectors.faiss", "meta.json", ".managed.json"),
    *("*.term", "*.store", "*.idx", "*.pos", "*.fast", "*.fieldnorm"),
]


@pytest.fixture(scope="module")
def copied(read_only_data: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An index to damage; each test puts right what it damaged."""
    return Path(shutil.copytree(read_only_data, tmp_path_factory.mktemp("copied") / "data"))


def edit_catalogue(data: Path, sql: str) -> None:
    """Change the catalogue and sum it up anew, so that no checksum tells of it."""
    manifest = read_manifest(data)
    with sqlite3.connect(manifest.folder(data) / CATALOGUE) as catalogue:
        catalogue.execute(sql)
    catalogue.close()
    files = tuple(sum_file(data, data / file.path) for file in manifest.files)
    write_manifest(data, replace(manifest, files=files))


def test_a_good_index_has_no_faults(read_only_data: Path) -> None:
    assert list(verify(read_only_data)) == []


def test_the_manifest_names_every_file_of_the_generation(read_only_data: Path) -> None:
    manifest = read_manifest(read_only_data)
    found = [path for path in manifest.folder(read_only_data).rglob("*") if path.is_file()]
    assert {read_only_data / file.path for file in manifest.files} == set(found)


def test_the_kinds_of_files_tested_are_all_there_are(read_only_data: Path) -> None:
    files = [path for path in read_only_data.rglob("*") if path.is_file() and path.stat().st_size]
    assert {path for path in files if not any(path.match(kind) for kind in KINDS)} == set()


@pytest.mark.parametrize("part", [0.0, 0.1, 0.5, 0.9, 1.0])
@pytest.mark.parametrize("kind", KINDS)
def test_a_changed_byte_of_any_file_is_told_with_its_name_and_not_opened(
    copied: Path, kind: str, part: float
) -> None:
    [path] = copied.rglob(kind)
    stored = path.read_bytes()
    damaged = bytearray(stored)
    damaged[round(part * (len(stored) - 1))] ^= 0x55
    path.write_bytes(damaged)
    try:
        [fault] = verify(copied)
        assert f"{path} is damaged" in fault
        with pytest.raises(IndexRefusedError, match=rf"{path} is damaged.*: remove .* and build"):
            open_snapshot(copied)
    finally:
        path.write_bytes(stored)


@pytest.mark.parametrize("kind", [kind for kind in KINDS if kind != MANIFEST])
def test_every_missing_and_every_shortened_file_is_told_with_its_name(
    copied: Path, kind: str
) -> None:
    [path] = copied.rglob(kind)
    stored = path.read_bytes()
    try:
        path.write_bytes(stored[:-1])
        assert list(verify(copied)) == [
            f"{path} has {len(stored) - 1} bytes instead of {len(stored)}"
        ]
        path.unlink()
        assert list(verify(copied)) == [f"{path} is missing"]
    finally:
        path.write_bytes(stored)


def test_all_faults_are_told_not_the_first_alone(data: Path) -> None:
    folder = read_manifest(data).folder(data)
    for name in ("catalogue.sqlite", "vectors.faiss"):
        (folder / name).unlink()
    assert len(list(verify(data))) == 2


def test_a_file_that_no_build_put_there_is_told(data: Path) -> None:
    path = read_manifest(data).folder(data) / "notes.txt"
    path.write_text("Mine.")
    assert list(verify(data)) == [f"{path} is not part of the index"]


def test_where_there_is_no_index_there_is_nothing_to_verify(tmp_path: Path) -> None:
    with pytest.raises(IndexMissingError):
        list(verify(tmp_path))


@pytest.mark.parametrize(
    ("sql", "fault"),
    [
        (
            "UPDATE articles SET text = text || ' forged' WHERE id = 'dam'",
            "a text of article 'dam' that does not match its digest",
        ),
        (
            "UPDATE passages SET end = end - 1 WHERE article_id = 'dam'",
            "leaves passage dam:0-",
        ),
        (
            "UPDATE passages SET start = start + 200, end = end + 200, sentences = '[[320, 330]]'"
            " WHERE article_id = 'harbour' AND start = 114",
            "overlaps the one before it",
        ),
        (
            "UPDATE passages SET start = 4, sentences = '[[4, 8]]' WHERE article_id = 'dam'",
            "words of article 'dam' before 4 are in no passage",
        ),
        (
            "UPDATE passages SET end = 20, sentences = '[[0, 20]]' WHERE article_id = 'comet'",
            "words of article 'comet' after 20 are in no passage",
        ),
        (
            "UPDATE passages SET article_id = 'comet' WHERE article_id = 'bakery'",
            "article 'bakery' has no passages",
        ),
        (
            "UPDATE passages SET key = 999 WHERE article_id = 'dam'",
            "the passage vectors are not those of the catalogue's passages",
        ),
    ],
)
def test_a_span_digest_or_key_that_is_wrong_is_told_though_all_checksums_are_right(
    data: Path, sql: str, fault: str
) -> None:
    edit_catalogue(data, sql)
    assert any(fault in line for line in verify(data))
