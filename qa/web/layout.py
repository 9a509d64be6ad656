"""An article's text cut into what a page shows: sections, paragraphs, and marked pieces."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from index.article import Article, Entry, Span
from index.split import paragraph_spans
from qa.when import in_words


@dataclass(frozen=True, slots=True)
class Piece:
    """Some words, quoted or not."""

    text: str
    is_marked: bool = False


@dataclass(frozen=True, slots=True)
class Section:
    """A live blog's entry, or what stands outside of entries (then without `anchor`).

    `time` is ISO 8601, `when` is for people to read.
    """

    paragraphs: tuple[tuple[Piece, ...], ...]
    anchor: str | None = None
    heading: tuple[Piece, ...] = ()
    time: str | None = None
    when: str = ""

    @property
    def marks(self) -> int:
        """How many pieces are quoted."""
        lines = (self.heading, *self.paragraphs)
        return sum(piece.is_marked for line in lines for piece in line)


def sections(
    article: Article, quote: Span | None, told: Callable[[str], str] = in_words
) -> list[Section]:
    """The whole text in order; no word is left out. `told` puts a time in words."""
    found: list[Section] = []
    reached = 0
    for entry in article.entries:
        found.extend(_plain(article.text, (reached, entry.start), quote))
        found.append(_entry(article.text, entry, quote, told))
        reached = entry.end
    found.extend(_plain(article.text, (reached, len(article.text)), quote))
    return found


def _plain(text: str, span: Span, quote: Span | None) -> list[Section]:
    paragraphs = _marked_paragraphs(text, span, quote)
    return [Section(paragraphs)] if paragraphs else []


def _entry(text: str, entry: Entry, quote: Span | None, told: Callable[[str], str]) -> Section:
    heading = _heading(text, entry, quote)
    # A time line that cannot be set as time and heading is shown as the article has it.
    start = entry.body if heading else entry.start
    return Section(
        paragraphs=_marked_paragraphs(text, (start, entry.end), quote),
        anchor=f"entry-{entry.start}",
        heading=tuple(_pieces(text, heading, quote)) if heading else (),
        time=entry.time,
        # Where its day is not known, a time stays as the article writes it.
        when=told(entry.time) if entry.time else entry.clock,
    )


def _heading(text: str, entry: Entry, quote: Span | None) -> Span | None:
    """Where the heading stands in the time line; None if no heading, or if the clock is quoted."""
    start = text.find(entry.heading, entry.start, entry.body) if entry.heading else -1
    if start < 0 or (quote and quote[0] < start and quote[1] > entry.start):
        return None
    return start, start + len(entry.heading)


def _marked_paragraphs(text: str, span: Span, quote: Span | None) -> tuple[tuple[Piece, ...], ...]:
    return tuple(tuple(_pieces(text, piece, quote)) for piece in paragraph_spans(text, *span))


def _pieces(text: str, span: Span, quote: Span | None) -> Iterator[Piece]:
    """The span's text, the part that lies in the quote marked."""
    start, end = span
    first, last = quote or (end, end)
    first, last = max(first, start), min(last, end)
    if first >= last:
        yield Piece(text[start:end])
        return
    if start < first:
        yield Piece(text[start:first])
    yield Piece(text[first:last], is_marked=True)
    if last < end:
        yield Piece(text[last:end])
