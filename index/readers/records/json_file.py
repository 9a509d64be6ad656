"""A JSON file: one article, a list of them, a JSON Feed, or what WordPress or Ghost export."""

import json
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any

from index.article import DateOrigin
from index.readers.base import (
    MOST_OF_MANY,
    Finding,
    Remark,
    Source,
    Unreadable,
    UnreadableError,
    decode,
)
from index.readers.metadata import FIRST_YEAR
from index.readers.records.record import EXAMPLE, hidden, kind, read_record
from index.readers.shown import shown_text

Json = Mapping[str, Any]
# Keys of an article: a list beside one holds its authors or tags, no other articles.
_OF_RECORDS = ("_id", "text", "html")


def _for_all(record: Json) -> None:
    """Nothing hides it."""


def _as_a_whole(record: Json) -> bool:
    """It has all of its text."""
    return True


@dataclass(frozen=True, slots=True)
class Export:
    """The records of an export; `read` gives each with our keys.

    `why_hidden` says why nobody may read one, or None; `is_whole`, whether one has all its text.
    """

    records: list[Any]
    read: Callable[[Json], Json]
    why_hidden: Callable[[Json], str | None] = _for_all
    dates_from: DateOrigin = "record"
    is_whole: Callable[[Json], bool] = _as_a_whole

    def values(self, record: Json) -> Json:
        """A record with our keys, hidden if it has to be."""
        values = self.read(record)
        return hidden(values) if self.why_hidden(record) else values


class JsonReader:
    """Reads `.json`, whatever wrote it, by what it holds."""

    def read(self, source: Source) -> Iterator[Finding]:
        """Each article; a record that cannot be read is named and skipped."""
        export = read_export(source.content(MOST_OF_MANY))
        for number, record in enumerate(export.records, start=1):
            yield from _read(source, f"{source.origin} item {number}", record, export)


def read_export(data: bytes) -> Export:
    """The records in JSON, whatever wrote it. Raises UnreadableError if it is none."""
    text = decode(data)
    try:
        return _export(json.loads(text))
    except (ValueError, RecursionError) as error:
        raise UnreadableError(f"is not JSON ({error}): write {EXAMPLE}") from error


def _read(source: Source, origin: str, record: object, export: Export) -> Iterator[Finding]:
    if not isinstance(record, dict):
        reason = f"is a JSON {kind(record)}, not an object: write {EXAMPLE}"
        yield Unreadable(origin, reason, source.part)
        return
    values, why_hidden = export.values(record), export.why_hidden(record)
    if why_hidden:
        yield Remark(origin, f"{why_hidden}: hidden")
    identity = values.get("identity")
    named = identity and str(identity)
    yield from read_record(source, origin, values, named, FIRST_YEAR, export.dates_from)


def _export(found: Any) -> Export:
    if isinstance(found, list):
        if _is_rest(found):
            return Export(found, _rest_post, _why_rest_hidden)
        return Export(found, _as_it_is)
    if not isinstance(found, dict):
        return Export([found], _as_it_is)
    if str(found.get("version", "")).startswith("https://jsonfeed.org/"):
        items = _list(found.get("items"))
        read = partial(_feed_item, feed=found)
        return Export(items, read, dates_from="feed", is_whole=_is_whole_item)
    ghost = _ghost_data(found)
    if ghost:
        authors = _ghost_names(ghost, "users", "posts_authors", "author_id")
        tags = _ghost_names(ghost, "tags", "posts_tags", "tag_id")
        posts = _list(ghost.get("posts"))
        settings = {each.get("key"): each.get("value") for each in _objects(ghost.get("settings"))}
        site = {"source": settings.get("title")}
        return Export(
            posts, lambda post: {**site, **_ghost_post(post, authors, tags)}, _why_ghost_hidden
        )
    lists = [value for value in found.values() if _holds_objects(value)]
    is_record = any(key in found for key in _OF_RECORDS)
    # An object around one list of records, as many an API answers.
    return Export(lists[0] if len(lists) == 1 and not is_record else [found], _as_it_is)


def _as_it_is(record: Json) -> Json:
    return record


def _holds_objects(value: object) -> bool:
    return isinstance(value, list) and bool(value) and all(isinstance(one, dict) for one in value)


