"""Passages encoded by several processes, here or on other machines, as Ray runs them."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Protocol

from index.embed import Encoder, Model, PassageText, PassageVectors, Vectors
from index.encoders import ModelEncoder
from index.encoders.files import ENCODER
from index.errors import SettingError
from index.settings import home_of

# Passages: small enough that a chunk of a build keeps a dozen processes busy.
_BATCH = 32


class Pool(Protocol):
    """What Ray's pool and those of `multiprocessing` have in common."""

    def imap(
        self,
        func: Callable[[Sequence[PassageText]], list[PassageVectors]],
        iterable: Iterable[Sequence[PassageText]],
    ) -> Iterator[list[PassageVectors]]:
        """What the function makes of each, in their order."""

    def terminate(self) -> None:
        """End its processes."""


class DistributedEncoder:
    """Encodes questions and the first passages here, and all others in a pool.

    A text's vector does not depend on what is encoded beside it, so an index is the same wherever
    its passages were encoded. The pool is started when it is needed, with what the first passages
    may have exported: a build that finds little new goes without.
    """

    def __init__(self, encoder: Encoder, start: Callable[[], Pool]) -> None:
        self._encoder, self._start = encoder, start
        self._pool: Pool | None = None
        self._is_ready = False

    @property
    def model(self) -> Model:
        """That of the encoder inside."""
        return self._encoder.model

    def encode_queries(self, texts: Sequence[str]) -> Vectors:
        """As the encoder inside does."""
        return self._encoder.encode_queries(texts)

    def encode_passages(self, passages: Sequence[PassageText]) -> list[PassageVectors]:
        """As the encoder inside does, in their order."""
        if not self._is_ready:
            self._is_ready = bool(passages)
            return self._encoder.encode_passages(passages)
        if self._pool is None:
            self._pool = self._start()
        firsts = range(0, len(passages), _BATCH)
        batches = [passages[first : first + _BATCH] for first in firsts]
        return list(chain.from_iterable(self._pool.imap(encode, batches)))

    def close(self) -> None:
        """End the pool."""
        if self._pool is not None:
            self._pool.terminate()


@dataclass(frozen=True, slots=True)
class ExportedFiles:
    """An exported model that travels: its name, and the files of its folder."""

    name: str
    files: tuple[tuple[str, bytes], ...]

    @classmethod
    def of(cls, data: Path, name: str) -> "ExportedFiles":
        """Those beside an index."""
        folder = home_of(data) / ENCODER
        files = sorted(path for path in folder.iterdir() if path.is_file())
        return cls(name, tuple((path.name, path.read_bytes()) for path in files))

    def load(self) -> Encoder:
        """The encoder, where the files have come to: of the same bits everywhere."""
        with TemporaryDirectory() as home:
            folder = Path(home) / ENCODER
            folder.mkdir()
            for name, content in self.files:
                (folder / name).write_bytes(content)
            encoder = ModelEncoder(Path(home), self.name)
            encoder.load_graph()
        return encoder


_here: list[Encoder] = []


def begin(load: Callable[[], Encoder]) -> None:
    """Load what this process encodes with."""
    _here[:] = [load()]


def encode(passages: Sequence[PassageText]) -> list[PassageVectors]:
    """The vectors of passages, in a process that has begun."""
    [encoder] = _here
    return encoder.encode_passages(passages)


def ray_pool(processes: int, data: Path, name: str) -> Pool:
    """Processes of the Ray that RAY_ADDRESS names, else of one on this machine.

    Ray tells its makers of each use unless RAY_USAGE_STATS_ENABLED is 0. Raises SettingError if it
    is not installed.
    """
    try:
        from ray.util.multiprocessing import Pool as RayPool
    except ModuleNotFoundError as error:
        raise SettingError(
            f"--ray {processes} needs {error.name}, which is not installed: "
            "run pip install -r requirements-ray.txt"
        ) from None
    load = ExportedFiles.of(data, name).load
    pool: Pool = RayPool(processes, initializer=begin, initargs=(load,))
    return pool
