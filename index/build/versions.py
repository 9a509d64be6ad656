"""Former texts of articles: what was quoted can be read in the version that it was quoted from.

Each is kept compressed under its digest, since no build could make it again: in a store that many
servers share, else with the owner's own files. Who may read them is not decided here: see
`qa.access`.
"""

import gzip
import hashlib
import json
import re
import shutil
import zlib
from collections.abc import Collection, Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from index.article import Article, Entry, Page
from index.build.owned import changing, owned
from index.dates import begun_everywhere
from index.errors import DamagedError
from index.store import Version, Versions, versions_in
from index.store.durable import replace_bytes, sync_folder

VERSIONS = "versions"
_SUFFIX = ".json.gz"
# A link may name a version by its first digits.
_DIGEST = re.compile(r"(?:sha256:)?(?P<digits>[0-9a-f]{12,64})", re.ASCII)


def words_mark(text: str) -> int:
    """A number that is the same, in this process, for texts that differ in white space alone.

    >>> words_mark("It leaks.") == words_mark("It  leaks.\\n")
    True
    """
    return hash(tuple(text.split()))


def is_version(article: Article, digest: str) -> bool:
    """Whether the article's text has this digest, which may be its first 12 digits or more."""
    named = _DIGEST.fullmatch(digest)
    return named is not None and article.digest.startswith(f"sha256:{named['digits']}")


def keep_versions(data: Path, articles: Iterable[Article]) -> None:
    """Keep articles as they are, unless nobody may read them yet."""
    now, kept = datetime.now(UTC), _versions(data)
    for article in articles:
        if article.embargo and begun_everywhere(article.embargo) > now:
            continue
        told = asdict(article)
        digits = str(told.pop("digest")).removeprefix("sha256:")
        kept.put(article.id, digits, gzip.compress(json.dumps(told).encode(), mtime=0))


def find_version(data: Path, article_id: str, digest: str) -> Article | None:
    """A former version of an article, or None.

    Raises DamagedError if it was kept and cannot be read, StoreError if the store is away.
    """
    named = _DIGEST.fullmatch(digest)
    if named is None:
        return None
    found = next(_versions(data).find(article_id, named["digits"]), None)
    return _read(found) if found else None


def forget_versions(data: Path, ids: Collection[str]) -> None:
    """Delete all former versions of articles.

    Raises OSError or StoreError if one cannot be deleted.
    """
    _versions(data).forget(ids)


def copy_versions(source: Path, target: Path) -> None:
    """Keep in another place, too, what is kept of an archive. Raises DamagedError."""
    kept = _versions(target)
    for version in _versions(source).all():
        kept.put(_read(version).id, version.digits, version.read())


def version_faults(data: Path) -> Iterator[str]:
    """What is wrong with the versions that are kept, one line each."""
    for version in _versions(data).all():
        try:
            _read(version)
        except DamagedError as fault:
            yield str(fault)


class _OwnedVersions:
    """Those of an archive in a folder: a folder for each article, a file for each text."""

    def __init__(self, data: Path) -> None:
        self._data = data

    def put(self, article_id: str, digits: str, content: bytes) -> None:
        with changing(self._data) as home:
            folder = self._folder(article_id)
            folder.mkdir(parents=True, exist_ok=True)
            for made in (folder.parent, home, home.parent):
                sync_folder(made)
            replace_bytes(folder / f"{digits}{_SUFFIX}", content)

    def find(self, article_id: str, digits: str) -> Iterator[Version]:
        return self._in(self._folder(article_id), f"{digits}*{_SUFFIX}")

    def forget(self, ids: Collection[str]) -> None:
        for article_id in ids:
            with suppress(FileNotFoundError):
                shutil.rmtree(self._folder(article_id))

    def all(self) -> Iterator[Version]:
        return self._in(owned(self._data) / VERSIONS, f"*/*{_SUFFIX}")

    def _folder(self, article_id: str) -> Path:
        # An id may be no name of a folder.
        name = hashlib.sha256(article_id.encode()).hexdigest()[:32]
        return owned(self._data) / VERSIONS / name

    def _in(self, folder: Path, pattern: str) -> Iterator[Version]:
        for path in sorted(folder.glob(pattern)):
            yield Version(str(path), path.name.removesuffix(_SUFFIX), path.read_bytes)


def _versions(data: Path) -> Versions:
    return versions_in(data) or _OwnedVersions(data)


def _read(version: Version) -> Article:
    try:
        article = _article(json.loads(gzip.decompress(version.read())))
    except (OSError, EOFError, zlib.error, ValueError, TypeError, KeyError) as error:
        raise DamagedError(f"{version.place} cannot be read ({error}): {_REMEDY}") from None
    if article.digest.removeprefix("sha256:") != version.digits:
        raise DamagedError(f"{version.place} holds another text than its name says: {_REMEDY}")
    return article


_REMEDY = "put back a copy, or remove it"


def _article(stored: Mapping[str, Any]) -> Article:
    lists = {
        "entries": tuple(Entry(**each) for each in stored["entries"]),
        "pages": tuple(Page(*each) for each in stored["pages"]),
        "tags": tuple(stored["tags"]),
    }
    return Article(**{**stored, **lists, "is_former": True})
