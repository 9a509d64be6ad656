"""Citations as the chat shows them: the quote in its passage, and where it is from."""

from collections.abc import Sequence
from dataclasses import dataclass

from qa.answer import Citation
from qa.links import reader_page
from qa.reference import citation_line
from qa.web.dates import told
from qa.web.words import Words
from qa.wire import web_address


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
    """A citation as it is shown; `facts` are source and times, in the order to be read.

    `line` is the quote with its citation as plain text; `has_address` tells that it ends with the
    web address of the original, and needs none of ours.
    """

    number: int
    link: str
    title: str
    heading: str | None
    facts: tuple[str, ...]
    excerpt: Excerpt
    line: str
    has_address: bool


def card(citation: Citation, among: Sequence[Citation], excerpt: Excerpt, words: Words) -> Card:
    """A citation made ready for the template; `among` are all of its answer."""
    article = citation.article
    facts = (article.source, *times(citation, words), _also_in(citation, words))
    return Card(
        number=citation.number,
        link=reader_page(citation, among, lang=words.code),
        title=article.label,
        heading=citation.heading,
        facts=tuple(fact for fact in facts if fact),
        excerpt=excerpt,
        line=citation_line(citation),
        has_address=web_address(article) is not None,
    )


def times(citation: Citation, words: Words) -> tuple[str, ...]:
    """When it was said, in words; empty where nothing is known.

    A clock time whose day is not known stays as the article writes it.
    """
    entry, published = citation.passage.entry, citation.article.published
    day = (told(published, words.code),) if published else ()
    if entry is None:
        return day
    if entry.time:
        return (told(entry.time, words.code),)
    dated = (words.of("chat")["article_of"].format(date=each) for each in day)
    return (*([entry.clock] if entry.clock else []), *dated)


def _also_in(citation: Citation, words: Words) -> str:
    count = len({twin.article_id for twin in citation.also_in})
    if not count:
        return ""
    return words.of("chat")["also_in_one" if count == 1 else "also_in_many"].format(count=count)


def whole_passage(citation: Citation) -> Excerpt:
    """The quote in its whole passage."""
    return _excerpt(citation, _words_from(citation), citation.passage.end)


def neighbours(citation: Citation) -> Excerpt:
    """The quote between the sentence before it and the one after it, of the same paragraph."""
    sentences = citation.passage.sentences
    before = [start for start, end in sentences if end <= citation.quote_start]
    after = [end for start, end in sentences if start >= citation.quote_end]
    first = max([*before, _words_from(citation)])
    last = min(after, default=citation.passage.end)
    text = citation.article.text
    break_before = text.rfind("\n\n", first, citation.quote_start)
    break_after = text.find("\n\n", citation.quote_end, last)
    return _excerpt(
        citation,
        first if break_before < 0 else break_before,
        last if break_after < 0 else break_after,
    )


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
