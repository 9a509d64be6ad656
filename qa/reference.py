"""What a reference manager, or a reader who quotes, wants to know of a quote."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date

from index.article import Article, Entry, Span
from qa.answer import Citation
from qa.when import in_words
from qa.wire import original_link

_IN_MARKS = re.compile(r'"[^"]+"|“[^“”]+”|«[^«»]+»|„[^„“]+“')
_DATE = re.compile(r"(\d{4})(?:-(\d\d))?(?:-(\d\d))?(?![\d-])")


@dataclass(frozen=True, slots=True)
class Reference:
    """A quote and where it is from. Each text is on one line; what is not known is None.

    `issued` is ISO 8601: the time of the live blog's entry, else the publication. `url` is the
    original at the quoted words; `key` is unique among those of other quotes.
    """

    key: str
    quote: str
    title: str
    author: str | None
    source: str | None
    issued: str | None
    url: str | None

    @property
    def quoted(self) -> str:
        """The quote in quotation marks, none around one that stands in its own.

        >>> Reference("k", '"It leaks."', "t", None, None, None, None).quoted
        '"It leaks."'
        """
        return self.quote if _IN_MARKS.fullmatch(self.quote) else f"“{self.quote}”"

    @property
    def date_parts(self) -> tuple[int, ...]:
        """Year, month and day, as many as are known; empty where the date is none.

        >>> Reference("k", "q", "t", None, None, "2022-09-29T21:13", None).date_parts
        (2022, 9, 29)
        """
        match = _DATE.match(self.issued or "")
        parts = tuple(int(part) for part in match.groups() if part) if match else ()
        try:
            date(*(*parts, 1, 1)[:3])
        except (ValueError, TypeError):
            return ()
        return parts


def reference_of(citation: Citation, page: str | None = None) -> Reference:
    """The citation as a reference. `page` is linked where the original has no web address."""
    span = citation.quote_start, citation.quote_end
    return reference(citation.article, span, page, citation.passage.entry)


def reference(
    article: Article, span: Span, page: str | None = None, entry: Entry | None = None
) -> Reference:
    """The words at a span of an article as a reference."""
    entry = entry or _entry_at(article, span)
    return Reference(
        key=f"{article.digest.removeprefix('sha256:')[:8]}-{span[0]}",
        quote=_one_line(article.text[slice(*span)]) or "",
        title=_one_line(article.label) or "",
        author=_one_line(article.author),
        source=_one_line(article.source),
        issued=(entry.time if entry else None) or article.published,
        url=original_link(article, span) or page,
    )


def citation_line(citation: Citation, page: str | None = None) -> str:
    """A quote with its citation as plain text, to be pasted.

    `“It leaks.” — The dam, Inland Gazette, 11 February 2020. https://example.org/dam#:~:text=…`
    """
    return line(reference_of(citation, page))


def line(reference: Reference, told: Callable[[str], str] = in_words) -> str:
    """The same of a reference; `told` puts its date in words."""
    issued = told(reference.issued) if reference.issued else None
    facts = [reference.title, reference.author, reference.source, issued]
    origin = ", ".join(fact for fact in facts if fact)
    end = "" if origin.endswith((".", "…", "?", "!")) else "."
    return f"{reference.quoted} — {origin}{end}" + (f" {reference.url}" if reference.url else "")


def _entry_at(article: Article, span: Span) -> Entry | None:
    holding = (each for each in article.entries if each.start <= span[0] < each.end)
    return next(holding, None)


def _one_line(text: str | None) -> str | None:
    """Without line breaks and control characters, which end a field in some formats."""
    visible = "".join(sign if sign.isprintable() else " " for sign in text or "")
    return " ".join(visible.split()) or None
