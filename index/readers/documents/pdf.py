"""PDF: the words in the order in which they were set, with the page that each stands on.

pypdf gives them as the file draws them, column by column; sorted by place, columns would mix.
"""

import logging
import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from io import BytesIO
from itertools import pairwise
from statistics import median
from typing import TYPE_CHECKING

from index.article import Page
from index.readers.base import MOST_OF_MANY, Finding, Source, UnreadableError
from index.readers.masthead import without_masthead
from index.readers.metadata import Story, read_story

if TYPE_CHECKING:
    from pypdf import PageObject, PdfReader


# How much of a page, at its top and at its bottom, heads and feet stand in.
_MARGIN = 0.12
# They stand on so many of the pages at least.
_REPEATED = 1 / 3
# Lines this much smaller than the text are notes where they end a page.
_NOTE = 0.93
# A heading is larger than the text, and a title much so.
_OTHER_SIZE, _TITLE_SIZE = 1.08, 1.25
_LONGEST_TITLE = 200
# From here on, in lines, a gap parts paragraphs.
_GAP = 1.35
# How far a first line is indented, in its size.
_INDENTED = (0.6, 4.0)

# Where a word may be broken at the end of a line: it parts no word.
SOFT_HYPHEN = "\N{SOFT HYPHEN}"
_ENDED = re.compile(r"""[.!?:…。！？][»”’"')\]\d⁰-⁹]*$""")
_BULLET = re.compile(r"[•‣▪◦]\s")
_ITEM = re.compile(r"[–—*-]\s|\(?\d{1,2}[.)]\s")
_BROKEN = re.compile(rf"[^\W\d_]+[-\u2010{SOFT_HYPHEN}]$")
_GOES_ON = re.compile(r"[^\W\d_]+")
_COMPOUND = re.compile(r"[^\W\d_]+-[^\W\d_]+")
_FIGURE = re.compile(r"\d{1,5}")
# So many of a head or foot, counted from either end, may be the page's number.
_FIGURES = 4
_ONLY_PAGE = re.compile(r"[a-z]+://\S+\s1/1")
_PAGE_NUMBER = re.compile(r"\W*(?:page\s)?\d{1,5}(?:\s?(?:/|of)\s?\d{1,5})?\W*", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Line:
    """A line of a page: where it begins, in points from the lower left; `size` of its letters."""

    text: str
    page: int
    x: float
    y: float
    size: float


@dataclass(frozen=True, slots=True)
class PageLines:
    """The lines of a page in reading order; `number` counts from 1, `height` is in points."""

    number: int
    height: float
    lines: Sequence[Line]


@dataclass(frozen=True, slots=True)
class PagedText:
    """Paragraphs with blank lines between them, and where each page begins in them."""

    title: str | None
    text: str
    pages: tuple[Page, ...]


Paragraph = Sequence[Line]


def paged_text(pages: Sequence[PageLines], title: str | None) -> PagedText:
    """The text of pages, and its title: the one given, else what is largest on the first page.

    A title that stands above the text is no part of it.
    """
    bare = _without_margins(pages)
    size = _text_size(bare)
    paragraphs = list(_paragraphs(bare, size, _pitch(bare)))
    if paragraphs:
        first = " ".join(line.text for line in paragraphs[0])
        is_title = paragraphs[0][0].size > _TITLE_SIZE * size and len(first) <= _LONGEST_TITLE
        title = title or (first if is_title else None)
        if title and len(paragraphs) > 1 and first.casefold() == title.casefold():
            paragraphs = paragraphs[1:]
    return _written(title, paragraphs)


def _without_margins(pages: Sequence[PageLines]) -> list[PageLines]:
    """The pages without heads, feet and the numbers of pages.

    They stand outside of the text, or in smaller letters.
    """
    seen = Counter(key for page in pages for key in set().union(*map(_keys, _margins(page))))
    fewest = max(2, len(pages) * _REPEATED)
    repeated = {key for key, count in seen.items() if count >= fewest}
    small = _NOTE * _text_size(pages)
    printed = _printed(pages, small)

    def is_text(page: PageLines, line: Line) -> bool:
        if line in printed:
            return False
        if not _is_in_margin(page, line):
            return True
        return repeated.isdisjoint(_keys(line)) and not _PAGE_NUMBER.fullmatch(line.text)

    def within(page: PageLines) -> list[Line]:
        text = {line for line in page.lines if is_text(page, line)}
        heights = [line.y for line in text]
        foot, head = min(heights, default=0.0), max(heights, default=0.0)
        return [
            line
            for line in page.lines
            if line in text or (foot < line.y < head and line.size >= small)
        ]

    return [replace(page, lines=within(page)) for page in pages]


def _printed(pages: Sequence[PageLines], small: float) -> set[Line]:
    """What a browser prints around a single page: its time and title, its address and `1/1`.

    On several pages it is told by coming again.
    """
    lines = list(_margins(pages[0])) if len(pages) == 1 else []
    found = [line for line in lines if line.size < small]
    feet = {round(line.size, 1) for line in found if _ONLY_PAGE.fullmatch(line.text)}
    return {line for line in found if round(line.size, 1) in feet}


def _margins(page: PageLines) -> Iterator[Line]:
    return (line for line in page.lines if _is_in_margin(page, line))


def _is_in_margin(page: PageLines, line: Line) -> bool:
    margin = _MARGIN * page.height
    return not margin < line.y < page.height - margin


def _keys(line: Line) -> set[tuple[int, str]]:
    """The line's words and height, as they are, and with a figure counted from the page's."""
    figures = list(_FIGURE.finditer(line.text))
    # Of a row of a table not each: there may be thousands.
    ends = figures[:_FIGURES] + figures[-_FIGURES:]
    texts = {line.text, *(_counted(line, figure) for figure in ends)}
    return {(round(line.y / 2), text) for text in texts}


def _counted(line: Line, figure: re.Match[str]) -> str:
    text = line.text
    return f"{text[: figure.start()]}#{int(figure[0]) - line.page}{text[figure.end() :]}"


def _text_size(pages: Sequence[PageLines]) -> float:
    """The size that most letters have."""
    letters: Counter[float] = Counter()
    for page in pages:
        for line in page.lines:
            letters[round(line.size, 1)] += len(line.text)
    return max(letters, key=letters.__getitem__, default=1.0)


def _pitch(pages: Sequence[PageLines]) -> float:
    """From one line to the next, in the size of its letters."""
    gaps = [
        (above.y - below.y) / below.size
        for page in pages
        for above, below in pairwise(page.lines)
        if below.size and _is_below(above, below) and above.y - below.y < 2 * below.size
    ]
    return median(gaps) if gaps else 1.2


def _is_below(above: Line, below: Line) -> bool:
    """Whether it is on a line of its own further down, and not in the next column."""
    return above.page == below.page and above.y - below.y > 0.3 * below.size


def _paragraphs(pages: Sequence[PageLines], size: float, pitch: float) -> Iterator[Paragraph]:
    notes: list[Paragraph] = []
    current: list[Line] = []
    for page in pages:
        text, below = _split_notes(page.lines, size)
        for line in text:
            if current and _starts(current, line, pitch):
                yield current
                yield from notes
                notes, current = [], []
            current.append(line)
        notes += _grouped(below, pitch)
    yield from ([current] if current else [])
    yield from notes


def _split_notes(lines: Sequence[Line], size: float) -> tuple[Sequence[Line], Sequence[Line]]:
    """The lines of a page, and the smaller ones that end it."""
    first = len(lines)
    while first and lines[first - 1].size < _NOTE * size:
        first -= 1
    return (lines[:first], lines[first:]) if first else (lines, ())


def _grouped(lines: Sequence[Line], pitch: float) -> list[Paragraph]:
    groups: list[list[Line]] = []
    for line in lines:
        if not groups or _starts(groups[-1], line, pitch):
            groups.append([])
        groups[-1].append(line)
    return list(groups)


def _starts(paragraph: Paragraph, line: Line, pitch: float) -> bool:
    """Whether a line begins another paragraph than the lines before it."""
    before = paragraph[-1]
    small, large = sorted((before.size, line.size))
    if large > _OTHER_SIZE * small or _BULLET.match(line.text):
        return True
    ended = bool(_ENDED.search(before.text))
    if ended and _ITEM.match(line.text):
        return True
    if not _is_below(before, line):
        # On the next page or in the next column; or beside it, as the cells of a table are.
        is_beside = before.page == line.page and abs(before.y - line.y) <= 0.3 * line.size
        return ended and not is_beside
    if before.y - line.y > _GAP * pitch * line.size:
        return True
    indent = (line.x - before.x) / (line.size or 1)
    return ended and _INDENTED[0] < indent < _INDENTED[1]


def _written(title: str | None, paragraphs: Sequence[Paragraph]) -> PagedText:
    hyphened = _compounds(paragraphs)
    pieces: list[str] = []
    pages: list[Page] = []
    length = 0
    for paragraph in paragraphs:
        for line, text in zip(paragraph, _joined(paragraph, hyphened), strict=True):
            if not pages or pages[-1].number != line.page:
                pages.append(Page(length, line.page))
            pieces.append(text)
            length += len(text)
    return PagedText(title, "".join(pieces).rstrip(), tuple(pages))


def _compounds(paragraphs: Sequence[Paragraph]) -> frozenset[str]:
    """The words that are written with a hyphen inside a line."""
    texts = (line.text for paragraph in paragraphs for line in paragraph)
    return frozenset(word.casefold() for text in texts for word in _COMPOUND.findall(text))


def _joined(paragraph: Paragraph, hyphened: frozenset[str]) -> Iterator[str]:
    """Each line with what parts it from the next."""
    for line, following in pairwise(paragraph):
        yield _before(line.text, following.text, hyphened)
    yield f"{paragraph[-1].text}\n\n"


def _before(text: str, following: str, hyphened: frozenset[str]) -> str:
    """A line as it stands before another: a word broken between them is one word again.

    >>> _before("well-", "known since", frozenset(["well-known"]))
    'well-'
    """
    broken, goes_on = _BROKEN.search(text), _GOES_ON.match(following)
    if not broken or not goes_on or goes_on[0][0].isupper():
        return f"{text} "
    compound = f"{broken[0][:-1]}-{goes_on[0]}".casefold()
    return text if compound in hyphened else text[:-1] + SOFT_HYPHEN


# It logs what it mends and what it lacks, with bytes of the file that a terminal would obey.
logging.getLogger("pypdf").setLevel(logging.CRITICAL)

# Programs for printing write the name of the file, or that it has no title or author.
_NO_TITLE = re.compile(r".*\.\w{2,5}|Microsoft Word - .*|untitled.*|slide \d+", re.IGNORECASE)
_NO_AUTHOR = re.compile(r"\(?(?:anonymous|unknown|unspecified)\)?", re.IGNORECASE)
# Six numbers that move and scale.
Matrix = Sequence[float]


class PdfFileReader:
    """Reads `.pdf`: one article, its pages told in citations."""

    def read(self, source: Source) -> Iterator[Finding]:
        """The one article of the file, or why it cannot be read."""
        return read_story(source, _story, MOST_OF_MANY)


def _story(data: bytes) -> Story:
    try:
        document = _opened(data)
        pages = [_page_lines(page, number) for number, page in enumerate(document.pages, start=1)]
        told: Mapping[str, object] = document.metadata or {}
    except UnreadableError:
        raise
    except Exception as error:  # a broken file can make the parser raise anything
        reason = " ".join(str(error).split()) or type(error).__name__
        raise UnreadableError(f"is broken as PDF ({reason}): print it to PDF again") from error
    paged = paged_text(pages, _title(told.get("/Title")))
    if not paged.text:
        raise UnreadableError("holds pictures of its pages and no text: put it through OCR first")
    author = _plain(told.get("/Author"))
    is_named = author and not _NO_AUTHOR.fullmatch(author)
    values = {"title": paged.title, "author": author if is_named else None}
    return without_masthead(Story(paged.text, values, pages=paged.pages))


def _opened(data: bytes) -> "PdfReader":
    # Slow to import: only those who read PDF should pay for it.
    from pypdf import PdfReader
    from pypdf.errors import DependencyError, PyPdfError

    document = PdfReader(BytesIO(data), strict=False)
    if not document.is_encrypted:
        return document
    try:
        is_open = bool(document.decrypt(""))
    except (DependencyError, PyPdfError, NotImplementedError):
        is_open = False
    if not is_open:
        raise UnreadableError("is locked with a password: save it without one")
    return document


def _page_lines(page: "PageObject", number: int) -> PageLines:
    """The lines of a page in the order in which it draws them."""
    lines: list[Line] = []
    words: list[str] = []
    place: list[float] = []

    def end() -> None:
        text = " ".join("".join(words).replace("\0", "").split())
        if text and place:
            lines.append(Line(text, number, *place))
        words.clear()
        place.clear()

    def take(text: str, outer: Matrix, inner: Matrix, _: object, size: float) -> None:
        if text.strip() and not place:
            place.extend(_place(outer, inner, size))
        words.append(text)
        if text.endswith("\n"):
            end()

    page.extract_text(visitor_text=take)
    end()
    return PageLines(number, float(page.mediabox.height), lines)


def _place(outer: Matrix, inner: Matrix, size: float) -> tuple[float, float, float]:
    """Where a text begins on its page, from the lower left, and its size there, all in points."""
    a, b, c, d, e, f = (float(value) for value in outer)
    x, y = float(inner[4]), float(inner[5])
    scale = abs(a * d - b * c) ** 0.5 * abs(inner[0] * inner[3] - inner[1] * inner[2]) ** 0.5
    return x * a + y * c + e, x * b + y * d + f, scale * size


def _title(value: object) -> str | None:
    title = _plain(value)
    return None if title is None or _NO_TITLE.fullmatch(title) else title


def _plain(value: object) -> str | None:
    return " ".join(value.split()) or None if isinstance(value, str) else None


READS = {".pdf": PdfFileReader()}
