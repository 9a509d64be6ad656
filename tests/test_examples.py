"""Questions to begin with are offered only where the archive answers them."""

from collections.abc import Callable
from dataclasses import replace
from itertools import combinations
from pathlib import Path

import pytest

from index.suggest import Suggested, write_suggestions
from qa.answer import Answer, Question
from qa.suggest import QuestionsOf, example_questions
from tests.web_sample import LANDING, MOON, cite


def knowing(*texts: str, asked: list[str] | None = None) -> Callable[[Question], Answer]:
    """An asker that answers these texts and notes what it was asked."""

    def ask(question: Question) -> Answer:
        if asked is not None:
            asked.append(question.text)
        citations = (cite(MOON, LANDING),) if question.text in texts else ()
        return Answer(question, "2026", citations, (), 1.0)

    return ask


MADE = [Suggested(f"Question {number}?", MOON.id) for number in range(3)]
OTHER = Suggested("Another?", "another")


@pytest.mark.parametrize("limit", [1, 2])
def test_no_more_than_the_limit_are_offered_and_no_more_are_asked(limit: int) -> None:
    asked: list[str] = []
    titles = ["The dam", "The flood", "The mill"]
    found = example_questions(knowing(*titles, asked=asked), [], iter(titles), limit)
    assert found == titles[:limit]


def test_of_each_article_one_question_is_offered() -> None:
    texts = [each.question for each in MADE]
    assert example_questions(knowing(*texts), MADE, []) == ["Question 0?"]


def test_a_question_that_is_not_answered_is_not_offered() -> None:
    assert example_questions(knowing("Question 1?"), MADE, []) == ["Question 1?"]


def test_a_question_that_another_article_answers_is_not_offered() -> None:
    assert example_questions(knowing("Another?"), [OTHER], []) == []


def by_id(question: Question) -> Answer:
    """Each question is answered by the article that its first word names."""
    article = replace(MOON, id=question.text.split()[0])
    return Answer(question, "2026", (cite(article, LANDING),), (), 1.0)


def test_they_are_of_articles_far_apart() -> None:
    made = [Suggested(f"a{n} flood?", f"a{n}", "who") for n in range(60)]
    offered = [int(each.split()[0][1:]) for each in example_questions(by_id, made, [])]
    assert len(offered) == 3
    assert min(abs(a - b) for a, b in combinations(offered, 2)) > 5


def test_they_begin_differently_as_far_as_the_archive_has_it() -> None:
    kinds = ["when" if n in (41, 47) else "who" for n in range(60)]
    made = [Suggested(f"a{n} flood?", f"a{n}", kind) for n, kind in enumerate(kinds)]
    offered = example_questions(by_id, made, [])
    asked = [kinds[int(each.split()[0][1:])] for each in offered]
    assert sorted(asked) == ["when", "who", "who"]


def test_titles_serve_where_no_question_was_made() -> None:
    titles = ["The dam", "Not covered", "The flood"]
    assert example_questions(knowing("The dam", "The flood"), [], titles) == [
        "The dam",
        "The flood",
    ]


@pytest.mark.parametrize("title", ["", "🙂", "What is it?", "x" * 3_000, "NUL \x00"])
def test_a_title_that_cannot_be_asked_is_passed_over(title: str) -> None:
    assert example_questions(knowing("The dam"), [], [title, "The dam"]) == ["The dam"]


def test_an_archive_that_answers_nothing_gets_no_examples() -> None:
    assert example_questions(knowing(), MADE, ["The dam"]) == []


def test_questions_of_an_article_are_read_anew_after_a_build(tmp_path: Path) -> None:
    generation = 1
    questions_of = QuestionsOf(tmp_path, lambda: generation)
    assert questions_of(MOON.id) == ()
    write_suggestions(tmp_path, MADE)
    generation = 2
    assert questions_of(MOON.id) == [each.question for each in MADE]
