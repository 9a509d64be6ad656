"""How the page asks: what its script sends along with a question, or instead of one."""

import json
from dataclasses import dataclass

from qa.web.i18n import DEFAULT, Words, languages, words_in

_FILTERS = ("after", "before", "source")


@dataclass(frozen=True, slots=True)
class ChatRequest:
    """How a question is to be asked: a text instead of what was typed, or None.

    `conversation` is the id of a turn that was kept: then nothing is asked, but that is opened.
    """

    text: str | None = None
    language: str = DEFAULT
    filters: tuple[tuple[str, str], ...] = ()
    ignore: tuple[str, ...] = ()
    conversation: str | None = None

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


def read_request(sent: object) -> ChatRequest:
    """From the JSON that the page's script keeps. A program may send anything: it is skipped.

    >>> read_request('{"language": "de", "after": "2022"}').filters
    (('after', '2022'),)
    """
    try:
        told = json.loads(str(sent))
    except (ValueError, RecursionError):
        told = None
    if not isinstance(told, dict):
        return (
            ChatRequest(language=sent)
            if isinstance(sent, str) and sent in languages()
            else ChatRequest()
        )
    language, text, ignore = (told.get(name) for name in ("language", "question", "ignore"))
    conversation = told.get("conversation")
    filters = [(name, whole(told[name])) for name in _FILTERS if isinstance(told.get(name), str)]
    return ChatRequest(
        text=whole(text) if isinstance(text, str) else None,
        language=language if isinstance(language, str) and language in languages() else DEFAULT,
        filters=tuple((name, value) for name, value in filters if value.strip()),
        ignore=tuple(str(name) for name in ignore) if isinstance(ignore, list) else (),
        conversation=conversation if isinstance(conversation, str) else None,
    )


def whole(text: str) -> str:
    """Without blanks around it, and without half of a surrogate pair, which cannot be sent back."""
    return text.strip().encode(errors="replace").decode()
