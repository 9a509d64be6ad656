"""PDF: the words in the order in which they were set, with the page that each stands on.

pypdf gives them as the file draws them, column by column; sorted by place, columns would mix.
"""

import logging
import re
from collections.abc import Iterator, Mapping, Sequence
from io import BytesIO
from typing import TYPE_CHECKING

from index.readers.base import MOST_OF_MANY, Finding, Source, UnreadableError
from index.readers.documents.paged_text import Line, PageLines, paged_text
from index.readers.masthead import without_masthead
from index.readers.story import Story, read_story

if TYPE_CHECKING:
    from pypdf import PageObject, PdfReader

# It logs what it mends.
logging.getLogger("pypdf").setLevel(logging.ERROR)

# Programs for printing write the name of the file, or that it has none.
_NO_TITLE = re.compile(r".*\.\w{2,5}|Microsoft Word - .*|untitled.*|slide \d+", re.IGNORECASE)
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
    values = {"title": paged.title, "author": _plain(told.get("/Author"))}
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
