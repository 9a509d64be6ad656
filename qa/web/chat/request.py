"""How the page asks: what its script sends along with a question, or instead of one.

A conversation has an id, which links hold; the journal keeps it, and it is opened turn by turn.
"""

import json
import logging
import secrets
from dataclasses import dataclass

from anyio import to_thread

from qa.answer import Answer
from qa.journal import Journal, KeptTurn, Recorded, Reopened, Turned
from qa.journal.reading import Reopener
from qa.web.i18n import DEFAULT, Words, languages, words_in
from qa.web.protocols import Articles

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


# Older turns leave the page and the memory of the server.
MAX_TURNS = 20
# Nobody guesses 96 bits.
_ID_BYTES = 12

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class OpenedTurn:
    """A turn that was kept, under its id."""

    id: str
    reopened: Reopened


class Conversations:
    """Keeps turns, where the journal keeps every question. Thread-safe.

    With `are_shared`, other processes open them, too.
    """

    def __init__(self, journal: Journal, articles: Articles, *, are_shared: bool = False) -> None:
        self._journal, self._articles, self._are_shared = journal, articles, are_shared
        self._recorded = Recorded(journal.path)

    def keep(self, answer: Answer, parent: str | None) -> str | None:
        """The id of the turn that follows on `parent`, or None where turns are not kept."""
        turned = Turned(secrets.token_urlsafe(_ID_BYTES), parent, KeptTurn.of(answer))
        return turned.id if self._journal.turned(turned) else None

    async def settle(self) -> None:
        """Wait until what was kept can be opened, wherever that is asked for."""
        # Here, `open` waits for it.
        if self._are_shared:
            await to_thread.run_sync(self._journal.flush)

    def open(self, turn_id: str) -> list[OpenedTurn]:
        """The conversation up to that turn, oldest first; empty where it is not kept."""
        # Whoever reloads the page right after an answer is to find it.
        self._journal.flush()
        reopener = Reopener(self._articles.article)
        turns = []
        for kept_id, dumped in self._recorded.turns(turn_id, MAX_TURNS):
            try:
                turns.append(OpenedTurn(kept_id, reopener.open(KeptTurn.load(dumped))))
            except ValueError as error:
                _log.warning("the turn %s cannot be read and is left out: %s", kept_id, error)
        return turns
