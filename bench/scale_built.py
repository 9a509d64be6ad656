"""A first build of a grown archive: how long it takes, and what it holds."""

import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from bench.grown import open_grown_encoder
from index.embed import Encoder, Model, PassageText, PassageVectors, Vectors
from index.encoders import ModelEncoder
from index.status import build_with_bar

# Between two looks at how much memory a build holds, in seconds.
_LOOKED_AT_EVERY = 0.1


@dataclass(frozen=True, slots=True)
class Built:
    """A first build: seconds of all and of making vectors up, and bytes that it held at most."""

    seconds: float
    vectors: float
    memory: int


def build_grown(real: Path, bases: Path, archive: Path, data: Path) -> Built:
    """Build an archive grown from `real`, into a folder that holds the exported model."""
    encoder = _TimedEncoder(open_grown_encoder(ModelEncoder(data), real, bases))
    before = _own_memory()
    with _watched_memory() as looks:
        started = time.perf_counter()
        build_with_bar([archive], data, encoder)
        seconds = time.perf_counter() - started
    return Built(seconds, encoder.seconds, max(looks) - before)


class _TimedEncoder:
    """Encodes as another does, and sums up the seconds that passages take."""

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
    """What this process holds, looked at again and again; a file that is mapped does not count."""
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
