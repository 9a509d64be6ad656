"""EPUB: each chapter an article, titled as the table of contents or its own page titles it."""

import posixpath
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from io import BytesIO
from urllib.parse import unquote, urldefrag

from lxml import etree
from lxml import html as lxml_html

from index.readers.base import (
    MOST_OF_MANY,
    Finding,
    Source,
    Unreadable,
    UnreadableError,
    decode,
    has_words,
)
from index.readers.metadata import Story, found_story
from index.readers.shown import shown_text
from index.readers.xml import Element, local_name, text_in
from index.readers.zipped import Packed

_CONTAINER = "META-INF/container.xml"


@dataclass(frozen=True, slots=True)
class _Book:
    """Its chapters in reading order, by the names of their parts, and titles of these."""

    title: str
    author: str
    published: str
    chapters: tuple[str, ...]
    contents: Mapping[str, str]


class EpubReader:
    """Reads `.epub` chapter by chapter; the book is the source of each."""

    def read(self, source: Source) -> Iterator[Finding]:
        """Each chapter with words in it; one that cannot be read is named and skipped."""
        packed = Packed(BytesIO(source.content(MOST_OF_MANY)))
        book = _book(packed)
        for name in book.chapters:
            part = f"{source.part}#{name}" if source.part else name
            chapter = replace(source, name=f"{source.name}/{name}", part=part, sidecar=None)
            try:
                yield from _read_chapter(chapter, packed.read(name), name, book)
            except UnreadableError as error:
                yield Unreadable(chapter.origin, str(error), part)


def _read_chapter(source: Source, data: bytes, name: str, book: _Book) -> Iterator[Finding]:
    shown = shown_text(decode(data))
    if not has_words(shown):
        # The picture on the cover, or an empty page.
        return
    title = book.contents.get(name) or _own_title(data, book.title) or book.title
    told = {"title": title, "author": book.author, "source": book.title}
    yield from found_story(source, Story(shown, told | {"published": book.published}))


def _own_title(data: bytes, of_book: str) -> str:
    """What a page calls itself, or its first heading; many call themselves by the book's title."""
    try:
        page = lxml_html.document_fromstring(data)
    except (etree.ParserError, ValueError):
        return ""
    titles = [" ".join(text_in(found).split()) for found in page.iter("title", "h1", "h2")]
    return next((title for title in titles if title and title != of_book), "")


def _book(packed: Packed) -> _Book:
    container = packed.xml(_CONTAINER)
    root = next(container.iter("{*}rootfile"), None) if container is not None else None
    name = unquote(root.get("full-path", "")) if root is not None else ""
    package = packed.xml(name)
    if package is None:
        raise UnreadableError(f"names no package in {_CONTAINER!r}: save it again as EPUB")
    items = {item.get("id"): item for item in package.iter("{*}item")}
    at = {key: _beside(name, item.get("href", "")) for key, item in items.items()}
    order = [each.get("idref") for each in package.iter("{*}itemref")]
    navigation = [key for key, item in items.items() if "nav" in item.get("properties", "").split()]
    tables = [*navigation, *(spine.get("toc") for spine in package.iter("{*}spine"))]
    chapters = [at[key] for key in order if key in at and key not in navigation]
    return _Book(
        title=_first(package, "title"),
        author=_first(package, "creator"),
        published=_published(package),
        chapters=tuple(dict.fromkeys(chapters)),
        contents=_contents(packed, [at[key] for key in tables if key in at]),
    )


def _first(package: Element, name: str) -> str:
    return text_in(next(package.iter(f"{{http://purl.org/dc/elements/1.1/}}{name}"), None))


def _published(package: Element) -> str:
    """The date of publication: EPUB 2 gives others as well, and says of which event."""
    for date in package.iter("{http://purl.org/dc/elements/1.1/}date"):
        events = [value for key, value in date.attrib.items() if key.endswith("}event")]
        if events in ([], ["publication"]):
            return text_in(date)
    return ""


def _contents(packed: Packed, tables: list[str]) -> Mapping[str, str]:
    """Part -> its first title in the tables of contents, of EPUB 3 or 2."""
    found: dict[str, str] = {}
    for name in tables:
        try:
            table = packed.xml(name)
        except UnreadableError:
            continue
        for entry in table.iter("{*}a", "{*}navPoint") if table is not None else ():
            target, title = _entry(entry)
            found.setdefault(_beside(name, target), title)
    return {part: title for part, title in found.items() if title}


def _entry(entry: Element) -> tuple[str, str]:
    if local_name(entry) == "a":
        return entry.get("href", ""), " ".join(text_in(entry).split())
    content, label = entry.find("{*}content"), entry.find("{*}navLabel")
    target = content.get("src", "") if content is not None else ""
    return target, " ".join(text_in(label).split())


def _beside(part: str, reference: str) -> str:
    """The part that a reference in another one names."""
    path = unquote(urldefrag(reference).url)
    return posixpath.normpath(posixpath.join(posixpath.dirname(part), path))


READS = {".epub": EpubReader()}
