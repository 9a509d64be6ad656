from pathlib import Path

import faiss
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from index.embed import Vectors
from index.vectors import (
    VectorIndex,
    from_halves,
    from_signed_bytes,
    to_halves,
    to_signed_bytes,
)

KEYS = np.array([7, 3, 900], dtype=np.int64)
VECTORS = np.eye(3, 4, dtype=np.float32)


def unit_rows(rows: int, seed: int) -> Vectors:
    found = np.random.default_rng(seed).normal(size=(rows, 32)).astype(np.float32)
    return np.asarray(found / np.linalg.norm(found, axis=1, keepdims=True), dtype=np.float32)


@pytest.fixture
def index() -> VectorIndex:
    return VectorIndex.of(KEYS, VECTORS)


def test_the_nearest_passages_come_first(index: VectorIndex) -> None:
    query = np.array([0.2, 0.9, 0.4, 0], dtype=np.float32)
    assert index.nearest(query, 3).tolist() == [3, 900, 7]
    assert index.nearest(query, 1).tolist() == [3]


def test_no_more_passages_come_than_there_are(index: VectorIndex) -> None:
    assert len(index.nearest(VECTORS[0], 10_000)) == 3
    assert index.nearest(VECTORS[0], 0).tolist() == []


@pytest.mark.parametrize(
    ("among", "found"), [([3, 7], [7, 3]), ([900], [900]), ([], []), ([7, 12345], [7])]
)
def test_only_passages_among_the_given_keys_come(
    index: VectorIndex, among: list[int], found: list[int]
) -> None:
    query = np.array([0.9, 0.2, 0.4, 0], dtype=np.float32)
    assert index.nearest(query, 9, np.array(among, dtype=np.int64)).tolist() == found


def test_search_is_exact() -> None:
    vectors = unit_rows(500, seed=1)
    index = VectorIndex.of(np.arange(500, dtype=np.int64), vectors)
    query = unit_rows(1, seed=2)[0]
    assert index.nearest(query, 20).tolist() == np.argsort(-(vectors @ query))[:20].tolist()


def test_the_vectors_under_keys_come_in_the_order_asked_for(index: VectorIndex) -> None:
    wanted = np.array([900, 7], dtype=np.int64)
    np.testing.assert_array_equal(index.vectors(wanted), VECTORS[[2, 0]])


def test_what_is_written_is_what_is_read(index: VectorIndex, tmp_path: Path) -> None:
    index.write(tmp_path / "vectors.faiss")
    again = VectorIndex.read(tmp_path / "vectors.faiss")
    assert (len(again), again.dimension) == (3, 4)
    assert again.keys().tolist() == KEYS.tolist()
    np.testing.assert_array_equal(again.vectors(KEYS), VECTORS)


def test_a_file_of_vectors_without_keys_is_refused(tmp_path: Path) -> None:
    faiss.write_index(faiss.IndexFlatIP(4), str(tmp_path / "flat.faiss"))
    with pytest.raises(RuntimeError, match="IndexFlatIP, not vectors under keys"):
        VectorIndex.read(tmp_path / "flat.faiss")


def test_a_file_that_holds_no_vectors_is_refused(tmp_path: Path) -> None:
    (tmp_path / "no.faiss").write_bytes(b"these are no vectors")
    with pytest.raises(RuntimeError):
        VectorIndex.read(tmp_path / "no.faiss")


@given(st.integers(1, 20), st.integers(0, 10_000))
def test_half_floats_keep_three_digits_of_a_cosine(rows: int, seed: int) -> None:
    vectors = unit_rows(rows, seed)
    kept = from_halves(b"".join(map(to_halves, vectors)), rows)
    assert kept.shape == vectors.shape
    np.testing.assert_allclose(kept @ vectors.T, vectors @ vectors.T, atol=1e-3)


@given(st.integers(1, 20), st.integers(0, 10_000))
def test_signed_bytes_keep_the_direction_of_each_row(rows: int, seed: int) -> None:
    vectors = unit_rows(rows, seed)
    kept = from_signed_bytes(to_signed_bytes(vectors), rows)
    assert kept.shape == vectors.shape
    assert ((kept * vectors).sum(axis=1) > 0.999).all()
    np.testing.assert_allclose(np.linalg.norm(kept, axis=1), 1, atol=1e-6)


def test_a_row_of_zeros_stays_one() -> None:
    zeros = np.zeros((1, 4), dtype=np.float32)
    assert from_signed_bytes(to_signed_bytes(zeros), 1).tolist() == zeros.tolist()
