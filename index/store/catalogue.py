"""The articles of a segment, in SQLite: their text, their metadata, where they come from."""

import json
import re
import sqlite3
import zlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit

from index.article import Article, Entry, Page
from index.errors import DamagedError
from index.keys import Numbers
from index.store.base import Embargo, Known, Listed, Place
from index.store.columns import Sizes

# Texts have their own table, so that reading the rest need not skip over them. `sizes` says how
# much of the columns beside the catalogue belongs to committed articles.
_SCHEMA = """
CREATE TABLE IF NOT EXISTS articles (
    number INTEGER PRIMARY KEY, id TEXT NOT NULL, origin TEXT NOT NULL,
    file TEXT NOT NULL, record TEXT NOT NULL, digest TEXT NOT NULL, title TEXT, source TEXT,
    author TEXT, published TEXT, updated TEXT, url TEXT, visibility TEXT NOT NULL, embargo TEXT,
    section TEXT, tags TEXT NOT NULL, label TEXT, entries TEXT NOT NULL, pages TEXT NOT NULL,
    published_from TEXT, updated_from TEXT, indexed TEXT
);
CREATE TABLE IF NOT EXISTS texts (number INTEGER PRIMARY KEY, text BLOB NOT NULL);
CREATE INDEX IF NOT EXISTS articles_by_id ON articles (id);
CREATE INDEX IF NOT EXISTS articles_by_digest ON articles (digest);
CREATE INDEX IF NOT EXISTS articles_by_embargo ON articles (embargo) WHERE embargo IS NOT NULL;
CREATE TABLE IF NOT EXISTS sources (number INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE);
CREATE TABLE IF NOT EXISTS sizes (
    passages INTEGER, rows INTEGER, terms INTEGER, vectors INTEGER
);
"""
# Catalogues that were written before there were these lack them.
_ADDED = ("published_from", "updated_from", "indexed")
_FIELDS = (
    *("id", "title", "source", "author", "published", "updated", "url", "visibility", "embargo"),
    *("section", "label", *_ADDED),
)
_LISTED = (
    *("number", "id", "file", "digest", "title", "source", "author", "published", "url"),
    *("visibility", "embargo", "section", "published_from", "indexed"),
)
_KNOWN = "SELECT number, id, origin, file, record, digest, url FROM articles"
# Half the size, at a tenth of a millisecond per article.
_COMPRESSION = 6
_REMEDY = "remove everything in the data folder except 'owner', and build the index again"


@dataclass(frozen=True, slots=True)
class Numbered:
    """An article with the number that the keys of its passages are made from."""

    number: int
    article: Article


