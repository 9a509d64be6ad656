"""The journal as it is written: no answer waits for it, and none fails because of it."""

import json
import logging
import queue
import sqlite3
import threading
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Literal

from index.store.durable import locked
from qa.answer import Answer
from qa.journal.reading import KeptTurn
from qa.present.links import cited

Mode = Literal["on", "not_covered", "off"]
Verdict = Literal["up", "down"]

JOURNAL = "journal.sqlite"
KEPT_FOR = timedelta(days=365)
MOST_KEPT = 100_000
_MOST_WAITING = 2_000
_AT_ONCE = 200
_CLEARED_EVERY = 1_000

_log = logging.getLogger(__name__)

SCHEMA = """
CREATE TABLE IF NOT EXISTS questions (
    number INTEGER PRIMARY KEY, at TEXT NOT NULL, question TEXT NOT NULL, status TEXT NOT NULL,
    confidence REAL NOT NULL, nearest_article TEXT, nearest_title TEXT, nearest_text TEXT, gap TEXT,
    quote TEXT, followed TEXT
);
CREATE TABLE IF NOT EXISTS cited (question INTEGER NOT NULL, at TEXT NOT NULL,
    article TEXT NOT NULL, title TEXT, source TEXT);
CREATE TABLE IF NOT EXISTS feedback (
    number INTEGER PRIMARY KEY, at TEXT NOT NULL, question TEXT NOT NULL, verdict TEXT NOT NULL,
    reasons TEXT NOT NULL, comment TEXT NOT NULL, citations TEXT NOT NULL
);
CREATE TABLE IF NOT EXISTS turns (
    number INTEGER PRIMARY KEY, at TEXT NOT NULL, id TEXT NOT NULL UNIQUE, parent TEXT,
    kept BLOB NOT NULL
);
CREATE INDEX IF NOT EXISTS cited_by_question ON cited (question);
CREATE INDEX IF NOT EXISTS feedback_by_question ON feedback (question);
CREATE INDEX IF NOT EXISTS cited_by_article ON cited (article);
"""
# Columns of `questions` that a journal of an earlier version lacks.
_LATER = ("gap", "quote", "followed")


@dataclass(frozen=True, slots=True)
class Feedback:
    """What a reader thought of an answer; `citations` are ids of the passages it cited."""

    question: str
    verdict: Verdict
    reasons: tuple[str, ...] = ()
    comment: str = ""
    citations: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Turned:
    """A turn of a conversation under its id, and the id of the turn before it."""

    id: str
    parent: str | None
    turn: KeptTurn


_Noted = Answer | Feedback | Turned


@dataclass(frozen=True, slots=True)
class _Note:
    at: str
    of: _Noted


class Journal:
    """Writes through a bounded queue and one thread: no answer waits for it or fails because of it.

    What cannot be written is logged and lost; who sends feedback is told. Rows older than 365 days
    are deleted, and the oldest beyond 100,000 of a kind.
    """

    def __init__(
        self,
        path: Path,
        mode: Mode = "on",
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
        most: int = MOST_KEPT,
    ) -> None:
        self.path, self.mode = path, mode
        self._clock, self._most = clock, most
        # Written in C: no answer takes a lock of Python's or wakes a thread for its note.
        self._waiting: queue.SimpleQueue[_Note | threading.Event | None] = queue.SimpleQueue()
        self._db: sqlite3.Connection | None = None
        self._since_cleared = _CLEARED_EVERY
        self._is_failing = False
        self._thread: threading.Thread | None = None
        self._starting = threading.Lock()

    def upgrade(self) -> None:
        """Give a journal of an earlier version the columns of this one, before it is read."""
        if not self.path.exists():
            return
        try:
            _open(self.path).close()
        except (sqlite3.Error, OSError) as error:
            self._fail(str(error))

    def asked(self, answer: Answer) -> None:
        """Record a question and its outcome, if the mode keeps it."""
        # A greeting asks nothing of the articles.
        if self.mode == "off" or answer.reply is not None:
            return
        if self.mode == "not_covered" and answer.status != "not_covered":
            return
        if self.mode == "not_covered":
            # What it followed may have been answered.
            answer = replace(answer, question=replace(answer.question, history=()))
        self._put(answer)

    def judged(self, feedback: Feedback) -> bool:
        """Record what a reader thought of an answer, unless the mode is off.

        Waits until that is written; False if it could not be.
        """
        if self.mode == "off":
            return True
        self._put(feedback)
        return self.flush() and not self._is_failing

    def turned(self, turn: Turned) -> bool:
        """Keep a turn of a conversation; False where the mode does not keep every question."""
        if self.mode != "on":
            return False
        self._put(turn)
        return True

    def flush(self, timeout: float = 10.0) -> bool:
        """Wait until all notes so far are written; False if that takes too long."""
        if self._thread is None:
            return True
        reached = threading.Event()
        self._waiting.put(reached)
        return reached.wait(timeout)

    def close(self) -> None:
        """Write what is waiting, and end the thread."""
        if self._thread is not None:
            self._waiting.put(None)
            self._thread.join()
            self._thread = None

    def _put(self, of: _Noted) -> None:
        self._start()
        if self._waiting.qsize() >= _MOST_WAITING:
            self._fail(f"more than {_MOST_WAITING} notes are waiting to be written")
            return
        at = self._clock().astimezone(UTC).isoformat(timespec="seconds")
        self._waiting.put(_Note(at, of))

    def _start(self) -> None:
        if self._thread is not None:
            return
        with self._starting:
            if self._thread is None:
                self._thread = threading.Thread(target=self._run, name="journal", daemon=True)
                self._thread.start()

    def _run(self) -> None:
        while True:
            taken = [self._waiting.get()]
            while len(taken) < _AT_ONCE and not self._waiting.empty():
                taken.append(self._waiting.get())
            self._write([each for each in taken if isinstance(each, _Note)])
            for each in taken:
                if isinstance(each, threading.Event):
                    each.set()
            if None in taken:
                self._close_file()
                return

    def _write(self, notes: list[_Note]) -> None:
        if not notes:
            return
        try:
            db = self._db = self._db or _open(self.path)
            with db:
                for note in notes:
                    _insert(db, note)
                self._clear(db, len(notes))
            self._is_failing = False
        except (sqlite3.Error, OSError) as error:
            self._fail(str(error))
            # A file that replaces it is then found by the next note.
            self._close_file()

    def _clear(self, db: sqlite3.Connection, added: int) -> None:
        self._since_cleared += added
        if self._since_cleared < min(_CLEARED_EVERY, self._most):
            return
        self._since_cleared = 0
        oldest = (self._clock().astimezone(UTC) - KEPT_FOR).isoformat(timespec="seconds")
        for table in ("questions", "feedback", "turns"):
            last = f"(SELECT max(number) FROM {table}) - ?"
            sql = f"DELETE FROM {table} WHERE at < ? OR number <= {last}"
            db.execute(sql, (oldest, self._most))
        db.execute("DELETE FROM cited WHERE question NOT IN (SELECT number FROM questions)")

    def _close_file(self) -> None:
        if self._db is not None:
            self._db.close()
            self._db = None

    def _fail(self, reason: str) -> None:
        # Once per outage: warnings must not fill a full disk.
        if not self._is_failing:
            _log.warning("cannot write to the journal %s; answers continue: %s", self.path, reason)
        self._is_failing = True


