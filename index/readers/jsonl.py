"""JSONL, one article a line, in BEIR's form or with an article's own keys; gzipped or not."""

import codecs
import gzip
import json
import zlib
from collections.abc import Iterator
from io import BytesIO
from typing import BinaryIO

from index.readers.base import (
    MOST_BYTES,
    TOO_LONG,
    WIDE_MARKS,
    Finding,
    Source,
    Unreadable,
    UnreadableError,
)
from index.readers.records.record import EXAMPLE, kind, read_record


class JsonlReader:
    """Reads `.jsonl` and `.jsonl.gz` line by line: a file of any length fits in memory.

    A line may be 20 MB long, unpacked.
    """

    def read(self, source: Source) -> Iterator[Finding]:
        """Each line's article; a line that cannot be read is named and skipped.

        Raises UnreadableError and OSError where no line after it can be read.
        """
        origin, part = source.origin, source.part
        number = 0
        try:
            with _open(source) as lines:
                for number, line in enumerate(_lines(lines), start=1):
                    if len(line) > MOST_BYTES:
                        reason = f"is {TOO_LONG}: cut its article in parts"
                        yield Unreadable(f"{origin} line {number}", reason, part)
                        continue
                    if number == 1 and line.startswith(WIDE_MARKS):
                        raise UnreadableError("is UTF-16: save it as UTF-8")
                    yield from _read_line(source, number, line)
        except (EOFError, zlib.error, gzip.BadGzipFile) as error:
            raise UnreadableError(
                f"is damaged as gzip after line {number} ({error}): compress it again"
            ) from error


def _open(source: Source) -> BinaryIO | gzip.GzipFile:
    if not (source.part or source.path.name).lower().endswith(".gz"):
        return source.open()
    if source.data is None:
        return gzip.GzipFile(source.path)
    return gzip.GzipFile(fileobj=BytesIO(source.data))


def _lines(file: BinaryIO | gzip.GzipFile) -> Iterator[bytes]:
    """Lines; of one that is too long the beginning, one byte more than is allowed."""
    while line := file.readline(MOST_BYTES + 1):
        yield line
        while len(line) > MOST_BYTES and not line.endswith(b"\n"):
            line = file.readline(MOST_BYTES + 1)


def _read_line(source: Source, number: int, line: bytes) -> Iterator[Finding]:
    origin = f"{source.origin} line {number}"
    line = line.removeprefix(codecs.BOM_UTF8) if number == 1 else line
    if not line.strip():
        return
    try:
        values = json.loads(line.decode())
    except UnicodeDecodeError as error:
        reason = f"is not UTF-8 at byte {error.start} of the line: save the file as UTF-8"
        yield Unreadable(origin, reason, source.part)
        return
    except (ValueError, RecursionError) as error:
        yield Unreadable(origin, f"is not JSON ({_fault(error)}): write {EXAMPLE}", source.part)
        return
    if not isinstance(values, dict):
        reason = f"is a JSON {kind(values)}, not an object: write {EXAMPLE}"
        yield Unreadable(origin, reason, source.part)
        return
    yield from read_record(source, origin, values)


def _fault(error: Exception) -> str:
    """Without the decoder's own line number, which is 1 on every line."""
    if isinstance(error, json.JSONDecodeError):
        return f"{error.msg} at character {error.pos}"
    return str(error)


READS = dict.fromkeys((".jsonl", ".ndjson", ".jsonl.gz", ".ndjson.gz"), JsonlReader())
