"""What passes between the readers and whoever asked for the articles."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from index.article import Article
from index.readers.decode import encodable


@dataclass(frozen=True, slots=True)
class Source:
    """A file to read; `name` is its article's natural id: `2022/09/annexation`, no suffix."""

    path: Path
    name: str


@dataclass(frozen=True, slots=True)
class Found:
    """An article and where it stood: its file, or `file#id` for a line of JSONL."""

    origin: str
    article: Article

    @property
    def file(self) -> str:
        """The file it stood in."""
        return self.origin.removesuffix(f"#{self.article.id}")


@dataclass(frozen=True, slots=True)
class Unreadable:
    """What was passed over, and why: one line, with the remedy."""

    origin: str
    reason: str

    @property
    def file(self) -> str:
        """The file, or folder, that it stood in."""
        return _LINE.sub("", self.origin)


@dataclass(frozen=True, slots=True)
class Remark:
    """Something odd that lost no article, such as a date that is no date."""

    origin: str
    message: str


# A fault in a line of JSONL has an origin such as `news.jsonl line 12`.
_LINE = re.compile(r" line \d+$")

Finding = Found | Unreadable | Remark


def unopened(origin: str, error: OSError) -> Unreadable:
    """What the system would not open, in its own words."""
    return Unreadable(origin, f"cannot be opened: {error.strerror or error}")


def origin_of(path: Path) -> str:
    """The path as it was given, with forward slashes; a name that is no UTF-8 shows U+FFFD."""
    return encodable(path.as_posix())


class Reader(Protocol):
    """Reads the articles of one file."""

    def read(self, source: Source) -> Iterator[Finding]:
        """Each article as it comes; what cannot be read is yielded as Unreadable, not raised."""
        ...
