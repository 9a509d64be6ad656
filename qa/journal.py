"""The journal: what readers asked and what they thought of the answers, written and read back.

A question is kept with its time, whether it was covered, and what was cited or came nearest. Who
asked is not known here: no person, no address, no session. No answer waits for the writing.
`Recorded` reads lists and counts, and `group_alike` groups questions that mean about the same.
"""

import json
import logging
import queue
import sqlite3
import threading
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Literal

import numpy as np

from index.embed import Vectors
from qa.answer import Answer

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
    confidence REAL NOT NULL, nearest_article TEXT, nearest_title TEXT, nearest_text TEXT
);
CREATE TABLE IF NOT EXISTS cited (question INTEGER NOT NULL, at TEXT NOT NULL,
    article TEXT NOT NULL, title TEXT, source TEXT);
CREATE TABLE IF NOT EXISTS feedback (
    number INTEGER PRIMARY KEY, at TEXT NOT NULL, question TEXT NOT NULL, verdict TEXT NOT NULL,
    reasons TEXT NOT NULL, comment TEXT NOT NULL, citations TEXT NOT NULL
);
CREATE INDEX IF NOT EXISTS cited_by_question ON cited (question);
CREATE INDEX IF NOT EXISTS cited_by_article ON cited (article);
"""


@dataclass(frozen=True, slots=True)
class Feedback:
    """What a reader thought of an answer; `citations` are ids of the passages it cited."""

    question: str
    verdict: Verdict
    reasons: tuple[str, ...] = ()
    comment: str = ""
    citations: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class _Note:
    at: str
    of: Answer | Feedback


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
        self._waiting: queue.Queue[_Note | threading.Event | None] = queue.Queue(_MOST_WAITING)
        self._db: sqlite3.Connection | None = None
        self._since_cleared = _CLEARED_EVERY
        self._is_failing = False
        self._thread: threading.Thread | None = None
        self._starting = threading.Lock()

    def asked(self, answer: Answer) -> None:
        """Record a question and its outcome, if the mode keeps it."""
        # A greeting asks nothing of the articles.
        if self.mode == "off" or answer.reply is not None:
            return
        if self.mode == "not_covered" and answer.status != "not_covered":
            return
        self._put(answer)

    def judged(self, feedback: Feedback) -> bool:
        """Record what a reader thought of an answer, unless the mode is off.

        Waits until that is written; False if it could not be.
        """
        if self.mode == "off":
            return True
        self._put(feedback)
        return self.flush() and not self._is_failing

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

    def _put(self, of: Answer | Feedback) -> None:
        self._start()
        at = self._clock().astimezone(UTC).isoformat(timespec="seconds")
        try:
            self._waiting.put_nowait(_Note(at, of))
        except queue.Full:
            self._fail(f"more than {_MOST_WAITING} notes are waiting to be written")

    def _start(self) -> None:
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
        for table in ("questions", "feedback"):
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
    # What readers ask is for the owner alone; SQLite gives its other files the same rights.
    path.touch(mode=0o600)
    path.chmod(0o600)
    db = sqlite3.connect(path, check_same_thread=False)
    db.execute("PRAGMA journal_mode = WAL")
    db.execute("PRAGMA synchronous = NORMAL")
    db.executescript(SCHEMA)
    return db


def _insert(db: sqlite3.Connection, note: _Note) -> None:
    if isinstance(note.of, Feedback):
        _insert_feedback(db, note.at, note.of)
    else:
        _insert_answer(db, note.at, note.of)


def _insert_answer(db: sqlite3.Connection, at: str, answer: Answer) -> None:
    near = answer.nearest[0] if answer.nearest else None
    row = (
        at,
        answer.question.text,
        answer.status,
        answer.confidence,
        near.article.id if near else None,
        near.article.title if near else None,
        near.passage.text if near else None,
    )
    number = db.execute("INSERT INTO questions VALUES (NULL, ?, ?, ?, ?, ?, ?, ?)", row).lastrowid
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


_NORMALISED = "lower(trim(question, ' ?!.'))"

Kind = Literal["answered", "not_covered", "up", "down", "cited"]


@dataclass(frozen=True, slots=True)
class Asked:
    """A question and its outcome."""

    at: str
    question: str
    status: str
    confidence: float
    cited: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class NotCovered:
    """A question without an answer: how often, when last, and the passage that came nearest."""

    question: str
    times: int
    last: str
    nearest_article: str | None
    nearest_title: str | None
    nearest_text: str | None


@dataclass(frozen=True, slots=True)
class Judged:
    """What a reader thought of an answer."""

    at: str
    question: str
    verdict: str
    reasons: tuple[str, ...]
    comment: str


@dataclass(frozen=True, slots=True)
class Supplier:
    """A cited article, and how many answers cite it."""

    article: str
    title: str | None
    source: str | None
    times: int
    last: str


class Recorded:
    """Reads the journal; without a file everything is empty."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def asked(self, first: int, count: int) -> list[Asked]:
        """Questions, latest first."""
        sql = (
            "SELECT at, question, status, confidence, "
            "(SELECT json_group_array(article) FROM cited WHERE cited.question = number) "
            "FROM questions ORDER BY number DESC LIMIT ? OFFSET ?"
        )
        return [
            Asked(at, question, status, confidence, tuple(json.loads(cited)))
            for at, question, status, confidence, cited in self._rows(sql, (count, first))
        ]

    def answered(self, most: int = 100) -> list[str]:
        """Questions with an answer, each once, most asked first.

        Those whose answer a reader marked as bad are left out.
        """
        sql = (
            "SELECT question, count(*), max(at) FROM questions WHERE status = 'answered' "
            "AND question NOT IN (SELECT question FROM feedback WHERE verdict = 'down') "
            f"GROUP BY {_NORMALISED} ORDER BY 2 DESC, 3 DESC, 1 LIMIT ?"
        )
        return [question for question, _, _ in self._rows(sql, (most,))]

    def not_covered(self, since: str, most: int) -> list[NotCovered]:
        """Questions without an answer since a time, each once, most asked first."""
        sql = (
            "SELECT question, count(*), max(at), nearest_article, nearest_title, nearest_text "
            "FROM questions WHERE status = 'not_covered' AND at >= ? "
            f"GROUP BY {_NORMALISED} ORDER BY 2 DESC, 3 DESC, 1 LIMIT ?"
        )
        return [NotCovered(*row) for row in self._rows(sql, (since, most))]

    def judged(self, first: int, count: int) -> list[Judged]:
        """Feedback, latest first."""
        sql = (
            "SELECT at, question, verdict, reasons, comment FROM feedback "
            "ORDER BY number DESC LIMIT ? OFFSET ?"
        )
        return [
            Judged(at, question, verdict, tuple(json.loads(reasons)), comment)
            for at, question, verdict, reasons, comment in self._rows(sql, (count, first))
        ]

    def suppliers(self, since: str, first: int, count: int) -> list[Supplier]:
        """Articles by how many answers cited them since a time, most cited first."""
        sql = (
            "SELECT article, title, source, count(*), max(at) FROM cited WHERE at >= ? "
            "GROUP BY article ORDER BY 4 DESC, 5 DESC, 1 LIMIT ? OFFSET ?"
        )
        return [Supplier(*row) for row in self._rows(sql, (since, count, first))]

    def days(self, kind: Kind, since: str) -> dict[str, int]:
        """How many of a kind on each ISO day since a time; days without any are left out."""
        table, column = _KINDS[kind]
        where = f"{column} = ? AND" if column else "? IS NOT NULL AND"
        sql = f"SELECT substr(at, 1, 10), count(*) FROM {table} WHERE {where} at >= ? GROUP BY 1"
        return dict(self._rows(sql, (kind, since)))

    def _rows(self, sql: str, values: Sequence[object]) -> Iterator[Any]:
        if not self._path.exists():
            return iter(())
        uri = f"{self._path.resolve().as_uri()}?mode=ro"
        with closing(sqlite3.connect(uri, uri=True)) as db:
            try:
                return iter(db.execute(sql, values).fetchall())
            except sqlite3.OperationalError:
                # The writer has created the file, but not yet its tables.
                return iter(())


