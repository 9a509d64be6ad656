"""Conversations under the ids that links hold: kept by the journal, opened again turn by turn."""

import logging
import secrets
from dataclasses import dataclass

from anyio import to_thread

from qa.answer import Answer
from qa.journal import Journal, KeptTurn, Recorded, Reopened, Turned
from qa.journal.turns import Reopener
from qa.web.protocols import Articles

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
