"""What is no part of an article's story is never quoted: notes on itself, lines that lead away."""

import pytest

from index.article import Article, Span
from index.forms.asides import aside_spans
from index.sentences import paragraph_spans
from index.split import split
from qa.quote import quote_at

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
STORY = [
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


@pytest.mark.parametrize("line", STORY)
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
