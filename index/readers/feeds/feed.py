"""RSS, Atom and RDF feeds, one article an item.

Read as XML, not by a library for feeds: those take CEST for UTC and 30 February for 2 March, and
keep the last of several authors.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import BinaryIO

from index.readers.base import Finding, Remark, Source, UnreadableError
from index.readers.feeds.item import ITEMS, Item, author_of, item_of, read_item
from index.readers.feeds.wordpress import WordPress, is_article, is_post, read_post, why_hidden
from index.readers.metadata import FIRST_YEAR
from index.readers.records.record import hidden, read_record
from index.readers.xml import Element, stream_xml


@dataclass(frozen=True, slots=True)
class Head:
    """What a feed tells of all its items."""

    title: str
    author: str
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
                "holds no items of a feed: RSS, Atom and exports of WordPress are read"
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
    values["author"] = values["author"] or head.author
    if is_post(item):
        values |= read_post(item, values, head.wordpress)
    return hidden(values) if why_hidden(item) else values


def _head(around: Element) -> Head:
    head = item_of(around)
    if "channel" in head.elements:
        # In RDF the items stand beside the channel.
        head = item_of(head.elements["channel"][0])
    return Head(head.text("title"), author_of(head), WordPress.of(head))


def _read(source: Source, origin: str, item: Item, head: Head) -> Iterator[Finding]:
    if not is_article(item):
        return
    reason = why_hidden(item)
    if reason:
        yield Remark(origin, f"{reason}: hidden")
    identity = item.text("guid", "id", "link")
    yield from read_record(source, origin, values_of(item, head), identity, FIRST_YEAR)


READS = dict.fromkeys((".xml", ".rss", ".atom"), FeedReader())
