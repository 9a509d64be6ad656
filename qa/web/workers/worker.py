"""One of the processes that serve, and what it shares with the others."""

import errno
import mmap
import os
import random
import shutil
import socket
import zlib
from dataclasses import dataclass, replace
from pathlib import Path
from tempfile import TemporaryDirectory, gettempdir
from typing import Self

from qa.web.workers.counts import SharedCounts

# The owner's page has one session for each who signed in, and one build: this worker keeps them.
OWNERS = 0
MEMORY = Path("/dev/shm")
# In bytes, for what workers share: some hundred kB each.
ROOM = 16_000_000


@dataclass(frozen=True, slots=True)
class Worker:
    """The worker `number` of `count`.

    `folder` is for the workers alone, and gone once they have ended; in `waiting` each counts the
    questions that wait with it. All pages of the chat name the same `app_id`: by that they know
    that they need not be loaded again.
    """

    number: int
    count: int
    folder: Path
    counts: SharedCounts
    waiting: "memoryview[int]"
    app_id: int

    @classmethod
    def first(cls, count: int, folder: Path) -> Self:
        """The worker 0, before any has been forked."""
        # Belongs to all that are forked, and each writes its own number only: no lock is needed.
        waiting = memoryview(mmap.mmap(-1, 8 * count)).cast("q")
        return cls(0, count, folder, SharedCounts(folder), waiting, random.getrandbits(64))

    def of(self, number: int) -> "Worker":
        """Another of the same workers."""
        return replace(self, number=number)

    def holder(self, session: str) -> int:
        """The number of the worker that holds a session of the chat."""
        return zlib.crc32(session.encode(errors="replace")) % self.count

    def door(self, number: int) -> Path:
        """The socket at which that worker serves what others send on to it."""
        return self.folder / f"{number}.socket"

    def begin(self) -> None:
        """Count nothing any more of the one that had this number before."""
        self.waiting[self.number] = 0
        self.counts.forget(self.number)


def common_folder() -> "TemporaryDirectory[str]":
    """A folder for the workers alone, in memory where the system has a place for that.

    The numbers for Prometheus lie there in mapped files: who writes to such a file on a full disk
    is killed by the system, and so would be each that takes its place. Raises OSError where there
    is no room.
    """
    places = (MEMORY, Path(gettempdir()))
    place = next((each for each in places if _has_room(each)), None)
    if place is None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), str(places[-1]))
    return TemporaryDirectory(prefix="footnote-workers-", dir=place)


def _has_room(place: Path) -> bool:
    return os.access(place, os.W_OK) and shutil.disk_usage(place).free >= ROOM


def listen_at_doors(worker: Worker) -> list[socket.socket]:
    """The sockets between the workers, by number.

    Open in the process that starts the workers, they outlast one that dies: who comes meanwhile
    waits for the next.
    """
    doors = []
    for number in range(worker.count):
        door = socket.socket(socket.AF_UNIX)
        door.bind(str(worker.door(number)))
        door.listen(128)
        doors.append(door)
    return doors
