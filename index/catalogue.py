"""The SQLite catalogue: articles, passages and their vectors. All else is derived from it."""

import json
import sqlite3
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from index.article import Article, Entry, Passage
from index.embed import PassageVectors, Vectors
from index.errors import DamagedError
from index.period import Period, moments
from index.vectors import Keys, from_halves, from_signed_bytes, to_halves, to_signed_bytes

_SCHEMA = """
CREATE TABLE IF NOT EXISTS articles (
    id TEXT PRIMARY KEY, origin TEXT NOT NULL UNIQUE, file TEXT NOT NULL, record TEXT NOT NULL,
    digest TEXT NOT NULL, text TEXT NOT NULL, title TEXT, source TEXT, author TEXT,
    published TEXT, updated TEXT, url TEXT, entries TEXT NOT NULL
);
CREATE TABLE IF NOT EXISTS passages (
    key INTEGER PRIMARY KEY AUTOINCREMENT, article_id TEXT NOT NULL REFERENCES articles (id),
    start INTEGER NOT NULL, end INTEGER NOT NULL, entry INTEGER, sentences TEXT NOT NULL,
    earliest INTEGER, latest INTEGER, utc_offset INTEGER,
    vector BLOB, sentence_vectors BLOB
);
CREATE INDEX IF NOT EXISTS articles_by_digest ON articles (digest);
CREATE INDEX IF NOT EXISTS passages_of_article ON passages (article_id);
CREATE INDEX IF NOT EXISTS passages_to_embed ON passages (key) WHERE vector IS NULL;
"""
_FIELDS = ("id", "text", "title", "source", "author", "published", "updated", "url")
_ARTICLE = f"SELECT {', '.join(_FIELDS)}, entries, digest"
_WORDED = """
SELECT p.key, p.article_id, p.start, p.end, substr(a.text, p.start + 1, p.end - p.start),
    p.sentences, p.entry, a.entries, a.title
"""
_JOINED = "FROM passages p JOIN articles a ON a.id = p.article_id"
# Title and entries stand in front of a passage when it is embedded, so they must be the same.
_ADOPT = """
UPDATE passages SET vector = made.vector, sentence_vectors = made.sentence_vectors
FROM (
    SELECT p.key, o.vector, o.sentence_vectors
    FROM passages p JOIN articles a ON a.id = p.article_id
    JOIN other.articles b ON b.digest = a.digest AND b.title IS a.title AND b.entries = a.entries
    JOIN other.passages o ON o.article_id = b.id AND o.start = p.start AND o.end = p.end
        AND o.sentences = p.sentences
    WHERE p.vector IS NULL AND o.vector IS NOT NULL
) AS made
WHERE made.key = passages.key
"""
# SQLite binds at most 32,766 values; far fewer keep a statement short.
_MOST_BOUND = 500


@dataclass(frozen=True, slots=True)
class Worded:
    """A passage under its key, with its article's title."""

    key: int
    title: str | None
    passage: Passage


@dataclass(frozen=True, slots=True)
class StoredPassage:
    """A passage as search reads it. `sentence_vectors`: unit vectors, (sentences, dimension)."""

    worded: Worded
    sentence_vectors: Vectors


@dataclass(frozen=True, slots=True)
class Counts:
    """How much an index holds."""

    articles: int
    passages: int
    sentences: int


@dataclass(frozen=True, slots=True)
class Place:
    """Where an article comes from: `origin` is its file, or the file, `#` and the line's id."""

    origin: str
    file: str


@dataclass(frozen=True, slots=True)
class Known:
    """What the catalogue has of an article: enough to tell whether it changed."""

    id: str
    place: Place
    record: str


