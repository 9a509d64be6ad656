"""Notes of articles on themselves: a table by rule, in words of our own; and who shows them."""

import json
from dataclasses import replace
from datetime import date
from html import unescape
from pathlib import Path
from time import process_time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from index.forms.corrections import corrections_near, editorial_notes
from qa.access import Snippets
from qa.answer import Question
from qa.present.references import FORMS, ExportForm, reference_of
from qa.present.terminal import show_answer
from qa.present.wire import CitationModel
from qa.web.chat.message import answer_message
from qa.web.i18n import View, languages, words_in
from qa.web.reader import Marked, article_page
from tests.web_sample import MENDED, MOON, NOTE, OPENED, answer, cite

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
    started = process_time()
    for _ in range(lines // short):
        editorial_notes(line * short)
    at_once = process_time()
    assert not editorial_notes(line * lines)
    assert process_time() - at_once < 3 * (at_once - started)


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
