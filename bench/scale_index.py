"""Measures an index itself: its build, its size on disk, its recall, its ranking."""

import os
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from statistics import median

import faiss
import numpy as np

from bench.grown import open_grown_encoder
from bench.peers.protocol import folder_bytes
from bench.sets import build_with_bar
from index.embed import Encoder, Model, PassageText, PassageVectors, Vectors
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

# How often to check the memory of a build, in seconds.
_LOOKED_AT_EVERY = 0.1
NEAREST = 100
# How many questions measure recall, and how many time the ranking.
HELD_OUT = 1000
RANKED = 200
_BLOCK = 16_384


@dataclass(frozen=True, slots=True)
class Built:
    """A first build: seconds in all and of making up vectors, and its peak memory in bytes."""

    seconds: float
    vectors: float
    memory: int


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


def build_grown(real: Path, bases: Path, archive: Path, data: Path) -> Built:
    """Build an archive grown from `real`, into a folder that has the exported model."""
    encoder = _TimedEncoder(open_grown_encoder(ModelEncoder(data), real, bases))
    before = _own_memory()
    with _watched_memory() as looks:
        started = time.perf_counter()
        build_with_bar(archive, data, encoder)
        seconds = time.perf_counter() - started
    return Built(seconds, encoder.seconds, max(looks) - before)


def measure_held(data: Path, questions: Sequence[str]) -> Held:
    """Open the index as a server does, and search it in this process."""
    encoder = ModelEncoder(data)
    asked = encoder.encode_queries(questions[:HELD_OUT])
    with closing(open_local(data, encoder.model)) as store:
        manifest = store.manifest
        return Held(
            counts=manifest.counts,
            disk=folder_bytes(data) - folder_bytes(data / ENCODER),
            characters=_characters(store),
            vectors=tuple(info.vectors for info in manifest.segments),
            recall=_recall(store, asked),
            rank=_rank_ms(store, encoder, questions[:RANKED]),
        )


def exact_nearest(store: LocalStore, questions: Vectors) -> Keys:
    """Keys of the exactly nearest passages, by the stored vectors, block by block.

    Shape (questions, NEAREST); -1 where there are fewer.
    """
    # Searching a store sets FAISS to one thread.
    faiss.omp_set_num_threads(os.cpu_count() or 1)
    best = faiss.ResultHeap(len(questions), NEAREST, keep_max=True)
    for keys, block in _blocks(store):
        limit = min(NEAREST, len(block))
        cosines, places = faiss.knn(questions, block, limit, metric=faiss.METRIC_INNER_PRODUCT)
        best.add_result(cosines, keys[places])
    best.finalize()
    return np.asarray(best.I)


class _TimedEncoder:
    """Encodes with another encoder, and adds up the seconds that passages take."""

    def __init__(self, inner: Encoder) -> None:
        self._inner = inner
        self.seconds = 0.0

    @property
    def model(self) -> Model:
        return self._inner.model

    def encode_queries(self, texts: Sequence[str]) -> Vectors:
        return self._inner.encode_queries(texts)

    def encode_passages(self, passages: Sequence[PassageText]) -> list[PassageVectors]:
        started = time.perf_counter()
        encoded = self._inner.encode_passages(passages)
        self.seconds += time.perf_counter() - started
        return encoded


@contextmanager
def _watched_memory() -> Iterator[list[int]]:
    """The peak memory of this process, sampled; mapped files do not count."""
    looks, stopped = [_own_memory()], threading.Event()

    def look() -> None:
        while not stopped.wait(_LOOKED_AT_EVERY):
            looks.append(_own_memory())

    thread = threading.Thread(target=look)
    thread.start()
    try:
        yield looks
    finally:
        stopped.set()
        thread.join()
        looks.append(_own_memory())


def _own_memory() -> int:
    """Bytes that the system could not drop and read again."""
    lines = Path("/proc/self/status").read_text().splitlines()
    (line,) = (line for line in lines if line.startswith("RssAnon:"))
    return int(line.split()[1]) * 1024


def _characters(store: LocalStore) -> int:
    """The characters of all passages."""
    spans = (segment.columns.spans for segment in store.segments)
    return sum(int((each[:, 1] - each[:, 0]).sum(dtype=np.int64)) for each in spans)


def _recall(store: LocalStore, questions: Vectors) -> float:
    """The share of the exactly nearest passages that a search finds, averaged over questions."""
    shares = [
        np.isin(right[right >= 0], store.nearest(question, NEAREST, EVERYTHING)).mean()
        for question, right in zip(questions, exact_nearest(store, questions), strict=True)
    ]
    return float(np.mean(shares))


def _blocks(store: LocalStore) -> Iterator[tuple[Keys, Vectors]]:
    for segment in store.segments:
        columns = segment.columns
        for first in range(0, len(columns), _BLOCK):
            rows = columns.first_row[first : first + _BLOCK]
            yield columns.keys[first : first + _BLOCK], from_signed_bytes(columns.vectors[rows])


def _rank_ms(store: LocalStore, encoder: Encoder, questions: Sequence[str]) -> float:
    """Median milliseconds of ranking, with known vectors of questions."""
    shared = SharedEncoder(encoder)
    searcher = Searcher(store, shared)
    ms = []
    for question in questions:
        shared.encode_queries([question])
        started = time.perf_counter()
        searcher.rank(Question(question))
        ms.append((time.perf_counter() - started) * 1000)
    return median(ms)
