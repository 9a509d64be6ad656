"""The metadata of an article: its keys, how values are read, and where it is kept.

It is kept in a sidecar, `story.txt.meta.json` beside `story.txt`, or where the story begins.
`read_story` makes the one article of a file of it.
"""

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, fields, replace
from datetime import UTC, date, datetime, timedelta
from numbers import Number
from pathlib import Path, PurePath
from types import MappingProxyType
from typing import Any

from index.article import (
    DATE_ORIGINS,
    VISIBILITIES,
    Article,
    DateOrigin,
    Entry,
    Page,
    Visibility,
)
from index.dates import EXAMPLES, begun_everywhere, is_at, is_epoch, no_date, read_date_or_part
from index.readers.base import (
    MOST_BYTES,
    Finding,
    Found,
    Remark,
    Source,
    UnreadableError,
    decode,
    encodable,
    has_words,
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
    "section": ("section",),
    "tags": ("tags", "keywords"),
    "visibility": ("visibility",),
    "embargo": ("embargo",),
}
NO_KEYS: Mapping[str, str] = MappingProxyType({})
# What says who may read: where it cannot be read, nobody may.
ACCESS = ("visibility", "embargo")

DATES = ("published", "updated")
# When a page was fetched: the key of its record.
FETCHED_AT = "fetched_at"
# Programs write what they do not know as a day of the year 1, 1601 or 1753.
FIRST_YEAR = 1800
# A day that has begun somewhere on Earth.
_AHEAD = timedelta(hours=14)


def _read_visibility(line: str) -> str | None:
    return line.lower() if line.lower() in VISIBILITIES else None


# How the values are read that are not any text.
_FORMS: Mapping[str, Callable[[str], str | None]] = {
    "published": read_date_or_part,
    "updated": read_date_or_part,
    "embargo": read_date_or_part,
    "visibility": _read_visibility,
}


@dataclass(frozen=True, slots=True)
class Metadata:
    """What is known about an article; dates are ISO 8601; None is unknown.

    `tags` have commas between them. Each date stands together with what told it.
    """

    id: str | None = None
    title: str | None = None
    source: str | None = None
    author: str | None = None
    published: str | None = None
    updated: str | None = None
    url: str | None = None
    section: str | None = None
    tags: str | None = None
    visibility: str | None = None
    embargo: str | None = None
    published_from: DateOrigin | None = None
    updated_from: DateOrigin | None = None


@dataclass(frozen=True, slots=True)
class ReadMetadata:
    """Metadata, and what was odd about it."""

    metadata: Metadata = Metadata()
    remarks: tuple[Remark, ...] = ()


def read_metadata(
    values: Mapping[str, object],
    origin: str,
    first_year: int | None = None,
    told_by: DateOrigin = "record",
    names: Mapping[str, str] = NO_KEYS,
) -> ReadMetadata:
    """The metadata in `values`, whose keys may be in any case; unknown keys are ignored.

    Remarks call a key as `names` has it: by what stood for it where it was read. A date of the
    article in the future, before `first_year`, or at the moment FETCHED_AT is doubted: left out,
    with a remark. It was `told_by` what the key of the date with `_from` behind it names, if that
    is there; one of a feed is not that of fetching a page. Where a value of ACCESS cannot be read,
    the article is hidden.
    """
    lowered = {key.lower(): value for key, value in values.items() if isinstance(key, str)}
    fetched = _one_line(lowered.get(FETCHED_AT)) or ""
    known: dict[str, Any] = {}
    remarks: list[Remark] = []
    for name in KEYS:
        told: list[object] = []
        for key in KEYS[name]:
            value = lowered.get(key)
            if value in told:
                # What stands for one of our keys may have the name of another.
                continue
            told.append(value)
            # An object tells more of who may read than its name.
            is_closed = name in ACCESS and _has_object(value)
            line = None if is_closed else _one_line(value)
            read = _FORMS.get(name, str)(line) if line else line
            named = lowered.get(f"{key}_from")
            teller = named if named in DATE_ORIGINS else told_by
            made_at = "" if teller == "feed" else fetched
            doubt = _doubt(read, first_year, made_at) if read and name in DATES else None
            shown = names.get(key, key)
            if doubt:
                remarks.append(Remark(origin, f"{shown}: {line!r} is {doubt}: left out"))
            elif read:
                known[name] = read
                if name in DATES:
                    known[f"{name}_from"] = teller
                break
            elif line or line is None:
                remarks.append(Remark(origin, _oddity(name, shown, value)))
                known |= {"visibility": "hidden"} if name in ACCESS else {}
    return ReadMetadata(Metadata(**known), tuple(remarks))


