"""What the workers count together: who asked how often, and which streams are open.

In a file of SQLite: what a worker holds when it is killed, the system lets go, and half a change
is undone; a lock in shared memory would stay held for ever. The file is made anew at each start, so
that nothing of it needs to be on disk.
"""

import hashlib
import os
import secrets
import sqlite3
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from limits import RateLimitItem

_SCHEMA = """
CREATE TABLE hits (kind TEXT NOT NULL, who BLOB NOT NULL, at REAL NOT NULL);
CREATE INDEX hits_of ON hits (kind, who, at);
CREATE INDEX hits_by_time ON hits (kind, at);
CREATE TABLE streams (worker INTEGER NOT NULL, who BLOB NOT NULL, open INTEGER NOT NULL,
    PRIMARY KEY (worker, who)) WITHOUT ROWID;
"""
_WAITS = 5.0


class SharedCounts:
    """Made before the workers are forked; each opens the file for itself. For one thread of each.

    The file holds no address: of each only a hash under a key that is never written.
    """

    def __init__(self, folder: Path, clock: Callable[[], float] = time.monotonic) -> None:
        # That clock is the same in all processes of a machine.
        self._path, self._clock = folder / "counts.sqlite", clock
        self._key = secrets.token_bytes(32)
        self._opened: tuple[int, sqlite3.Connection] | None = None
        with sqlite3.connect(self._path) as db:
            db.execute("PRAGMA journal_mode = WAL")
            db.executescript(_SCHEMA)
        db.close()

    def hit(self, kind: str, who: str, most: int, seconds: float) -> float | None:
        """Count once in a moving window, as `MovingWindow.hit` does for one process."""
        now, known = self._clock(), self._hash(who)
        with self._changing() as db:
            db.execute("DELETE FROM hits WHERE kind = ? AND at <= ?", (kind, now - seconds))
            sql = "SELECT count(*), min(at) FROM hits WHERE kind = ? AND who = ?"
            count, oldest = db.execute(sql, (kind, known)).fetchone()
            if count >= most:
                return float(oldest + seconds - now)
            db.execute("INSERT INTO hits VALUES (?, ?, ?)", (kind, known, now))
        return None

    def streams(self, who: str | None = None) -> int:
        """How many streams one reader has open, or all have."""
        where, values = ("WHERE who = ?", (self._hash(who),)) if who is not None else ("", ())
        sql = f"SELECT coalesce(sum(open), 0) FROM streams {where}"
        return int(self._db.execute(sql, values).fetchone()[0])

    def stream(self, worker: int, who: str, by: int) -> None:
        """Count a stream that opens (1) or ends (-1)."""
        known = self._hash(who)
        with self._changing() as db:
            sql = "INSERT INTO streams VALUES (?, ?, ?) ON CONFLICT DO UPDATE SET open = open + ?"
            db.execute(sql, (worker, known, by, by))
            db.execute("DELETE FROM streams WHERE worker = ? AND open <= 0", (worker,))

    def forget(self, worker: int) -> None:
        """What a worker that ended had open."""
        with self._changing() as db:
            db.execute("DELETE FROM streams WHERE worker = ?", (worker,))

    def window(self, kind: str, rate: RateLimitItem) -> "SharedWindow":
        """A window for the counts of one kind."""
        return SharedWindow(self, kind, rate)

    @property
    def _db(self) -> sqlite3.Connection:
        """The connection of this process: none may be taken along when a process is forked."""
        if self._opened is None or self._opened[0] != os.getpid():
            db = sqlite3.connect(self._path, _WAITS, isolation_level=None, check_same_thread=False)
            db.execute("PRAGMA synchronous = OFF")
            self._opened = os.getpid(), db
        return self._opened[1]

    @contextmanager
    def _changing(self) -> Iterator[sqlite3.Connection]:
        db = self._db
        db.execute("BEGIN IMMEDIATE")
        try:
            yield db
        finally:
            db.execute("COMMIT")

    def _hash(self, who: str) -> bytes:
        return hashlib.blake2b(who.encode(), key=self._key, digest_size=16).digest()


@dataclass(frozen=True, slots=True)
class SharedWindow:
    """What each does within the seconds of a rate, whichever worker it asks."""

    counts: SharedCounts
    kind: str
    rate: RateLimitItem

    def hit(self, who: str) -> float | None:
        """Count once; if that is one too many, the seconds to wait, and nothing is counted."""
        return self.counts.hit(self.kind, who, self.rate.amount, self.rate.get_expiry())


@dataclass(frozen=True, slots=True)
class SharedStreams:
    """The streams that are open, of which one worker counts its own."""

    counts: SharedCounts
    worker: int

    def all(self) -> int:
        """In all."""
        return self.counts.streams()

    def of(self, network: str) -> int:
        """From one network."""
        return self.counts.streams(network)

    def change(self, network: str, by: int) -> None:
        """Count one that opens (1) or ends (-1)."""
        self.counts.stream(self.worker, network, by)
