"""The article of a web page, saved as a file or just fetched, without menus and adverts."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from urllib.parse import urlsplit

from index.readers.base import (
    Finding,
    Source,
    UndecodableError,
    Unreadable,
    encodable,
    has_words,
    origin_of,
    read_bytes,
    unopened,
)
from index.readers.metadata import found_article, merge, read_metadata, read_sidecar

# Only a date that the page states as its own: a guess would be made up.
_DATES = {"extensive_search": False, "original_date": True}


@dataclass(frozen=True, slots=True)
class WebPage:
    """The article of a page; `metadata` is what the page says about it, for `read_metadata`."""

    text: str
    metadata: Mapping[str, str]


class HtmlReader:
    """Reads `.html`: the article of a saved page."""

    def read(self, source: Source) -> Iterator[Finding]:
        """The one article of the file, or why it cannot be read."""
        origin = origin_of(source.path)
        try:
            page = read_page(read_bytes(source.path))
        except UndecodableError as error:
            yield Unreadable(origin, str(error))
            return
        except OSError as error:
            yield unopened(origin, error)
            return
        if page is None:
            yield Unreadable(origin, "holds no article that can be found: save its text instead")
            return
        own, sidecar = read_metadata(page.metadata, origin), read_sidecar(source.path)
        yield from (*own.remarks, *sidecar.remarks)
        yield found_article(origin, source.name, page.text, merge(own.metadata, sidecar.metadata))


def read_page(page: str | bytes, url: str | None = None) -> WebPage | None:
    """The article of a page, or None if none is found; the encoding of bytes is detected.

    Without `url`, the address is the one that the page gives as its own.
    """
    # Slow to import and large: only those who read pages should pay for it.
    from trafilatura import bare_extraction

    try:
        found = bare_extraction(
            page,
            url=url,
            with_metadata=True,
            include_comments=False,
            date_extraction_params=_DATES,
        )
    except Exception:  # a broken page can make the parsers raise anything
        return None
    if found is None:
        return None
    fields = found if isinstance(found, dict) else found.as_dict()
    text = _paragraphs(fields["text"] or "", fields["title"])
    if not has_words(text):
        return None
    address = url or fields["url"]
    metadata = {
        "title": fields["title"],
        "url": address,
        "published": fields["date"],
        "author": fields["author"],
        "source": fields["sitename"] or _host(address),
    }
    return WebPage(text, {name: value for name, value in metadata.items() if value})


def _paragraphs(text: str, title: str | None) -> str:
    """Paragraphs separated by blank lines, without the title that often comes first."""
    lines = encodable(text.replace("\0", "")).splitlines()
    if len(lines) > 1 and lines[0].strip() == title:
        lines = lines[1:]
    return "\n\n".join(line for line in lines if line.strip())


def _host(url: str | None) -> str | None:
    try:
        return urlsplit(url or "").hostname
    except ValueError:
        return None
