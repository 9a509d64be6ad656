import hashlib
import json
from dataclasses import asdict, replace
from pathlib import Path

import pytest

from index.catalogue import Counts
from index.embed import Model
from index.errors import IndexMissingError, IndexRefusedError
from index.manifest import (
    MANIFEST,
    FileSum,
    Manifest,
    generation_folder,
    read_manifest,
    sum_file,
    write_manifest,
)

WRITTEN = Manifest(
    generation=3,
    built_at="2026-01-31T09:00:00+00:00",
    model=Model("hash", "sha256:ab", 64),
    counts=Counts(5, 11, 28),
    newest="2022-09-29",
    files=(FileSum("generation-000003/catalogue.sqlite", 4, "cd"),),
)


@pytest.fixture
def data(tmp_path: Path) -> Path:
    write_manifest(tmp_path, WRITTEN)
    return tmp_path


def sealed(body: dict[str, object]) -> str:
    """A manifest with a good checksum, whatever it says."""
    sha256 = hashlib.sha256(json.dumps(body, sort_keys=True).encode()).hexdigest()
    return json.dumps({**body, "sha256": sha256}, indent=1, sort_keys=True) + "\n"


def test_what_is_written_is_what_is_read(data: Path) -> None:
    assert read_manifest(data) == WRITTEN


def test_a_manifest_is_replaced_whole_and_leaves_no_other_file(data: Path) -> None:
    write_manifest(data, replace(WRITTEN, generation=4, newest=None))
    assert read_manifest(data).generation == 4
    assert [path.name for path in data.iterdir()] == [MANIFEST]


def test_every_generation_has_a_folder_of_its_own() -> None:
    assert WRITTEN.folder(Path("data")) == Path("data/generation-000003")
    assert generation_folder(Path("data"), 4) == Path("data/generation-000004")


def test_a_file_is_summed_up_by_its_path_size_and_sha256(tmp_path: Path) -> None:
    (tmp_path / "inner").mkdir()
    (tmp_path / "inner" / "file").write_bytes(b"1234")
    sha256 = hashlib.sha256(b"1234").hexdigest()
    assert sum_file(tmp_path, tmp_path / "inner" / "file") == FileSum("inner/file", 4, sha256)


def test_a_folder_without_an_index_is_named_with_the_command_that_builds_one(
    tmp_path: Path,
) -> None:
    with pytest.raises(IndexMissingError) as missing:
        read_manifest(tmp_path)
    assert str(missing.value) == (
        f"there is no index in {str(tmp_path)!r}: "
        f"build one with python -m index build FOLDER --data {tmp_path}"
    )


def test_a_folder_that_does_not_exist_holds_no_index(tmp_path: Path) -> None:
    with pytest.raises(IndexMissingError, match="there is no index in"):
        read_manifest(tmp_path / "nowhere")


def test_another_format_version_is_refused_by_name_with_the_remedy(data: Path) -> None:
    body = {"format": 99, **asdict(WRITTEN)}
    (data / MANIFEST).write_text(sealed(body))
    with pytest.raises(IndexRefusedError, match=r"index format 99, this version reads 1: remove"):
        read_manifest(data)


@pytest.mark.parametrize(
    "stored", [b"", b"{", b"[]", b"null", b"{}", b'{"sha256": "ab"}', b"\xff\xfe", b"\0" * 100]
)
def test_a_manifest_that_is_none_is_refused_by_name(data: Path, stored: bytes) -> None:
    (data / MANIFEST).write_bytes(stored)
    with pytest.raises(IndexRefusedError, match=r"manifest\.json is damaged.*: remove .* build"):
        read_manifest(data)


def test_a_flipped_bit_at_any_place_of_a_manifest_is_noticed(data: Path) -> None:
    stored = (data / MANIFEST).read_bytes()
    for place in range(len(stored)):
        flipped = bytes([stored[place] ^ 1 << place % 8])
        (data / MANIFEST).write_bytes(stored[:place] + flipped + stored[place + 1 :])
        with pytest.raises(IndexRefusedError, match=r"manifest\.json is damaged"):
            read_manifest(data)


@pytest.mark.parametrize("more", [b"\n", b" ", b"{}"])
def test_anything_behind_a_manifest_is_noticed(data: Path, more: bytes) -> None:
    with (data / MANIFEST).open("ab") as file:
        file.write(more)
    with pytest.raises(IndexRefusedError, match=r"manifest\.json is damaged"):
        read_manifest(data)
