"""What every reader needs: decoding a file, and the types of what it finds."""

import codecs
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from index.article import Article

# Of an article, which is a file or a line. Longer ones are no articles, and would take minutes.
MOST_BYTES = 20_000_000
TOO_LONG = f"longer than {MOST_BYTES / 1e6:.0f} MB"
WIDE_MARKS = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)

_SURROGATE = re.compile(r"[\ud800-\udfff]")


class UnreadableError(ValueError):
    """What keeps a file from being read, with the remedy; it becomes a line of the report."""


def read_text(path: Path) -> str:
    """The text of a file, with `\\n` line ends and no blank space around it.

    UTF-8 with or without a byte order mark, or UTF-16 with one. Raises UnreadableError, which
    says what to do, if it is neither, is binary or holds no words; OSError as `open` does.
    """
    text = plain_lines(decode(read_bytes(path))).strip()
    if not has_words(text):
        raise UnreadableError("holds no words: write its text or remove the file")
    return text


def read_bytes(path: Path) -> bytes:
    """A file whole. Raises UnreadableError if it is no regular file or longer than MOST_BYTES."""
    if path.exists() and not path.is_file():
        # A pipe would be waited for, a device read for ever.
        raise UnreadableError("is not a regular file: replace it with a copy of the text")
    with path.open("rb") as file:
        data = file.read(MOST_BYTES + 1)
    if len(data) > MOST_BYTES:
        raise UnreadableError(f"is {TOO_LONG}: cut it into files")
    return data


def decode(data: bytes) -> str:
    """The text of `data`. Raises UnreadableError for binary data and other encodings."""
    text = _decode_utf16(data) if data.startswith(WIDE_MARKS) else _decode_utf8(data)
    if "\0" in text:
        raise UnreadableError(
            f"is binary, with a NUL character at {text.index(chr(0))}: "
            "save it as plain text in UTF-8"
        )
    return text


def plain_lines(text: str) -> str:
    """Line ends of any system become `\\n`."""
    return text.replace("\r\n", "\n").replace("\r", "\n")


def encodable(text: str) -> str:
    """Lone surrogates, which JSON can hold and UTF-8 cannot, become U+FFFD."""
    return _SURROGATE.sub("\N{REPLACEMENT CHARACTER}", text)


def has_words(text: str) -> bool:
    """Whether there is a letter or a figure to read."""
    return any(character.isalnum() for character in text)


def _decode_utf8(data: bytes) -> str:
    try:
        return data.removeprefix(codecs.BOM_UTF8).decode()
    except UnicodeDecodeError as error:
        mark = len(codecs.BOM_UTF8) if data.startswith(codecs.BOM_UTF8) else 0
        place = error.start + mark
        kind = "is binary" if b"\0" in data else "is not UTF-8"
        raise UnreadableError(
            f"{kind} at byte {place} (0x{data[place]:02x}): save it as plain text in UTF-8"
        ) from error


def _decode_utf16(data: bytes) -> str:
    try:
        return data.decode("utf-16")
    except UnicodeDecodeError as error:
        raise UnreadableError(
            f"is not UTF-16 at byte {error.start}, though it begins as such: save it as UTF-8"
        ) from error


@dataclass(frozen=True, slots=True)
class Source:
    """A file to read; `name` is its article's natural id: `2022/09/annexation`, no suffix."""

    path: Path
    name: str


@dataclass(frozen=True, slots=True)
class Found:
    """An article and where it was found: its file, or `file#id` for a line of JSONL."""

    origin: str
    article: Article

    @property
    def file(self) -> str:
        """The file it was found in."""
        return self.origin.removesuffix(f"#{self.article.id}")


@dataclass(frozen=True, slots=True)
class Unreadable:
    """What was skipped, and why: one line, with the remedy."""

    origin: str
    reason: str

    @property
    def file(self) -> str:
        """The file, or folder, it was found in."""
        return _LINE.sub("", self.origin)


@dataclass(frozen=True, slots=True)
class Remark:
    """Something odd that lost no article, such as an invalid date."""

    origin: str
    message: str


# A fault in a line of JSONL has an origin such as `news.jsonl line 12`.
_LINE = re.compile(r" line \d+$")

Finding = Found | Unreadable | Remark


def unopened(origin: str, error: OSError) -> Unreadable:
    """A file that cannot be opened, with the system's reason."""
    return Unreadable(origin, f"cannot be opened: {error.strerror or error}")


def origin_of(path: Path) -> str:
    """The path as given, with forward slashes; a name that is not UTF-8 shows U+FFFD."""
    return encodable(path.as_posix())


class Reader(Protocol):
    """Reads the articles of one file."""

    def read(self, source: Source) -> Iterator[Finding]:
        """Each article in turn, and what was odd; a part that cannot be read is an Unreadable.

        Raises UnreadableError, or OSError, where the file cannot be read or read on.
        """
        ...


def findings(reader: Reader, source: Source) -> Iterator[Finding]:
    """What `reader` finds in a file; what kept it from reading on is the last of it."""
    try:
        yield from reader.read(source)
    except UnreadableError as error:
        yield Unreadable(origin_of(source.path), str(error))
    except OSError as error:
        yield unopened(origin_of(source.path), error)