def _doubt(told: str, first_year: int | None, fetched: str) -> str | None:
    """Why an ISO date cannot be that of an article, or None."""
    if first_year and int(told[:4]) < first_year:
        return f"before {first_year}"
    if first_year and is_epoch(told):
        return "what programs write for no date"
    if is_at(told, fetched):
        return "when the page was fetched"
    today = (datetime.now(UTC) + _AHEAD).date().isoformat()
    # A year or a month is in the future once it has not begun.
    return "in the future" if told[:10] > today else None


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
    """The article; without `entries`, they are looked for in the text, as a live blog has them.

    An embargo that is over is none.
    """
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
        published_from=metadata.published_from,
        updated_from=metadata.updated_from,
        url=metadata.url,
        section=metadata.section,
        tags=_parted(metadata.tags or ""),
        entries=entries,
        pages=pages,
        visibility=_visibility(metadata),
        embargo=_embargo(metadata),
    )
    return Found(source.origin, article, source.part)


def _visibility(metadata: Metadata) -> Visibility:
    return next((each for each in VISIBILITIES if each == metadata.visibility), "public")


def _embargo(metadata: Metadata) -> str | None:
    """The embargo, unless it is over."""
    embargo = metadata.embargo
    return embargo if embargo and begun_everywhere(embargo) > datetime.now(UTC) else None


def _parted(names: str) -> tuple[str, ...]:
    """Names with commas between them, each once."""
    found = (" ".join(each.split()) for each in names.split(","))
    return tuple(dict.fromkeys(name for name in found if name))


def _one_line(value: object) -> str | None:
    """A value in one line, an object by its name; empty if there is none, None if it is no text."""
    if value is None:
        return ""
    if isinstance(value, str):
        return " ".join(encodable(value).replace("\0", "").split())
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, Number) and not isinstance(value, bool):
        return str(value)
    if isinstance(value, list):
        return _joined(value)
    if isinstance(value, Mapping) and isinstance(value.get("name"), str):
        return _one_line(value["name"])
    return None


def _has_object(value: object) -> bool:
    values = value if isinstance(value, list) else [value]
    return any(isinstance(each, Mapping) for each in values)


def _joined(values: list[object]) -> str | None:
    lines = [_one_line(value) if not isinstance(value, list) else None for value in values]
    known = [line for line in lines if line is not None]
    return ", ".join(line for line in known if line) if len(known) == len(lines) else None


def _oddity(name: str, key: str, value: object) -> str:
    """What is wrong with a value, and what comes of it."""
    told = encodable(str(value))[:80]
    if name == "visibility":
        known = ", ".join(VISIBILITIES)
        return f"{key}: {told!r} is none of {known}, so the article is hidden; write one of them"
    if name == "embargo":
        return f"{key}: {no_date(told)}, so the article is hidden; write it as {EXAMPLES}"
    if isinstance(value, list | dict | bool):
        return f"{key}: a {type(value).__name__} is ignored; write it as text"
    return f"{key}: {no_date(told)}; write it as {EXAMPLES}"


SUFFIX = ".meta.json"


def is_sidecar(path: PurePath) -> bool:
    """Whether the name is that of a sidecar."""
    return path.name.lower().endswith(SUFFIX)


def story_of(sidecar: Path) -> Path:
    """The story that a sidecar is about."""
    return sidecar.with_name(sidecar.name[: -len(SUFFIX)])


def sidecar_of(story: Path) -> Path:
    """Where the sidecar of a story is, if it has one."""
    return story.with_name(story.name + SUFFIX)


