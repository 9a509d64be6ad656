"""The article of a web page, saved as a file or just fetched, without menus and adverts.

Its tree is made ready first: as it is seen, and nothing beside.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from index.article import Entry
from index.readers.base import Finding, Source, UnreadableError, encodable, has_words
from index.readers.declared import Declared, LiveText, is_whole, live_text, read_declared
from index.readers.liveblog_page import ShownBlog, shown_blog
from index.readers.metadata import Story, read_story
from index.readers.shown import is_hidden, raised, shown_text

# A search for dates that is not made use of need not be long.
_DATES = {"extensive_search": False}
# What a viewer of pictures or films puts beside them, as blocks of their own; lines that share.
_NETWORK = (
    r"(?:facebook|twitter|x|whatsapp|linkedin|reddit|pinterest|telegram|messenger|bluesky|threads"
    r"|e-?mail)"
)
_CONTROL = re.compile(
    r"(?:(?:hide|show) caption)?\s*(?:\d{1,3} of \d{1,3}(?: photos?)?)?"
    r"|just watched|must watch|replay"
    # Whoever tells of a film says "a must watch".
    r"|just watched\b[^.]*\b(?<!\ba )(?<!\bthe )(?:replay|more videos|must watch)"
    r"|(?:share|tweet|e-?mail) this(?: (?:article|story|page|post)"
    r"(?: (?:on|via|by|with) [^.]{1,60})?)?:?"
    r"|(?:share|tweet|e-?mail)(?: this)?"
    rf"(?: (?:on|via|by|with) {_NETWORK}"
    rf"(?:,? (?:(?:and|or|on|via|by) ){{0,2}}{_NETWORK}){{0,9}})?:?",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class WebPage:
    """The article of a page; `metadata` is what the page says about it, for `read_metadata`.

    `entries` are those of a live blog that declares them.
    """

    text: str
    metadata: Mapping[str, str]
    entries: tuple[Entry, ...] | None = None


class HtmlReader:
    """Reads `.html`: the article of a saved page."""

    def read(self, source: Source) -> Iterator[Finding]:
        """The one article of the file, or why it cannot be read."""
        return read_story(source, _story)


def _story(data: bytes) -> Story:
    page = read_page(data)
    if page is None:
        raise UnreadableError("holds no article that can be found: save its text instead")
    return Story(page.text, page.metadata, page.entries)


def read_page(page: str | bytes, url: str | None = None) -> WebPage | None:
    """The article of a page, or None if none is found; the encoding of bytes is detected.

    Without `url`, the address is the one that the page gives as its own.
    """
    try:
        read = _extract(page, url)
    except Exception:  # a broken page can make the parsers raise anything
        return None
    if read is None:
        return None
    found, declared, guessed, shown = read
    author = declared.author or found.author
    text = _article_text(shown, found.title, author)
    live = _live(declared, guessed, text)
    if live is None and not has_words(text):
        return None
    address = url or found.url
    metadata = {
        "title": _title(live, found.title),
        "url": address,
        "author": live.author if live and declared.live else author,
        "source": found.sitename or _host(address),
        "section": declared.section,
        "tags": declared.tags,
        "visibility": None if declared.is_free else "members",
        **declared.dates,
    }
    told = {name: value for name, value in metadata.items() if value}
    return WebPage(live.text, told, live.entries) if live else WebPage(text, told)


def _live(declared: Declared, guessed: ShownBlog | None, text: str) -> LiveText | None:
    if declared.live:
        return live_text(declared.live, text)
    live = live_text(guessed.live, text, guessed.above) if guessed else None
    return live if live and is_whole(live, text) else None


def _title(live: LiveText | None, found: str | None) -> str | None:
    """Of a live blog that which it declares, or what is found, but not that of a post."""
    if live is None or live.title:
        return live.title if live else found
    return None if found in {entry.heading for entry in live.entries} else found


def _extract(
    page: str | bytes, url: str | None
) -> tuple[Any, Declared, ShownBlog | None, str] | None:
    """What trafilatura finds, what the page declares, the live blog that it looks like, and the
    article's text as it shows."""
    # Slow to import and large: only those who read pages should pay for it.
    from trafilatura import bare_extraction, load_html
    from trafilatura.htmlprocessing import build_html_output
    from trafilatura.settings import Document

    tree = load_html(page)
    if tree is None:
        return None
    declared = read_declared(tree)
    tree = as_shown(tree)
    guessed = None if declared.live else shown_blog(tree, declared.dates)
    found = bare_extraction(
        tree,
        url=url,
        with_metadata=True,
        include_comments=False,
        date_extraction_params=_DATES,
        prune_xpath=BESIDE,
    )
    if not isinstance(found, Document):
        return None
    return found, declared, guessed, shown_text(build_html_output(found))


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


# An element of lxml, which has no types of its own.
Element = Any

_HIDDEN = (
    "//*[@hidden or @aria-hidden or contains(@style, 'display') or contains(@style, 'visibility')]"
)
# An element that holds more of the page's paragraphs than this is the article, whatever it says:
# scripts show it, or the page was saved behind a dialogue.
_MOST = 0.3

_CLASS = "translate(@class, 'BCGHLRSVY', 'bcghlrsvy')"
_SHARING = (
    *("facebook.com/sharer", "facebook.com/dialog", "twitter.com/intent", "twitter.com/share"),
    *("linkedin.com/share", "api.whatsapp.com/send", "mailto:?"),
)
# What stands beside an article, for the extractor to leave out: who wrote it, links that share it,
# viewers of pictures and films. Longer ones are more than that.
BESIDE = [
    f"//*[contains({_CLASS}, 'byline') or @rel='author' or @itemprop='author']"
    "[string-length(normalize-space()) < 200]",
    "//a[{}]".format(" or ".join(f"contains(@href, '{address}')" for address in _SHARING)),
    "//*[{}][not(.//p[string-length() > 400])]".format(
        " or ".join(
            f"contains({_CLASS}, '{name}')" for name in ("gallery", "slideshow", "carousel")
        )
    ),
]


def as_shown(tree: Element) -> Element:
    """The same tree, changed: without what is hidden, powers and quotations written out."""
    whole = _length(tree)
    for element in tree.xpath(_HIDDEN):
        inside = element.getparent() is not None
        if inside and is_hidden(element.attrib) and _length(element) <= _MOST * whole:
            element.drop_tree()
    for element in list(tree.iter("sup", "q", "code")):
        _write_out(element)
    return tree


def _length(element: Element) -> int:
    return sum(len(words) for words in element.xpath(".//p//text()"))


def _write_out(element: Element) -> None:
    if element.tag == "sup" and element.xpath(".//a[starts-with(@href, '#')]"):
        # It refers to a note.
        element.drop_tree()
        return
    if element.tag == "sup" and not len(element):
        element.text = raised(element.text or "")
    elif element.tag == "q":
        _enclose(element)
    elif element.tag == "code" and element.getparent().tag == "pre":
        return
    # The extractor would make a block of a quotation, and of code inside a sentence.
    element.tag = "span"


def _enclose(quotation: Element) -> None:
    quotation.text = f"“{quotation.text or ''}"
    if len(quotation):
        last = quotation[-1]
        last.tail = f"{last.tail or ''}”"
    else:
        quotation.text += "”"
