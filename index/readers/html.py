"""A web page, saved as a file or just fetched: its article, freed from menus and adverts."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from urllib.parse import urlsplit

from index.readers.base import (
    Finding,
    Source,
    Unreadable,
    encodable,
    has_words,
    origin_of,
    unopened,
)
from index.readers.metadata import found_article, merge, read_metadata, read_sidecar

# Only a date that the page tells as its own: one that is guessed would be made up.
_DATES = {"extensive_search": False, "original_date": True}


@dataclass(frozen=True, slots=True)
class WebPage:
    """The article of a page; `told` has what the page tells of it, by the keys of metadata."""

    text: str
    told: Mapping[str, str]


class HtmlReader:
    """Reads `.html`: the article of a saved page."""

    def read(self, source: Source) -> Iterator[Finding]:
        """The one article of the file, or why it cannot be read."""
        origin = origin_of(source.path)
        try:
            page = read_page(source.path.read_bytes())
        except OSError as error:
            yield unopened(origin, error)
            return
        if page is None:
            yield Unreadable(origin, "holds no article that is found: save its text instead")
            return
        told, beside = read_metadata(page.told, origin), read_sidecar(source.path)
        yield from (*told.remarks, *beside.remarks)
        yield found_article(origin, source.name, page.text, merge(told.metadata, beside.metadata))


def read_page(page: str | bytes, url: str | None = None) -> WebPage | None:
    """The article of a page, or None where none is found; bytes tell their encoding themselves.

    Without `url`, the address is the one that the page gives as its own.
    """
    # It takes memory and a moment that whoever reads no page should not spend.
    from trafilatura import bare_extraction

    try:
        found = bare_extraction(
            page,
            url=url,
            with_metadata=True,
            include_comments=False,
            date_extraction_params=_DATES,
        )
    except Exception:  # a broken page can make its parsers raise anything
        return None
    if found is None:
        return None
    fields = found if isinstance(found, dict) else found.as_dict()
    text = _paragraphs(fields["text"] or "", fields["title"])
    if not has_words(text):
        return None
    address = url or fields["url"]
    told = {
        "title": fields["title"],
        "url": address,
        "published": fields["date"],
        "author": fields["author"],
        "source": fields["sitename"] or _host(address),
    }
    return WebPage(text, {name: value for name, value in told.items() if value})


def _paragraphs(text: str, title: str | None) -> str:
    """Paragraphs apart, without the title that often stands in front of them."""
    lines = encodable(text.replace("\0", "")).splitlines()
    if len(lines) > 1 and lines[0].strip() == title:
        lines = lines[1:]
    return "\n\n".join(line for line in lines if line.strip())


def _host(url: str | None) -> str | None:
    try:
        return urlsplit(url or "").hostname
    except ValueError:
        return None
