"""What a feed or a sitemap lists: pages to fetch, or articles whole."""

import gzip
import hashlib
import json
import random
import re
import zlib
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from io import BytesIO
from urllib.parse import urljoin

from index.dates import is_at, read_date_or_part
from index.fetch.http import Fetched
from index.readers.base import MOST_BYTES, TOO_LONG, UnreadableError
from index.readers.feeds.feed import feed_items, is_article, values_of
from index.readers.feeds.item import has_whole_text
from index.readers.metadata import DATES, KEYS
from index.readers.records.json_file import read_export
from index.readers.records.record import is_hidden
from index.readers.walk import text_suffix
from index.readers.xml import Element, local_name, stream_xml, text_in

_SITEMAP = re.compile(rb"<(?:urlset|sitemapindex)[\s>]")
_HEAD = 4096
_GZIP = b"\x1f\x8b"
# In a sitemap for news, by the keys of a record.
_NEWS = {
    "title": "{*}news/{*}title",
    "published": "{*}news/{*}publication_date",
    "source": "{*}news/{*}publication/{*}name",
    "keywords": "{*}news/{*}keywords",
}
# What a record in JSON is known by if it has no address, the surest first.
_IDENTITIES = ("identity", *KEYS["id"])
_DATED = frozenset(key for name in DATES for key in KEYS[name])


@dataclass(frozen=True, slots=True)
class Link:
    """An article at an address, and what its list tells of it, by the keys of a record.

    Without the article's text unless it `is_whole`. `changed` is when the page last did, if known.
    """

    url: str
    record: Mapping[str, object]
    is_whole: bool = False
    changed: str = ""

    @property
    def mark(self) -> str:
        """Another one once the list tells anything else of it."""
        return _digest([self.record, self.changed])


@dataclass(frozen=True, slots=True)
class Listing:
    """What is listed, the newest first as far as that is known; `sitemaps` list more."""

    links: tuple[Link, ...] = ()
    sitemaps: tuple[Link, ...] = ()


def read_listing(fetched: Fetched) -> Listing | None:
    """What a feed, a sitemap or JSON with articles lists; None for anything else.

    Raises UnreadableError if it cannot be read.
    """
    body = _unpacked(fetched.body)
    if _SITEMAP.search(body[:_HEAD]):
        return _sitemap(body, fetched.url)
    suffix = text_suffix(BytesIO(body))
    if suffix == ".xml":
        return Listing(_undated(_feed(body, fetched.url)))
    if suffix == ".json":
        return Listing(_undated(_json(body, fetched.url)))
    return None


def _undated(links: Iterable[Link]) -> tuple[Link, ...]:
    """Without the dates that several have, if that is now: a program dates its items so."""
    links, now = tuple(links), datetime.now(UTC).isoformat()
    # A new article is often published and updated at the same moment: that counts once.
    dates = Counter(
        date
        for link in links
        for date in {str(link.record[key]) for key in _DATED & link.record.keys()}
    )
    stamps = {
        date
        for date, count in dates.items()
        if count > 1 and is_at(read_date_or_part(date) or "", now)
    }
    return tuple(_without(link, stamps) for link in links) if stamps else links


def _without(link: Link, stamps: Collection[str]) -> Link:
    told = link.record.items()
    record = {key: value for key, value in told if key not in _DATED or str(value) not in stamps}
    return replace(link, record=record)


def _unpacked(body: bytes) -> bytes:
    """Sitemaps are often files of gzip."""
    if not body.startswith(_GZIP):
        return body
    try:
        unpacked = gzip.GzipFile(fileobj=BytesIO(body)).read(MOST_BYTES + 1)
    except (EOFError, zlib.error, gzip.BadGzipFile) as error:
        raise UnreadableError(f"is damaged as gzip ({error})") from error
    if len(unpacked) > MOST_BYTES:
        raise UnreadableError(f"is {TOO_LONG}")
    return unpacked


def _sitemap(body: bytes, base: str) -> Listing:
    pages, sitemaps = list[Link](), list[Link]()
    for element in stream_xml(BytesIO(body), ("{*}url", "{*}sitemap")):
        address = text_in(element.find("{*}loc"))
        if address:
            links = sitemaps if local_name(element) == "sitemap" else pages
            links.append(_listed(_joined(base, address), element))
    # Of those that do not tell, others come first each time.
    random.shuffle(sitemaps)
    return Listing(_newest_first(pages), _newest_first(sitemaps))


def _newest_first(links: list[Link]) -> tuple[Link, ...]:
    return tuple(sorted(links, key=lambda link: link.changed, reverse=True))


def _listed(url: str, element: Element) -> Link:
    told = {name: text_in(element.find(path)) for name, path in _NEWS.items()}
    record = {name: value for name, value in told.items() if value}
    changed = text_in(element.find("{*}lastmod")) or record.get("published", "")
    return Link(url, record, changed=changed)


def _feed(body: bytes, base: str) -> Iterator[Link]:
    for item, head in feed_items(BytesIO(body)):
        if not is_article(item):
            continue
        values = values_of(item, head)
        # Of a hidden one nothing more is asked for.
        is_whole = has_whole_text(item) or is_hidden(values)
        yield _link(values, item.text("guid", "id"), base, is_whole=is_whole)


def _json(body: bytes, base: str) -> Iterator[Link]:
    export = read_export(body)
    for record in export.records:
        if isinstance(record, dict):
            values = dict(export.values(record))
            identity = next((values[key] for key in _IDENTITIES if values.get(key)), "")
            is_whole = export.is_whole(record) or is_hidden(values)
            yield _link(values, str(identity), base, is_whole=is_whole)


def _link(values: dict[str, object], identity: str, base: str, *, is_whole: bool) -> Link:
    """An item without an address of its own is all that there is of it."""
    address = str(values.get("url") or "")
    if address and not is_whole:
        # Not the article's text, but what stands in front of a link to it.
        values.pop("html", None)
    # Without an identity either, it is known by what it says.
    url = _joined(base, address or f"#{identity or _digest(values)}")
    told = {name: value for name, value in values.items() if value} | {"url": url}
    return Link(url, told, is_whole=is_whole or not address)


def _digest(told: object) -> str:
    written = json.dumps(told, sort_keys=True, default=str)
    return hashlib.sha256(written.encode()).hexdigest()[:16]


def _joined(base: str, address: str) -> str:
    """The address in full; as it is if it is none, so that fetching it tells."""
    try:
        return urljoin(base, address)
    except ValueError:
        return address
