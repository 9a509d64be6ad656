from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import DTypeLike

from index.store.columns import (
    OF_PASSAGES,
    OF_ROWS,
    OF_TERMS,
    Array,
    Columns,
    ColumnWriter,
    Sizes,
    column_path,
    open_columns,
)

DIMENSION = 4
NOTHING = Sizes()
NAMES = (*OF_PASSAGES, *OF_ROWS, *OF_TERMS)


def numbers(kind: DTypeLike, rows: int, width: int = 1, seed: int = 0) -> Array:
    """Any numbers that the kind can hold, the extremes among them."""
    held = np.iinfo(np.dtype(kind))
    shape = (rows,) if width == 1 else (rows, width)
    found = np.random.default_rng(seed).integers(held.min, held.max, shape, kind, endpoint=True)
    if found.size:
        found.flat[0], found.flat[-1] = held.max, held.min
    return np.asarray(found)


def columns(passages: int, rows: int, terms: int, seed: int = 0) -> Columns:
    return Columns(
        keys=numbers(np.int64, passages, seed=seed),  # type: ignore[arg-type]
        spans=numbers(np.int32, passages, 3, seed),  # type: ignore[arg-type]
        earliest=numbers(np.int64, passages, seed=seed),  # type: ignore[arg-type]
        latest=numbers(np.int64, passages, seed=seed),  # type: ignore[arg-type]
        utc_offset=numbers(np.int32, passages, seed=seed),  # type: ignore[arg-type]
        source=numbers(np.int32, passages, seed=seed),  # type: ignore[arg-type]
        first_row=numbers(np.int64, passages, seed=seed),  # type: ignore[arg-type]
        row_count=numbers(np.int32, passages, seed=seed),  # type: ignore[arg-type]
        first_term=numbers(np.int64, passages, seed=seed),  # type: ignore[arg-type]
        term_count=numbers(np.int32, passages, seed=seed),  # type: ignore[arg-type]
        row_spans=numbers(np.uint16, rows, 2, seed),  # type: ignore[arg-type]
        row_terms=numbers(np.int32, rows, seed=seed),  # type: ignore[arg-type]
        row_asks=np.random.default_rng(seed).integers(0, 1, rows, np.int8, endpoint=True) == 1,
        terms=numbers(np.uint32, terms, seed=seed),  # type: ignore[arg-type]
        vectors=numbers(np.int8, rows, DIMENSION, seed),  # type: ignore[arg-type]
    )


def write(folder: Path, *parts: Columns, sizes: Sizes = NOTHING) -> None:
    writer = ColumnWriter(folder, DIMENSION, sizes)
    for part in parts:
        writer.append(**{name: getattr(part, name) for name in NAMES})
    writer.close()


def assert_same(found: Columns, *parts: Columns) -> None:
    for name in NAMES:
        expected = np.concatenate([getattr(part, name) for part in parts])
        np.testing.assert_array_equal(getattr(found, name), expected, err_msg=name)
        assert getattr(found, name).dtype == expected.dtype


LENGTHS = st.tuples(st.integers(0, 9), st.integers(0, 30), st.integers(0, 90))


@given(st.lists(LENGTHS, min_size=1, max_size=4))
def test_columns_give_back_what_was_appended_part_by_part(
    lengths: list[tuple[int, int, int]],
) -> None:
    parts = [columns(*each, seed=seed) for seed, each in enumerate(lengths)]
    with TemporaryDirectory() as folder:
        write(Path(folder), *parts)
        assert_same(open_columns(Path(folder), DIMENSION), *parts)


def test_columns_are_as_long_as_their_passages(tmp_path: Path) -> None:
    write(tmp_path, columns(5, 12, 30))
    assert len(open_columns(tmp_path, DIMENSION)) == 5


