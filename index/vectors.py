"""Passage vectors in FAISS, and the 8-bit form in which vectors are stored."""

import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import faiss
import numpy as np
from numpy.typing import NDArray

from index.embed import PassageVectors, Vectors
from index.errors import DISK_REMEDY

Positions = NDArray[np.int64]
Rows = NDArray[np.int8]

# Up to here an exact search takes about a millisecond.
MOST_EXACT = 20_000
# The share of the hundred nearest that an approximate index is tuned to find.
RECALL_SOUGHT = 0.99
_NEAREST = 100
_LARGEST = 127
# Lists grow with the square root of the passages, so that both steps of a search take equally long.
_LISTS_A_ROOT = 4
_TRAINED_A_LIST = 40
_ROUNDS = 10
_BLOCK = 16_384
_SEED = 1234


@dataclass(frozen=True, slots=True)
class VectorStats:
    """How a segment's passage vectors are searched.

    `probes` of `lists` clusters are read for a question; both are 0 if all vectors are read.
    `recall` is the share of the true hundred nearest passages found, averaged over questions that
    are not among the vectors.
    """

    kind: str
    lists: int = 0
    probes: int = 0
    recall: float = 1.0


class VectorIndex:
    """Inner-product search over unit vectors, addressed by their position in the segment."""

    def __init__(self, path: Path, stats: VectorStats) -> None:
        """Map what `write_vectors` wrote. Raises RuntimeError if it is something else."""
        self._index = faiss.read_index(str(path), faiss.IO_FLAG_MMAP_IFC)
        self._stats = stats

    def __len__(self) -> int:
        return int(self._index.ntotal)

    @property
    def dimension(self) -> int:
        """The length of a vector."""
        return int(self._index.d)

    def nearest(
        self, query: Vectors, limit: int, among: NDArray[np.bool_] | None = None
    ) -> tuple[Positions, Vectors]:
        """Up to `limit` positions by cosine, best first, and the cosines; only where `among`."""
        if among is not None:
            limit = min(limit, int(among.sum()))
        limit = min(limit, len(self))
        if limit == 0:
            return np.zeros(0, np.int64), np.zeros(0, np.float32)
        # One question is too little work to split among threads.
        faiss.omp_set_num_threads(1)
        cosines, positions = self._index.search(
            query[np.newaxis], limit, params=self._parameters(among)
        )
        found = positions[0] >= 0
        return positions[0][found], cosines[0][found]

    def _parameters(self, among: NDArray[np.bool_] | None) -> Any:
        # FAISS's stubs know the C++ constructors, not the Python ones.
        make: Any = faiss
        selector = None
        if among is not None:
            selector = make.IDSelectorBitmap(np.packbits(among, bitorder="little"))
        if self._stats.lists:
            # If few passages are chosen, the nearest of them may lie in any cluster.
            chosen = 1.0 if among is None else float(among.mean())
            probes = min(self._stats.lists, int(self._stats.probes / max(chosen, 1e-6)))
            return make.SearchParametersIVF(nprobe=probes, sel=selector)
        return None if selector is None else make.SearchParameters(sel=selector)


def write_vectors(path: Path, rows: Rows, places: Positions, questions: Vectors) -> VectorStats:
    """Index the passage vectors `rows[places]`, and measure the recall.

    `questions` of shape (questions, dimension) are not among them. Reads a block at a time. Raises
    OSError if the file cannot be written.
    """
    faiss.omp_set_num_threads(os.cpu_count() or 1)
    if len(places) > MOST_EXACT:
        index = _clustered(rows, places)
        _fill(index, rows, places)
        probes, recall = _tune(index, questions, _exact_nearest(rows, places, questions))
        if recall >= RECALL_SOUGHT:
            _write(index, path)
            return VectorStats("clusters, 8 bits", index.nlist, probes, recall)
        del index
    exact = _exact(rows.shape[1])
    _fill(exact, rows, places)
    _write(exact, path)
    return VectorStats("exact, 16 bits")


def _write(index: faiss.Index, path: Path) -> None:
    """Write and open: on a full disk FAISS raises its own error, or, for a small file, none."""
    try:
        faiss.write_index(index, str(path))
        faiss.read_index(str(path), faiss.IO_FLAG_MMAP_IFC)
    except RuntimeError:
        raise OSError(f"{str(path)!r} cannot be written: {DISK_REMEDY}") from None


