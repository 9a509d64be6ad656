"""An answer as a message of the chat: HTML in which all text of articles and users is text."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from babel.lists import format_list

from index.article import Span
from qa.answer import Answer, Citation, Question
from qa.present import dates
from qa.present.dates import in_words, locale_of, span_in_words
from qa.present.links import export_link, permalink, reader_page, web_address
from qa.present.references import FORMS, citation_line
from qa.present.version import Parts, parts_of, span_within
from qa.web.i18n import Words, messages, shown, words_in


@dataclass(frozen=True, slots=True)
class Excerpt:
    """A quote with the words around it; `cut_*` tell that the passage goes on there.

    `answer` are the words of the quote that answer.
    """

    before: str
    quote: str
    after: str
    cut_before: bool = False
    cut_after: bool = False
    answer: Span | None = None

    @property
    def parts(self) -> Parts:
        """The words of the quote that answer, and what stands around them in it."""
        return parts_of(self.quote, self.answer)


@dataclass(frozen=True, slots=True)
class Card:
    """A citation as it is shown; `facts` are label, source and times, in the order to be read.

    `notes` are what its article says of itself: that something in it was corrected.
    `line` is the quote with its citation as plain text; `has_address` tells that it ends with the
    web address of the original, and needs none of ours.
    """

    number: int
    link: str
    title: str
    heading: str | None
    facts: tuple[str, ...]
    notes: tuple[str, ...]
    excerpt: Excerpt
    line: str
    has_address: bool


# From this confidence on the quote is set in large type.
SURE = 0.75
# So many characters of a question stand above what is wrong with it.
_TOLD = 200


def card(citation: Citation, among: Sequence[Citation], excerpt: Excerpt, words: Words) -> Card:
    """A citation made ready for the template; `among` are all of its answer."""
    article = citation.article
    facts = (
        article.label,
        article.source,
        *times(citation, words),
        _page(citation, words),
        _also_in(citation, words),
        words.of("chat")["members"] if article.is_excerpt else "",
    )
    return Card(
        number=citation.number,
        link=reader_page(citation, among, lang=words.code),
        title=article.headline,
        heading=citation.heading,
        facts=tuple(fact for fact in facts if fact),
        notes=tuple(note.text for note in citation.corrections),
        excerpt=excerpt,
        line=citation_line(citation),
        has_address=web_address(article) is not None,
    )


def times(citation: Citation, words: Words) -> tuple[str, ...]:
    """When it was said, in words; empty where nothing is known."""
    return dates.times(citation, words.code, words.of("chat")["article_of"])


def _page(citation: Citation, words: Words) -> str:
    return words.of("chat")["page"].format(page=citation.page) if citation.page else ""


def _also_in(citation: Citation, words: Words) -> str:
    count = len({twin.article_id for twin in citation.also_in})
    if not count:
        return ""
    return words.of("chat")["also_in_one" if count == 1 else "also_in_many"].format(count=count)


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
        answer=span_within(citation.answer_span, citation.quote_span),
    )


ENGLISH = words_in("en")


@dataclass(frozen=True, slots=True)
class Chip:
    """Something that was understood, and the name of what takes it back.

    What the reader has taken back is shown too, until it is put back: pressing the chip asks
    again `without` it, or `with` it, or with this `instead`.
    """

    kind: str
    text: str
    act: Literal["without", "with", "instead"] = "without"


def answer_message(answer: Answer, words: Words = ENGLISH, link: str | None = None) -> str:
    """The HTML of an answer, the best quote first; on one line, as Markdown wants it.

    `link` leads to the conversation up to it, where that is kept.
    """
    citations = answer.citations
    lead = card(citations[0], citations, neighbours(citations[0]), words) if citations else None
    others = [card(each, citations, neighbours(each), words) for each in citations[1:]]
    near = [card(each, (), neighbours(each), words) for each in answer.nearest]
    cards = [*([lead] if lead else []), *others, *near]
    files = [(form.label, export_link(form.name, citations)) for form in FORMS.values()]
    return one_line(
        messages.get_template("answer.html").render(
            w=words.of("chat"),
            parts=[(part.text, [cards[at - 1] for at in part.numbers]) for part in answer.parts],
            lead=lead,
            others=others,
            nearest=near,
            is_sure=answer.confidence >= SURE,
            unsure=answer.is_unsure,
            is_close=answer.is_close,
            reply=answer.reply,
            order="" if answer.order == "best" else answer.order,
            reports_differ=answer.reports_differ,
            chips=chips(answer, words),
            unread=answer.unread_when,
            unknown=_named(answer.unknown_names, words),
            files=files if citations else [],
            permalink=link or permalink(answer.question),
            suggestions=answer.suggestions,
            told=json.dumps(_for_scripts(answer, cards), ensure_ascii=False),
        )
    )


def _named(names: Sequence[str], words: Words) -> str:
    quoted = [words.of("chat")["quoted_name"].format(name=name) for name in names]
    return format_list(quoted, "or", locale_of(words.code))


def chips(answer: Answer, words: Words) -> list[Chip]:
    """What was understood of a question, and its filters, in the order to be read."""
    w, question, when = words.of("chat"), answer.question, answer.understood_when
    found = []
    if when is not None:
        text = "" if words.code == "en" else span_in_words(when.after, when.before, words.code)
        found.append(Chip("when", w["chip_when"].format(text=text or when.text)))
        if (other := when.other) is not None:
            text = span_in_words(other.after, other.before, words.code)
            found.append(Chip("when", w["chip_other"].format(text=text), act="instead"))
    if answer.understood_spelling is not None:
        read = ", ".join(word.read for word in answer.understood_spelling.words)
        found.append(Chip("spelling", w["chip_spelling"].format(text=read)))
    if answer.meant != answer.respelt:
        found.append(Chip("history", w["chip_as"].format(text=answer.meant)))
    if question.after:
        found.append(
            Chip("after", w["chip_after"].format(date=in_words(question.after, words.code)))
        )
    if question.before:
        date = in_words(question.before, words.code)
        found.append(Chip("before", w["chip_before"].format(date=date)))
    if question.source:
        found.append(Chip("source", w["chip_source"].format(name=question.source)))
    left_out = [Chip(kind, w[f"chip_no_{kind}"], act="with") for kind in sorted(question.ignore)]
    return found + left_out


def question_message(text: str) -> str:
    """What the user typed, shown as typed."""
    return f'<p class="fn-question">{shown(text)}</p>'


def shortened(text: str) -> str:
    """The beginning of a text that is too long to be told in full.

    >>> shortened("why? " * 100).endswith("why? why? …")
    True
    """
    return text if len(text) <= _TOLD else f"{text[:_TOLD].rsplit(maxsplit=1)[0]} …"


def problem_message(message: str) -> str:
    """Why there is no answer, as a sentence."""
    sentence = f"{message[:1].upper()}{message[1:].rstrip('.')}."
    return f'<div class="fn-problem"><p>{shown(sentence)}</p></div>'


def _for_scripts(answer: Answer, cards: list[Card]) -> dict[str, object]:
    """What the page's script needs and no attribute of a message can hold but a title."""
    question: Question = answer.question
    when = answer.understood_when
    return {
        "question": question.text,
        "after": question.after or "",
        "before": question.before or "",
        "source": question.source or "",
        "ignore": sorted(question.ignore),
        "about": answer.meant,
        "other": {"after": when.other.after, "before": when.other.before}
        if when and when.other
        else {},
        "when": {"after": when.after, "before": when.before} if when and when.is_exact else {},
        "passages": [each.passage.id for each in answer.citations],
        "lines": [[each.line, each.has_address] for each in cards],
    }


def one_line(html: str) -> str:
    """Without the template's line ends and indents: Markdown would end an HTML block at some.

    Line ends of article text are entities by now and stay.
    """
    return "".join(line.lstrip(" ") for line in html.split("\n"))
