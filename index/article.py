"""What an article is made of. All offsets are Unicode code points of `Article.text`."""

import hashlib
import re
from bisect import bisect_right
from dataclasses import dataclass, field, replace
from typing import Literal, NamedTuple, Self, get_args

Span = tuple[int, int]
# Who may read an article: all, members, or nobody.
Visibility = Literal["public", "members", "hidden"]
VISIBILITIES: tuple[Visibility, ...] = get_args(Visibility)
# What told a date: JSON-LD or the markup of its page, its feed or sitemap, a key of its record, the
# header or the opening lines of its file, a document's own facts, its sidecar, the owner.
DateOrigin = Literal[
    "json_ld",
    "markup",
    "feed",
    "record",
    "header",
    "opening",
    "document",
    "sidecar",
    "owner",
]
DATE_ORIGINS: tuple[DateOrigin, ...] = get_args(DateOrigin)


class SpanError(ValueError):
    """A span outside the text it should lie in, or overlapping another."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One timestamped post of a live blog: `text[start:end]`, including its time line.

    `body` is where the text under the time line begins. `time` is ISO 8601, as much as is known:
    `2022-09-29T21:13:00+02:00`, without the offset if no time zone is given, or None if the date
    is unknown (a date is never made up from a clock time). `clock` is the time as the article
    writes it (`9:13pm`), for people to read.
    """

    start: int
    end: int
    time: str | None
    heading: str
    clock: str = ""
    body: int = -1

    def __post_init__(self) -> None:
        if not 0 <= self.start < self.end:
            raise SpanError(f"an entry cannot span {self.start}-{self.end}: it must hold text")
        if self.body == -1:
            object.__setattr__(self, "body", self.start)
        if not self.start <= self.body <= self.end:
            raise SpanError(f"body {self.body} lies outside its entry {self.start}-{self.end}")


class Page(NamedTuple):
    """Where in a text the words of a printed page begin; `number` counts sheets from 1."""

    start: int
    number: int


@dataclass(frozen=True, slots=True)
class Article:
    """One article. `published` and `updated` are ISO dates or date-times, or None if unknown.

    `published_from` and `updated_from` say what told them, `indexed` when the article was put into
    the index, in ISO 8601; an index that was built before this was kept knows none of it.
    `pages` are in order of their start; a page comes again where a note that stands at its foot
    follows the paragraph it interrupts. `visibility` says who may read it, and nobody may before
    `embargo`, which is ISO 8601 too. `label` is what the owner calls its kind, such as "opinion".
    Where `is_excerpt`, `text` is only its beginning, for those who may not read on; where
    `is_former`, the article has changed since.

    Raises SpanError if entries or pages overlap, are out of order or leave the text.
    """

    id: str
    text: str
    title: str | None = None
    source: str | None = None
    author: str | None = None
    published: str | None = None
    updated: str | None = None
    url: str | None = None
    entries: tuple[Entry, ...] = ()
    pages: tuple[Page, ...] = ()
    visibility: Visibility = "public"
    embargo: str | None = None
    section: str | None = None
    tags: tuple[str, ...] = ()
    label: str | None = None
    published_from: DateOrigin | None = None
    updated_from: DateOrigin | None = None
    indexed: str | None = None
    is_excerpt: bool = False
    is_former: bool = False
    digest: str = field(init=False)

    def __post_init__(self) -> None:
        sha256 = hashlib.sha256(self.text.encode()).hexdigest()
        object.__setattr__(self, "digest", f"sha256:{sha256}")
        reached = 0
        for entry in self.entries:
            if entry.start < reached or entry.end > len(self.text):
                raise SpanError(
                    f"entry {entry.start}-{entry.end} of article {self.id!r} overlaps another "
                    f"or leaves its text of {len(self.text)} characters"
                )
            reached = entry.end
        starts = [page.start for page in self.pages]
        if starts != sorted(starts) or not all(0 <= start <= len(self.text) for start in starts):
            raise SpanError(f"pages of article {self.id!r} are out of order or leave its text")

    @property
    def is_open(self) -> bool:
        """Whether all may read it, and might when it was added."""
        return self.visibility == "public" and self.embargo is None

    def page_at(self, offset: int) -> int | None:
        """The number of the page that the character at `offset` stands on; None without pages."""
        place = bisect_right(self.pages, offset, key=lambda page: page.start)
        return self.pages[place - 1].number if place else None

    def excerpt(self, length: int) -> Self:
        """How it begins: up to so many characters, whole words, and never more than half of it.

        >>> Article("a", "The dam holds. It was built in 1912.").excerpt(9).text
        'The dam'
        """
        most = max(1, min(length, len(self.text) // 2))
        begins = self.text[:most]
        if not self.text[most : most + 1].isspace() and len(begins.split()) > 1:
            begins = begins.rsplit(maxsplit=1)[0]
        text = begins.rstrip() or begins
        pages = tuple(page for page in self.pages if page.start < len(text))
        return replace(self, text=text, entries=(), pages=pages, is_excerpt=True)

    @property
    def headline(self) -> str:
        """The title, or the opening words if there is none: for people to read."""
        if self.title:
            return self.title
        words = self.text[:200].split()
        return " ".join(words[:9]) + (" …" if len(words) > 9 else "")


@dataclass(frozen=True, slots=True)
class Passage:
    """Whole sentences of one article, never across an entry: `text == article.text[start:end]`.

    `sentences` are their spans, in offsets of the article. Raises SpanError if a sentence
    leaves the passage or the text is not as long as the span.
    """

    article_id: str
    start: int
    end: int
    text: str
    sentences: tuple[Span, ...]
    entry: Entry | None = None

    def __post_init__(self) -> None:
        if len(self.text) != self.end - self.start or not self.text:
            raise SpanError(
                f"passage {self.id} holds {len(self.text)} characters "
                f"where its span has {self.end - self.start}"
            )
        for start, end in self.sentences:
            if not self.start <= start < end <= self.end:
                raise SpanError(f"sentence {start}-{end} leaves passage {self.id}")

    def words(self, span: Span) -> str:
        """The text at a span of the article that lies in the passage."""
        return self.text[span[0] - self.start : span[1] - self.start]

    @property
    def id(self) -> str:
        """Derived from the span: it stays the same as long as the article does."""
        return f"{self.article_id}:{self.start}-{self.end}"


_PASSAGE_ID = re.compile(r"(?P<article>.+):(?P<start>\d{1,9})-(?P<end>\d{1,9})", re.DOTALL)


def parse_passage_id(text: str) -> tuple[str, int, int] | None:
    """The article, start and end in a passage id, or None if it is not one.

    >>> parse_passage_id("space/voyager:104-230")
    ('space/voyager', 104, 230)
    """
    found = _PASSAGE_ID.fullmatch(text)
    return (found["article"], int(found["start"]), int(found["end"])) if found else None
