"""The article of a web page, saved as a file or just fetched, without menus and adverts."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from urllib.parse import urlsplit

from index.readers.base import (
    Finding,
    Source,
    UnreadableError,
    encodable,
    has_words,
    origin_of,
    read_bytes,
)
from index.readers.metadata import found_article, merge, read_metadata, read_sidecar
from index.readers.page_tree import BESIDE, as_shown
from index.readers.shown import shown_text

# Only a date that the page states as its own: a guess would be made up.
_DATES = {"extensive_search": False, "original_date": True}
# What a viewer of pictures or films puts beside them, as blocks of their own.
_CONTROL = re.compile(
    r"(?:(?:hide|show) caption)?\s*(?:\d{1,3} of \d{1,3}(?: photos?)?)?"
    r"|just watched|must watch|replay",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class WebPage:
    """The article of a page; `metadata` is what the page says about it, for `read_metadata`."""

    text: str
    metadata: Mapping[str, str]


class HtmlReader:
    """Reads `.html`: the article of a saved page."""

    def read(self, source: Source) -> Iterator[Finding]:
        """The one article of the file. Raises UnreadableError and OSError."""
        origin = origin_of(source.path)
        page = read_page(read_bytes(source.path))
        if page is None:
            raise UnreadableError("holds no article that can be found: save its text instead")
        own, sidecar = read_metadata(page.metadata, origin), read_sidecar(source.path)
        yield from (*own.remarks, *sidecar.remarks)
        yield found_article(origin, source.name, page.text, merge(own.metadata, sidecar.metadata))


def read_page(page: str | bytes, url: str | None = None) -> WebPage | None:
    """The article of a page, or None if none is found; the encoding of bytes is detected.

    Without `url`, the address is the one that the page gives as its own.
    """
    # Slow to import and large: only those who read pages should pay for it.
    from trafilatura import bare_extraction, load_html
    from trafilatura.htmlprocessing import build_html_output
    from trafilatura.settings import Document

    try:
        tree = load_html(page)
        if tree is None:
            return None
        found = bare_extraction(
            as_shown(tree),
            url=url,
            with_metadata=True,
            include_comments=False,
            date_extraction_params=_DATES,
            prune_xpath=BESIDE,
        )
        if not isinstance(found, Document):
            return None
        shown = shown_text(build_html_output(found))
    except Exception:  # a broken page can make the parsers raise anything
        return None
    text = _article_text(shown, found.title, found.author)
    if not has_words(text):
        return None
    address = url or found.url
    metadata = {
        "title": found.title,
        "url": address,
        "published": found.date,
        "author": found.author,
        "source": found.sitename or _host(address),
    }
    return WebPage(text, {name: value for name, value in metadata.items() if value})


def _article_text(shown: str, title: str | None, author: str | None) -> str:
    """The paragraphs without the title that often comes first, bylines and controls of viewers."""
    paragraphs = encodable(shown.replace("\0", "")).split("\n\n")
    if len(paragraphs) > 1 and paragraphs[0] == title:
        paragraphs = paragraphs[1:]
    bylines = {author.casefold(), f"by {author}".casefold()} if author else set[str]()
    return "\n\n".join(
        paragraph
        for paragraph in paragraphs
        if paragraph.casefold() not in bylines and not _CONTROL.fullmatch(paragraph)
    )


def _host(url: str | None) -> str | None:
    try:
        return urlsplit(url or "").hostname
    except ValueError:
        return None


READS = dict.fromkeys((".html", ".htm"), HtmlReader())
