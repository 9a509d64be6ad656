"""An answer as a person reads it in a terminal."""

import textwrap
import unicodedata
from collections.abc import Iterator, Mapping

from qa.answer import Answer, Citation, Hit, Reply
from qa.present.dates import times

NOT_COVERED = "The articles do not cover this."
# What a line gets that asks nothing of the articles.
REPLIES: Mapping[Reply, str] = {
    "greeting": "Hello! Ask something, and I quote what the articles say about it.",
    "thanks": "You are welcome. Ask on if there is more that you want to know.",
    "about": "I am a program: I look for your question in the articles and quote the sentences "
    "that answer it, each with its source. I add nothing of my own.",
    "nonsense": "I do not recognise a question in this: ask it in a sentence or a few key words.",
    "language": "I do not read this language: ask in the one that the articles are written in.",
}
_WIDTH = 92
_ORDERS = {"oldest_first": "oldest first", "newest_first": "newest first"}


def show_answer(answer: Answer) -> str:
    """Quotes first, each with where it stands; or that the articles do not cover it."""
    if answer.reply is not None:
        return REPLIES[answer.reply]
    blocks = list(_understood(answer))
    if answer.citations:
        return "\n\n".join([*blocks, *(_show_citation(citation) for citation in answer.citations)])
    blocks.append(NOT_COVERED)
    if answer.nearest:
        blocks.append("Not an answer, only the nearest passages:")
        blocks.extend(_show_citation(citation) for citation in answer.nearest)
    return "\n\n".join(blocks)


def _understood(answer: Answer) -> Iterator[str]:
    """What was searched for, for which time, and how the citations are ordered; where told."""
    if answer.understood_as is not None:
        yield _wrap(f"Understood as: {answer.understood_as}", "")
    said = [_ORDERS[answer.order]] if answer.order in _ORDERS else []
    if answer.understood_when is not None:
        told = answer.understood_when
        said.insert(0, f"When: {told.text} (“{told.phrase}”)")
    if answer.reports_differ:
        said.append("reports differ")
    if said:
        yield plain("; ".join(said))


def show_hits(hits: list[Hit]) -> str:
    """Ranked passages, one block each."""
    if not hits:
        return "No passage has to do with this."
    return "\n\n".join(_show_hit(rank, hit) for rank, hit in enumerate(hits, start=1))


def _show_hit(rank: int, hit: Hit) -> str:
    return f"{rank}. {plain(hit.passage.id)} ({hit.score:.2f})\n{_wrap(hit.passage.text, '    ')}"


def plain(text: str) -> str:
    """The text in one line without control characters: a terminal obeys those."""
    spaced = " ".join(text.split())
    return "".join(c for c in spaced if unicodedata.category(c) not in ("Cc", "Cf", "Cs"))


def _show_citation(citation: Citation) -> str:
    quote = _wrap(f"“{citation.quote}”", "    ")
    return f"[{citation.number}] {quote.strip()}\n" + "\n".join(_about(citation))


def _about(citation: Citation) -> Iterator[str]:
    article = citation.article
    told = [article.label, article.source, *times(citation), citation.heading]
    yield _wrap(" · ".join(part for part in told if part), "    ")
    place = f"{article.id}, characters {citation.quote_start} to {citation.quote_end}"
    yield _wrap(f"{place}  {article.url}" if article.url else place, "    ")
    if citation.also_in:
        others = ", ".join(twin.article_id for twin in citation.also_in)
        yield _wrap(f"also in {others}", "    ")


def _wrap(text: str, indent: str) -> str:
    return textwrap.fill(
        plain(text),
        _WIDTH,
        initial_indent=indent,
        subsequent_indent=indent,
        break_long_words=False,
        break_on_hyphens=False,
    )
