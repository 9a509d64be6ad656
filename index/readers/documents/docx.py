"""DOCX as it reads once all changes are accepted, from its XML.

Libraries for it leave out inserted and moved text and content controls, or show hidden text.
"""

from collections.abc import Iterator, Mapping
from html import escape
from io import BytesIO

from index.readers.base import MOST_OF_MANY, Finding, Source, UnreadableError
from index.readers.masthead import without_masthead
from index.readers.metadata import Story, read_story
from index.readers.shown import shown_text
from index.readers.xml import Element, local_name, text_in
from index.readers.zipped import Packed

_W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
_VALUE = f"{_W}val"
# Struck out, moved away, an instruction to a field, or there a second time for an older Word.
_LEFT_OUT = frozenset("del moveFrom delText instrText delInstrText Fallback".split())
_TABLES = {"tbl": "table", "tr": "tr", "tc": "td"}
_SIGNS = {"tab": " ", "br": "<br>", "cr": "<br>", "noBreakHyphen": "\u2011", "softHyphen": "\u00ad"}
_NOTES = {"footnoteReference": "word/footnotes.xml", "endnoteReference": "word/endnotes.xml"}
_OFF = frozenset(("0", "false", "off"))


class DocxReader:
    """Reads `.docx`: its words in order, tables by rows, notes at the end."""

    def read(self, source: Source) -> Iterator[Finding]:
        """The one article of the file, or why it cannot be read."""
        return read_story(source, _story, MOST_OF_MANY)


def _story(data: bytes) -> Story:
    packed = Packed(BytesIO(data))
    document = packed.xml("word/document.xml")
    if document is None:
        raise UnreadableError("lacks its part 'word/document.xml': save it again as DOCX")
    shown = _Shown(_style_by_id(packed.xml("word/styles.xml")))
    body = "".join(shown.html(document))
    parts = {part: packed.xml(part) for part, _ in shown.noted}
    notes = [piece for part, number in shown.noted for piece in shown.note(parts[part], number)]
    core = packed.xml("docProps/core.xml")
    told = {"title": _property(core, "title") or shown.title, "author": _property(core, "creator")}
    return without_masthead(Story(shown_text(body + "".join(notes)), told))


def _style_by_id(styles: Element) -> Mapping[str, Element]:
    found = styles.iter(f"{_W}style") if styles is not None else ()
    return {style.get(f"{_W}styleId", ""): style for style in found}


def _property(core: Element, name: str) -> str:
    return text_in(core.find(f"{{*}}{name}")) if core is not None else ""


class _Shown:
    """Writes what is shown as HTML, for `shown_text`; `noted` are parts and ids of its notes."""

    def __init__(self, styles: Mapping[str, Element]) -> None:
        self._styles = styles
        self._boxes: list[str] = []
        # Behind a paragraph whose end is deleted its text goes on.
        self._goes_on = False
        self.noted: list[tuple[str, str]] = []
        self.title = ""

    def html(self, element: Element) -> Iterator[str]:
        """An element with everything in it that is shown."""
        name = local_name(element)
        if name in _LEFT_OUT or (name == "tr" and _has(element, "trPr/del")):
            return
        if name == "p":
            yield from self._paragraph(element)
        elif name == "r":
            yield from self._run(element)
        elif name == "t":
            yield escape(element.text or "")
        elif name in _TABLES:
            yield from (f"<{_TABLES[name]}>", *self._inside(element), f"</{_TABLES[name]}>")
        elif name == "txbxContent":
            # Text in a box is anchored inside a paragraph, and would cut it in two.
            box = list(self._inside(element))
            self._boxes += box
        elif name in _NOTES:
            self.noted.append((_NOTES[name], element.get(f"{_W}id", "")))
        else:
            yield _SIGNS.get(name, "")
            yield from self._inside(element)

    def note(self, notes: Element, number: str) -> Iterator[str]:
        """The note of an id."""
        for note in notes if notes is not None else ():
            if note.get(f"{_W}id") == number:
                yield from self._inside(note)

    def _inside(self, element: Element) -> Iterator[str]:
        for child in element:
            yield from self.html(child)

    def _paragraph(self, element: Element) -> Iterator[str]:
        style = _value(element, "pPr/pStyle")
        if self._hides(style):
            return
        words = "".join(self._inside(element))
        if not self.title and words and self._is_title(style):
            self.title = shown_text(words)
            return
        yield words if self._goes_on else f"<p>{words}"
        self._goes_on = _has(element, "pPr/rPr/del")
        if not self._goes_on:
            yield from ("</p>", *self._boxes)
            self._boxes.clear()

    def _run(self, element: Element) -> Iterator[str]:
        own = element.find(f"{_W}rPr/{_W}vanish")
        is_hidden = self._hides(_value(element, "rPr/rStyle")) if own is None else _is_on(own)
        if is_hidden:
            return
        is_raised = _value(element, "rPr/vertAlign") == "superscript"
        words = "".join(self._inside(element))
        yield f"<sup>{words}</sup>" if is_raised and words else words

    def _hides(self, style: str) -> bool:
        """Whether a style, or one that it is based on, hides its text."""
        seen = set[str]()
        while style in self._styles and style not in seen:
            seen.add(style)
            found = self._styles[style]
            own = found.find(f"{_W}rPr/{_W}vanish")
            if own is not None:
                return _is_on(own)
            style = _value(found, "basedOn")
        return False

    def _is_title(self, style: str) -> bool:
        named = _value(self._styles[style], "name") if style in self._styles else style
        return named.casefold() == "title"


def _path(path: str) -> str:
    return "/".join(_W + name for name in path.split("/"))


def _has(element: Element, path: str) -> bool:
    return element.find(_path(path)) is not None


def _value(element: Element, path: str) -> str:
    found = element.find(_path(path))
    return str(found.get(_VALUE, "")) if found is not None else ""


def _is_on(switch: Element) -> bool:
    return switch.get(_VALUE, "true") not in _OFF


READS = {".docx": DocxReader()}
