"""How well questions are understood: the conversations, the confidence, the table of both."""

import argparse
import gzip
import json
from pathlib import Path

import numpy as np
import pytest

from bench.conversations import (
    Asked,
    article_of_hit,
    inscit_conversations,
    page_conversations,
    score,
)
from bench.covering import HALVES, NEAR, Covering, other_numbers
from bench.fit_confidence import fit, fit_product
from bench.results import Figure
from bench.sets import DataSet, Judging, passage_of
from bench.understanding import calibration_error, markdown, read_parts
from index.article import Passage
from qa.answer import Hit, Question, Turn
from qa.answerability import FEATURES
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


def test_a_figure_is_a_line_with_what_was_asked_for() -> None:
    table = markdown([Figure("news", "hit@1", "0.80", "0.75"), Figure("news", "hit@5", "0.95")])
    assert table.splitlines()[2:] == [
        "| news | hit@1 | 0.80 | 0.75 |",
        "| news | hit@5 | 0.95 |  |",
    ]


def test_an_unknown_part_is_refused_with_those_there_are() -> None:
    with pytest.raises(argparse.ArgumentTypeError, match="'tides': choose of dates, followups"):
        read_parts("dates,tides")


def covering(rows: int, moved: float) -> Covering:
    """Covered and not in turn; the first signal tells which, as far as it is moved."""
    covered = np.arange(rows) % 2 == 0
    noise = np.random.default_rng(0).normal(size=(rows, len(FEATURES)))
    noise[:, 0] += moved * covered
    return Covering(noise, covered, np.arange(rows))


def test_chances_that_are_the_shares_have_no_error() -> None:
    chances = np.repeat([0.25, 0.75], 4)
    covered = np.array([1, 0, 0, 0, 1, 1, 1, 0], dtype=np.float64)
    assert calibration_error(chances, covered) == 0


def test_the_error_is_the_distance_weighed_by_the_size_of_the_bin() -> None:
    chances = np.array([0.95, 0.95, 0.05, 1.0])
    covered = np.array([0.0, 0.0, 0.0, 1.0])
    expected = 3 / 4 * abs((0.95 + 0.95 + 1.0) / 3 - 1 / 3) + 1 / 4 * 0.05
    assert calibration_error(chances, covered) == pytest.approx(expected)


def test_the_fit_finds_the_signal_that_tells() -> None:
    model = fit({HALVES: covering(400, 3.0), NEAR: covering(100, 3.0)})
    assert int(np.argmax(np.abs(model.covered.weights) + np.abs(model.answered.weights))) == 0


def test_what_is_near_but_no_answer_is_told_of_all_the_same() -> None:
    draw = np.random.default_rng(0)
    rows = draw.normal(size=(3000, 2))
    covered = (rows[:, 0] > 0) & (rows[:, 1] > 0)
    model = fit_product(rows, covered, np.ones(len(rows)), [0, 1], [0, 1])
    each = [np.array(part.weights) for part in (model.covered, model.answered)]
    assert sorted(int(np.argmax(weights)) for weights in each) == [0, 1]


def test_a_part_leaves_out_the_columns_that_it_may_not_use() -> None:
    some = covering(200, 3.0)
    model = fit_product(some.features, some.covered, np.ones(200), [0, 1], [2])
    assert np.flatnonzero(model.covered.weights).tolist() == [0, 1]
    assert np.flatnonzero(model.answered.weights).tolist() in ([2], [])


def test_another_number_is_put_behind_a_name_and_nowhere_else() -> None:
    rows = [{"text": "Who won Super Bowl 50?"}, {"text": "Who won 50 games in 1950?"}]
    assert [each.text for each in other_numbers(rows)] == ["Who won Super Bowl 57?"]


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
