"""ODT as it reads once all changes are accepted, from its XML.

What was deleted lies apart in its own element; what was inserted stands where it belongs.
"""

from collections.abc import Iterator
from html import escape
from io import BytesIO

from index.readers.base import MOST_OF_MANY, Finding, Source, UnreadableError
from index.readers.masthead import without_masthead
from index.readers.metadata import Story, read_story
from index.readers.shown import shown_text
from index.readers.xml import Element, local_name, text_in
from index.readers.zipped import Packed

_TEXT = "{urn:oasis:names:tc:opendocument:xmlns:text:1.0}"
_STYLE = "{urn:oasis:names:tc:opendocument:xmlns:style:1.0}"
_HIDDEN = frozenset(
    """
    tracked-changes annotation hidden-text hidden-paragraph index-title-template
    note-citation sequence-decls variable-decls user-field-decls forms
    """.split()
)
_TABLES = {"table": "table", "table-row": "tr", "table-cell": "td"}
_SIGNS = {"tab": " ", "line-break": "<br>"}


class OdtReader:
    """Reads `.odt`: its words in order, tables by rows, notes at the end."""

    def read(self, source: Source) -> Iterator[Finding]:
        """The one article of the file, or why it cannot be read."""
        return read_story(source, _story, MOST_OF_MANY)


def _story(data: bytes) -> Story:
    packed = Packed(BytesIO(data))
    content = packed.xml("content.xml")
    if content is None:
        raise UnreadableError("lacks its part 'content.xml': save it again as ODT")
    styles = [content, *filter(lambda root: root is not None, [packed.xml("styles.xml")])]
    shown = _Shown(styles)
    body = content.find("{*}body")
    text = shown_text("".join(shown.html(content if body is None else body)) + "".join(shown.notes))
    meta = packed.xml("meta.xml")
    author = _told(meta, "initial-creator") or _told(meta, "creator")
    return without_masthead(
        Story(text, {"title": _told(meta, "title") or shown.title, "author": author})
    )


def _told(meta: Element, name: str) -> str:
    return text_in(next(meta.iter(f"{{*}}{name}"), None)) if meta is not None else ""


class _Shown:
    """Writes what is shown as HTML, for `shown_text`; `notes` are those met so far."""

    def __init__(self, styles: list[Element]) -> None:
        found = [style for root in styles for style in root.iter(f"{_STYLE}style")]
        self._parents = {
            _name(style): style.get(f"{_STYLE}parent-style-name", "") for style in found
        }
        self._hiding = {_name(style) for style in found if _hides(style)}
        self._raising = {_name(style) for style in found if _raises(style)}
        self.notes: list[str] = []
        self.title = ""

    def html(self, element: Element) -> Iterator[str]:
        """An element with everything in it that is shown, without the text behind it."""
        name, style = local_name(element), element.get(f"{_TEXT}style-name", "")
        if name in _HIDDEN or style in self._hiding or element.get(f"{_TEXT}display") == "none":
            return
        if name in ("p", "h"):
            yield from self._paragraph(element, style)
        elif name in _TABLES:
            yield from (f"<{_TABLES[name]}>", *self._inside(element), f"</{_TABLES[name]}>")
        elif name == "note":
            self.notes += self._inside(element)
        elif name == "span" and style in self._raising:
            yield f"<sup>{''.join(self._inside(element))}</sup>"
        else:
            yield _SIGNS.get(name, " " if name == "s" else "")
            yield from self._inside(element)

    def _paragraph(self, element: Element, style: str) -> Iterator[str]:
        words = "".join(self._inside(element))
        if not self.title and words and "Title" in (style, self._parents.get(style)):
            self.title = shown_text(words)
            return
        yield f"<p>{words}</p>"

    def _inside(self, element: Element) -> Iterator[str]:
        # Between paragraphs stands only what indents the file.
        is_words = local_name(element) in ("p", "h", "span", "a", "ruby-base", "meta")
        if is_words:
            yield escape(element.text or "")
        for child in element:
            yield from self.html(child)
            yield escape(child.tail or "") if is_words else ""


def _name(style: Element) -> str:
    return str(style.get(f"{_STYLE}name", ""))


def _hides(style: Element) -> bool:
    properties = style.find(f"{_STYLE}text-properties")
    return properties is not None and properties.get(f"{_TEXT}display") == "none"


def _raises(style: Element) -> bool:
    properties = style.find(f"{_STYLE}text-properties")
    return properties is not None and properties.get(f"{_STYLE}text-position", "").startswith(
        "super"
    )


READS = {".odt": OdtReader()}
