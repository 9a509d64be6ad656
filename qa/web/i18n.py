"""The words of the interface, one file a language in `languages/`.

How a page is shown: in which language, and whether alone or in a frame of the chat.

Templates: everything put into one is escaped.
"""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Literal

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup, escape

Room = Literal["chat", "reader", "admin", "widget", "builder"]

_FILES = Path(__file__).parent / "languages"
LANGUAGES = ("en", "fr", "de", "es", "uk", "ar")


@dataclass(frozen=True, slots=True)
class Words:
    """What the interface says in one language: by room and name, and which way it is written."""

    code: str
    language: str
    direction: Literal["ltr", "rtl"]
    rooms: Mapping[str, Mapping[str, str]]

    def of(self, room: Room) -> Mapping[str, str]:
        """The words of one room by their names, the same in every language."""
        return self.rooms[room]


@cache
def words_in(code: str) -> Words:
    """The words in one of `LANGUAGES`. Raises KeyError for another."""
    if code not in LANGUAGES:
        raise KeyError(code)
    said = json.loads((_FILES / f"{code}.json").read_text(encoding="utf-8"))
    language, direction = said.pop("language"), said.pop("direction")
    return Words(code, language, direction, said)


def best_language(accepted: str | None) -> str:
    """The first of `LANGUAGES` that an Accept-Language header wants most, else English.

    >>> best_language("pt, uk;q=0.9, de;q=0.5")
    'uk'
    """
    wanted = [_wanted(part) for part in (accepted or "").split(",")]
    for weight, code in sorted(wanted, key=lambda each: -each[0]):
        if weight > 0 and code in LANGUAGES:
            return code
    return LANGUAGES[0]


def _wanted(part: str) -> tuple[float, str]:
    tag, _, parameter = part.partition(";")
    try:
        weight = float(parameter.strip().removeprefix("q=") or 1)
    except ValueError:
        weight = 0.0
    return weight, tag.strip().lower().split("-")[0]


PANEL = "panel"


@dataclass(frozen=True, slots=True)
class View:
    """The words of a page; `lang` is the language that its link asks for, empty if none."""

    words: Words
    is_panel: bool = False
    lang: str = ""

    @property
    def name(self) -> str:
        """As it stands in a link, empty for a page that stands alone."""
        return PANEL if self.is_panel else ""

    def shown(self, room: Room) -> Mapping[str, object]:
        """What every template of a room needs."""
        return {"said": self.words, "w": self.words.of(room), "is_panel": self.is_panel}


def view_of(view: str | None, lang: str | None, accepted: str | None) -> View:
    """The view that a link asks for; its language, else the one that the browser wants most."""
    asked = lang if lang in LANGUAGES else None
    return View(words_in(asked or best_language(accepted)), view == PANEL, asked or "")


def filled(text: str, **parts: object) -> Markup:
    """Words with their blanks filled; all is escaped but what is markup already.

    >>> filled("By {author}", author="<b>")
    Markup('By &lt;b&gt;')
    """
    return escape(text).format(**parts)


ROOM = Path(__file__).parent
STATIC = ROOM / "static"


def shown(value: object) -> Markup:
    """Text that neither HTML nor Markdown can take for markup: each ASCII sign as an entity.

    >>> shown("a *b* <i>")
    Markup('a &#42;b&#42; &#60;i&#62;')
    """
    if isinstance(value, Markup):
        return value
    return Markup("".join(c if _is_plain(c) else f"&#{ord(c)};" for c in str(value)))


def _is_plain(sign: str) -> bool:
    return sign.isalnum() or sign == " " or sign > "\x7f"


def _environment(finalize: Callable[[object], object] | None = None) -> Environment:
    # A missing value is a fault of ours: better an error than a page with a hole.
    return Environment(
        loader=FileSystemLoader(ROOM / "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        finalize=finalize,
        trim_blocks=True,
        lstrip_blocks=True,
    )


pages = _environment()
pages.filters["filled"] = filled
# What a page says that does not ask for a language; the reader does.
pages.globals.update(View(words_in("en")).shown("reader"))
# A chat message passes a Markdown parser on its way to the screen; a page does not.
messages = _environment(finalize=shown)
