"""WARC, what crawlers keep: the article of each page; warcio reads it, where that is installed."""

import logging
from collections.abc import Generator, Iterator
from dataclasses import dataclass, replace
from typing import Any, BinaryIO

from index.errors import printable
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

# Behind a damaged record the next one is looked for, so often: a file may be no WARC at all.
_MOST_FAULTS = 20
_GZIP, _BEGINS = b"\x1f\x8b\x08", b"WARC/1."
_READ = 1 << 20
_LONGEST_REASON = 100
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
        told: set[int] = set()
        start: int | None = 0
        with source.open() as file:
            for _ in range(_MOST_FAULTS):
                if start is None:
                    return
                file.seek(start)
                fault = yield from _read_on(source, ArchiveIterator(file), captured)
                if fault and len(captured) not in told:
                    told.add(len(captured))
                    yield Unreadable(
                        source.origin, _damage(len(captured), fault.error), source.part
                    )
                start = _next_record(file, fault.offset + 1) if fault else None


@dataclass(frozen=True, slots=True)
class _Fault:
    """What keeps a record from being read, and the byte at which that begins."""

    error: Exception
    offset: int


def _read_on(
    source: Source, records: Any, captured: set[str]
) -> Generator[Finding, None, _Fault | None]:
    """The articles up to the end, or to a record that is damaged, which is returned."""
    # Else it writes what a file holds to standard error.
    records.INC_RECORD = ""
    try:
        for record in records:
            yield from _read_record(source, record, captured)
    except OSError:
        raise
    except Exception as error:  # a broken file can make the parser raise anything
        return _Fault(error, records.offset)
    if records.err_count:
        yield Remark(source.origin, _too_long(records.err_count))
    return None


def _next_record(file: BinaryIO, start: int) -> int | None:
    """Where a record may begin from this byte on, or None."""
    file.seek(0)
    mark = _GZIP if file.read(2) == _GZIP[:2] else _BEGINS
    file.seek(start)
    before = b""
    while read := file.read(_READ):
        held = before + read
        found = held.find(mark)
        if found >= 0:
            return file.tell() - len(held) + found
        before = held[1 - len(mark) :]
    return None


def _damage(pages: int, error: Exception) -> str:
    reason = printable(" ".join(str(error).split()))[:_LONGEST_REASON] or type(error).__name__
    return f"is damaged as WARC after {pages} pages ({reason}): write it again"


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


def _too_long(count: int) -> str:
    records = (
        "1 record is longer than it says"
        if count == 1
        else f"{count} records are longer than they say"
    )
    return f"{records}: the rest is left out; write the file again"


def _part(source: Source, address: str) -> str:
    return f"{source.part}#{address}" if source.part else address


READS = dict.fromkeys((".warc", ".warc.gz"), WarcReader())
