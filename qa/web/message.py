"""An answer as a message of the chat: HTML in which all text of articles and users is text."""

from dataclasses import dataclass

from qa.answer import Answer, Citation
from qa.web.templating import messages, shown
from qa.when import times
from qa.wire import reader_link


@dataclass(frozen=True, slots=True)
class Excerpt:
    """A quote with the words around it; `cut_*` tell that the passage goes on there."""

    before: str
    quote: str
    after: str
    cut_before: bool = False
    cut_after: bool = False

    @property
    def is_bare(self) -> bool:
        """Nothing but the quote."""
        return not (self.before.strip() or self.after.strip())


@dataclass(frozen=True, slots=True)
class Card:
    """A citation as it is shown; `facts` are source and times, in the order to be read."""

    number: int
    link: str
    title: str
    heading: str | None
    facts: tuple[str, ...]
    excerpt: Excerpt
    also_in: int


def answer_message(answer: Answer) -> str:
    """The HTML of an answer, the best quote first; on one line, as Markdown wants it."""
    citations = answer.citations
    lead = card(citations[0], whole_passage(citations[0])) if citations else None
    others = [card(citation, neighbours(citation)) for citation in citations[1:]]
    nearest = [card(citation, neighbours(citation)) for citation in answer.nearest]
    template = messages.get_template("answer.html")
    return one_line(template.render(lead=lead, others=others, nearest=nearest))


def question_message(text: str) -> str:
    """What the user typed, shown as typed."""
    return f'<p class="fn-question">{shown(text)}</p>'


def problem_message(message: str) -> str:
    """Why there is no answer, as a sentence."""
    sentence = f"{message[:1].upper()}{message[1:].rstrip('.')}."
    return f'<div class="fn-problem"><p>{shown(sentence)}</p></div>'


def card(citation: Citation, excerpt: Excerpt) -> Card:
    """A citation made ready for the template."""
    article = citation.article
    return Card(
        number=citation.number,
        link=f"{reader_link(citation)}#quote",
        title=article.label,
        heading=citation.heading,
        facts=tuple(fact for fact in (article.source, *times(citation)) if fact),
        excerpt=excerpt,
        also_in=len({twin.article_id for twin in citation.also_in}),
    )


def whole_passage(citation: Citation) -> Excerpt:
    """The quote in its whole passage."""
    return _excerpt(citation, _words_from(citation), citation.passage.end)


def neighbours(citation: Citation) -> Excerpt:
    """The quote between the sentence before it and the sentence after it."""
    sentences = citation.passage.sentences
    before = [start for start, end in sentences if end <= citation.quote_start]
    after = [end for start, end in sentences if start >= citation.quote_end]
    first = max([*before, _words_from(citation)])
    last = min(after, default=citation.passage.end)
    return _excerpt(citation, first, last)


def _words_from(citation: Citation) -> int:
    """Where the passage's words begin: after an entry's time line, which is shown on its own."""
    start, entry = citation.passage.start, citation.passage.entry
    is_told = entry is not None and entry.heading and entry.body <= citation.quote_start
    return max(start, entry.body) if entry and is_told else start


def _excerpt(citation: Citation, start: int, end: int) -> Excerpt:
    text, passage = citation.article.text, citation.passage
    return Excerpt(
        before=text[start : citation.quote_start].lstrip(),
        quote=citation.quote,
        after=text[citation.quote_end : end].rstrip(),
        cut_before=bool(text[_words_from(citation) : start].strip()),
        cut_after=bool(text[end : passage.end].strip()),
    )


def one_line(html: str) -> str:
    """Without the template's line ends and indents: Markdown would end an HTML block at some.

    Line ends of article text are entities by now and stay.
    """
    return "".join(line.lstrip(" ") for line in html.split("\n"))