def _feed_item(item: Json, feed: Json) -> Json:
    """An item of a JSON Feed, version 1 or 1.1."""
    told = (_list(each.get("authors")) or [each.get("author")] for each in (item, feed))
    names = ([name for one in each if (name := _object(one).get("name"))] for each in told)
    return {
        "identity": item.get("id"),
        "title": item.get("title"),
        "text": item.get("content_text"),
        "html": item.get("content_html") or item.get("summary"),
        "url": item.get("url") or item.get("external_url"),
        "published": item.get("date_published"),
        "updated": item.get("date_modified"),
        "author": next(filter(None, names), None),
        "source": feed.get("title"),
        "tags": item.get("tags"),
    }


def _is_whole_item(item: Json) -> bool:
    """Whether it has its article's text, and not only a summary in front of a link to it."""
    return bool(item.get("content_text") or item.get("content_html"))


def _is_rest(found: list[Any]) -> bool:
    first = found[0] if found else None
    content = first.get("content") if isinstance(first, dict) else None
    return isinstance(content, dict) and "rendered" in content


def _why_rest_hidden(post: Json) -> str | None:
    if post.get("status", "publish") != "publish":
        return f"has the status {post['status']!r}, so it is not published"
    is_locked = _object(post.get("content")).get("protected")
    return "is protected by a password" if is_locked else None


def _rest_post(post: Json) -> Json:
    """A post as the REST API of WordPress gives it; its times are in UTC and do not say so.

    Names are in it where they were asked for, with `_embed`.
    """
    embedded = _object(post.get("_embedded"))
    terms = [each for terms in _list(embedded.get("wp:term")) for each in _objects(terms)]
    return {
        "identity": post.get("link") or post.get("id"),
        "title": shown_text(str(_object(post.get("title")).get("rendered") or "")),
        "html": _object(post.get("content")).get("rendered"),
        "url": post.get("link"),
        "published": _utc(post.get("date_gmt")),
        "updated": _utc(post.get("modified_gmt")),
        "author": [each.get("name") for each in _objects(embedded.get("author"))],
        "section": [each.get("name") for each in terms if each.get("taxonomy") == "category"],
        "tags": [each.get("name") for each in terms if each.get("taxonomy") == "post_tag"],
    }


def _ghost_data(found: Json) -> Json:
    """The data of a Ghost export, or an empty object."""
    inside = _object(next(iter(_list(found.get("db"))), found))
    data = _object(inside.get("data"))
    return data if "posts" in data else {}


_Names = Mapping[str, list[str]]


def _ghost_names(data: Json, table: str, links: str, key: str) -> _Names:
    """The id of a post -> the names that links with this key lead to in a table, in their order."""
    names = {str(each.get("id")): each.get("name") for each in _objects(data.get(table))}
    found = defaultdict[str, list[str]](list)
    for link in sorted(_objects(data.get(links)), key=_sort_order):
        if name := names.get(str(link.get(key))):
            found[str(link.get("post_id"))].append(name)
    return found


def _sort_order(link: Json) -> int:
    order = link.get("sort_order")
    return order if isinstance(order, int) else 0


def _why_ghost_hidden(post: Json) -> str | None:
    status = post.get("status")
    return None if status == "published" else f"has the status {status!r}, so it is not published"


def _ghost_post(post: Json, authors: _Names, tags: _Names) -> Json:
    return {
        "identity": post.get("slug") or post.get("id"),
        "title": post.get("title"),
        "html": post.get("html"),
        "text": None if post.get("html") else post.get("plaintext"),
        "url": post.get("canonical_url"),
        "published": post.get("published_at"),
        "updated": post.get("updated_at"),
        "author": authors.get(str(post.get("id"))),
        # Whoever else it names, all of the site's members or those who pay.
        "visibility": "public" if post.get("visibility") in (None, "public") else "members",
        "tags": tags.get(str(post.get("id"))),
    }


def _utc(moment: object) -> object:
    return f"{moment}Z" if isinstance(moment, str) and moment else None


def _object(value: object) -> Json:
    return value if isinstance(value, dict) else {}


def _objects(value: object) -> list[Json]:
    return [each for each in _list(value) if isinstance(each, dict)]


def _list(value: object) -> list[Any]:
    return value if isinstance(value, list) else []


READS = {".json": JsonReader()}
