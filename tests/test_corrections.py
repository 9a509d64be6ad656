"""Notes of articles on themselves: a table of cases by rule, in words of our own."""

import json
from pathlib import Path
from time import process_time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from index.forms.corrections import editorial_notes

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
    return [[text[note.start : note.end], note.kind] for note in editorial_notes(text)]


@pytest.mark.parametrize("case", CASES, ids=[case["rule"] for case in CASES])
def test_notes_are_those_that_the_table_names(case: dict[str, list[list[str]]]) -> None:
    paragraphs = [*STORY, *case.get("between", ()), *(words for words, _ in case["notes"])]
    assert notes_of("\n\n".join(map(str, paragraphs))) == case["notes"]


def test_a_note_is_found_at_the_beginning_and_in_the_lines_of_a_live_blog() -> None:
    note = ["Correction: Nine ships sailed.", "correction"]
    assert notes_of(f"{note[0]}\n\n9:45am: All is well\n{note[0]}\nThe tide turns.") == [note, note]


def test_of_a_text_without_paragraphs_only_the_sentence_is_a_note() -> None:
    story = " ".join(["The ferry sails at nine."] * 60)
    note = "An earlier version of this story had the wrong hour."
    assert notes_of(f"{story} {note} {story}") == [[note, "correction"]]


@settings(max_examples=60)
@given(st.lists(st.sampled_from(WORDS) | st.text(max_size=9), max_size=12).map("".join))
def test_notes_lie_in_the_text_one_behind_the_other(text: str) -> None:
    reached = 0
    for note in editorial_notes(text):
        assert reached <= note.start < note.end <= len(text)
        reached = note.end


def test_a_very_long_text_is_read_in_no_time() -> None:
    started = process_time()
    assert not editorial_notes("Nine ships left for this story of the previous version.\n" * 5_000)
    assert process_time() - started < 4
