"""What every reader needs: decoding a file, and the types of what it finds."""

import codecs
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from hashlib import sha256
from io import BytesIO
from pathlib import Path
from typing import BinaryIO, Protocol

from index.article import Article

# Of an article, which is a file or a line. Longer ones are no articles, and would take minutes.
MOST_BYTES = 20_000_000
TOO_LONG = f"longer than {MOST_BYTES / 1e6:.0f} MB"
# Of a file that holds many articles and has to be read whole: an export, a document with pictures.
MOST_OF_MANY = 200_000_000
WIDE_MARKS = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)

_SURROGATE = re.compile(r"[\ud800-\udfff]")


class UnreadableError(ValueError):
    """What keeps a file from being read, with the remedy; it becomes a line of the report."""


def text_of(data: bytes) -> str:
    """The text of a file, with `\\n` line ends and no blank space around it.

    UTF-8 with or without a byte order mark, or UTF-16 with one. Raises UnreadableError, which
    says what to do, if it is neither, is binary or holds no words.
    """
    text = plain_lines(decode(data)).strip()
    if not has_words(text):
        raise UnreadableError("holds no words: write its text or remove the file")
    return text


def read_bytes(path: Path, most: int = MOST_BYTES) -> bytes:
    """A file whole. Raises UnreadableError if it is no regular file or longer than `most`."""
    if path.exists() and not path.is_file():
        # A pipe would be waited for, a device read for ever.
        raise UnreadableError("is not a regular file: replace it with a copy of the text")
    with path.open("rb") as file:
        data = file.read(most + 1)
    if len(data) > most:
        raise UnreadableError(f"is longer than {most / 1e6:.0f} MB: cut it into files")
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
    """What is to be read: a file, or `part` of one that holds several, with its `data`.

    `name` is its article's natural id: `2022/09/annexation`, no suffix. `keys` tells which of the
    file's own keys, or columns, stands for one of ours: `{"text": "body"}`. `sidecar` is that of a
    part, if it has one; that of a file lies beside it.
    """

    path: Path
    name: str
    keys: Mapping[str, str] = field(default_factory=dict)
    part: str = ""
    data: bytes | None = field(default=None, repr=False)
    sidecar: bytes | None = field(default=None, repr=False)

    @property
    def origin(self) -> str:
        """The path as given, and the part of it."""
        return f"{origin_of(self.path)}#{self.part}" if self.part else origin_of(self.path)

    def derived_name(self, identity: str) -> str:
        """The same id for the same article in every run: `<file stem>-<8 hex digits>`."""
        stem = self.name.rsplit("/", 1)[-1]
        return f"{stem}-{sha256(identity.encode(errors='replace')).hexdigest()[:8]}"

    def content(self, most: int = MOST_BYTES) -> bytes:
        """All of it. Raises UnreadableError if it is longer than `most`; OSError as `open`."""
        return read_bytes(self.path, most) if self.data is None else self.data

    def open(self) -> BinaryIO:
        """All of it, to be read bit by bit."""
        return self.path.open("rb") if self.data is None else BytesIO(self.data)


@dataclass(frozen=True, slots=True)
class Found:
    """An article and where it was found: its file, or `file#id` for one of many in a file.

    `part` is what stands behind the `#` where that is not the article's id.
    """

    origin: str
    article: Article
    part: str = ""

    @property
    def file(self) -> str:
        """The file it was found in."""
        return self.origin.removesuffix(f"#{self.part or self.article.id}")


@dataclass(frozen=True, slots=True)
class Unreadable:
    """What was skipped, and why: one line, with the remedy; `part` as in Found."""

    origin: str
    reason: str
    part: str = ""

    @property
    def file(self) -> str:
        """The file, or folder, it was found in."""
        file = _LINE.sub("", self.origin)
        return file.removesuffix(f"#{self.part}") if self.part else file


def told_once(faults: Iterable[Unreadable]) -> Iterator[str]:
    """Each fault as a line; the remedy of several alike only with the first.

    >>> list(told_once([Unreadable(name, "is empty: fill it") for name in ("a", "b")]))
    ['a: is empty: fill it', 'b: is empty']
    """
    told: set[str] = set()
    for fault in faults:
        reason = fault.reason.partition(": ")[0] if fault.reason in told else fault.reason
        told.add(fault.reason)
        yield f"{fault.origin}: {reason}"


@dataclass(frozen=True, slots=True)
class Remark:
    """Something odd that lost no article, such as an invalid date."""

    origin: str
    message: str


# A fault in a line of JSONL or a row of a table has an origin such as `news.jsonl line 12`.
_LINE = re.compile(r" (?:line|row|item) \d+$")

Finding = Found | Unreadable | Remark


def unopened(source: Source, error: OSError) -> Unreadable:
    """A file that cannot be opened, with the system's reason."""
    reason = f"cannot be opened: {error.strerror or error}"
    return Unreadable(source.origin, reason, source.part)


def missing(package: str) -> str:
    """What is said of a file whose reader needs a package that is not installed."""
    return f"needs {package}, which is not installed: pip install -r requirements-formats.txt"


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
        yield Unreadable(source.origin, str(error), source.part)
    except OSError as error:
        yield unopened(source, error)
