"""Work for many who ask at once: what is in flight shares a batch, and is done once."""

import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Generic, Protocol, TypeVar

import numpy as np

from index.embed import Vectors

_REMEMBERED = 8192
_LARGEST_BATCH = 32

Key = TypeVar("Key", bound=Hashable)
Made = TypeVar("Made")


class BatchEncoder(Protocol):
    """Several questions into unit vectors."""

    def encode_queries(self, texts: Sequence[str]) -> Vectors:
        """The vectors, shape (questions, dimension)."""


class SharedBatches(Generic[Key, Made]):
    """Makes something of keys for many threads, and remembers the last that were asked for.

    Whoever finds nobody making makes at once; those who came meanwhile are served together
    behind: nobody waits for a batch to fill, and the more ask, the larger the batches. What
    several ask for at once is made once.
    """

    def __init__(self, make: Callable[[Sequence[Key]], Sequence[Made]]) -> None:
        self._make = make
        self._lock = threading.Lock()
        self._known: OrderedDict[Key, Made] = OrderedDict()
        self._waiting: dict[Key, Future[Made]] = {}
        self._in_hand: dict[Key, Future[Made]] = {}
        self._is_busy = False
        self._behind = ThreadPoolExecutor(1, "questions")

    def get(self, keys: Sequence[Key]) -> list[Made]:
        """What is made of each key. Raises what making raises."""
        with self._lock:
            promised = [self._promise(key) for key in keys]
            is_mine = bool(self._waiting) and not self._is_busy
            self._is_busy = self._is_busy or is_mine
        if is_mine:
            self._make_next()
            # Who is served does not stay to make for those who came later.
            if self._is_more():
                self._behind.submit(self._make_rest)
        return [each.result() for each in promised]

    def _promise(self, key: Key) -> Future[Made]:
        if key in self._known:
            self._known.move_to_end(key)
            kept: Future[Made] = Future()
            kept.set_result(self._known[key])
            return kept
        return self._in_hand.get(key) or self._waiting.setdefault(key, Future())

    def _make_rest(self) -> None:
        while self._is_more():
            self._make_next()

    def _make_next(self) -> None:
        with self._lock:
            keys = list(self._waiting)[:_LARGEST_BATCH]
            batch = self._in_hand = {key: self._waiting.pop(key) for key in keys}
        try:
            made = dict(zip(batch, self._make(keys), strict=True))
        except BaseException as error:
            self._settle({}, error, batch)
        else:
            self._settle(made, None, batch)

    def _is_more(self) -> bool:
        """Whether some still wait; if not, whoever comes next makes."""
        with self._lock:
            self._in_hand = {}
            self._is_busy = bool(self._waiting)
            return self._is_busy

    def _settle(
        self, made: dict[Key, Made], error: BaseException | None, batch: dict[Key, Future[Made]]
    ) -> None:
        with self._lock:
            self._known.update(made)
            while len(self._known) > _REMEMBERED:
                self._known.popitem(last=False)
        for key, promised in batch.items():
            if error is None:
                promised.set_result(made[key])
            else:
                promised.set_exception(error)


class SharedEncoder:
    """Encodes questions and words for many threads, in batches that they share."""

    def __init__(self, encoder: BatchEncoder) -> None:
        def encode(texts: Sequence[str]) -> Sequence[Vectors]:
            return list(encoder.encode_queries(texts))

        self._shared = SharedBatches(encode)

    def encode_queries(self, texts: Sequence[str]) -> Vectors:
        """The vectors of questions and words, shape (texts, dimension).

        Raises what the encoder raises.
        """
        return np.array(self._shared.get(texts))
