"""How a page is shown: in which language, and whether alone or in a frame of the chat."""

from collections.abc import Mapping
from dataclasses import dataclass

from markupsafe import Markup, escape

from qa.web.words import LANGUAGES, Room, Words, best_language, words_in

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
