"""An answer as a message of the chat: HTML in which all text of articles and users is text."""

import json
from dataclasses import dataclass

from qa.answer import Answer, Question
from qa.bibliography import FORMS
from qa.links import export_link
from qa.web.cards import Card, card, neighbours, whole_passage
from qa.web.dates import told
from qa.web.permalink import permalink
from qa.web.templating import messages, shown
from qa.web.words import Words, words_in

ENGLISH = words_in("en")


@dataclass(frozen=True, slots=True)
class Chip:
    """Something that was understood, and the name of what takes it back.

    What the reader has taken back is shown too: `is_left_out`, until it is put back.
    """

    kind: str
    text: str
    is_left_out: bool = False


def answer_message(answer: Answer, words: Words = ENGLISH) -> str:
    """The HTML of an answer, the best quote first; on one line, as Markdown wants it."""
    citations = answer.citations
    lead = card(citations[0], citations, whole_passage(citations[0]), words) if citations else None
    others = [card(each, citations, neighbours(each), words) for each in citations[1:]]
    near = [card(each, (), neighbours(each), words) for each in answer.nearest]
    cards = [*([lead] if lead else []), *others, *near]
    files = [(form.label, export_link(form.name, citations)) for form in FORMS.values()]
    return one_line(
        messages.get_template("answer.html").render(
            w=words.of("chat"),
            lead=lead,
            others=others,
            nearest=near,
            reply=answer.reply,
            order="" if answer.order == "best" else answer.order,
            reports_differ=answer.reports_differ,
            chips=chips(answer, words),
            files=files if citations else [],
            permalink=permalink(answer.question),
            suggestions=answer.suggestions,
            told=json.dumps(_for_scripts(answer, cards), ensure_ascii=False),
        )
    )


def chips(answer: Answer, words: Words) -> list[Chip]:
    """What was understood of a question, and its filters, in the order to be read."""
    w, question, when = words.of("chat"), answer.question, answer.understood_when
    found = []
    if when is not None:
        ends = [told(end, words.code) for end in (when.after, when.before) if end]
        text = when.text if words.code == "en" or not ends else " – ".join(dict.fromkeys(ends))
        found.append(Chip("when", w["chip_when"].format(text=text)))
    if answer.understood_as and answer.understood_as != question.text:
        found.append(Chip("history", w["chip_as"].format(text=answer.understood_as)))
    if question.after:
        found.append(Chip("after", w["chip_after"].format(date=told(question.after, words.code))))
    if question.before:
        date = told(question.before, words.code)
        found.append(Chip("before", w["chip_before"].format(date=date)))
    if question.source:
        found.append(Chip("source", w["chip_source"].format(name=question.source)))
    left_out = [Chip(kind, w[f"chip_no_{kind}"], True) for kind in sorted(question.ignore)]
    return found + left_out


def question_message(text: str) -> str:
    """What the user typed, shown as typed."""
    return f'<p class="fn-question">{shown(text)}</p>'


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
        "about": answer.understood_as or question.text,
        "when": {"after": when.after, "before": when.before} if when and when.is_exact else {},
        "passages": [each.passage.id for each in answer.citations],
        "articles": list(dict.fromkeys(each.article.id for each in answer.citations)),
        "lines": [[each.line, each.has_address] for each in cards],
    }


def one_line(html: str) -> str:
    """Without the template's line ends and indents: Markdown would end an HTML block at some.

    Line ends of article text are entities by now and stay.
    """
    return "".join(line.lstrip(" ") for line in html.split("\n"))
