"""When an answer counts as right, worked out by hand."""

from collections.abc import Sequence
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qa.answer import Answer, Citation, Question
from qa.evaluate.correct import (
    AnswerScores,
    Checked,
    Expected,
    answers_json,
    calibration_error,
    check_answers,
    exact,
    f1,
    normalised,
    reliability,
    show_answers,
    spans_of,
)
from tests.web_sample import FOLLOWED, LANDING, MOON, cite

WHERE = Expected(Question("Where did the Eagle land?", id="w"), ("in the Sea of Tranquility",))
NOWHERE = Expected(Question("Where did the Hawk land?", id="n"), ())


def marked(words: str, quote: str = LANDING) -> Citation:
    """A quote with words of it marked."""
    start = MOON.text.index(words, MOON.text.index(quote))
    return replace(cite(MOON, quote), answer_start=start, answer_end=start + len(words))


def checked(
    expected: Expected,
    *cited: Citation,
    nearest: Sequence[Citation] = (),
    sure: float = 0.5,
) -> Checked:
    answer = Answer(
        expected.question, "2026-01-31T09:00:00Z", cited, tuple(nearest), 1.0, confidence=sure
    )
    return Checked(expected, answer)


@pytest.mark.parametrize(
    ("words", "text"),
    [
        ("the 'old' pier", "at the ‘old’\n pier"),
        ('"Nobody wants\tit"', "“Nobody wants it”, she said"),
        ("about 2,200 flights (2%)", "about 2,200 flights (2%) of all"),
    ],
)
def test_words_are_found_whatever_their_white_space_and_quotation_marks(
    words: str, text: str
) -> None:
    assert len(list(spans_of(words, text))) == 1


def test_other_words_are_not_found() -> None:
    assert list(spans_of("2,200 flights", "2.200 flights")) == []


@pytest.mark.parametrize(
    ("words", "answers", "is_exact", "overlap"),
    [
        ("The Sea of Tranquility!", ["sea of tranquility"], 1, 1),
        ("in the sea", ["Sea of Tranquility", "the sea"], 0, 2 * 1 / (2 + 1)),
        ("Tranquility", ["in the Sea of Tranquility"], 0, 2 * 1 / (1 + 4)),
        ("a b b", ["b b c"], 0, 2 * 2 / (2 + 3)),
        ("Mars", ["the Moon"], 0, 0),
        ("", ["the Moon"], 0, 0),
        ("Mars", [], 0, 0),
    ],
)
def test_words_count_as_squads_script_counts_them(
    words: str, answers: list[str], is_exact: float, overlap: float
) -> None:
    assert exact(words, answers) == is_exact
    assert f1(words, answers) == pytest.approx(overlap)


@given(st.text(), st.text())
def test_what_is_exact_overlaps_wholly_and_alike_both_ways(one: str, other: str) -> None:
    assert 0 <= f1(one, [other]) <= 1
    assert f1(one, [other]) == f1(other, [one])
    assert exact(one, [other]) <= f1(one, [other])
    assert exact(one, [one]) == 1
    assert normalised(" ".join(normalised(one))) == normalised(one)


def test_the_first_quote_has_to_hold_the_answer_and_to_be_given() -> None:
    right, wrong = cite(MOON, LANDING), cite(MOON, FOLLOWED)
    assert checked(WHERE, right, wrong).quotes_answer
    assert not checked(WHERE, wrong, right).quotes_answer
    refused = checked(WHERE, nearest=[right])
    assert (refused.is_refused, refused.quotes_answer, refused.shows_answer) == (True, False, True)
    assert not checked(WHERE).shows_answer
    assert not checked(NOWHERE, right).shows_answer


@pytest.mark.parametrize(("words", "is_right"), [("Tranquility", True), ("The Eagle", False)])
def test_marked_words_are_right_where_they_overlap_an_answer(words: str, is_right: bool) -> None:
    assert checked(WHERE, marked(words)).marks_answer is is_right
    assert not checked(WHERE, cite(MOON, LANDING)).marks_answer
    assert not checked(WHERE, nearest=[marked(words)]).marks_answer


def test_what_is_given_is_the_marked_words_else_the_quote_else_nothing() -> None:
    assert checked(WHERE, marked("Tranquility")).words == "Tranquility"
    assert checked(WHERE, cite(MOON, LANDING)).words == LANDING
    assert checked(WHERE, nearest=[marked("Tranquility")]).words == ""


