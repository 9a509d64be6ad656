"""What is no part of an article's story is never quoted: notes on itself, lines that lead away."""

import json
from dataclasses import replace
from datetime import date
from html import unescape
from pathlib import Path
from time import thread_time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from index.article import Article, Span
from index.forms.asides import aside_spans, corrections_near, editorial_notes
from index.sentences import paragraph_spans
from index.split import split
from qa.access import Snippets
from qa.answer import Question
from qa.present.references import FORMS, ExportForm, reference_of
from qa.present.terminal import show_answer
from qa.present.wire import CitationModel
from qa.quote import quote_at
from qa.web.chat.message import answer_message
from qa.web.i18n import View, languages, words_in
from qa.web.reader import Marked, article_page
from tests.web_sample import MENDED, MOON, NOTE, OPENED, answer, cite

LEAD_AWAY = [
    "More:A tower of 25 floors rises by the lake",
    "MORE: How the bridge was paid for",
    "READ MORE: The ferry in numbers",
    "► Related: Who runs the ferry now?",
    "RELATED STORIES | The harbour in winter",
    "More on the harbour: Quay 9 is closed again",
    "Watch: The tower comes down",
    "See also » Timetable of the ferry",
    "Opinion:Why the ferry should be free",
    "Fact check: Picture shows another bridge",
    "Lesen Sie auch: Die Fähre in Zahlen",
    "À lire aussi : Le pont en chiffres",
    "Lea también: El puente en cifras",
    "Читайте також: Пором у цифрах",
    "اقرأ أيضا: الجسر بالأرقام",
]
STAYS = [
    "More than 25 floors rise by the lake",
    "Read the full story of the ferry in the library: it has nine volumes",
    "Opinion: The court holds that the ferry may sail.",
    "Analysis: “The bridge is safe,” she said.",
    "Last week: 3,362",
    "Related: no",
    "Also: nine cars may sail at once, no more",
    "More – and this is new – of the floors are let",
    "September 10: Harvest moon",
]


def asides_of(text: str) -> tuple[Span, ...]:
    return aside_spans(text, list(paragraph_spans(text, 0, len(text))))


@pytest.mark.parametrize("line", LEAD_AWAY)
def test_a_line_that_leads_to_another_page_is_no_part_of_the_story(line: str) -> None:
    text = f"The tower has 12 floors.\n\n{line}\n\nIt was built in 1931."
    assert [text[start:end] for start, end in asides_of(text)] == [line]
    (passage,) = split(Article("tower", text))
    assert [passage.words(span) for span in passage.sentences] == [
        "The tower has 12 floors.",
        "It was built in 1931.",
    ]


@pytest.mark.parametrize("line", STAYS)
def test_what_only_looks_like_one_stays(line: str) -> None:
    assert asides_of(f"The tower has 12 floors.\n{line}\nIt was built in 1931.") == ()


def test_a_line_inside_a_wrapped_paragraph_leads_nowhere() -> None:
    text = """The harbour master of the island has asked the council for
more: nine cranes, two quays and a tower. He got it all, and
the ferry has sailed on time since that day in the spring."""
    assert asides_of(text) == ()


def test_a_correction_is_neither_found_nor_quoted() -> None:
    note = "Correction: An earlier version of this story said that at least 16 people died."
    passages = split(Article("tower", f"Nine people died when the tower fell.\n\n{note}"))
    told = [each.words(span) for each in passages for span in each.sentences]
    assert told == ["Nine people died when the tower fell."]


def test_an_article_that_is_nothing_else_is_kept() -> None:
    line = "Correction: The ferry takes nine cars, not ninety."
    (passage,) = split(Article("note", line))
    assert passage.text == line


def test_a_quote_does_not_reach_over_what_was_left_out() -> None:
    (passage,) = split(Article("ada", "Ada Lind was here.\nMore: Who rows today\nShe rowed home."))
    assert passage.words(quote_at(passage, 1)) == "She rowed home."


TABLE = Path(__file__).with_name("corrections.jsonl")
CASES = [json.loads(line) for line in TABLE.read_text(encoding="utf-8").splitlines()]
# What no paragraph of an article is without.
STORY = ["The ferry left the harbour at nine.", "It was raining, and this was no day for a trip."]
WORDS = [
    "Correction: ",
    "“An earlier version of this story ",
    "This article was amended. ",
    "\n",
    '"',
]


