"""Waits for another build, such as that of a push, before a command gives up."""

from collections.abc import Callable
from time import monotonic, sleep
from typing import TypeVar

from index.errors import BuildRunsError

Done = TypeVar("Done")
# Seconds that another build is waited for, and between two tries.
_PATIENCE, _SOON = 10.0, 0.3


def in_turn(run: Callable[[], Done]) -> Done:
    """Run it; while another build is running, try again for ten seconds.

    What a program pushes is built within about one. Raises BuildRunsError if that is not enough.
    """
    until = monotonic() + _PATIENCE
    while True:
        try:
            return run()
        except BuildRunsError:
            if monotonic() > until:
                raise
            sleep(_SOON)
