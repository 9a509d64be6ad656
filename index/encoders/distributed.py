"""Passages encoded by several processes, here or on other machines, as Ray runs them.

`index.build.parts` has them read and split what they encode.
"""

import os
from collections import OrderedDict
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from itertools import chain
from pathlib import Path
from tempfile import TemporaryDirectory
from threading import RLock
from typing import Any, Protocol, TypeVar

from index.embed import Encoder, Model, PassageText, PassageVectors, Vectors
from index.encoders import ModelEncoder
from index.encoders.files import ENCODER
from index.errors import BuildError, SettingError
from index.settings import home_of

_Part = TypeVar("_Part")
_Done = TypeVar("_Done")
_Task = Callable[[Any], Any]
# Passages: small enough that a chunk of a build keeps a dozen processes busy.
_BATCH = 32
# Passages whose vectors wait to be asked for: some 80 MB.
_MOST_KEPT = 8_000
# One on each machine while there are enough: what asks for no core is put anywhere.
_PLACED = {"num_cpus": 1, "scheduling_strategy": "SPREAD"}


class Pool(Protocol):
    """What Ray's pool and those of `multiprocessing` have in common."""

    def imap(self, func: Callable[[_Part], _Done], iterable: Iterable[_Part]) -> Iterator[_Done]:
        """What the function makes of each, in their order."""

    def terminate(self) -> None:
        """End its processes."""


class DistributedEncoder:
    """Encodes questions and the first passages here, and all others in a pool.

    A text's vector does not depend on what is encoded beside it, so an index is the same wherever
    its passages were encoded. The pool is started when it is needed, with what the first passages
    may have exported: a build that finds little new goes without. Vectors that another process
    brings along with an article are kept until they are asked for. Thread-safe.
    """

    def __init__(self, encoder: Encoder, start: Callable[[], Pool]) -> None:
        self._encoder, self._start = encoder, start
        # Ray's processes end with the thread that started them: not with that of the readers.
        self._starter = ThreadPoolExecutor(1)
        self._pool: Pool | None = None
        self._is_ready = False
        self._lock = RLock()
        self._kept: OrderedDict[PassageText, PassageVectors] = OrderedDict()

    @property
    def model(self) -> Model:
        """That of the encoder inside."""
        return self._encoder.model

    def encode_queries(self, texts: Sequence[str]) -> Vectors:
        """As the encoder inside does."""
        return self._encoder.encode_queries(texts)

    def encode_passages(self, passages: Sequence[PassageText]) -> list[PassageVectors]:
        """As the encoder inside does, in their order."""
        with self._lock:
            kept = [self._kept.pop(each, None) for each in passages]
        missing = [each for each, made in zip(passages, kept, strict=True) if made is None]
        encoded = iter(self._encoded(missing))
        return [next(encoded) if made is None else made for made in kept]

    def encode_here(self, passages: Sequence[PassageText]) -> list[PassageVectors]:
        """In this process."""
        with self._lock:
            self._is_ready = self._is_ready or bool(passages)
            return self._encoder.encode_passages(passages)

    def keep(self, passages: Sequence[PassageText], vectors: Sequence[PassageVectors]) -> None:
        """Have vectors that another process made; the oldest are dropped where there are many."""
        with self._lock:
            self._kept.update(zip(passages, vectors, strict=True))
            while len(self._kept) > _MOST_KEPT:
                self._kept.popitem(last=False)

    def map(self, task: Callable[[_Part], _Done], parts: Iterable[_Part]) -> Iterator[_Done]:
        """What the pool makes of each part, in their order; only some are begun in advance."""
        with self._lock:
            if self._pool is None:
                self._pool = self._starter.submit(self._start).result()
            return self._pool.imap(task, parts)

    def close(self) -> None:
        """End the pool."""
        if self._pool is not None:
            self._pool.terminate()
        self._starter.shutdown()

    def _encoded(self, passages: Sequence[PassageText]) -> list[PassageVectors]:
        if not passages:
            return []
        if not self._is_ready:
            return self.encode_here(passages)
        firsts = range(0, len(passages), _BATCH)
        batches = (passages[first : first + _BATCH] for first in firsts)
        return list(chain.from_iterable(self.map(encode, batches)))


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