def test_columns_in_which_nothing_was_put_are_empty(tmp_path: Path) -> None:
    ColumnWriter(tmp_path, DIMENSION, Sizes()).close()
    empty = open_columns(tmp_path, DIMENSION)
    assert len(empty) == 0
    assert empty.vectors.shape == (0, DIMENSION)
    assert empty.spans.shape == (0, 3)


def test_what_lies_past_the_sizes_is_cut_off_when_a_writer_opens(tmp_path: Path) -> None:
    kept, lost, after = columns(5, 12, 30, 1), columns(3, 7, 20, 2), columns(2, 4, 9, 3)
    write(tmp_path, kept, lost)
    write(tmp_path, after, sizes=Sizes(5, 12, 30, vectors=12))
    assert_same(open_columns(tmp_path, DIMENSION), kept, after)


def test_the_rows_that_have_vectors_are_counted_and_a_half_one_is_cut_off(tmp_path: Path) -> None:
    write(tmp_path, columns(5, 12, 30))
    path = column_path(tmp_path, "vectors")
    path.write_bytes(path.read_bytes()[: 7 * DIMENSION + 3])
    writer = ColumnWriter(tmp_path, DIMENSION, Sizes(5, 12, 30, vectors=12))
    assert writer.embedded == 7
    writer.close()
    assert path.stat().st_size == 7 * DIMENSION


@pytest.mark.parametrize("name", [name for name in NAMES if name != "vectors"])
def test_a_column_that_lacks_what_was_committed_is_refused(tmp_path: Path, name: str) -> None:
    """Lengthened, it would hold zeros where a power cut took what was written."""
    write(tmp_path, columns(5, 12, 30))
    path = column_path(tmp_path, name)
    path.write_bytes(path.read_bytes()[:-1])
    with pytest.raises(ValueError, match=f"{name}.bin has .* bytes instead of"):
        ColumnWriter(tmp_path, DIMENSION, Sizes(5, 12, 30, vectors=12))


def test_vectors_that_were_never_committed_are_cut_off(tmp_path: Path) -> None:
    write(tmp_path, columns(5, 12, 30))
    writer = ColumnWriter(tmp_path, DIMENSION, Sizes(5, 12, 30, vectors=4))
    assert writer.embedded == 4
    writer.close()


def test_vectors_behind_a_row_can_be_forgotten_and_written_anew(tmp_path: Path) -> None:
    part, new = columns(5, 12, 30), numbers(np.int8, 2, DIMENSION, 9)
    write(tmp_path, part)
    writer = ColumnWriter(tmp_path, DIMENSION, Sizes(5, 12, 30, vectors=12))
    writer.keep_vectors(10)
    assert writer.embedded == 10
    writer.append(vectors=new)
    writer.close()
    found = open_columns(tmp_path, DIMENSION).vectors
    np.testing.assert_array_equal(found, np.concatenate([part.vectors[:10], new]))


def test_what_is_flushed_can_be_read_while_the_writer_is_open(tmp_path: Path) -> None:
    part = columns(5, 12, 30)
    writer = ColumnWriter(tmp_path, DIMENSION, Sizes())
    writer.append(**{name: getattr(part, name) for name in NAMES})
    writer.flush()
    assert_same(open_columns(tmp_path, DIMENSION), part)
    writer.close()


# An item of one byte has no parts.
@pytest.mark.parametrize("name", [name for name in NAMES if name != "row_asks"])
def test_a_column_with_a_part_of_an_item_is_refused(tmp_path: Path, name: str) -> None:
    write(tmp_path, columns(5, 12, 30))
    path = column_path(tmp_path, name)
    path.write_bytes(path.read_bytes()[:-1])
    with pytest.raises(ValueError, match=r"."):
        open_columns(tmp_path, DIMENSION)


def test_columns_opened_to_read_cannot_be_written(tmp_path: Path) -> None:
    write(tmp_path, columns(5, 12, 30))
    with pytest.raises(ValueError, match="read-only"):
        open_columns(tmp_path, DIMENSION).keys[0] = 1
