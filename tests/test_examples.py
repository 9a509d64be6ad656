"""Questions to begin with are offered only where the archive answers them."""

from collections.abc import Callable, Collection

import pytest

from qa.answer import Answer, Question
from qa.examples import SAMPLE_QUESTIONS, example_questions
from qa.question import read_question
from tests.web_sample import LANDING, MOON, cite


def knowing(*texts: str, asked: list[str] | None = None) -> Callable[[Question], Answer]:
    """An asker that answers these texts and notes what it was asked."""

    def ask(question: Question) -> Answer:
        if asked is not None:
            asked.append(question.text)
        citations = (cite(MOON, LANDING),) if question.text in texts else ()
        return Answer(question, "2026", citations, (), 1.0)

    return ask


@pytest.mark.parametrize("limit", [1, 2, 3])
def test_no_more_than_the_limit_are_offered_and_no_more_are_asked(limit: int) -> None:
    asked: list[str] = []
    found = example_questions(knowing(*SAMPLE_QUESTIONS, asked=asked), [], limit)
    assert found == asked == list(SAMPLE_QUESTIONS[:limit])


def test_a_question_that_is_not_answered_is_not_offered() -> None:
    found = example_questions(knowing(*SAMPLE_QUESTIONS[1:]), [])
    assert found == list(SAMPLE_QUESTIONS[1:4])


def test_titles_serve_where_the_samples_questions_find_nothing() -> None:
    titles = ["The dam", "Not covered", "The flood"]
    assert example_questions(knowing("The dam", "The flood"), titles) == ["The dam", "The flood"]


@pytest.mark.parametrize("title", ["", "🙂", "What is it?", "x" * 3_000, "NUL \x00"])
def test_a_title_that_cannot_be_asked_is_passed_over(title: str) -> None:
    assert example_questions(knowing("The dam"), [title, "The dam"]) == ["The dam"]


def test_an_archive_that_answers_nothing_gets_no_examples() -> None:
    assert example_questions(knowing(), ["The dam"]) == []


def test_every_sample_question_can_be_asked() -> None:
    texts: Collection[str] = {read_question({"question": text}).text for text in SAMPLE_QUESTIONS}
    assert texts == set(SAMPLE_QUESTIONS)
