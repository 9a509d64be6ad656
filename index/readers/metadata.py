"""What is told about an article beside its text: the names of the keys, and how values read."""

from collections.abc import Mapping
from dataclasses import dataclass, fields

from index.article import Article
from index.dates import EXAMPLES, read_date_or_part
from index.readers.decode import encodable
from index.readers.found import Found, Remark
from index.readers.liveblog import find_entries

# Field of Metadata -> the keys that tell it, the first that holds a value counting.
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


@dataclass(frozen=True, slots=True)
class Metadata:
    """What is known of an article; dates are ISO 8601; None is unknown."""

    id: str | None = None
    title: str | None = None
    source: str | None = None
    author: str | None = None
    published: str | None = None
    updated: str | None = None
    url: str | None = None


@dataclass(frozen=True, slots=True)
class Told:
    """Metadata, and what was odd about it."""

    metadata: Metadata = Metadata()
    remarks: tuple[Remark, ...] = ()


def read_metadata(values: Mapping[str, object], origin: str) -> Told:
    """The metadata in `values`, whose keys may be in any case; unknown keys are passed over."""
    lowered = {key.lower(): value for key, value in values.items() if isinstance(key, str)}
    known: dict[str, str] = {}
    remarks: list[Remark] = []
    for name in KEYS:
        for key in KEYS[name]:
            value = lowered.get(key)
            told = _one_line(value)
            read = read_date_or_part(told) if told and name in _DATES else told
            if read:
                known[name] = read
                break
            if told or told is None:
                remarks.append(Remark(origin, _oddity(key, value)))
    return Told(Metadata(**known), tuple(remarks))


def merge(base: Metadata, over: Metadata) -> Metadata:
    """All that either knows; where both do, `over` counts.

    >>> merge(Metadata(title="A", url="u"), Metadata(title="B")).title
    'B'
    """
    return Metadata(
        **{name.name: getattr(over, name.name) or getattr(base, name.name) for name in fields(base)}
    )


def found_article(origin: str, name: str, text: str, metadata: Metadata) -> Found:
    """The article, its entries found and dated where it is a live blog; `name` is the id
    where the metadata gives none."""
    article = Article(
        id=metadata.id or name,
        text=text,
        title=metadata.title,
        source=metadata.source,
        author=metadata.author,
        published=metadata.published,
        updated=metadata.updated,
        url=metadata.url,
        entries=find_entries(text, metadata.published, metadata.updated),
    )
    return Found(origin, article)


def _one_line(value: object) -> str | None:
    """A value in one line, empty where there is none, None where it is of no readable kind."""
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
        return f"{key}: a {type(value).__name__} is passed over; write it as text"
    return f"{key}: {encodable(str(value))[:80]!r} is not a date; write it as {EXAMPLES}"
