"""WARC, what crawlers keep: the article of each page; warcio reads it, where that is installed."""

import logging
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from index.readers.base import (
    MOST_BYTES,
    TOO_LONG,
    Finding,
    Remark,
    Source,
    Unreadable,
    UnreadableError,
    missing,
)
from index.readers.html import read_page
from index.readers.metadata import FETCHED_AT, Story, found_story

# It logs what it mends, with bytes of the file that a terminal would obey.
logging.getLogger("warcio").setLevel(logging.CRITICAL)

_KINDS = frozenset(("response", "resource"))
_HTML = ("text/html", "application/xhtml+xml")


class WarcReader:
    """Reads `.warc` and `.warc.gz` record by record: a file of any length fits in memory."""

    def read(self, source: Source) -> Iterator[Finding]:
        """The article of each page that was there; what is no page is skipped."""
        try:
            from warcio.archiveiterator import ArchiveIterator
        except ImportError as error:
            raise UnreadableError(missing("warcio")) from error
        captured: set[str] = set()
        try:
            with source.open() as file:
                records = ArchiveIterator(file)
                # Else it writes what a file holds to standard error.
                records.INC_RECORD = ""
                for record in records:
                    yield from _read_record(source, record, captured)
                if records.err_count:
                    yield Remark(source.origin, _told(records.err_count))
        except OSError:
            raise
        except Exception as error:  # a broken file can make the parser raise anything
            reason = " ".join(str(error).split()) or type(error).__name__
            told = f"is damaged as WARC after {len(captured)} pages ({reason}): write it again"
            raise UnreadableError(told) from error


def _read_record(source: Source, record: Any, captured: set[str]) -> Iterator[Finding]:
    address = record.rec_headers.get_header("WARC-Target-URI")
    if not address or not _is_page(record):
        return
    name, part = source.derived_name(address), _part(source, address)
    page = replace(source, name=name, part=part, sidecar=None)
    if address in captured:
        yield Remark(page.origin, "is there more than once: its first capture is read")
        return
    captured.add(address)
    data = record.content_stream().read(MOST_BYTES + 1)
    if len(data) > MOST_BYTES:
        yield Unreadable(page.origin, f"is {TOO_LONG}: left out", page.part)
        return
    found = read_page(data, address)
    if found is None:
        yield Unreadable(page.origin, "holds no article that can be found: left out", page.part)
        return
    told = {**found.metadata, FETCHED_AT: record.rec_headers.get_header("WARC-Date")}
    yield from found_story(page, Story(found.text, told, found.entries))


def _is_page(record: Any) -> bool:
    """Whether a record is a page that a server answered with, and not a redirect or an error."""
    if record.rec_type not in _KINDS:
        return False
    headers = record.http_headers
    if headers is not None and headers.get_statuscode() != "200":
        return False
    kind = (headers or record.rec_headers).get_header("Content-Type", "")
    return kind.split(";")[0].strip().lower() in _HTML


def _told(count: int) -> str:
    records = (
        "1 record is longer than it says"
        if count == 1
        else f"{count} records are longer than they say"
    )
    return f"{records}: the rest is left out; write the file again"


def _part(source: Source, address: str) -> str:
    return f"{source.part}#{address}" if source.part else address


READS = dict.fromkeys((".warc", ".warc.gz"), WarcReader())