class Catalogue:
    """One SQLite file. Opened to read, it takes no lock and writes nothing to disk."""

    def __init__(self, path: Path, *, writable: bool = False) -> None:
        self._path = path
        self._db = _open_to_write(path) if writable else _open_to_read(path)

    @cached_property
    def _lacking(self) -> Sequence[str]:
        """Those of `_ADDED` that the file lacks."""
        return _lacking(self._db)

    @cached_property
    def _article(self) -> str:
        return (
            f"SELECT number, {self._columns(_FIELDS)}, tags, entries, pages, digest, text "
            "FROM articles JOIN texts USING (number)"
        )

    def _columns(self, names: Sequence[str]) -> str:
        return ", ".join(f"NULL AS {each}" if each in self._lacking else each for each in names)

    def close(self) -> None:
        """Close the file."""
        self._db.close()

    def finish(self) -> None:
        """Fold the write-ahead log into the one file, and close it."""
        self._db.commit()
        self._db.execute("PRAGMA journal_mode = DELETE")
        self._db.close()

    def commit(self, sizes: Sizes) -> None:
        """Make what was written survive a crash, with columns of these sizes, synced before."""
        self._db.execute("DELETE FROM sizes")
        row = (sizes.passages, sizes.rows, sizes.terms, sizes.vectors)
        self._db.execute("INSERT INTO sizes VALUES (?, ?, ?, ?)", row)
        self._db.commit()

    def sizes(self) -> Sizes:
        """The last committed sizes."""
        row = self._db.execute("SELECT passages, rows, terms, vectors FROM sizes").fetchone()
        return Sizes(*row) if row else Sizes()

    def known(self) -> Iterator[Known]:
        """Every article without its text, in order of number."""
        for row in self._db.execute(f"{_KNOWN} ORDER BY number"):
            yield _known(row)

    def listed(self) -> Iterator[Listed]:
        """Every article without its text, last added first."""
        sql = f"SELECT {self._columns(_LISTED)}, tags FROM articles ORDER BY number DESC"
        for *row, tags in self._db.execute(sql):
            facts: dict[str, Any] = dict(zip(_LISTED, row, strict=True))
            yield Listed(**facts, tags=tuple(json.loads(tags)))

    def numbers_of(self, article_id: str) -> list[int]:
        """Numbers of the article with this id and of its older versions.

        Raises DamagedError if the file cannot be read.
        """
        with self._telling():
            rows = self._db.execute("SELECT number FROM articles WHERE id = ?", (article_id,))
            return [row[0] for row in rows]

    def sources(self) -> list[str]:
        """The names of the articles' sources."""
        return [row[0] for row in self._db.execute("SELECT name FROM sources")]

    def __len__(self) -> int:
        return int(self._db.execute("SELECT count(*) FROM articles").fetchone()[0])

    def last_number(self) -> int | None:
        """The highest number of an article."""
        found: int | None = self._db.execute("SELECT max(number) FROM articles").fetchone()[0]
        return found

    def titles(self) -> Iterator[tuple[str, int, str]]:
        """Date of publication (or an empty string), number and title, newest first."""
        yield from self._db.execute(
            "SELECT coalesce(published, ''), number, title FROM articles WHERE title IS NOT NULL "
            "ORDER BY 1 DESC, id"
        )

    def embargoes(self) -> Iterator[Embargo]:
        """Articles that have an embargo."""
        sql = "SELECT number, embargo, source FROM articles WHERE embargo IS NOT NULL"
        return (Embargo(*row) for row in self._db.execute(sql))

    def urls(self) -> Iterator[tuple[int, str]]:
        """Number and url of articles that have one."""
        yield from self._db.execute("SELECT number, url FROM articles WHERE url IS NOT NULL")

    def newest(self, removed: Numbers) -> str | None:
        """The latest date of publication or update, or None.

        Articles that are removed or under an embargo do not count.
        """
        gone = set(removed.tolist())
        sql = (
            "SELECT number, max(coalesce(published, ''), coalesce(updated, '')) FROM articles "
            "WHERE embargo IS NULL"
        )
        dates = (date for number, date in self._db.execute(sql) if number not in gone)
        return max(dates, default="") or None

    def article(self, number: int) -> Article | None:
        """The article, or None.

        Raises DamagedError if the file cannot be read, or a text does not match its digest.
        """
        with self._telling():
            row = self._db.execute(f"{self._article} WHERE number = ?", (number,)).fetchone()
        return self._numbered(row).article if row else None

    def articles(self, after: int = -1, limit: int = -1) -> Iterator[Numbered]:
        """Articles numbered above `after`, in order; all, or up to `limit`."""
        sql = f"{self._article} WHERE number > ? ORDER BY number LIMIT ?"
        for row in self._db.execute(sql, (after, limit)):
            yield self._numbered(row)

    def with_digest(self, digest: str) -> list[int]:
        """Numbers of the articles whose text has this digest."""
        rows = self._db.execute("SELECT number FROM articles WHERE digest = ?", (digest,))
        return [row[0] for row in rows]

    def put(self, number: int, article: Article, place: Place, record: str) -> None:
        """Add the article under a number that was never used before."""
        entries = [(e.start, e.end, e.time, e.heading, e.clock, e.body) for e in article.entries]
        values = {
            **{name: getattr(article, name) for name in _FIELDS},
            **{"number": number, "origin": place.origin, "file": place.file, "record": record},
            **{"digest": article.digest, "tags": json.dumps(article.tags)},
            **{"entries": json.dumps(entries), "pages": json.dumps(article.pages)},
        }
        marks = ", ".join(f":{name}" for name in values)
        self._db.execute(f"INSERT INTO articles ({', '.join(values)}) VALUES ({marks})", values)
        text = zlib.compress(article.text.encode(), _COMPRESSION)
        self._db.execute("INSERT INTO texts VALUES (?, ?)", (number, text))

    def source_number(self, name: str) -> int | None:
        """The number of a source in the columns, or None for an unknown one."""
        row = self._db.execute("SELECT number FROM sources WHERE name = ?", (name,)).fetchone()
        return row[0] if row else None

    def number_source(self, name: str) -> int:
        """The number of a source, assigned if it has none yet."""
        self._db.execute("INSERT OR IGNORE INTO sources (name) VALUES (?)", (name,))
        number = self.source_number(name)
        assert number is not None  # just put there
        return number

    def _numbered(self, row: Sequence[Any]) -> Numbered:
        number, *values, tags, entries, pages, digest, text = row
        fields: dict[str, Any] = dict(zip(_FIELDS, values, strict=True))
        try:
            words = zlib.decompress(text).decode()
        except (zlib.error, UnicodeDecodeError, TypeError) as error:
            raise self._damaged(fields["id"], f"cannot be read ({error})") from None
        fields |= {"tags": tuple(json.loads(tags))}
        fields |= {"entries": _entries(entries), "pages": _pages(pages)}
        article = Article(**fields, text=words)
        if article.digest != digest:
            raise self._damaged(article.id, f"does not match its digest {digest}")
        return Numbered(number, article)

    @contextmanager
    def _telling(self) -> Iterator[None]:
        try:
            yield
        except sqlite3.DatabaseError as error:
            raise DamagedError(f"{self._path} cannot be read ({error}): {_REMEDY}") from error

    def _damaged(self, article_id: str, what: str) -> DamagedError:
        return DamagedError(
            f"{self._path} holds a text of article {article_id!r} that {what}: {_REMEDY}"
        )


