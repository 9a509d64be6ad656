"""JSONL, one article a line, in BEIR's form or with an article's own keys; gzipped or not."""

import codecs
import gzip
import hashlib
import json
import zlib
from collections.abc import Iterator
from io import BufferedReader

from index.readers.base import (
    MOST_BYTES,
    TOO_LONG,
    WIDE_MARKS,
    Finding,
    Remark,
    Source,
    Unreadable,
    UnreadableError,
    encodable,
    has_words,
    origin_of,
    plain_lines,
)
from index.readers.metadata import Metadata, found_article, read_metadata

_EXAMPLE = '{"_id": "…", "title": "…", "text": "…"}'


class JsonlReader:
    """Reads `.jsonl` and `.jsonl.gz` line by line: a file of any length fits in memory.

    A line may be 20 MB long, unpacked.
    """

    def read(self, source: Source) -> Iterator[Finding]:
        """Each line's article; a line that cannot be read is named and skipped.

        Raises UnreadableError and OSError where no line after it can be read.
        """
        origin = origin_of(source.path)
        number = 0
        try:
            with _open(source) as lines:
                for number, line in enumerate(_lines(lines), start=1):
                    if len(line) > MOST_BYTES:
                        reason = f"is {TOO_LONG}: cut its article in parts"
                        yield Unreadable(f"{origin} line {number}", reason)
                        continue
                    if number == 1 and line.startswith(WIDE_MARKS):
                        raise UnreadableError("is UTF-16: save it as UTF-8")
                    yield from _read_line(source, number, line)
        except (EOFError, zlib.error, gzip.BadGzipFile) as error:
            raise UnreadableError(
                f"is damaged as gzip after line {number} ({error}): compress it again"
            ) from error


def _open(source: Source) -> gzip.GzipFile | BufferedReader:
    if source.path.name.lower().endswith(".gz"):
        return gzip.GzipFile(source.path)
    return source.path.open("rb")


def _lines(file: gzip.GzipFile | BufferedReader) -> Iterator[bytes]:
    """Lines; of one that is too long the beginning, one byte more than is allowed."""
    while line := file.readline(MOST_BYTES + 1):
        yield line
        while len(line) > MOST_BYTES and not line.endswith(b"\n"):
            line = file.readline(MOST_BYTES + 1)


def _read_line(source: Source, number: int, line: bytes) -> Iterator[Finding]:
    origin = f"{origin_of(source.path)} line {number}"
    line = line.removeprefix(codecs.BOM_UTF8) if number == 1 else line
    if not line.strip():
        return
    try:
        values = json.loads(line.decode())
    except UnicodeDecodeError as error:
        reason = f"is not UTF-8 at byte {error.start} of the line: save the file as UTF-8"
        yield Unreadable(origin, reason)
        return
    except (ValueError, RecursionError) as error:
        yield Unreadable(origin, f"is not JSON ({_fault(error)}): write {_EXAMPLE}")
        return
    if not isinstance(values, dict):
        yield Unreadable(origin, f"is a JSON {_kind(values)}, not an object: write {_EXAMPLE}")
        return
    yield from _read_object(source, origin, values)


def _read_object(source: Source, origin: str, values: dict[str, object]) -> Iterator[Finding]:
    text = values.get("text")
    if not isinstance(text, str | None):
        yield Unreadable(origin, f"has a {_kind(text)} as text: write it as a string")
        return
    if text is None or not has_words(text):
        yield Unreadable(origin, f"has no text: write {_EXAMPLE}")
        return
    if "\0" in text:
        yield Remark(origin, f"has {text.count(chr(0))} NUL characters in its text: left out")
    read = read_metadata(values, origin)
    yield from read.remarks
    text = encodable(plain_lines(text.replace("\0", "")))
    name = read.metadata.id or _derived_id(source, read.metadata, text)
    yield found_article(f"{origin_of(source.path)}#{name}", name, text, read.metadata)


def _derived_id(source: Source, metadata: Metadata, text: str) -> str:
    """The same id for the same article in every run: `<file stem>-<8 hex digits>`."""
    stem = source.name.rsplit("/", 1)[-1]
    identity = metadata.url or (metadata.title or "") + text
    return f"{stem}-{hashlib.sha256(identity.encode()).hexdigest()[:8]}"


def _fault(error: Exception) -> str:
    """Without the decoder's own line number, which is 1 on every line."""
    if isinstance(error, json.JSONDecodeError):
        return f"{error.msg} at character {error.pos}"
    return str(error)


def _kind(value: object) -> str:
    kinds = {list: "list", str: "string", dict: "object", bool: "truth value", type(None): "null"}
    return kinds.get(type(value), "number")


READS = dict.fromkeys((".jsonl", ".ndjson", ".jsonl.gz", ".ndjson.gz"), JsonlReader())
