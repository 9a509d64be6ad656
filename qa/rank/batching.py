"""Questions and words into vectors for many who ask at once: what is in flight shares a batch."""

import threading
from collections import OrderedDict
from collections.abc import Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Protocol

import numpy as np

from index.embed import Vectors

_REMEMBERED = 8192
_LARGEST_BATCH = 32


class BatchEncoder(Protocol):
    """Several questions into unit vectors."""

    def encode_queries(self, texts: Sequence[str]) -> Vectors:
        """The vectors, shape (questions, dimension)."""


class SharedEncoder:
    """Encodes for many threads, and remembers the questions that were asked last.

    Whoever finds nobody encoding encodes at once; those who came meanwhile are encoded together
    behind: nobody waits for a batch to fill, and the more ask, the larger the batches. The same
    question asked by several at once is encoded once.
    """

    def __init__(self, encoder: BatchEncoder) -> None:
        self._encoder = encoder
        self._lock = threading.Lock()
        self._known: OrderedDict[str, Vectors] = OrderedDict()
        self._waiting: dict[str, Future[Vectors]] = {}
        self._in_hand: dict[str, Future[Vectors]] = {}
        self._is_busy = False
        self._behind = ThreadPoolExecutor(1, "questions")

    def encode_queries(self, texts: Sequence[str]) -> Vectors:
        """The vectors of questions and words, shape (texts, dimension).

        Raises what the encoder raises.
        """
        with self._lock:
            promised = [self._promise(text) for text in texts]
            is_mine = bool(self._waiting) and not self._is_busy
            self._is_busy = self._is_busy or is_mine
        if is_mine:
            self._encode_next()
            # Who has a vector does not stay to encode for those who came later.
            if self._is_more():
                self._behind.submit(self._encode_rest)
        return np.array([each.result() for each in promised])

    def _promise(self, text: str) -> Future[Vectors]:
        if text in self._known:
            self._known.move_to_end(text)
            kept: Future[Vectors] = Future()
            kept.set_result(self._known[text])
            return kept
        return self._in_hand.get(text) or self._waiting.setdefault(text, Future())

    def _encode_rest(self) -> None:
        while self._is_more():
            self._encode_next()

    def _encode_next(self) -> None:
        with self._lock:
            texts = list(self._waiting)[:_LARGEST_BATCH]
            batch = self._in_hand = {text: self._waiting.pop(text) for text in texts}
        try:
            vectors = dict(zip(batch, self._encoder.encode_queries(texts), strict=True))
        except BaseException as error:
            self._settle({}, error, batch)
        else:
            self._settle(vectors, None, batch)

    def _is_more(self) -> bool:
        """Whether some still wait; if not, whoever comes next encodes."""
        with self._lock:
            self._in_hand = {}
            self._is_busy = bool(self._waiting)
            return self._is_busy

    def _settle(
        self,
        vectors: dict[str, Vectors],
        error: BaseException | None,
        batch: dict[str, Future[Vectors]],
    ) -> None:
        with self._lock:
            self._known.update(vectors)
            while len(self._known) > _REMEMBERED:
                self._known.popitem(last=False)
        for text, promised in batch.items():
            if error is None:
                promised.set_result(vectors[text])
            else:
                promised.set_exception(error)
