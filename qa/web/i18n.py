"""The words of all pages, the choice of their language, and the templates that they stand in.

A language is a file of `languages/`, and every file of it is offered. What is put into a template
is escaped.
"""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Literal

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup, escape

from qa.present.links import at_base

Room = Literal["chat", "reader", "admin", "dates", "widget", "builder"]

ROOM = Path(__file__).parent
STATIC = ROOM / "static"
FOLDER = ROOM / "languages"
# What is spoken where nothing else is asked for.
DEFAULT = "en"


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
def all_words() -> Mapping[str, Words]:
    """By code, the default first, then by what each language calls itself."""
    read = [_read(file) for file in FOLDER.glob("*.json")]
    read.sort(key=lambda words: (words.code != DEFAULT, words.language.casefold()))
    return {words.code: words for words in read}


def _read(file: Path) -> Words:
    rooms = json.loads(file.read_text(encoding="utf-8"))
    language, direction = rooms.pop("language"), rooms.pop("direction")
    return Words(file.stem, language, direction, rooms)


def languages() -> tuple[str, ...]:
    """The codes of all languages, in the order in which they are offered."""
    return tuple(all_words())


def words_in(code: str) -> Words:
    """The words in one of `languages()`. Raises KeyError for another."""
    return all_words()[code]


def best_language(accepted: str | None) -> str:
    """The first of `languages()` that an Accept-Language header wants most, else English.

    >>> best_language("pt, uk;q=0.9, de;q=0.5")
    'uk'
    """
    wanted = [_wanted(part) for part in (accepted or "").split(",")]
    for weight, code in sorted(wanted, key=lambda each: -each[0]):
        if weight > 0 and code in languages():
            return code
    return DEFAULT


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
    asked = lang if lang in languages() else None
    return View(words_in(asked or best_language(accepted)), view == PANEL, asked or "")


def filled(text: str, **parts: object) -> Markup:
    """Words with their blanks filled; all is escaped but what is markup already.

    >>> filled("By {author}", author="<b>")
    Markup('By &lt;b&gt;')
    """
    return escape(text).format(**parts)


_ENTITIES = {
    ord(sign): f"&#{ord(sign)};"
    for sign in map(chr, range(128))
    if not (sign.isalnum() or sign == " ")
}


def shown(value: object) -> Markup:
    """Text that neither HTML nor Markdown can take for markup: each ASCII sign as an entity.

    >>> shown("a *b* <i>")
    Markup('a &#42;b&#42; &#60;i&#62;')
    """
    if isinstance(value, Markup):
        return value
    return Markup(str(value).translate(_ENTITIES))


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
# An address of this server, wherever a page links to one.
pages.globals["at"] = at_base
# What a page says that does not ask for a language; the reader does.
pages.globals.update(View(words_in(DEFAULT)).shown("reader"))
# A chat message passes a Markdown parser on its way to the screen; a page does not.
messages = _environment(finalize=shown)
