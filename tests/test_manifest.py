import hashlib
import json
from dataclasses import asdict, replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from index.embed import Model
from index.errors import IndexMissingError, IndexRefusedError
from index.store.base import Counts
from index.store.manifest import (
    FORMAT,
    MANIFEST,
    FileSum,
    Manifest,
    lexical_name,
    read_manifest,
    read_removed,
    refuse_other_model,
    segment_name,
    sum_file,
    write_manifest,
    write_removed,
)
from index.store.segment import SegmentInfo
from index.vectors import VectorStats

WRITTEN = Manifest(
    generation=3,
    built_at="2026-01-31T09:00:00+00:00",
    model=Model("hash", "sha256:ab", 64),
    runs="ONNX Runtime, 8 bits",
    counts=Counts(5, 11, 28),
    newest="2022-09-29",
    next_number=17,
    next_segment=4,
    segments=(
        SegmentInfo("segment-000001", Counts(4, 9, 20), 300, VectorStats("exact, 16 bits")),
        SegmentInfo("segment-000003", Counts(2, 3, 9), 40, VectorStats("clusters", 9, 2, 0.991)),
    ),
    lexical="lexical-000003",
    removed="removed-000003.bin",
    files=(FileSum("segment-000001/catalogue.sqlite", 4, "cd"),),
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


def test_the_folders_of_segments_and_words_are_named_by_their_number() -> None:
    assert (segment_name(3), segment_name(4)) == ("segment-000003", "segment-000004")
    assert lexical_name(12) == "lexical-000012"


@given(st.sets(st.integers(1, 2**39)))
def test_removed_numbers_come_back_in_order(
    tmp_path_factory: pytest.TempPathFactory, removed: set[int]
) -> None:
    data = tmp_path_factory.mktemp("removed")
    name = write_removed(data, 3, np.array([*removed], dtype=np.int64))
    assert (name is None) is not bool(removed)
    found = read_removed(data, replace(WRITTEN, removed=name))
    assert found.tolist() == sorted(removed)
    assert found.dtype == np.int64


def test_the_same_model_under_another_name_is_not_another_model(data: Path) -> None:
    refuse_other_model(data, WRITTEN.model, Model("renamed", "sha256:ab", 64))
    with pytest.raises(IndexRefusedError, match=r"built with model 'hash', not 'hash-2': set FOOT"):
        refuse_other_model(data, WRITTEN.model, Model("hash-2", "sha256:cd", 64))


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
    with pytest.raises(IndexRefusedError, match=rf"format 99, this version reads {FORMAT}: remove"):
        read_manifest(data)


def test_an_index_of_the_first_format_is_refused_and_not_called_damaged(data: Path) -> None:
    """Its manifest had other fields, under the same checksum."""
    first = {"format": 1, "generation": 3, "counts": {"articles": 5}, "files": []}
    (data / MANIFEST).write_text(sealed(first))
    with pytest.raises(IndexRefusedError, match=r"index format 1, this version reads .*: remove"):
        read_manifest(data)


@pytest.mark.parametrize("earlier", range(2, FORMAT))
def test_an_index_of_an_earlier_format_is_refused_though_its_fields_are_the_same(
    data: Path, earlier: int
) -> None:
    """The second has no vectors of words, the third counts sentences from the article's start."""
    (data / MANIFEST).write_text(sealed({"format": earlier, **asdict(WRITTEN)}))
    with pytest.raises(IndexRefusedError, match=f"format {earlier}, this version reads {FORMAT}"):
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