def _open(path: Path) -> sqlite3.Connection:
    path.parent.mkdir(parents=True, exist_ok=True)
    # Of two that make it at once, SQLite would refuse one.
    with locked(path.parent):
        return _connected(path)


def _connected(path: Path) -> sqlite3.Connection:
    # What readers ask is for the owner alone; SQLite gives its other files the same rights.
    path.touch(mode=0o600)
    path.chmod(0o600)
    db = sqlite3.connect(path, check_same_thread=False)
    db.execute("PRAGMA journal_mode = WAL")
    db.execute("PRAGMA synchronous = NORMAL")
    db.executescript(SCHEMA)
    columns = {column[1] for column in db.execute("PRAGMA table_info(questions)")}
    for missing in (each for each in _LATER if each not in columns):
        db.execute(f"ALTER TABLE questions ADD COLUMN {missing} TEXT")
    return db


def _insert(db: sqlite3.Connection, note: _Note) -> None:
    if isinstance(note.of, Feedback):
        _insert_feedback(db, note.at, note.of)
    elif isinstance(note.of, Turned):
        turned = note.of
        row = (note.at, turned.id, turned.parent, turned.turn.dump())
        db.execute("INSERT INTO turns VALUES (NULL, ?, ?, ?, ?)", row)
    else:
        _insert_answer(db, note.at, note.of)


def _insert_answer(db: sqlite3.Connection, at: str, answer: Answer) -> None:
    near = answer.nearest[0] if answer.nearest else None
    history = answer.question.history
    row = (
        at,
        answer.question.text,
        answer.status,
        answer.confidence,
        near.article.id if near else None,
        near.article.title if near else None,
        near.passage.text if near else None,
        answer.gap,
        # Its place: no text of an article is kept that was cited.
        str(cited(answer.citations[0])) if answer.citations else None,
        history[-1].question if history else None,
    )
    number = db.execute(
        "INSERT INTO questions VALUES (NULL, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)", row
    ).lastrowid
    db.executemany("INSERT INTO cited VALUES (?, ?, ?, ?, ?)", _cited(number, at, answer))


def _cited(number: int | None, at: str, answer: Answer) -> Iterable[tuple[object, ...]]:
    # An article that is cited twice counts once.
    for article in {one.article.id: one.article for one in answer.citations}.values():
        yield (number, at, article.id, article.title, article.source)


def _insert_feedback(db: sqlite3.Connection, at: str, feedback: Feedback) -> None:
    row = (
        at,
        feedback.question,
        feedback.verdict,
        json.dumps(feedback.reasons),
        feedback.comment,
        json.dumps(feedback.citations),
    )
    db.execute("INSERT INTO feedback VALUES (NULL, ?, ?, ?, ?, ?, ?)", row)
