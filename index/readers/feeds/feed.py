"""RSS, Atom and RDF feeds, one article an item.

Read as XML, not by a library for feeds: those take CEST for UTC and 30 February for 2 March, and
keep but the last of several authors. The export of WordPress is such a feed.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import BinaryIO, Self

from index.readers.base import Finding, Remark, Source, UnreadableError
from index.readers.feeds.item import ITEMS, Item, authors_of, categories_of, item_of, read_item
from index.readers.metadata import FIRST_YEAR
from index.readers.records.record import hidden, read_record
from index.readers.xml import Element, stream_xml

# Menus, pictures and settings are exported as posts as well.
_ARTICLES = frozenset(("post", "page"))
_UNKNOWN_TIME = "0000-00-00 00:00:00"
# What the site puts in the place of these, mostly pictures, is not in the export.
_SHORTCODE = re.compile(r"\[/?(?:caption|gallery|embed|audio|video|playlist)\b[^\]]*\]")
_HAS_BLOCKS = re.compile(r"<p[\s>]|<!-- wp:", re.IGNORECASE)
_BLANK_LINES = re.compile(r"\n\s*\n")


@dataclass(frozen=True, slots=True)
class WordPress:
    """The names of authors, by the logins that posts tell."""

    names: Mapping[str, str]

    @classmethod
    def of(cls, head: Item) -> Self:
        """What the head of an export tells."""
        authors = [item_of(author) for author in head.elements.get("wp:author", ())]
        return cls({a.text("wp:author_login"): a.text("wp:author_display_name") for a in authors})


def is_post(item: Item) -> bool:
    """Whether an export of WordPress calls it a post, of whatever type."""
    return "wp:post_type" in item.elements


def is_article(item: Item) -> bool:
    """Whether it is a post or a page, or no item of WordPress."""
    return not is_post(item) or item.text("wp:post_type") in _ARTICLES


def why_hidden(item: Item) -> str | None:
    """Why nobody may read it, or None."""
    if not is_post(item):
        return None
    status = item.text("wp:status")
    if status != "publish":
        return f"has the status {status!r}, so it is not published"
    return "is protected by a password" if item.text("wp:post_password") else None


def read_post(item: Item, values: Mapping[str, object], site: WordPress) -> dict[str, object]:
    """What a post tells otherwise than the item of a feed, with `values`, does."""
    login = item.text("dc:creator")
    return {
        "html": _paragraphs(_SHORTCODE.sub("\n\n", str(values["html"]))),
        "publish_date": _moment(item, "wp:post_date_gmt") or values["publish_date"],
        "updated": _moment(item, "wp:post_modified_gmt"),
        "author": site.names.get(login) or login,
        "section": categories_of(item, "category"),
        "tags": categories_of(item, "post_tag"),
    }


def _moment(item: Item, name: str) -> str:
    """A time, which WordPress keeps in UTC without saying so."""
    moment = item.text(name)
    return f"{moment}Z" if moment and moment != _UNKNOWN_TIME else ""


def _paragraphs(html: str) -> str:
    """The editor of old leaves paragraphs as blank lines, which the site makes into elements."""
    if _HAS_BLOCKS.search(html):
        # A post may be half of the one and half of the other.
        return "<p>".join(_BLANK_LINES.split(html))
    return "".join(
        "<p>" + block.strip().replace("\n", "<br>") for block in _BLANK_LINES.split(html)
    )


@dataclass(frozen=True, slots=True)
class Head:
    """What a feed tells of all its items."""

    title: str
    authors: list[str]
    wordpress: WordPress


class FeedReader:
    """Reads `.xml`, `.rss` and `.atom` item by item: an export of any length fits in memory."""

    def read(self, source: Source) -> Iterator[Finding]:
        """Each item's article; one that cannot be read is named and skipped."""
        number = 0
        try:
            with source.open() as file:
                for number, (item, head) in enumerate(feed_items(file), start=1):
                    yield from _read(source, f"{source.origin} item {number}", item, head)
        except UnreadableError as error:
            read = f"; {number} items before that were read" if number else ""
            raise UnreadableError(f"{error}{read}") from error
        if not number:
            raise UnreadableError(
                "holds no items of a feed: RSS, Atom and exports of WordPress are read; "
                "name the address of a sitemap to `python -m index watch`"
            )


def feed_items(file: BinaryIO) -> Iterator[tuple[Item, Head]]:
    """The items of a feed. Raises UnreadableError where it cannot be read on."""
    head = None
    for element in stream_xml(file, ITEMS):
        head = head or _head(element.getparent())
        yield item_of(element), head


def values_of(item: Item, head: Head) -> dict[str, object]:
    """What an item and its feed tell of it, by the keys of a record; hidden if it has to be."""
    values = read_item(item) | {"source": head.title}
    values["author"] = values["author"] or head.authors
    if is_post(item):
        values |= read_post(item, values, head.wordpress)
    return hidden(values) if why_hidden(item) else values


def _head(around: Element) -> Head:
    head = item_of(around)
    if "channel" in head.elements:
        # In RDF the items stand beside the channel.
        head = item_of(head.elements["channel"][0])
    return Head(head.text("title"), authors_of(head), WordPress.of(head))


def _read(source: Source, origin: str, item: Item, head: Head) -> Iterator[Finding]:
    if not is_article(item):
        return
    reason = why_hidden(item)
    if reason:
        yield Remark(origin, f"{reason}: hidden")
    identity = item.text("guid", "id", "link")
    yield from read_record(source, origin, values_of(item, head), identity, FIRST_YEAR, "feed")


READS = dict.fromkeys((".xml", ".rss", ".atom"), FeedReader())
