"""An answer as a person reads it in a terminal, and a conversation there: `python -m qa chat`."""

import re
import textwrap
import unicodedata
import webbrowser
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from socket import create_connection
from types import MappingProxyType
from urllib.parse import urlsplit

from babel.lists import format_list

from index.article import Article, Entry
from qa.answer import Answer, AnsweredPart, Citation, Hit, Question, Reply
from qa.present.dates import locale_of, times_of
from qa.present.links import reader_link
from qa.present.version import parts_of, span_within
from qa.question import BadQuestionError, read_question

NOT_COVERED = "The articles do not cover this."
UNSURE = "The articles may not answer this. The closest passages:"
# What a line gets that asks nothing of the articles.
REPLIES: Mapping[Reply, str] = {
    "greeting": "Hello. Ask a question, and I quote what the articles say about it.",
    "thanks": "You’re welcome. Ask another question any time.",
    "about": "I search these articles and quote the sentences that answer your question, each with "
    "its source. I write nothing of my own.",
    "nonsense": "This does not look like a question: ask in a sentence or a few key words.",
    "language": "The articles are in another language: ask in that language.",
}
_WIDTH = 92
_BOLD, _NOT_BOLD = "\x1b[1m", "\x1b[22m"
_ORDERS = {"oldest_first": "oldest first", "newest_first": "newest first"}


def show_answer(answer: Answer, *, styled: bool = False) -> str:
    """Quotes first, each with where it stands; or that the articles do not cover it.

    `styled` is for terminals: the words that answer are bold there.
    """
    if answer.reply is not None:
        return REPLIES[answer.reply]
    blocks = list(_understood(answer))
    if answer.citations:
        return "\n\n".join([*blocks, *(_show_citation(each, styled) for each in answer.citations)])
    if answer.is_unsure:
        return "\n\n".join([*blocks, UNSURE, *(_show_citation(n, styled) for n in answer.nearest)])
    blocks.append(NOT_COVERED)
    if answer.nearest:
        blocks.append("Not an answer: the closest passages:")
        blocks.extend(_show_citation(each, styled=False) for each in answer.nearest)
    return "\n\n".join(blocks)


def _understood(answer: Answer) -> Iterator[str]:
    """What was searched for, for which time, and how the citations are ordered; where told."""
    if answer.understood_spelling is not None:
        words = (f"{each.read} (“{each.typed}”)" for each in answer.understood_spelling.words)
        yield _wrap(f"Spelling: {', '.join(words)}", "")
    if answer.understood_as is not None:
        yield _wrap(f"Interpreted as: {answer.understood_as}", "")
    said = [_ORDERS[answer.order]] if answer.order in _ORDERS else []
    if answer.understood_when is not None:
        told = answer.understood_when
        other = f", or {told.other.text}" if told.other else ""
        said.insert(0, f"When: {told.text}{other} (“{told.phrase}”)")
    if answer.unread_when is not None:
        said.append(f"not understood: “{answer.unread_when}”")
    if answer.reports_differ:
        said.append("reports differ")
    if said:
        yield plain("; ".join(said))
    if answer.unknown_names:
        quoted = [f"“{name}”" for name in answer.unknown_names]
        names = format_list(quoted, "or", locale_of("en"))
        yield _wrap(f"No article mentions {names}.", "")
    if answer.parts:
        yield "\n".join(_wrap(_show_part(part), "") for part in answer.parts)


def _show_part(part: AnsweredPart) -> str:
    told = "".join(f"[{number}]" for number in part.numbers) or NOT_COVERED
    return f"{part.text}: {told}"


def show_hits(hits: list[Hit], article_of: Callable[[str], Article | None]) -> str:
    """Ranked passages, one block each; `article_of` gives the article of an id, if there is one."""
    if not hits:
        return "No passage comes close."
    return "\n\n".join(
        _show_hit(rank, hit, article_of(hit.passage.article_id))
        for rank, hit in enumerate(hits, start=1)
    )


def _show_hit(rank: int, hit: Hit, article: Article | None) -> str:
    passage = hit.passage
    told = _origin(article, passage.entry) if article else passage.article_id
    head = _wrap(f"{rank}. {told}", "    ").strip()
    return f"{head}\n{_wrap(passage.text, '    ')}\n    {plain(passage.id)} ({hit.score:.2f})"


def plain(text: str) -> str:
    """The text in one line without control characters: a terminal obeys those."""
    spaced = " ".join(text.split())
    return "".join(c for c in spaced if unicodedata.category(c) not in ("Cc", "Cf", "Cs"))


def _show_citation(citation: Citation, styled: bool) -> str:
    quote = _wrap(f"“{citation.quote}”", "    ").strip()
    if styled:
        quote = _with_answer_bold(quote, citation)
    return f"[{citation.number}] {quote}\n" + "\n".join(_about(citation))


def _with_answer_bold(shown: str, citation: Citation) -> str:
    """The words that answer in bold in the quote as it is shown, however its lines are broken."""
    parts = parts_of(citation.quote, span_within(citation.answer_span, citation.quote_span))
    count = _visible(parts.answer)
    if not count:
        return shown
    places = [place for place, sign in enumerate(shown) if not sign.isspace()]
    # The quotation mark comes first.
    first = 1 + _visible(parts.before)
    start, end = places[first], places[first + count - 1] + 1
    # Line by line: what shows a part of the lines begins each in plain.
    bold = re.sub(r"\S[^\n]*", lambda line: f"{_BOLD}{line[0]}{_NOT_BOLD}", shown[start:end])
    return shown[:start] + bold + shown[end:]


def _visible(text: str) -> int:
    """How many signs of a text are printed, blanks aside."""
    return len(plain(text).replace(" ", ""))


def _about(citation: Citation) -> Iterator[str]:
    article = citation.article
    origin = _origin(article, citation.passage.entry)
    yield _wrap(f"{origin} · page {citation.page}" if citation.page else origin, "    ")
    place = f"{article.id}, characters {citation.quote_start} to {citation.quote_end}"
    yield _wrap(f"{place}  {article.url}" if article.url else place, "    ")
    if citation.also_in:
        others = ", ".join(twin.article_id for twin in citation.also_in)
        yield _wrap(f"also in {others}", "    ")
    for note in citation.corrections:
        yield _wrap(f"note in the article: {note.text}", "    ")


def _origin(article: Article, entry: Entry | None) -> str:
    heading = entry.heading if entry else None
    told = (article.headline, article.label, article.source, *times_of(article, entry), heading)
    return " · ".join(part for part in told if part)


def _wrap(text: str, indent: str) -> str:
    return textwrap.fill(
        plain(text),
        _WIDTH,
        initial_indent=indent,
        subsequent_indent=indent,
        break_long_words=False,
        break_on_hyphens=False,
    )


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
