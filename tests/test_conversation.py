"""What a question means after those before it."""

from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qa.answer import Question, Turn, turns
from qa.understand.followup import Understood, alone, matter_said, understand


def alike(name: str, others: Sequence[str]) -> Sequence[float]:
    """All names are as much alike."""
    return [0.5] * len(others)


def understood(*questions: str) -> Understood:
    """The last, after the others."""
    *before, text = questions
    return understand(Question(text, history=turns(*before)), alike)


FUND = "How much is in Norway's oil fund?"
ARMS = "How much of it goes to arms?"


def test_a_pronoun_gets_what_the_question_before_was_about() -> None:
    assert understood(FUND, ARMS).shown == "How much of it goes to arms? (Norway's oil fund)"


def test_the_second_follow_up_knows_the_subject_of_the_first() -> None:
    shown = understood(FUND, ARMS, "Who decides that?").shown
    assert shown == "Who decides that? (Norway's oil fund, goes to arms)"
    shown = understood("What was Sputnik 1?", "How much did it weigh?", "When did it burn?").shown
    assert shown == "When did it burn? (Sputnik 1)"


def test_another_name_is_put_into_the_question_before_or_into_its_subject() -> None:
    assert (
        understood("How much did Norway pay?", "And Denmark?").text == "How much did Denmark pay?"
    )
    shown = understood("Who was Gagarin?", "How old was he when he died?", "And Tereshkova?").shown
    assert shown == "How old was he when he died? (Tereshkova)"


@pytest.mark.parametrize("text", ["Who built the dam of Orrin?", "What is COSTAR?"])
def test_a_question_that_stands_alone_is_not_dragged_back(text: str) -> None:
    found = understood(FUND, ARMS, text)
    assert found == alone(text)
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
    assert understand(question, alike) == alone(ARMS)


def test_answers_and_remarks_in_the_history_are_passed_over() -> None:
    answer = "The fund holds about ten trillion kroner, most of it in shares."
    assert understood(FUND, answer, ARMS).carried == ("Norway's oil fund",)


def test_what_was_cited_last_goes_along_only_where_something_is_lacking() -> None:
    history = (Turn(FUND, ("fund:0-9",)), Turn("Thanks, and oil?"))
    assert understand(Question(ARMS, history=history), alike).cited == ("fund:0-9",)
    assert understand(Question("What is COSTAR?", history=history), alike).cited == ()


def test_the_matter_of_a_question_is_what_it_does_not_ask_with() -> None:
    assert matter_said("How old was the pilot of Vostok 6 then?") == "pilot of Vostok 6"
    assert matter_said("Why?") == ""


@given(st.lists(st.text(), min_size=1, max_size=6))
def test_any_conversation_is_understood_and_keeps_the_words_of_the_question(
    texts: list[str],
) -> None:
    found = understood(*texts)
    assert found.own == texts[-1]
    assert sum(len(phrase.split()) for phrase in found.carried) <= 24 * 2
