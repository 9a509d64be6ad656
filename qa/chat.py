"""A conversation in the terminal: each line is a question that may go on from those before it."""

import webbrowser
from collections.abc import Callable, Mapping
from contextlib import suppress
from socket import create_connection
from types import MappingProxyType
from urllib.parse import urlsplit

from qa.answer import Answer, Citation, Question
from qa.present.links import reader_link
from qa.present.terminal import show_answer
from qa.question import BadQuestionError, read_question

NEW = "/new"
HELP = f"Ask a question. A number opens that citation, {NEW} starts over, Ctrl-D ends."
_PORTS = {"http": 80, "https": 443}
_SECONDS = 1.0


class Conversation:
    """Answers lines one after the other; what was asked before is the history of the next.

    `open_citation` shows a citation to the user and says where it is. `filters` are fields of
    every question, as `read_question` takes them.
    """

    def __init__(
        self,
        ask: Callable[[Question], Answer],
        open_citation: Callable[[Citation], str],
        filters: Mapping[str, object] = MappingProxyType({}),
        *,
        styled: bool = False,
    ) -> None:
        self._ask = ask
        self._open_citation = open_citation
        self._filters = filters
        self._styled = styled
        self._history: list[dict[str, object]] = []
        self._shown: tuple[Citation, ...] = ()

    def say(self, line: str) -> str:
        """What to print for a line: an answer, a link, or what is wrong with it."""
        text = line.strip()
        if text == NEW:
            self._history, self._shown = [], ()
            return "New conversation."
        if text.isdecimal() and self._shown:
            return self._open(int(text))
        try:
            return self._answer(text)
        except BadQuestionError as error:
            return f"error: {error}"

    def _open(self, number: int) -> str:
        for citation in self._shown:
            if citation.number == number:
                return self._open_citation(citation)
        return f"error: there is no citation {number}: choose 1 to {len(self._shown)}"

    def _answer(self, text: str) -> str:
        record = {**self._filters, "question": text, "history": self._history}
        answer = self._ask(read_question(record))
        self._shown = answer.citations or answer.nearest
        # A greeting is nothing that a question follows on.
        if answer.reply is None:
            cited = [citation.passage.id for citation in answer.citations]
            self._history.append({"question": text, "cited": cited})
        return show_answer(answer, styled=self._styled)


def open_in_reader(server: str) -> Callable[[Citation], str]:
    """Opens citations in the browser, in the reader of the running server at this address."""

    def open_citation(citation: Citation) -> str:
        address = server.rstrip("/") + reader_link(citation)
        if not _is_running(server):
            return (
                f"error: nothing is running at {server!r}: start `python app.py`, or name a "
                f"server with --server, then open {address}"
            )
        webbrowser.open(address)
        return address

    return open_citation


def _is_running(server: str) -> bool:
    with suppress(OSError, ValueError):
        parts = urlsplit(server)
        if parts.hostname is None or parts.scheme not in _PORTS:
            return False
        with create_connection((parts.hostname, parts.port or _PORTS[parts.scheme]), _SECONDS):
            return True
    return False
