from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from index.embed import Vectors
from index.vectors import (
    RECALL_SOUGHT,
    VectorIndex,
    VectorStats,
    from_signed_bytes,
    to_signed_bytes,
    write_vectors,
)

AXES = np.eye(3, 4, dtype=np.float32)
NO_QUESTIONS = np.zeros((0, 32), np.float32)
EXACT = VectorStats("exact, 16 bits", lists=0, probes=0, recall=1.0)
# Enough for the clusters to be worth searching in, few enough to search in no time.
MANY = 1500


def unit_rows(rows: int, seed: int) -> Vectors:
    found = np.random.default_rng(seed).normal(size=(rows, 32)).astype(np.float32)
    return np.asarray(found / np.linalg.norm(found, axis=1, keepdims=True), dtype=np.float32)


def themed_rows(rows: int, seed: int) -> Vectors:
    """Near one of some themes, as texts are: in noise, no cluster holds what is near."""
    themes = unit_rows(20, seed=99)
    chosen = np.random.default_rng(seed).integers(0, 20, rows)
    found = themes[chosen] + 0.6 * unit_rows(rows, seed)
    return np.asarray(found / np.linalg.norm(found, axis=1, keepdims=True), dtype=np.float32)


def written(path: Path, vectors: Vectors, questions: Vectors) -> VectorIndex:
    places = np.arange(len(vectors), dtype=np.int64)
    stats = write_vectors(path, to_signed_bytes(vectors), places, questions)
    return VectorIndex(path, stats)


def positions(index: VectorIndex, query: Vectors, limit: int) -> list[int]:
    return list(index.nearest(query, limit)[0].tolist())


@pytest.fixture
def index(tmp_path: Path) -> VectorIndex:
    return written(tmp_path / "vectors.faiss", AXES, np.zeros((0, 4), np.float32))


@pytest.fixture(scope="module")
def clusters(tmp_path_factory: pytest.TempPathFactory) -> tuple[VectorIndex, VectorStats]:
    """An index that is searched by clusters, as one of many passages is."""
    path = tmp_path_factory.mktemp("clusters") / "vectors.faiss"
    vectors = themed_rows(MANY, seed=1)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("index.vectors.MOST_EXACT", MANY - 1)
        places = np.arange(MANY, dtype=np.int64)
        stats = write_vectors(path, to_signed_bytes(vectors), places, themed_rows(50, seed=3))
    return VectorIndex(path, stats), stats


def test_the_nearest_passages_come_first_with_their_cosines(index: VectorIndex) -> None:
    query = np.array([0.2, 0.9, 0.4, 0], dtype=np.float32)
    found, cosines = index.nearest(query, 3)
    assert found.tolist() == [1, 2, 0]
    np.testing.assert_allclose(cosines, [0.9, 0.4, 0.2], atol=1e-3)
    assert positions(index, query, 1) == [1]


def test_no_more_passages_come_than_there_are(index: VectorIndex) -> None:
    assert len(positions(index, AXES[0], 10_000)) == 3
    assert positions(index, AXES[0], 0) == []


@pytest.mark.parametrize(
    ("among", "found"),
    [([1, 1, 0], [0, 1]), ([0, 0, 1], [2]), ([0, 0, 0], []), ([1, 1, 1], [0, 2, 1])],
)
def test_only_passages_among_the_given_ones_come(
    index: VectorIndex, among: list[int], found: list[int]
) -> None:
    query = np.array([0.9, 0.2, 0.4, 0], dtype=np.float32)
    assert index.nearest(query, 9, np.array(among, dtype=np.bool_))[0].tolist() == found


def test_search_of_few_passages_is_exact(tmp_path: Path) -> None:
    vectors = unit_rows(500, seed=1)
    index = written(tmp_path / "v.faiss", vectors, NO_QUESTIONS)
    query = unit_rows(1, seed=2)[0]
    expected = np.argsort(-(from_signed_bytes(to_signed_bytes(vectors)) @ query))[:20]
    assert positions(index, query, 20) == expected.tolist()


def test_only_the_first_rows_of_passages_are_indexed(tmp_path: Path) -> None:
    vectors, places = unit_rows(9, seed=1), np.array([0, 3, 8], dtype=np.int64)
    stats = write_vectors(tmp_path / "v.faiss", to_signed_bytes(vectors), places, NO_QUESTIONS)
    index = VectorIndex(tmp_path / "v.faiss", stats)
    assert (stats, len(index), index.dimension) == (EXACT, 3, 32)
    for position, place in enumerate(places.tolist()):
        assert positions(index, vectors[place], 1) == [position]


def test_no_vectors_can_be_written_and_searched(tmp_path: Path) -> None:
    empty = written(tmp_path / "v.faiss", np.zeros((0, 32), np.float32), NO_QUESTIONS)
    assert (len(empty), empty.dimension) == (0, 32)
    assert positions(empty, unit_rows(1, seed=2)[0], 9) == []


def test_many_passages_are_searched_by_clusters_tuned_to_the_recall_sought(
    clusters: tuple[VectorIndex, VectorStats],
) -> None:
    index, stats = clusters
    assert stats.kind == "clusters, 8 bits"
    assert stats.lists == int(4 * MANY**0.5)
    assert 1 <= stats.probes < stats.lists
    assert RECALL_SOUGHT <= stats.recall <= 1
    assert (len(index), index.dimension) == (MANY, 32)