def read_sidecar(story: Source) -> ReadMetadata:
    """The metadata in the sidecar of `story`; empty if there is none; a remark if it is broken."""
    if story.part and story.sidecar is None:
        return ReadMetadata()
    origin, data = f"{story.origin}{SUFFIX}", b""
    try:
        data = read_bytes(sidecar_of(story.path)) if story.sidecar is None else story.sidecar
        values = json.loads(decode(data))
    except FileNotFoundError:
        return ReadMetadata()
    except UnreadableError as error:
        return _broken(origin, data, str(error))
    except (OSError, ValueError, RecursionError) as error:
        return _broken(origin, data, f"cannot be read as JSON: {error}")
    if not isinstance(values, dict):
        reason = 'holds no JSON object: write {"title": "…", "published": "…"}'
        return _broken(origin, data, reason)
    return read_metadata(values, origin, told_by="sidecar")


_SHARED = ("source", "author", "section")


def with_shared(article: Article, told: Metadata) -> Article:
    """One of several articles in a file, with what is told of them all.

    That is what it does not tell itself, and who may read it: the stricter counts.
    """
    if told == Metadata():
        return article
    lacking = {name: getattr(article, name) or getattr(told, name) for name in _SHARED}
    visibility = max((article.visibility, _visibility(told)), key=VISIBILITIES.index)
    embargoes = [each for each in (article.embargo, _embargo(told)) if each]
    return replace(
        article,
        **lacking,
        tags=article.tags or _parted(told.tags or ""),
        visibility=visibility,
        embargo=max(embargoes, key=begun_everywhere, default=None),
    )


def _broken(origin: str, data: bytes, reason: str) -> ReadMetadata:
    """A sidecar that seems to say who may read its story hides it."""
    plain = data.lower().replace(b"\0", b"")
    if any(key.encode() in plain for key in ACCESS):
        hidden = Remark(origin, f"sidecar {reason}; its story is hidden until that is fixed")
        return ReadMetadata(Metadata(visibility="hidden"), (hidden,))
    message = f"sidecar {reason}; its story is read without it"
    return ReadMetadata(remarks=(Remark(origin, message),))


@dataclass(frozen=True, slots=True)
class Story:
    """The text of an article; `told` is what its file tells of it, for `read_metadata`.

    `entries` are None where they have to be looked for in the text.
    """

    text: str
    told: Mapping[str, object]
    entries: tuple[Entry, ...] | None = None
    pages: tuple[Page, ...] = ()


def without_title(text: str, title: str | None) -> str:
    """The text without a first paragraph that is its title again, unless that is all of it.

    >>> without_title("Old bridge reopens\\n\\nIt opened on Friday.", "Old Bridge reopens")
    'It opened on Friday.'
    """
    first, _, rest = text.partition("\n\n")
    is_title = title is not None and " ".join(first.split()).casefold() == title.casefold()
    return rest.lstrip() if is_title and has_words(rest) else text


def read_story(
    source: Source, extract: Callable[[bytes], Story], most: int = MOST_BYTES
) -> Iterator[Finding]:
    """The article that `extract` finds. Raises UnreadableError, as `extract` does, and OSError."""
    data = source.content(most)
    try:
        story = extract(data)
    except RecursionError as error:
        raise UnreadableError("nests its parts too deep: save its text instead") from error
    yield from found_story(source, story)


def found_story(source: Source, story: Story) -> Iterator[Finding]:
    """The article, and what is odd about its metadata; its sidecar counts more than its file.

    Raises UnreadableError if it holds no words.
    """
    if not has_words(story.text):
        raise UnreadableError("holds no words: save its text instead")
    own = read_metadata(story.told, source.origin, FIRST_YEAR, told_by="document")
    sidecar = read_sidecar(source)
    yield from (*own.remarks, *sidecar.remarks)
    metadata = merge(own.metadata, sidecar.metadata)
    text = story.text if story.text.isascii() else encodable(story.text)
    if not story.entries and not story.pages:
        text = without_title(text, metadata.title)
    yield found_article(source, text, metadata, story.entries, story.pages)
