"""Questions to go on with are offered once the archive has answered them."""

from collections.abc import Callable

import pytest

from qa.answer import Answer, Question, turns
from qa.suggest import Suggester
from tests.web_sample import BLOG, CEREMONY, LANDING, MOON, answer, cite

MADE = {
    MOON.id: ["When on the Moon?", "Who else on the Moon?", "What is not told?"],
    BLOG.id: ["Where is the ceremony?", "What about tea?"],
}
SHOWN = (cite(MOON, LANDING), cite(BLOG, CEREMONY, 2, BLOG.entries[1]))


class Archive:
    """Answers what has to do with the Moon or the ceremony, in one generation after the other."""

    def __init__(self) -> None:
        self.generation = 1
        self.asked: list[str] = []

    def ask(self, question: Question) -> Answer:
        self.asked.append(question.text)
        if "tea" in question.text:
            raise RuntimeError
        knows = "Moon" in question.text or "ceremony" in question.text
        return answer(question, *(SHOWN if knows else ()))

    def suggester(
        self, every: Callable[[], list[str]] = list, examples: tuple[str, ...] = ()
    ) -> Suggester:
        return Suggester(
            self.ask,
            lambda article: MADE.get(article, ()),
            lambda: self.generation,
            every,
            examples,
        )


def shown(text: str = "What landed?", *history: str) -> Answer:
    return answer(Question(text, history=turns(*history)), *SHOWN)


def try_all(suggester: Suggester) -> None:
    while suggester.try_one():
        pass


def test_nothing_is_offered_before_it_was_tried_nor_asked_for_an_answer() -> None:
    archive = Archive()
    assert archive.suggester()(shown()) == ()
    assert archive.asked == []


def test_what_the_archive_answers_is_offered_of_several_articles_by_turns() -> None:
    suggester = Archive().suggester()
    suggester(shown())
    try_all(suggester)
    assert suggester(shown()) == (
        "When on the Moon?",
        "Where is the ceremony?",
        "Who else on the Moon?",
    )


def test_what_was_asked_already_is_not_offered() -> None:
    suggester = Archive().suggester()
    suggester(shown())
    try_all(suggester)
    offered = suggester(shown("when on the moon", "Where is the ceremony?"))
    assert offered == ("Who else on the Moon?",)


def test_of_what_is_not_covered_the_nearest_articles_are_offered() -> None:
    suggester = Archive().suggester(lambda: [text for texts in MADE.values() for text in texts])
    try_all(suggester)
    near = Answer(Question("tea?"), "2026", (), SHOWN, 1.0)
    assert suggester(near)[:2] == ("When on the Moon?", "Where is the ceremony?")


def test_after_a_build_all_is_tried_anew() -> None:
    archive = Archive()
    suggester = archive.suggester(lambda: MADE[MOON.id])
    try_all(suggester)
    assert suggester(shown())
    archive.generation = 2
    assert suggester(shown()) == ()
    try_all(suggester)
    assert suggester(shown())
    assert archive.asked.count("When on the Moon?") == 2


def test_what_asks_nothing_of_the_articles_is_answered_with_examples() -> None:
    suggester = Archive().suggester(examples=("When on the Moon?",))
    greeting = Answer(Question("hello"), "2026", (), (), 1.0, reply="greeting")
    assert suggester(greeting) == ("When on the Moon?",)


def test_a_fault_in_what_is_tried_is_logged_and_ends_nothing(
    caplog: pytest.LogCaptureFixture,
) -> None:
    suggester = Archive().suggester(lambda: ["What about tea?", "When on the Moon?"])
    try_all(suggester)
    assert "What about tea?" in caplog.text
    assert suggester(shown()) == ("When on the Moon?",)