SCORES = AnswerScores(
    (
        checked(WHERE, marked("Sea of Tranquility"), sure=0.95),
        checked(WHERE, cite(MOON, FOLLOWED), sure=0.65),
        checked(WHERE, nearest=[marked("Tranquility")], sure=0.25),
        checked(NOWHERE, sure=0.05),
        checked(NOWHERE, cite(MOON, FOLLOWED), sure=0.67),
    )
)


def test_measures_are_means_over_those_that_articles_answer_and_over_the_others() -> None:
    assert SCORES.measures == pytest.approx(
        {
            "first quote holds an answer": 1 / 3,
            "marked words overlap an answer": 1 / 3,
            "exact": 0,
            "F1": 2 * 3 / (3 + 4) / 3,
            "wrongly refused": 1 / 3,
            "rightly refused": 1 / 2,
            "calibration error": (0.05 + 0.65 + 0.75 + 0.05 + 0.67) / 5,
        }
    )


def test_without_a_reader_or_without_such_a_question_there_is_nothing_to_share() -> None:
    told = AnswerScores((checked(NOWHERE, cite(MOON, LANDING)),)).measures
    assert told["exact"] is told["marked words overlap an answer"] is None
    assert told["rightly refused"] == 0
    assert AnswerScores(()).measures["calibration error"] is None
    assert AnswerScores((checked(WHERE),)).measures["rightly refused"] is None


def test_reliability_is_by_tenths_of_confidence() -> None:
    first, second = reliability([1.0, 0.95, 0.31, 0.39], [True, False, False, False])
    assert [first.questions, first.confidence, first.right] == pytest.approx([2, 0.35, 0])
    assert [second.questions, second.confidence, second.right] == pytest.approx([2, 0.975, 0.5])
    assert calibration_error([first, second]) == pytest.approx((0.35 + 0.475) / 2)
    assert reliability([], []) == []


@given(st.lists(st.tuples(st.floats(0, 1), st.booleans()), min_size=1))
def test_every_question_is_in_one_bin(rows: list[tuple[float, bool]]) -> None:
    bins = reliability([sure for sure, _ in rows], [right for _, right in rows])
    assert sum(each.questions for each in bins) == len(rows)
    assert 0 <= calibration_error(bins) <= 1


def test_every_question_is_asked_once_and_watched() -> None:
    watched: list[Expected] = []

    def watch(expected: list[Expected]) -> list[Expected]:
        watched.extend(expected)
        return expected

    def ask(question: Question) -> Answer:
        return Answer(question, "2026-01-31T09:00:00Z", (), (), 1.0)

    scores = check_answers([WHERE, NOWHERE], ask, watch)
    assert [each.expected for each in scores.checked] == watched == [WHERE, NOWHERE]


def test_the_report_tells_each_measure_and_each_question_where_asked_for() -> None:
    lines = show_answers(SCORES, per_question=True).splitlines()
    assert lines[1].split("\t") == [
        "w",
        "yes",
        "0",
        f"{2 * 3 / (3 + 4):.3f}",
        "0.950",
        "Sea of Tranquility",
        "Where did the Eagle land?",
    ]
    assert lines[4].split("\t")[:4] == ["n", "yes", "-", "-"]
    assert lines[7] == "3 questions that articles answer, 2 that none answers"
    assert lines[8].split() == "first quote holds an answer 0.3333".split()
    assert lines[-1].split() == ["0.9500", "1.0000", "1"]
    assert show_answers(SCORES, per_question=False).splitlines() == lines[7:]
    assert "none" in show_answers(AnswerScores(()), per_question=False)


def test_programs_are_told_the_same() -> None:
    told = answers_json(SCORES, per_question=True)
    assert (told["answerable"], told["unanswerable"]) == (3, 2)
    assert told["measures"]["first_quote_holds_an_answer"] == pytest.approx(1 / 3)
    assert [each["questions"] for each in told["reliability"]] == [1, 1, 2, 1]
    first, *_, last = told["per_question"]
    assert (first["answer"], first["quotes_answer"], first["refused"]) == (
        "Sea of Tranquility",
        True,
        False,
    )
    assert (last["answers"], last["refused"]) == ([], False)
    assert "per_question" not in answers_json(SCORES, per_question=False)
