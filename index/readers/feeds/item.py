"""An item of a feed, as its elements by name, and what they tell of an article."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from html import escape

from lxml import etree

from index.readers.shown import shown_text
from index.readers.xml import Element, qualified_name, text_in

_ATOM, _RSS_1 = "http://www.w3.org/2005/Atom", "http://purl.org/rss/1.0/"
ITEMS = ("item", f"{{{_RSS_1}}}item", f"{{{_ATOM}}}entry")
# Namespace -> what stands in front of the names in it; elements of others are skipped.
_PREFIXES = {
    "": "",
    _ATOM: "",
    _RSS_1: "",
    "http://purl.org/dc/elements/1.1/": "dc:",
    "http://purl.org/rss/1.0/modules/content/": "content:",
}
_WORDPRESS = re.compile(r"http://wordpress\.org/export/1\.\d/")
# "ida@news.example (Ida Holm)", as RSS wants its authors.
_MAILED = re.compile(r"\S+@\S+\s+\((?P<name>[^)]+)\)")
_WHOLE = ("content:encoded", "content")
_BODIES = (*_WHOLE, "description", "summary")


@dataclass(frozen=True, slots=True)
class Item:
    """The elements of an item, or of the head of a feed, by name; each name may come again."""

    elements: Mapping[str, list[Element]]

    def text(self, *names: str) -> str:
        """The first text among elements of these names, in their order; empty if there is none."""
        texts = (text_in(each) for name in names for each in self.elements.get(name, ()))
        return next(filter(None, texts), "")


def item_of(element: Element) -> Item:
    """The children of an element that is an item, or holds them."""
    elements: dict[str, list[Element]] = {}
    for child in element if element is not None else ():
        name = _name(child)
        if name:
            elements.setdefault(name, []).append(child)
    return Item(elements)


def read_item(item: Item) -> dict[str, object]:
    """What an item tells, by the keys of a record: of its bodies the longest, which is the whole.

    A page that an item only links to is not fetched.
    """
    bodies = (_html(body) for name in _BODIES for body in item.elements.get(name, ()))
    return {
        "title": _title(item),
        "html": max(bodies, key=len, default=""),
        "url": link_of(item),
        "publish_date": item.text("pubDate", "published"),
        "date": item.text("dc:date"),
        "updated": item.text("updated"),
        "author": authors_of(item),
        "tags": categories_of(item),
    }


def has_whole_text(item: Item) -> bool:
    """Whether it has its article's text, and not only what stands in front of a link to it."""
    return bool(item.text(*_WHOLE))


def categories_of(item: Item, domain: str | None = None) -> list[str]:
    """The names of its categories, in their order; those of a domain alone if one is named.

    Atom writes a name as an attribute.
    """
    elements = item.elements.get("category", ())
    names = (
        text_in(each) or str(each.get("label") or each.get("term") or "").strip()
        for each in elements
        if domain is None or each.get("domain") == domain
    )
    return [name for name in names if name]


def authors_of(item: Item) -> list[str]:
    """The names of its authors, in their order, as its site gives them or else as RSS does."""
    for kind in ("dc:creator", "author"):
        found = (_named(element) for element in item.elements.get(kind, ()))
        if names := list(dict.fromkeys(filter(None, found))):
            return names
    return []


def _named(author: Element) -> str:
    """The name of an author; of an address alone, none."""
    name = text_in(author.find("{*}name")) or text_in(author)
    mailed = _MAILED.fullmatch(name)
    if mailed:
        return mailed["name"]
    return "" if "@" in name else name


def _title(item: Item) -> str:
    """Titles may have markup, which stands in them escaped."""
    bodies = (_html(title) for title in item.elements.get("title", ()))
    return " ".join(shown_text(next(bodies, "")).split())


def _name(element: Element) -> str:
    namespace, name = qualified_name(element)
    if _WORDPRESS.fullmatch(namespace):
        return f"wp:{name}"
    prefix = _PREFIXES.get(namespace)
    return "" if prefix is None else f"{prefix}{name}"


def link_of(item: Item) -> str:
    """The address of its page; empty if none is given.

    Atom writes it as an attribute, of the link to the page itself.
    """
    for link in item.elements.get("link", ()):
        address = link.get("href", "") or text_in(link)
        if address and link.get("rel", "alternate") == "alternate":
            return str(address).strip()
    guid = item.elements.get("guid", [None])[0]
    is_address = guid is not None and guid.get("isPermaLink", "true") == "true"
    return text_in(guid) if is_address and text_in(guid).startswith("http") else ""


def _html(body: Element) -> str:
    """A body as HTML; Atom may write it as elements, or as plain text."""
    if body.get("type") == "xhtml":
        return "".join(etree.tostring(child, encoding="unicode", with_tail=True) for child in body)
    text = text_in(body)
    if qualified_name(body)[0] == _ATOM and body.get("type", "text") == "text":
        return "".join(f"<p>{escape(block)}</p>" for block in text.split("\n\n"))
    return text