def _open_to_write(path: Path) -> sqlite3.Connection:
    db = sqlite3.connect(path, check_same_thread=False)
    db.execute("PRAGMA journal_mode = WAL")
    db.execute("PRAGMA synchronous = NORMAL")
    db.executescript(_SCHEMA)
    # A draft may go on that an earlier version began.
    for name in _lacking(db):
        db.execute(f"ALTER TABLE articles ADD COLUMN {name} TEXT")
    return db


def _lacking(db: sqlite3.Connection) -> Sequence[str]:
    known = {row[1] for row in db.execute("PRAGMA table_info(articles)")}
    return [name for name in _ADDED if name not in known]


def _open_to_read(path: Path) -> sqlite3.Connection:
    """A published catalogue is never written again, and `immutable` says so to SQLite."""
    uri = f"{path.resolve().as_uri()}?mode=ro&immutable=1"
    return sqlite3.connect(uri, uri=True, check_same_thread=False)


def _known(row: Sequence[Any]) -> Known:
    number, article_id, origin, file, *rest = row
    return Known(number, article_id, Place(origin, file), *rest)


def _entries(stored: str) -> tuple[Entry, ...]:
    return tuple(Entry(*fields) for fields in json.loads(stored))


def _pages(stored: str) -> tuple[Page, ...]:
    return tuple(Page(*fields) for fields in json.loads(stored))


PagesByUrl = Mapping[str, tuple[int, ...]]

# What newsletters, campaigns and networks add to an address: it says how a reader got to the page.
_TRACKING = re.compile(
    r"utm_\w+|at_\w+|mc_[ce]id|_hsenc|_hsmi|mkt_tok|igshid|yclid|[a-z]{1,2}clid|fbclid|msclkid"
    r"|twclid|gclsrc|gbraid|wbraid|_ga|_gl|vero_id|oly_\w+_id|cmpid|ref_src",
    re.IGNORECASE,
)
_DEFAULT_PORTS = {"http": 80, "https": 443}


def page_key(url: str | None) -> str | None:
    """The address without scheme, fragment, tracking and last slash; None if not a web address.

    >>> page_key("HTTPS://Example.org:443/a/?utm_source=x&id=7#top")
    'example.org/a?id=7'
    """
    try:
        parts = urlsplit((url or "").strip())
        host, port = parts.hostname, parts.port
    except ValueError:
        return None
    if parts.scheme not in _DEFAULT_PORTS or not host:
        return None
    if port is not None and port != _DEFAULT_PORTS[parts.scheme]:
        host = f"{host}:{port}"
    query = urlencode(
        sorted(
            pair
            for pair in parse_qsl(parts.query, keep_blank_values=True)
            if not _TRACKING.fullmatch(pair[0])
        )
    )
    return f"{host}{parts.path.rstrip('/')}" + (f"?{query}" if query else "")


def pages_by_url(urls: Iterable[tuple[int, str]]) -> PagesByUrl:
    """Numbers of articles by `page_key` of their address; several may share one."""
    found: dict[str, tuple[int, ...]] = {}
    for number, url in urls:
        key = page_key(url)
        if key is not None:
            found[key] = (*found.get(key, ()), number)
    return found