class Catalogue:
    """One SQLite file. Opened to read, it takes no lock and leaves no trace on the disk."""

    def __init__(self, path: Path, *, writable: bool = False) -> None:
        self._path = path
        self._db = _open_to_write(path) if writable else _open_to_read(path)

    def close(self) -> None:
        """Close the file."""
        self._db.close()

    def finish(self) -> None:
        """Fold the write-ahead log into the one file, and close it."""
        self._db.commit()
        self._db.execute("PRAGMA journal_mode = DELETE")
        self._db.close()

    def commit(self) -> None:
        """What was written so far survives a crash of this process."""
        self._db.commit()

    def known(self) -> list[Known]:
        """Every article, without its text, in the order of their ids."""
        rows = self._db.execute("SELECT id, origin, file, record FROM articles ORDER BY id")
        return [Known(row[0], Place(row[1], row[2]), row[3]) for row in rows]

    def counts(self) -> Counts:
        """Counted, not remembered."""
        articles = self._db.execute("SELECT count(*) FROM articles").fetchone()[0]
        passages, sentences = self._db.execute(
            "SELECT count(*), coalesce(sum(json_array_length(sentences)), 0) FROM passages"
        ).fetchone()
        return Counts(articles, passages, sentences)

    def titles(self) -> Iterator[str]:
        """Titles of articles, the newest first."""
        sql = "SELECT title FROM articles WHERE title IS NOT NULL ORDER BY published DESC, id"
        for row in self._db.execute(sql):
            yield row[0]

    def newest(self) -> str | None:
        """The latest date of publication or update, or None where no article has one."""
        sql = "SELECT max(max(coalesce(published, ''), coalesce(updated, ''))) FROM articles"
        return self._db.execute(sql).fetchone()[0] or None

    def article(self, article_id: str) -> Article | None:
        """The article, or None. Raises DamagedError if its text is not the one digested."""
        row = self._db.execute(f"{_ARTICLE} FROM articles WHERE id = ?", (article_id,)).fetchone()
        return self._article(row) if row else None

    def articles(self) -> Iterator[Article]:
        """All articles in the order of their ids."""
        for row in self._db.execute(f"{_ARTICLE} FROM articles ORDER BY id"):
            yield self._article(row)

    def put(self, article: Article, place: Place, record: str, passages: Sequence[Passage]) -> None:
        """Add the article, or put it in the place of its older version; vectors come later."""
        self.remove(article.id)
        self._db.execute(
            f"INSERT INTO articles VALUES ({_marks(13)})", _article_row(article, place, record)
        )
        self._db.executemany(
            "INSERT INTO passages (article_id, start, end, sentences, entry, earliest, latest,"
            f" utc_offset) VALUES ({_marks(8)})",
            [_passage_row(article, passage) for passage in passages],
        )

    def remove(self, article_id: str) -> None:
        """Forget the article and its passages."""
        self._db.execute("DELETE FROM passages WHERE article_id = ?", (article_id,))
        self._db.execute("DELETE FROM articles WHERE id = ?", (article_id,))

    def adopt_vectors(self, other: Path) -> None:
        """Take the vectors that another catalogue made for the same words under the same title."""
        self._db.commit()
        self._db.execute("ATTACH ? AS other", (str(other),))
        try:
            self._db.execute(_ADOPT)
            self._db.commit()
        finally:
            self._db.rollback()
            self._db.execute("DETACH other")

    def not_embedded(self) -> int:
        """How many passages still have no vector."""
        sql = "SELECT count(*) FROM passages WHERE vector IS NULL"
        return int(self._db.execute(sql).fetchone()[0])

    def next_not_embedded(self, limit: int) -> list[Worded]:
        """Up to `limit` passages without a vector."""
        sql = f"{_WORDED} {_JOINED} WHERE p.vector IS NULL ORDER BY p.key LIMIT ?"
        return [_worded(row) for row in self._db.execute(sql, (limit,))]

    def set_vectors(self, key: int, vectors: PassageVectors) -> None:
        """Store a passage's vectors."""
        self._db.execute(
            "UPDATE passages SET vector = ?, sentence_vectors = ? WHERE key = ?",
            (to_halves(vectors.passage), to_signed_bytes(vectors.sentences), key),
        )

    def passages(self, keys: Sequence[int]) -> dict[int, StoredPassage]:
        """The passages of these keys; a key that is not there is left out."""
        found: dict[int, StoredPassage] = {}
        for first in range(0, len(keys), _MOST_BOUND):
            bound = [int(key) for key in keys[first : first + _MOST_BOUND]]
            among = f"WHERE p.key IN ({_marks(len(bound))})"
            rows = self._db.execute(f"{_WORDED}, p.sentence_vectors {_JOINED} {among}", bound)
            for *row, blob in rows:
                worded = _worded(row)
                vectors = from_signed_bytes(blob, len(worded.passage.sentences))
                found[worded.key] = StoredPassage(worded, vectors)
        return found

    def every_passage(self) -> Iterator[Worded]:
        """All passages, article by article in the order of the text."""
        for row in self._db.execute(f"{_WORDED} {_JOINED} ORDER BY p.article_id, p.start"):
            yield _worded(row)

    def vectors(self) -> tuple[Keys, Vectors]:
        """All keys, shape (passages,), and their passage vectors, (passages, dimension)."""
        rows = self._db.execute("SELECT key, vector FROM passages ORDER BY key").fetchall()
        keys = np.array([row[0] for row in rows], dtype=np.int64)
        return keys, from_halves(b"".join(row[1] for row in rows), len(rows))

    def keys_in(self, period: Period, source: str | None) -> Keys:
        """Keys of the passages that lie inside the period and are of the source."""
        condition, bound = period.condition()
        sql = f"SELECT p.key {_JOINED} WHERE {condition}"
        if source is not None:
            sql += " AND a.source = ?"
        rows = self._db.execute(sql, bound if source is None else [*bound, source])
        return np.array([row[0] for row in rows], dtype=np.int64)

    def _article(self, row: Sequence[Any]) -> Article:
        fields: dict[str, Any] = dict(zip(_FIELDS, row, strict=False))
        article = Article(**fields, entries=_entries(row[8]))
        digest = row[9]
        if article.digest != digest:
            raise DamagedError(
                f"{self._path} holds a text of article {article.id!r} that does not match its "
                f"digest {digest}: remove the data folder and build the index again"
            )
        return article


