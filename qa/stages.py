"""How long the parts of an answer take, measured where they end, for whoever wants to know."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar


class Stopwatch:
    """Seconds by stage, by whatever clock; the usual one goes on while a thread waits."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self.seconds: dict[str, float] = {}
        self._clock = clock
        self._since = clock()

    def lap(self, stage: str) -> None:
        """What went by since the lap before belongs to this stage."""
        now = self._clock()
        self.seconds[stage] = self.seconds.get(stage, 0.0) + now - self._since
        self._since = now


_running: ContextVar[Stopwatch | None] = ContextVar("stopwatch", default=None)


@contextmanager
def stopwatch(clock: Callable[[], float] = time.perf_counter) -> Iterator[Stopwatch]:
    """Measures what is called within, in this thread."""
    watch = Stopwatch(clock)
    token = _running.set(watch)
    try:
        yield watch
    finally:
        _running.reset(token)


def lap(stage: str) -> None:
    """A stage ends here; nothing happens where nobody measures."""
    watch = _running.get()
    if watch is not None:
        watch.lap(stage)