@pytest.mark.parametrize(
    ("sought", "kind"), [(RECALL_SOUGHT, "clusters, 8 bits"), (0.9999, "exact, 16 bits")]
)
def test_the_recall_sought_is_reached_where_clusters_do_not_hold_what_is_near(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, sought: float, kind: str
) -> None:
    monkeypatch.setattr("index.vectors.MOST_EXACT", MANY - 1)
    monkeypatch.setattr("index.vectors.RECALL_SOUGHT", sought)
    noise, questions = unit_rows(MANY, seed=1), unit_rows(50, seed=3)
    path, places = tmp_path / "v.faiss", np.arange(MANY, dtype=np.int64)
    stats = write_vectors(path, to_signed_bytes(noise), places, questions)
    index = VectorIndex(path, stats)
    stored = from_signed_bytes(to_signed_bytes(noise))
    shares = [
        np.isin(np.argsort(-(stored @ question))[:100], index.nearest(question, 100)[0]).mean()
        for question in questions
    ]
    assert stats.kind == kind
    assert np.mean(shares) >= sought - 0.002


def test_the_recall_told_is_what_a_search_finds_of_the_hundred_nearest(
    clusters: tuple[VectorIndex, VectorStats],
) -> None:
    index, stats = clusters
    vectors = from_signed_bytes(to_signed_bytes(themed_rows(MANY, seed=1)))
    shares = [
        np.isin(np.argsort(-(vectors @ question))[:100], index.nearest(question, 100)[0]).mean()
        for question in themed_rows(50, seed=3)
    ]
    assert stats.recall == pytest.approx(np.mean(shares), abs=0.002)


def test_clusters_find_a_passage_by_its_own_vector(
    clusters: tuple[VectorIndex, VectorStats],
) -> None:
    index, _ = clusters
    for place, vector in enumerate(themed_rows(MANY, seed=1)[:50]):
        assert positions(index, vector, 1) == [place]


def chosen(share: float) -> NDArray[np.bool_]:
    return np.asarray(np.random.default_rng(5).random(MANY) < share)


@pytest.mark.parametrize("share", [0.01, 0.05, 0.3, 0.9])
def test_clusters_find_what_an_exact_search_finds_among_few_and_many(
    clusters: tuple[VectorIndex, VectorStats], share: float
) -> None:
    index, _ = clusters
    among = chosen(share)
    vectors = from_signed_bytes(to_signed_bytes(themed_rows(MANY, seed=1)))
    shares = []
    for question in themed_rows(30, seed=4):
        found = index.nearest(question, 20, among)[0]
        assert among[found].all()
        assert len(found) == min(20, among.sum())
        cosines = np.where(among, vectors @ question, -2)
        shares.append(np.isin(np.argsort(-cosines)[: len(found)], found).mean())
    assert np.mean(shares) > 0.97


def test_clusters_find_nothing_among_none(clusters: tuple[VectorIndex, VectorStats]) -> None:
    index, _ = clusters
    assert index.nearest(themed_rows(1, seed=4)[0], 9, np.zeros(MANY, np.bool_))[0].tolist() == []


def test_the_same_vectors_are_clustered_in_the_same_way(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("index.vectors.MOST_EXACT", 10)
    for name in ("one", "other"):
        written(tmp_path / name, themed_rows(300, seed=1), themed_rows(9, seed=2))
    assert (tmp_path / "one").read_bytes() == (tmp_path / "other").read_bytes()


def test_a_file_that_holds_no_vectors_is_refused(tmp_path: Path) -> None:
    (tmp_path / "no.faiss").write_bytes(b"these are no vectors")
    with pytest.raises(RuntimeError):
        VectorIndex(tmp_path / "no.faiss", EXACT)


def test_searching_writes_nothing(index: VectorIndex, tmp_path: Path) -> None:
    before = [(path.name, path.stat().st_mtime_ns) for path in tmp_path.iterdir()]
    index.nearest(AXES[0], 3)
    assert [(path.name, path.stat().st_mtime_ns) for path in tmp_path.iterdir()] == before


@given(st.integers(1, 20), st.integers(0, 10_000))
def test_signed_bytes_keep_the_direction_of_each_row(rows: int, seed: int) -> None:
    vectors = unit_rows(rows, seed)
    packed = to_signed_bytes(vectors)
    assert np.abs(packed.astype(int)).max(axis=1).tolist() == [127] * rows
    kept = from_signed_bytes(packed)
    assert kept.shape == vectors.shape
    assert ((kept * vectors).sum(axis=1) > 0.999).all()
    np.testing.assert_allclose(np.linalg.norm(kept, axis=1), 1, atol=1e-6)


@given(st.integers(1, 20), st.integers(0, 10_000))
def test_packing_again_changes_nothing(rows: int, seed: int) -> None:
    packed = to_signed_bytes(unit_rows(rows, seed))
    assert (to_signed_bytes(from_signed_bytes(packed)) == packed).all()


def test_a_row_of_zeros_stays_one() -> None:
    zeros = np.zeros((1, 4), dtype=np.float32)
    assert from_signed_bytes(to_signed_bytes(zeros)).tolist() == zeros.tolist()


def test_no_rows_stay_none() -> None:
    none = np.zeros((0, 4), dtype=np.float32)
    assert from_signed_bytes(to_signed_bytes(none)).shape == (0, 4)