def begin(load: Callable[[], Encoder], folder: str) -> None:
    """Load what this process encodes with; sources are named from this folder, if it is here."""
    with suppress(OSError):
        os.chdir(folder)
    _here[:] = [load()]


def encode(passages: Sequence[PassageText]) -> list[PassageVectors]:
    """The vectors of passages, in a process that has begun."""
    [encoder] = _here
    return encoder.encode_passages(passages)


def ray_pool(processes: int, data: Path, name: str) -> Pool:
    """Processes of the Ray that RAY_ADDRESS names, else of one on this machine.

    Ray tells its makers of each use unless RAY_USAGE_STATS_ENABLED is 0. Raises SettingError if it
    is not installed, BuildError if it does not start.
    """
    try:
        import ray
        from ray.exceptions import RayError
        from ray.util.multiprocessing import Pool as RayPool
        from ray.util.multiprocessing.pool import PoolTaskError
    except ModuleNotFoundError as error:
        raise SettingError(
            f"--ray {processes} needs {error.name}, which is not installed: "
            "run pip install -r requirements-ray.txt"
        ) from None
    load = ExportedFiles.of(data, name).load
    try:
        folder = str(Path.cwd())
        pool: Pool = RayPool(
            processes, initializer=begin, initargs=(load, folder), ray_remote_args=_PLACED
        )
    except Exception as error:  # of whatever kind, a bare one where starting takes it too long
        raise BuildError(
            f"Ray does not start {processes} processes ({_in_short(error)}): ask for no more than "
            "its machines have cores; on one that is slow, start it when there is little else to "
            "do, with ray start --head, and set RAY_ADDRESS=auto"
        ) from error
    share = partial(_shared, ray)
    return RaisingPool(pool, PoolTaskError, RayError, share=share, end=ray.shutdown)


class RaisingPool:
    """Ray's pool, whose `imap` gives what went wrong as though it were a result: it is raised."""

    def __init__(
        self,
        pool: Pool,
        failed: type[Exception],
        lost: type[Exception],
        *,
        share: Callable[[_Task], _Task] = lambda task: task,
        end: Callable[[], None] = lambda: None,
    ) -> None:
        """`failed` has as `underlying` what a task raised; `lost` says that its process is gone.

        `share` makes of a task one that brings little along, as it is sent with each part; `end`
        ends what else was started.
        """
        self._pool, self._failed, self._lost = pool, failed, lost
        self._share, self._end = share, end

    def imap(self, func: Callable[[_Part], _Done], iterable: Iterable[_Part]) -> Iterator[_Done]:
        """What the function makes of each, in their order. Raises BuildError if a process ends."""
        # Of an iterator as much is begun as there are processes, of a list all.
        for done in self._pool.imap(self._share(func), iter(iterable)):
            if isinstance(done, self._failed):
                raise getattr(done, "underlying", done)
            if isinstance(done, self._lost):
                raise BuildError(
                    f"a process of Ray was lost ({_in_short(done)}): see that its machine has "
                    "memory and runs, then build again, which embeds nothing twice"
                )
            yield done

    def terminate(self) -> None:
        """End its processes."""
        self._pool.terminate()
        self._end()


def _shared(ray: Any, task: _Task) -> _Task:
    """The task, put in the memory that Ray's processes of a machine share, and read there."""
    return partial(_from_shared, ray.put(task))


def _from_shared(reference: Any, part: Any) -> Any:
    import ray

    return ray.get(reference)(part)


def _in_short(error: Exception) -> str:
    return " ".join(str(error).split())[:300]