def notes_of(text: str) -> list[list[str]]:
    return [[note.text, note.kind] for note in editorial_notes(text)]


@pytest.mark.parametrize("case", CASES, ids=[case["rule"] for case in CASES])
def test_notes_are_those_that_the_table_names(case: dict[str, list[list[str]]]) -> None:
    paragraphs = [*STORY, *case.get("between", ()), *(words for words, _ in case["notes"])]
    assert notes_of("\n\n".join(map(str, paragraphs))) == case["notes"]


def test_a_note_is_found_at_the_beginning_and_in_the_lines_of_a_live_blog() -> None:
    note = ["Correction: Nine ships sailed.", "correction"]
    assert notes_of(f"{note[0]}\n\n9:45am: All is well\n{note[0]}\nThe tide turns.") == [note, note]


def test_an_indented_note_is_found() -> None:
    assert notes_of("The tide turns.\n\n   Correction: Nine sailed.") == [
        ["Correction: Nine sailed.", "correction"]
    ]


def test_of_a_text_without_paragraphs_only_the_sentence_is_a_note() -> None:
    story = " ".join(["The ferry sails at nine."] * 60)
    note = "An earlier version of this story had the wrong hour."
    assert notes_of(f"{story} {note} {story}") == [[note, "correction"]]


@settings(max_examples=60)
@given(st.lists(st.sampled_from(WORDS) | st.text(max_size=9), max_size=12).map("".join))
def test_notes_lie_in_the_text_one_behind_the_other(text: str) -> None:
    reached = 0
    for note in editorial_notes(text):
        assert reached <= note.start < note.end
        assert note.text == text[note.start : note.end]
        reached = note.end


def test_a_very_long_text_takes_no_longer_than_short_ones_of_the_same_length() -> None:
    lines, short = 5_000, 100
    line = "Nine ships left for this story of the previous version.\n"
    started = thread_time()
    for _ in range(lines // short):
        editorial_notes(line * short)
    at_once = thread_time()
    assert not editorial_notes(line * lines)
    assert thread_time() - at_once < 3 * (at_once - started)


MENDED_CITED = cite(MENDED, OPENED)
ASKED = Question("When was the bridge opened?")


def test_a_citation_has_the_note_of_its_article_to_the_letter_and_no_mere_update() -> None:
    (sent,) = CitationModel.of(MENDED_CITED).model_dump()["corrections"]
    assert sent["text"] == MENDED.text[sent["start"] : sent["end"]] == NOTE
    assert sent["kind"] == "correction"
    assert cite(MOON, "Aldrin followed him.").corrections == ()


def test_a_note_that_is_quoted_is_not_told_beside_itself() -> None:
    assert cite(MENDED, NOTE).corrections == ()


def test_of_many_notes_the_three_nearest_are_told_in_their_order() -> None:
    notes = [f"Correction: Boat {number} sailed." for number in range(9)]
    text = "\n\n".join([*notes[:5], OPENED, *notes[5:]])
    start = text.index(OPENED)
    found = corrections_near(text, (start, start + len(OPENED)))
    assert [note.text for note in found] == notes[3:6]


def test_of_what_is_for_members_no_note_is_told_to_others() -> None:
    closed = cite(replace(MENDED, visibility="members"), OPENED)
    (shown,) = Snippets(length=20).answer(answer(ASKED, closed)).citations
    assert shown.corrections == ()


def test_the_shell_tells_the_note() -> None:
    shown = " ".join(show_answer(answer(ASKED, MENDED_CITED)).split())
    assert f"note in the article: {NOTE}" in shown


@pytest.mark.parametrize("form", FORMS.values(), ids=FORMS)
def test_every_export_has_the_note(form: ExportForm) -> None:
    written = form.write([reference_of(MENDED_CITED)], date(2026, 1, 31))
    assert "An earlier version of this article named" in written.replace("\\", "")


@pytest.mark.parametrize("code", languages())
def test_chat_and_reader_show_the_note_as_text_in_each_language(code: str) -> None:
    words = words_in(code)
    label = words.of("chat")["note"].partition("{")[0].strip()
    chat = answer_message(answer(ASKED, MENDED_CITED), words)
    page = bytes(article_page(MENDED, Marked(MENDED_CITED.quote_span), View(words)).body).decode()
    for shown in (chat, page.partition("<article")[0]):
        assert label in unescape(shown)
        assert NOTE in unescape(shown)
        assert "<b>" not in shown
