"""Templates: everything put into one is escaped."""

from collections.abc import Callable
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from qa.web.view import View, filled
from qa.web.words import words_in

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
