"""HTML as the words that a reader of the page sees, without what is hidden and what is markup."""

import re
from collections.abc import Mapping
from html.parser import HTMLParser

_UNSEEN = frozenset("head iframe noscript script style svg template title".split())
_BLOCKS = frozenset(
    """
    address article aside blockquote body caption center dd details dialog div dl dt fieldset
    figcaption figure footer form h1 h2 h3 h4 h5 h6 header hr legend li main menu nav ol p pre
    section summary table tbody tfoot thead tr ul
    """.split()
)
_VOID = frozenset("area base br col embed hr img input link meta source track wbr".split())
_CELLS = frozenset(("td", "th"))
# Between the cells of a row: it shows as a gap wherever the text is shown, and prose has none.
CELL_GAP = "\N{EM SPACE}"
_BLANK = re.compile(r"[ \t\n\r\f]+")
_HIDING_STYLE = re.compile(r"display\s*:\s*none|visibility\s*:\s*hidden", re.IGNORECASE)
# So that a power is no further figure: 10<sup>6</sup> is not 106.
_RAISED = str.maketrans("0123456789+-−=()n", "⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻⁻⁼⁽⁾ⁿ")
_RAISABLE = re.compile(r"[0-9+\-−=()n]+")

Attributes = Mapping[str, str]


def shown_text(html: str) -> str:
    """Each block a paragraph, a gap between cells, `<br>` a new line; bullets are not words.

    >>> shown_text("<p>Some 10<sup>6</sup> <b>stars</b>.<!-- TODO --></p><ul><li>One<li>Two</ul>")
    'Some 10⁶ stars.\\n\\nOne\\n\\nTwo'
    """
    # A comment that is never closed hides the rest.
    opened = html.rfind("<!--")
    parser = _Shown()
    parser.feed(html if html.find("-->", opened) >= opened else html[:opened])
    parser.close()
    return parser.text()


def raised(words: str) -> str:
    """Figures and signs as superscript; other words as they are.

    >>> raised("-3"), raised("th")
    ('⁻³', 'th')
    """
    return words.translate(_RAISED) if _RAISABLE.fullmatch(words.strip()) else words


def is_hidden(attributes: Attributes) -> bool:
    """Whether an element's own attributes keep it from being seen."""
    return (
        "hidden" in attributes
        or attributes.get("aria-hidden", "").strip().lower() == "true"
        or bool(_HIDING_STYLE.search(attributes.get("style", "")))
    )


class _Shown(HTMLParser):
    """Gathers blocks of text; `_open` are the elements that are open, the outermost first."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self._blocks: list[str] = []
        self._pieces: list[str] = []
        self._open: list[str] = []
        # How many elements are open around the outermost hidden one; None if none is hidden.
        self._hidden: int | None = None
        # The numbers of the lists that are open; None for one with bullets.
        self._numbers: list[int | None] = []
        self._mark = ""

    def text(self) -> str:
        """All blocks, with blank lines between."""
        self._end_block()
        return "\n\n".join(self._blocks)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        attributes = {name: value or "" for name, value in attrs}
        if tag in _VOID:
            self._void(tag, attributes)
            return
        if tag in _CELLS or tag == "tr":
            self._close_cell()
        if self._hidden is None and (tag in _UNSEEN or self._is_unseen(tag, attributes)):
            self._hidden = len(self._open)
        self._begin(tag, attributes)
        self._open.append(tag)

    def _close_cell(self) -> None:
        """A cell ends where the next or the next row begins, closed or not."""
        around = (tag for tag in reversed(self._open) if tag in _CELLS or tag == "table")
        innermost = next(around, "table")
        if innermost != "table":
            self.handle_endtag(innermost)

    def handle_endtag(self, tag: str) -> None:
        if tag not in self._open:
            return
        # What is never closed ends with what is around it.
        while self._open:
            last = self._open.pop()
            self._end(last)
            if self._hidden == len(self._open):
                self._hidden = None
            if last == tag:
                return

    def handle_data(self, data: str) -> None:
        if "pre" in self._open and self._hidden is None:
            self._pieces.append(data)
            return
        self._add(raised(data) if "sup" in self._open else data)

    def _is_unseen(self, tag: str, attributes: Attributes) -> bool:
        if tag != "a":
            return is_hidden(attributes)
        # A raised link within the page refers to a note, and the note's own link leads back.
        refers = "sup" in self._open and attributes.get("href", "").startswith("#")
        return refers or "backref" in attributes.get("class", "") or is_hidden(attributes)

    def _void(self, tag: str, attributes: Attributes) -> None:
        if tag == "br":
            self._separate("\n")
        elif tag == "hr":
            self._end_block()
        elif tag == "img" and not is_hidden(attributes):
            self._add(attributes.get("alt", ""))

    def _begin(self, tag: str, attributes: Attributes) -> None:
        if tag in _BLOCKS:
            self._end_block()
        if tag in ("ol", "ul"):
            self._numbers.append(_first_number(attributes) if tag == "ol" else None)
        elif tag == "li":
            self._mark = self._next_mark()
        elif tag in _CELLS and self._pieces:
            self._separate(CELL_GAP)
        elif tag == "q":
            self._add("“")

    def _end(self, tag: str) -> None:
        if tag in _BLOCKS:
            self._end_block()
        if tag in ("ol", "ul"):
            self._numbers.pop()
        elif tag == "q":
            self._add("”")

    def _next_mark(self) -> str:
        number = self._numbers[-1] if self._numbers else None
        if number is None:
            return ""
        self._numbers[-1] = number + 1
        return f"{number}. "

    def _add(self, words: str) -> None:
        if self._hidden is not None:
            return
        words = _BLANK.sub(" ", words)
        if not self._pieces or self._pieces[-1][-1] in f" \n{CELL_GAP}":
            words = words.lstrip(" ")
        if words:
            self._pieces.append(words)

    def _separate(self, mark: str) -> None:
        if self._hidden is None and self._pieces:
            self._pieces[-1] = self._pieces[-1].rstrip(" ") + mark

    def _end_block(self) -> None:
        if not _CELLS.isdisjoint(self._open):
            self._add(" ")
            return
        # Code keeps the spaces that it begins with.
        text = "".join(self._pieces).strip("\n").rstrip()
        self._pieces.clear()
        if text.strip():
            self._blocks.append(self._mark + text)
            self._mark = ""


def _first_number(attributes: Attributes) -> int:
    start = attributes.get("start", "1").strip()
    return int(start) if start.isdecimal() and len(start) < 10 else 1
