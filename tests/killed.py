"""A process that kills itself at a chosen touch of a folder, and what is told of it."""

import os
import signal
import sys
from collections.abc import Callable, Iterator
from multiprocessing import get_context
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

# Each gets a process of its own, forked from one that has imported all that it needs.
_PROCESSES = get_context("forkserver")
_PROCESSES.set_forkserver_preload(
    [
        "__main__",
        "tests.killed_backup",
        "tests.killed_build",
        "tests.killed_push",
        "bench.attacks.acts",
    ]
)
# No act touches a folder so often.
NEVER = 1_000_000


def die_at(folder: Path, moment: int | str) -> Callable[[], int]:
    """From now on, die by SIGKILL at that file of the folder opened, made, renamed or removed.

    `moment` is the touch's number, or a part of its path to die at the first touch of that. What
    is returned gives the touches so far.
    """
    touches = 0

    def touch(event: str, details: tuple[object, ...]) -> None:
        nonlocal touches
        paths = [str(detail) for detail in details if str(folder) in str(detail)]
        if paths:
            touches += 1
            if moment == touches or (isinstance(moment, str) and moment in " ".join(paths)):
                os.kill(os.getpid(), signal.SIGKILL)

    # Python tells its audit hooks of each file before it touches it.
    sys.addaudithook(touch)
    return lambda: touches


def run_killed(act: Callable[..., None], *arguments: Any) -> tuple[list[Any], int | None]:
    """Run `act(*arguments, sending)` in a process; what it sent, and its exit code."""
    receiving, sending = _PROCESSES.Pipe(duplex=False)
    process = _PROCESSES.Process(target=act, args=(*arguments, sending))
    process.start()
    sending.close()
    told = list(_received(receiving))
    process.join(60)
    return told, process.exitcode


def _received(receiving: Connection) -> Iterator[Any]:
    """All that is sent until the end of the process closes the pipe."""
    while receiving.poll(60):
        try:
            yield receiving.recv()
        except EOFError:
            return
