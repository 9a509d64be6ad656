"""While Milvus is away, one call at a time tries it again, and all others fail at once.

Each would otherwise wait for its own attempt, one behind the other. When Milvus is back, the call
that found it prepares what the others need, so that a restarted server is not asked for that by
all of them together.
"""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from index.errors import StoreError


class Outage:
    """Whether Milvus is away, by the last call that was made. Thread-safe."""

    def __init__(self, prepare: Callable[[], None]) -> None:
        """`prepare` raises StoreError as long as Milvus is not back."""
        self._prepare = prepare
        self._trying = threading.Lock()
        self._why: str | None = None
        # How many outages have ended, and how many had when the call of this thread began.
        self._ended = 0
        self._seen = threading.local()

    def begin(self, why: str) -> None:
        """Milvus was not reached, by a call that may have begun before it was back."""
        if getattr(self._seen, "ended", self._ended) == self._ended:
            self._why = why

    @contextmanager
    def passed(self) -> Iterator[None]:
        """Make a call in the block. Raises StoreError, and makes none, while Milvus is away."""
        if (why := self._why) is not None:
            self._end(why)
        self._seen.ended = self._ended
        yield

    def _end(self, why: str) -> None:
        if not self._trying.acquire(blocking=False):
            raise StoreError(why)
        try:
            self._seen.ended = self._ended
            self._prepare()
            self._ended += 1
            self._why = None
        finally:
            self._trying.release()
