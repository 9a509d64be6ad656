"""What the workers count together: who asked how often, open streams, and sites that were refused.

In a file of SQLite: what a worker holds when it is killed, the system lets go, and half a change
is undone; a lock in shared memory would stay held for ever. The file is made anew at each start, so
that nothing of it needs to be on disk. Where it cannot be written, as on a full disk, each worker
counts for itself until it can.
"""

import hashlib
import logging
import math
import os
import secrets
import sqlite3
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from limits import RateLimitItem

from qa.web.guard.rates import MovingWindow
from qa.web.guard.sites import MOST_REFUSED, RefusalsHere, RefusedSite
from qa.web.guard.streams import StreamsHere

_log = logging.getLogger(__name__)

_SCHEMA = """
CREATE TABLE hits (kind TEXT NOT NULL, who BLOB NOT NULL, at REAL NOT NULL);
CREATE INDEX hits_of ON hits (kind, who, at);
CREATE INDEX hits_by_time ON hits (kind, at);
CREATE TABLE streams (worker INTEGER NOT NULL, who BLOB NOT NULL, open INTEGER NOT NULL,
    PRIMARY KEY (worker, who)) WITHOUT ROWID;
CREATE TABLE refused (origin TEXT NOT NULL UNIQUE, times INTEGER NOT NULL, last TEXT NOT NULL);
"""
# In seconds: for a lock, and before the file is tried again after a fault.
_WAITS, _PAUSE = 5.0, 10.0


class _AloneError(Exception):
    """The file cannot be used: this process counts for itself."""


class SharedCounts:
    """Made before the workers are forked; each opens the file for itself. Thread-safe.

    The file holds no address: of each only a hash under a key that is never written.
    """

    def __init__(self, folder: Path, clock: Callable[[], float] = time.monotonic) -> None:
        # That clock is the same in all processes of a machine.
        self._path, self._clock = folder / "counts.sqlite", clock
        self._key = secrets.token_bytes(32)
        self._opened: tuple[int, sqlite3.Connection] | None = None
        self._lock = threading.Lock()
        self._alone_until = -math.inf
        with sqlite3.connect(self._path) as db:
            db.execute("PRAGMA journal_mode = WAL")
            db.executescript(_SCHEMA)
        db.close()

    def hit(self, kind: str, who: str, most: int, seconds: float) -> float | None:
        """Count once in a moving window, as `MovingWindow.hit` does for one process."""
        now, known = self._clock(), self._hash(who)
        with self._using() as db:
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
        with self._using() as db:
            return int(db.execute(sql, values).fetchone()[0])

    def keep_streams(self, worker: int, streams: Mapping[str, int]) -> None:
        """How many streams each reader has open with a worker, all anew, which mends faults."""
        rows = [(worker, self._hash(who), count) for who, count in streams.items()]
        with self._using() as db:
            db.execute("DELETE FROM streams WHERE worker = ?", (worker,))
            db.executemany("INSERT INTO streams VALUES (?, ?, ?)", rows)

    def forget(self, worker: int) -> None:
        """What a worker that ended had open."""
        with suppress(_AloneError):
            self.keep_streams(worker, {})

    def refuse(self, origin: str, last: str) -> None:
        """Count a refused site, which comes to stand behind all others."""
        count = "coalesce((SELECT times FROM refused WHERE origin = ?), 0) + 1"
        with self._using() as db:
            # What is replaced is given a new place.
            sql = f"INSERT OR REPLACE INTO refused SELECT ?, {count}, ?"
            db.execute(sql, (origin, origin, last))
            newest = "SELECT rowid FROM refused ORDER BY rowid DESC LIMIT ?"
            db.execute(f"DELETE FROM refused WHERE rowid NOT IN ({newest})", (MOST_REFUSED,))

    def refused(self) -> tuple[RefusedSite, ...]:
        """The sites that were refused, the last of them last."""
        with self._using() as db:
            rows = db.execute("SELECT origin, times, last FROM refused ORDER BY rowid").fetchall()
        return tuple(RefusedSite(*row) for row in rows)

    def window(self, kind: str, rate: RateLimitItem) -> "SharedWindow":
        """A window for the counts of one kind."""
        return SharedWindow(self, kind, rate, MovingWindow(rate, self._clock))

    @contextmanager
    def _using(self) -> Iterator[sqlite3.Connection]:
        """The file, in one transaction. Raises _AloneError after a fault, and for a while."""
        with self._lock:
            if self._clock() < self._alone_until:
                raise _AloneError
            try:
                with self._db as db:
                    db.execute("BEGIN IMMEDIATE")
                    yield db
            except sqlite3.Error as error:
                self._alone_until = self._clock() + _PAUSE
                _log.warning(
                    "workers count for themselves, as what they share has failed: %s", error
                )
                raise _AloneError from error

    @property
    def _db(self) -> sqlite3.Connection:
        """The connection of this process: none may be taken along when a process is forked."""
        if self._opened is None or self._opened[0] != os.getpid():
            db = sqlite3.connect(self._path, _WAITS, isolation_level=None, check_same_thread=False)
            db.execute("PRAGMA synchronous = OFF")
            self._opened = os.getpid(), db
        return self._opened[1]

    def _hash(self, who: str) -> bytes:
        return hashlib.blake2b(who.encode(), key=self._key, digest_size=16).digest()


@dataclass(frozen=True, slots=True)
class SharedWindow:
    """What each does within the seconds of a rate, whichever worker it asks."""

    counts: SharedCounts
    kind: str
    rate: RateLimitItem
    alone: MovingWindow

    def hit(self, who: str) -> float | None:
        """Count once; if that is one too many, the seconds to wait, and nothing is counted."""
        try:
            return self.counts.hit(self.kind, who, self.rate.amount, self.rate.get_expiry())
        except _AloneError:
            return self.alone.hit(who)


class SharedStreams:
    """The streams that are open, of which one worker counts its own."""

    def __init__(self, counts: SharedCounts, worker: int) -> None:
        self._counts, self._worker, self._here = counts, worker, StreamsHere()

    def all(self) -> int:
        """In all."""
        try:
            return self._counts.streams()
        except _AloneError:
            return self._here.all()

    def of(self, network: str) -> int:
        """From one network."""
        try:
            return self._counts.streams(network)
        except _AloneError:
            return self._here.of(network)

    def change(self, network: str, by: int) -> None:
        """Count one that opens (1) or ends (-1)."""
        self._here.change(network, by)
        with suppress(_AloneError):
            self._counts.keep_streams(self._worker, self._here.each())


class SharedRefusals:
    """The sites that any worker refused."""

    def __init__(self, counts: SharedCounts) -> None:
        self._counts, self._here = counts, RefusalsHere()

    def add(self, origin: str, last: str) -> None:
        """Count a refused site."""
        try:
            self._counts.refuse(origin, last)
        except _AloneError:
            self._here.add(origin, last)

    def all(self) -> tuple[RefusedSite, ...]:
        """Each site, the last refused last."""
        try:
            return self._counts.refused()
        except _AloneError:
            return self._here.all()
