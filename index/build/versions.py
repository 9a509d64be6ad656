"""Former texts of articles: what was quoted can be read in the version that it was quoted from.

They lie with the owner's own files, each compressed under its digest, since no build could make
them again. Who may read them is not decided here: see `qa.access`.
"""

import gzip
import hashlib
import json
import re
import shutil
import zlib
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from index.article import Article, Entry, Page
from index.build.owned import changing, owned
from index.dates import begun_everywhere
from index.errors import DamagedError
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
    now = datetime.now(UTC)
    for article in articles:
        if article.embargo and begun_everywhere(article.embargo) > now:
            continue
        with changing(data) as home:
            folder = _folder(data, article.id)
            folder.mkdir(parents=True, exist_ok=True)
            for made in (folder.parent, home, home.parent):
                sync_folder(made)
            told = asdict(article)
            digits = str(told.pop("digest")).removeprefix("sha256:")
            content = gzip.compress(json.dumps(told).encode(), mtime=0)
            replace_bytes(folder / f"{digits}{_SUFFIX}", content)


def find_version(data: Path, article_id: str, digest: str) -> Article | None:
    """A former version of an article, or None.

    Raises DamagedError if it was kept and cannot be read.
    """
    named = _DIGEST.fullmatch(digest)
    if named is None:
        return None
    found = sorted(_folder(data, article_id).glob(f"{named['digits']}*{_SUFFIX}"))
    return _read(found[0]) if found else None


def forget_versions(data: Path, ids: Iterable[str]) -> None:
    """Delete all former versions of articles. Raises OSError if one cannot be deleted."""
    for article_id in ids:
        with suppress(FileNotFoundError):
            shutil.rmtree(_folder(data, article_id))


def version_faults(data: Path) -> Iterator[str]:
    """What is wrong with the versions that are kept, one line each."""
    for path in sorted((owned(data) / VERSIONS).glob(f"*/*{_SUFFIX}")):
        try:
            _read(path)
        except DamagedError as fault:
            yield str(fault)


def _folder(data: Path, article_id: str) -> Path:
    # An id may be no name of a folder.
    return owned(data) / VERSIONS / hashlib.sha256(article_id.encode()).hexdigest()[:32]


def _read(path: Path) -> Article:
    try:
        article = _article(json.loads(gzip.decompress(path.read_bytes())))
    except (OSError, EOFError, zlib.error, ValueError, TypeError, KeyError) as error:
        raise DamagedError(f"{path} cannot be read ({error}): {_REMEDY}") from None
    if article.digest.removeprefix("sha256:") != path.name.removesuffix(_SUFFIX):
        raise DamagedError(f"{path} holds another text than its name says: {_REMEDY}")
    return article


_REMEDY = "put back a copy, or remove it"


def _article(stored: Mapping[str, Any]) -> Article:
    lists = {
        "entries": tuple(Entry(**each) for each in stored["entries"]),
        "pages": tuple(Page(*each) for each in stored["pages"]),
        "tags": tuple(stored["tags"]),
    }
    return Article(**{**stored, **lists, "is_former": True})
