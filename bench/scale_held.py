"""An index as it lies on disk and is searched: its size, its recall, how fast it ranks."""

import os
import time
from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from statistics import median

import faiss
import numpy as np

from bench.peers.protocol import folder_bytes
from index.embed import Encoder, Vectors
from index.encoders import ModelEncoder
from index.encoders.files import ENCODER
from index.keys import Keys
from index.period import EVERYTHING
from index.store.base import Counts
from index.store.local import LocalStore, open_local
from index.vectors import VectorStats, from_signed_bytes
from qa.answer import Question
from qa.rank.batching import SharedEncoder
from qa.search import Searcher

NEAREST = 100
# Questions by which recall is measured, and by which ranking is timed.
HELD_OUT = 1000
RANKED = 200
_BLOCK = 16_384


@dataclass(frozen=True, slots=True)
class Held:
    """The index: bytes on disk, characters of its passages, how its vectors are searched.

    `recall` is that of `LocalStore.nearest`, `rank` median milliseconds of `Searcher.rank`.
    """

    counts: Counts
    disk: int
    characters: int
    vectors: tuple[VectorStats, ...]
    recall: float
    rank: float


def measure_held(data: Path, questions: Sequence[str]) -> Held:
    """Open the index as a server does, and search it in this process."""
    encoder = ModelEncoder(data)
    asked = encoder.encode_queries(questions[:HELD_OUT])
    with closing(open_local(data, encoder.model)) as snapshot:
        manifest = snapshot.manifest
        return Held(
            counts=manifest.counts,
            disk=folder_bytes(data) - folder_bytes(data / ENCODER),
            characters=_characters(snapshot),
            vectors=tuple(info.vectors for info in manifest.segments),
            recall=_recall(snapshot, asked),
            rank=_rank_ms(snapshot, encoder, questions[:RANKED]),
        )


def exact_nearest(snapshot: LocalStore, questions: Vectors) -> Keys:
    """Keys of the nearest passages of all, by the vectors as they are stored, block by block.

    Shape (questions, NEAREST); -1 where there are fewer.
    """
    # Searching a snapshot leaves FAISS with one thread.
    faiss.omp_set_num_threads(os.cpu_count() or 1)
    best = faiss.ResultHeap(len(questions), NEAREST, keep_max=True)
    for keys, block in _blocks(snapshot):
        limit = min(NEAREST, len(block))
        cosines, places = faiss.knn(questions, block, limit, metric=faiss.METRIC_INNER_PRODUCT)
        best.add_result(cosines, keys[places])
    best.finalize()
    return np.asarray(best.I)


def _characters(snapshot: LocalStore) -> int:
    """Of all passages together."""
    spans = (segment.columns.spans for segment in snapshot.segments)
    return sum(int((each[:, 1] - each[:, 0]).sum(dtype=np.int64)) for each in spans)


def _recall(snapshot: LocalStore, questions: Vectors) -> float:
    """The share of the exactly nearest passages that a search finds, the mean over questions."""
    shares = [
        np.isin(right[right >= 0], snapshot.nearest(question, NEAREST, EVERYTHING)).mean()
        for question, right in zip(questions, exact_nearest(snapshot, questions), strict=True)
    ]
    return float(np.mean(shares))


def _blocks(snapshot: LocalStore) -> Iterator[tuple[Keys, Vectors]]:
    for segment in snapshot.segments:
        columns = segment.columns
        for first in range(0, len(columns), _BLOCK):
            rows = columns.first_row[first : first + _BLOCK]
            yield columns.keys[first : first + _BLOCK], from_signed_bytes(columns.vectors[rows])


def _rank_ms(snapshot: LocalStore, encoder: Encoder, questions: Sequence[str]) -> float:
    """Milliseconds at the median, the vector of the question being known."""
    shared = SharedEncoder(encoder)
    searcher = Searcher(snapshot, shared)
    ms = []
    for question in questions:
        shared.encode_queries([question])
        started = time.perf_counter()
        searcher.rank(Question(question))
        ms.append((time.perf_counter() - started) * 1000)
    return median(ms)