def to_signed_bytes(vectors: Vectors) -> Rows:
    """Scale each row to -127..127: only its direction is used, and that is kept."""
    largest = np.abs(vectors).max(axis=1, keepdims=True, initial=1e-12)
    return np.asarray(np.rint(vectors / largest * _LARGEST), dtype=np.int8)


def from_signed_bytes(rows: Rows) -> Vectors:
    """The unit vectors that `to_signed_bytes` packed."""
    vectors = rows.astype(np.float32)
    vectors *= (1 / _lengths(vectors))[:, np.newaxis]
    return vectors


def cosines(rows: Rows, query: Vectors) -> Vectors:
    """The cosines of stored rows with a unit vector, shape (rows,)."""
    vectors = rows.astype(np.float32)
    return np.asarray(np.vecdot(vectors, query) / _lengths(vectors), dtype=np.float32)


def _lengths(vectors: Vectors) -> Vectors:
    return np.asarray(np.maximum(np.sqrt(np.vecdot(vectors, vectors)), 1e-12), dtype=np.float32)


def _exact(dimension: int) -> faiss.IndexScalarQuantizer:
    index = faiss.IndexScalarQuantizer(
        dimension, faiss.ScalarQuantizer.QT_fp16, faiss.METRIC_INNER_PRODUCT
    )
    # Half floats need no training, but FAISS requires the call.
    index.train(np.zeros((1, dimension), np.float32))
    return index


def _clustered(rows: Rows, places: Positions) -> faiss.IndexIVFScalarQuantizer:
    """Trained on a sample, still empty."""
    dimension = rows.shape[1]
    lists = int(_LISTS_A_ROOT * len(places) ** 0.5)
    index = faiss.IndexIVFScalarQuantizer(
        faiss.IndexFlatIP(dimension),
        dimension,
        lists,
        faiss.ScalarQuantizer.QT_8bit,
        faiss.METRIC_INNER_PRODUCT,
    )
    index.cp.niter = _ROUNDS
    index.cp.max_points_per_centroid = _TRAINED_A_LIST
    # Silences the warning that more points would be better.
    index.cp.min_points_per_centroid = 1
    size = min(len(places), lists * _TRAINED_A_LIST)
    sample = np.random.default_rng(_SEED).choice(places, size, replace=False)
    index.train(from_signed_bytes(rows[np.sort(sample)]))
    return index


def _fill(index: faiss.Index, rows: Rows, places: Positions) -> None:
    for _, block in _blocks(rows, places):
        index.add(block)


def _blocks(rows: Rows, places: Positions) -> Iterator[tuple[int, Vectors]]:
    """Where each block of passages begins, and their vectors."""
    for first in range(0, len(places), _BLOCK):
        yield first, from_signed_bytes(rows[places[first : first + _BLOCK]])


def _exact_nearest(rows: Rows, places: Positions, questions: Vectors) -> Positions:
    """The hundred nearest passages of each question, shape (questions, 100)."""
    best = faiss.ResultHeap(len(questions), _NEAREST, keep_max=True)
    for first, block in _blocks(rows, places):
        cosines, positions = faiss.knn(
            questions, block, min(_NEAREST, len(block)), metric=faiss.METRIC_INNER_PRODUCT
        )
        best.add_result(cosines, positions + first)
    best.finalize()
    return np.asarray(best.I)


def _tune(
    index: faiss.IndexIVFScalarQuantizer, questions: Vectors, exact: Positions
) -> tuple[int, float]:
    """The fewest clusters to read that reach `RECALL_SOUGHT`, and the recall that they reach.

    All of them may not: at 8 bits, passages that are nearly equally near change places.
    """
    probes, recall = 1, 0.0
    while True:
        index.nprobe = min(probes, index.nlist)
        _, found = index.search(questions, _NEAREST)
        pairs = zip(found, exact, strict=True)
        recall = float(np.mean([np.isin(right, hits).mean() for hits, right in pairs]))
        if recall >= RECALL_SOUGHT or probes >= index.nlist:
            return index.nprobe, round(recall, 4)
        probes *= 2


def to_rows(vectors: PassageVectors) -> Rows:
    """The vectors of a passage as its rows."""
    return to_signed_bytes(np.vstack([vectors.passage[np.newaxis], vectors.sentences]))
