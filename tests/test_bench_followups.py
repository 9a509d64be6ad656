"""Conversations that are measured: how they are read, and in which forms they are asked."""

import gzip
import json
from pathlib import Path

import pytest

from bench.conversations import (
    Asked,
    article_of_hit,
    inscit_conversations,
    page_conversations,
    score,
)
from bench.sets import DataSet, Judging, passage_of
from index.article import Passage
from qa.answer import Hit, Question, Turn
from qa.evaluate import Judged
from qa.evaluate.measures import Judgement

ROWS = (
    {"_id": "food_0", "text": "What is cheese?", "history": [], "gold": ["Cheese:1"]},
    {"_id": "food_1", "text": "And soy?", "history": ["What is cheese?", "Milk."], "gold": []},
    {
        "_id": "food_2",
        "text": "Is it old?",
        "history": ["What is cheese?", "Milk.", "And soy?", "A bean."],
        "gold": ["Soy:1", "Soy:2"],
    },
)


@pytest.fixture
def turns_of(tmp_path: Path) -> list[Asked]:
    folder = tmp_path / "inscit"
    folder.mkdir()
    with gzip.open(folder / "queries.jsonl.gz", "wt", encoding="utf-8") as lines:
        lines.writelines(f"{json.dumps(row)}\n" for row in ROWS)
    return inscit_conversations(tmp_path, lambda question: (f"{question.text}:0-9",))


def test_earlier_questions_come_with_what_we_cite_for_them(turns_of: list[Asked]) -> None:
    opening, last = turns_of
    assert opening.is_first
    assert (last.conversation, last.is_first, last.is_alone) == ("food", False, False)
    assert last.question.history == (
        Turn("What is cheese?", ("What is cheese?:0-9",)),
        Turn("And soy?", ("And soy?:0-9",)),
    )


def test_a_question_is_asked_alone_joined_and_with_the_history_of_the_set(
    turns_of: list[Asked],
) -> None:
    last = turns_of[-1]
    assert last.without_history() == Question("Is it old?", id="food_2")
    assert last.joined().text == "And soy? Is it old?"
    assert [turn.question for turn in last.with_given_history().history] == ROWS[2]["history"]


def test_a_question_is_a_hit_by_one_that_answers_and_recalled_by_all(turns_of: list[Asked]) -> None:
    def search(question: Question) -> list[Hit]:
        return [Hit(Passage(name, 0, 1, "x", ()), 1.0) for name in ("Cheese:1", "Soy:2")]

    found = score(turns_of, lambda one: one.question, search, article_of_hit)
    assert (found.hit, found.recall, found.questions) == (1.0, (1 + 1 / 2) / 2, 2)
    assert str(score([], Asked.joined, search, article_of_hit)) == "0.000 / 0.000"


def test_questions_on_a_page_follow_one_of_a_passage_before() -> None:
    questions = (
        Question("Who built the dam?", id="1"),
        Question("Who led the work?", id="2"),
        Question("When did it end?", id="3"),
        Question("Who built the bridge of Orrin?", id="4"),
    )
    places = {"1": "page:0-99", "2": "page:100-199", "3": "page:100-199", "4": "other:0-9"}
    judged = Judged(list(questions), [Judgement(key, place, 1) for key, place in places.items()])
    data_set = DataSet("pages", Path(), questions, (Judging("pages", judged, passage_of),))
    found = page_conversations(data_set, 10)
    history = (Turn("Who built the dam?", ("page:0-99",)),)
    assert [one.question for one in found] == [
        Question("Who led the work?", id="2", history=history),
        Question("When did it end?", id="3", history=history),
    ]
    again = page_conversations(data_set, 10, again=True)
    history = (Turn("Who led the work?", ("page:100-199",)),)
    assert [one.question for one in again] == [
        Question("When did it end?", id="3", history=history)
    ]
