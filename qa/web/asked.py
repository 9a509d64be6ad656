"""What the page sends beside the question: its language, filters, and what to leave out."""

import json
from dataclasses import dataclass

from qa.web.words import LANGUAGES, Words, words_in

_FILTERS = ("after", "before", "source")


@dataclass(frozen=True, slots=True)
class Asked:
    """How a question is to be asked. A text instead of what was typed, or None."""

    text: str | None = None
    language: str = LANGUAGES[0]
    filters: tuple[tuple[str, str], ...] = ()
    ignore: tuple[str, ...] = ()

    @property
    def words(self) -> Words:
        """The words to answer in."""
        return words_in(self.language)

    def record(self, text: str, history: list[object]) -> dict[str, object]:
        """As `read_question` takes it."""
        return {
            "question": text,
            "history": history,
            "ignore": list(self.ignore),
            **dict(self.filters),
        }


def read_asked(sent: object) -> Asked:
    """From the JSON that the page's script keeps. A program may send anything: it is passed over.

    >>> read_asked('{"language": "de", "after": "2022"}')
    Asked(text=None, language='de', filters=(('after', '2022'),), ignore=())
    """
    try:
        told = json.loads(str(sent))
    except (ValueError, RecursionError):
        told = None
    if not isinstance(told, dict):
        return Asked(language=sent) if isinstance(sent, str) and sent in LANGUAGES else Asked()
    language, text, ignore = (told.get(name) for name in ("language", "question", "ignore"))
    filters = [(name, whole(told[name])) for name in _FILTERS if isinstance(told.get(name), str)]
    return Asked(
        text=whole(text) if isinstance(text, str) else None,
        language=language if isinstance(language, str) and language in LANGUAGES else LANGUAGES[0],
        filters=tuple((name, value) for name, value in filters if value.strip()),
        ignore=tuple(str(name) for name in ignore) if isinstance(ignore, list) else (),
    )


def whole(text: str) -> str:
    """Without half of a surrogate pair, which could not be sent back."""
    return text.encode(errors="replace").decode()
