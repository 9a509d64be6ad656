"""How long a question waits for its store in all, whatever number of calls it takes."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

# In seconds.
QUESTION_WAITS = 10.0


class Patience:
    """Seconds that are left to wait, for the calls of one question: these are one by one."""

    def __init__(self, seconds: float) -> None:
        self.left = seconds

    @contextmanager
    def waiting(self) -> Iterator[None]:
        """Wait for a store in the block."""
        began = time.monotonic()
        try:
            yield
        finally:
            self.left -= time.monotonic() - began


_patience: ContextVar[Patience | None] = ContextVar("patience", default=None)


@contextmanager
def patient(seconds: float = QUESTION_WAITS) -> Iterator[None]:
    """Let all calls in the block wait so long together; in another such block, that one counts."""
    if _patience.get() is not None:
        yield
        return
    token = _patience.set(Patience(seconds))
    try:
        yield
    finally:
        _patience.reset(token)


def patience_for(seconds: float) -> Patience:
    """What is left of a question's patience, or so many seconds where a call is no question's."""
    return _patience.get() or Patience(seconds)
