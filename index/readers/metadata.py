"""The metadata of an article: its keys, how values are read, and where it is kept.

It is kept in a sidecar, `story.txt.meta.json` beside `story.txt`, or where the story begins.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass, fields
from datetime import UTC, datetime, timedelta
from pathlib import Path

from index.article import Article, Entry, Page
from index.dates import EXAMPLES, read_date_or_part
from index.readers.base import (
    Found,
    Remark,
    Source,
    UnreadableError,
    decode,
    encodable,
    origin_of,
    read_bytes,
)
from index.readers.liveblog import find_entries

# Field of Metadata -> its keys; the first that has a value counts.
KEYS: Mapping[str, tuple[str, ...]] = {
    "id": ("_id", "id"),
    "title": ("title",),
    "source": ("domain", "source"),
    "author": ("authors", "author", "by"),
    "published": ("publish_date", "published", "date"),
    "updated": ("updated",),
    "url": ("url",),
}

_DATES = ("published", "updated")
# Programs write what they do not know as a day of the year 1, 1601 or 1753.
FIRST_YEAR = 1800
# A day that has begun somewhere on Earth.
_AHEAD = timedelta(hours=14)


@dataclass(frozen=True, slots=True)
class Metadata:
    """What is known about an article; dates are ISO 8601; None is unknown."""

    id: str | None = None
    title: str | None = None
    source: str | None = None
    author: str | None = None
    published: str | None = None
    updated: str | None = None
    url: str | None = None


@dataclass(frozen=True, slots=True)
class ReadMetadata:
    """Metadata, and what was odd about it."""

    metadata: Metadata = Metadata()
    remarks: tuple[Remark, ...] = ()


def read_metadata(
    values: Mapping[str, object], origin: str, first_year: int | None = None
) -> ReadMetadata:
    """The metadata in `values`, whose keys may be in any case; unknown keys are ignored.

    A date in the future, or before `first_year`, is doubted: left out, with a remark.
    """
    lowered = {key.lower(): value for key, value in values.items() if isinstance(key, str)}
    known: dict[str, str] = {}
    remarks: list[Remark] = []
    for name in KEYS:
        for key in KEYS[name]:
            value = lowered.get(key)
            line = _one_line(value)
            read = read_date_or_part(line) if line and name in _DATES else line
            doubt = _doubt(read, first_year) if read and name in _DATES else None
            if doubt:
                remarks.append(Remark(origin, f"{key}: {line!r} is {doubt}: left out"))
            elif read:
                known[name] = read
                break
            elif line or line is None:
                remarks.append(Remark(origin, _oddity(key, value)))
    return ReadMetadata(Metadata(**known), tuple(remarks))


def _doubt(date: str, first_year: int | None) -> str | None:
    """Why an ISO date cannot be that of an article, or None."""
    if first_year and int(date[:4]) < first_year:
        return f"before {first_year}"
    today = (datetime.now(UTC) + _AHEAD).date().isoformat()
    # A year or a month is in the future once it has not begun.
    return "in the future" if date[:10] > today else None


def merge(base: Metadata, over: Metadata) -> Metadata:
    """All that either has; if both have a field, `over` counts.

    >>> merge(Metadata(title="A", url="u"), Metadata(title="B")).title
    'B'
    """
    return Metadata(
        **{name.name: getattr(over, name.name) or getattr(base, name.name) for name in fields(base)}
    )


def found_article(
    source: Source,
    text: str,
    metadata: Metadata,
    entries: tuple[Entry, ...] | None = None,
    pages: tuple[Page, ...] = (),
) -> Found:
    """The article; without `entries`, they are looked for in the text, as a live blog has them."""
    if entries is None:
        entries = find_entries(text, metadata.published, metadata.updated)
    article = Article(
        id=metadata.id or source.name,
        text=text,
        title=metadata.title,
        source=metadata.source,
        author=metadata.author,
        published=metadata.published,
        updated=metadata.updated,
        url=metadata.url,
        entries=entries,
        pages=pages,
    )
    return Found(source.origin, article, source.part)


def _one_line(value: object) -> str | None:
    """A value in one line, empty if there is none, None if its type cannot be read."""
    if value is None:
        return ""
    if isinstance(value, str):
        return " ".join(encodable(value).replace("\0", "").split())
    if isinstance(value, int | float) and not isinstance(value, bool):
        return str(value)
    if isinstance(value, list):
        return _joined(value)
    return None


def _joined(values: list[object]) -> str | None:
    lines = [_one_line(value) if not isinstance(value, list) else None for value in values]
    known = [line for line in lines if line is not None]
    return ", ".join(line for line in known if line) if len(known) == len(lines) else None


def _oddity(key: str, value: object) -> str:
    if isinstance(value, list | dict | bool):
        return f"{key}: a {type(value).__name__} is ignored; write it as text"
    return f"{key}: {encodable(str(value))[:80]!r} is not a date; write it as {EXAMPLES}"


SUFFIX = ".meta.json"


def is_sidecar(path: Path) -> bool:
    """Whether the name is that of a sidecar."""
    return path.name.lower().endswith(SUFFIX)


def story_of(sidecar: Path) -> Path:
    """The story that a sidecar is about."""
    return sidecar.with_name(sidecar.name[: -len(SUFFIX)])


def read_sidecar(story: Source) -> ReadMetadata:
    """The metadata in the sidecar of `story`; empty if there is none; a remark if it is broken."""
    if story.part:
        return ReadMetadata()
    path = story.path.with_name(story.path.name + SUFFIX)
    try:
        values = json.loads(decode(read_bytes(path)))
    except FileNotFoundError:
        return ReadMetadata()
    except UnreadableError as error:
        return _broken(path, str(error))
    except (OSError, ValueError, RecursionError) as error:
        return _broken(path, f"cannot be read as JSON: {error}")
    if not isinstance(values, dict):
        return _broken(path, 'holds no JSON object: write {"title": "…", "published": "…"}')
    return read_metadata(values, origin_of(path))


def _broken(path: Path, reason: str) -> ReadMetadata:
    message = f"sidecar {reason}; its story is read without it"
    return ReadMetadata(remarks=(Remark(origin_of(path), message),))