_KINDS: dict[Kind, tuple[str, str]] = {
    "answered": ("questions", "status"),
    "not_covered": ("questions", "status"),
    "up": ("feedback", "verdict"),
    "down": ("feedback", "verdict"),
    "cited": ("cited", ""),
}


# Questions with at least this cosine are taken to ask the same, with all-MiniLM-L6-v2.
ALIKE = 0.75


@dataclass(frozen=True, slots=True)
class Group:
    """Questions that ask about the same, most asked first; the first names the group."""

    questions: tuple[NotCovered, ...]

    @property
    def times(self) -> int:
        """How often they were asked in all."""
        return sum(question.times for question in self.questions)

    @property
    def last(self) -> str:
        """When one of them was asked last."""
        return max(question.last for question in self.questions)


def group_alike(
    questions: Sequence[NotCovered], encode: Callable[[list[str]], Vectors], alike: float = ALIKE
) -> list[Group]:
    """Groups of questions, most asked first.

    Each question joins the group whose first question is nearest, if near enough, else it starts
    a group: so no chain of small steps joins questions that are far apart.
    """
    if not questions:
        return []
    vectors = encode([question.question for question in questions])
    leaders: list[int] = []
    members: list[list[NotCovered]] = []
    for place, question in enumerate(questions):
        cosines = vectors[leaders] @ vectors[place] if leaders else np.zeros(0, np.float32)
        nearest = int(np.argmax(cosines)) if leaders else -1
        if leaders and cosines[nearest] >= alike:
            members[nearest].append(question)
        else:
            leaders.append(place)
            members.append([question])
    groups = [Group(tuple(each)) for each in members]
    return sorted(groups, key=lambda group: (-group.times, group.questions[0].question))