def _open_to_write(path: Path) -> sqlite3.Connection:
    db = sqlite3.connect(path)
    db.execute("PRAGMA journal_mode = WAL")
    db.execute("PRAGMA synchronous = NORMAL")
    db.executescript(_SCHEMA)
    return db


def _open_to_read(path: Path) -> sqlite3.Connection:
    """A published catalogue is never written again, which `immutable` tells SQLite."""
    uri = f"{path.resolve().as_uri()}?mode=ro&immutable=1"
    return sqlite3.connect(uri, uri=True, check_same_thread=False)


def _article_row(article: Article, place: Place, record: str) -> tuple[object, ...]:
    entries = [(e.start, e.end, e.time, e.heading, e.clock, e.body) for e in article.entries]
    told = [getattr(article, name) for name in _FIELDS[2:]]
    placed = (article.id, place.origin, place.file, record, article.digest, article.text)
    return (*placed, *told, json.dumps(entries))


def _passage_row(article: Article, passage: Passage) -> tuple[object, ...]:
    when = moments(article, passage.entry)
    return (
        article.id,
        passage.start,
        passage.end,
        json.dumps(passage.sentences),
        article.entries.index(passage.entry) if passage.entry else None,
        when.earliest,
        when.latest,
        when.utc_offset,
    )


def _worded(row: Sequence[Any]) -> Worded:
    key, article_id, start, end, text, sentences, entry, entries, title = row
    passage = Passage(
        article_id=article_id,
        start=start,
        end=end,
        text=text,
        sentences=tuple((first, last) for first, last in json.loads(sentences)),
        entry=None if entry is None else _entries(entries)[entry],
    )
    return Worded(key, title, passage)


def _entries(stored: str) -> tuple[Entry, ...]:
    return tuple(Entry(*fields) for fields in json.loads(stored))


def _marks(count: int) -> str:
    return ", ".join("?" * count)
