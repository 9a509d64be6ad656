"""What a question means after those before it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qa.answer import Question, Turn, turns
from qa.understand.followup import Understood, topic_words, understand


def understood(*questions: str) -> Understood:
    """The last, after the others."""
    *before, text = questions
    return understand(Question(text, history=turns(*before)))


FUND = "How much is in Norway's oil fund?"
ARMS = "How much of it goes to arms?"


def test_a_pronoun_gets_what_the_question_before_was_about() -> None:
    assert understood(FUND, ARMS).shown == "How much of it goes to arms? (Norway's oil fund)"


def test_the_second_follow_up_knows_the_subject_of_the_first() -> None:
    shown = understood(FUND, ARMS, "Who decides that?").shown
    assert shown == "Who decides that? (Norway's oil fund, goes to arms)"
    shown = understood("What was Sputnik 1?", "How much did it weigh?", "When did it burn?").shown
    assert shown == "When did it burn? (Sputnik 1)"


def test_half_a_question_gets_the_topic_of_the_one_before() -> None:
    assert (
        understood("How much did Norway pay?", "And Denmark?").shown == "And Denmark? (Norway pay)"
    )
    shown = understood("Who was Gagarin?", "How old was he when he died?", "And Tereshkova?").shown
    assert shown == "And Tereshkova? (Gagarin)"


@pytest.mark.parametrize("text", ["Who built the dam of Orrin?", "What is COSTAR?"])
def test_a_question_that_stands_alone_is_not_dragged_back(text: str) -> None:
    found = understood(FUND, ARMS, text)
    assert found == Understood(text)
    assert found.shown is None


def test_what_changed_the_subject_ends_the_chain() -> None:
    assert understood(FUND, "What is COSTAR?", "Where is it now?").carried == ("COSTAR",)


def test_a_time_of_its_own_takes_the_place_of_the_time_before() -> None:
    asked = "Which countries abstained on the treaty in 2022?"
    found = understood(asked, "And which countries abstained in 2015?")
    assert found.carried == ("countries abstained on the treaty",)


def test_history_that_is_to_be_ignored_is() -> None:
    history = (Turn(FUND, ("fund:0-9",)),)
    question = Question(ARMS, history=history, ignore=frozenset({"history"}))
    assert understand(question) == Understood(ARMS)


def test_answers_and_remarks_in_the_history_are_passed_over() -> None:
    answer = "The fund holds about ten trillion kroner, most of it in shares."
    assert understood(FUND, answer, ARMS).carried == ("Norway's oil fund",)


def test_the_topic_of_a_question_is_what_it_does_not_ask_with() -> None:
    assert topic_words("How old was the pilot of Vostok 6 then?") == "pilot of Vostok 6"
    assert topic_words("Why?") == ""


@given(st.lists(st.text(), min_size=1, max_size=6))
def test_any_conversation_is_understood_and_keeps_the_words_of_the_question(
    texts: list[str],
) -> None:
    found = understood(*texts)
    assert found.text == texts[-1]
    assert sum(len(phrase.split()) for phrase in found.carried) <= 24 * 2
