"""Whether a question stands alone, told from its words."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qa.understand.standalone import is_standalone, strip_politeness


@pytest.mark.parametrize(
    "text",
    [
        "And Denmark?",
        "How much of it goes to arms?",
        "Which company noticed it?",
        "why?",
        "Who decides that?",
        "How old was he when he died?",
        "What about the second one?",
        "How many years did her talk show air?",
        "What kind of paper was it made from?",
        "Did Banting discover it?",
        "In which year?",
        "And what did it weigh?",
        "And which countries abstained in 2015?",
        "And how many in Kherson?",
        "What about the last person to catch smallpox?",
        "And did the last person catch smallpox?",
    ],
)
def test_what_points_back_or_is_half_a_question_does_not_stand_alone(text: str) -> None:
    assert not is_standalone(text)


@pytest.mark.parametrize(
    "text",
    [
        "What did the crew say?",
        "How long did the shaking last?",
        "Which bridge collapsed?",
        "Who else was there?",
        "How many died?",
        "Tell me about the dunk, please.",
        "I would like to know about pests.",
    ],
)
def test_what_names_nothing_and_speaks_of_something_known_does_not_stand_alone(text: str) -> None:
    assert not is_standalone(text)


@pytest.mark.parametrize(
    "text",
    [
        "How much did Norway spend on arms?",
        "Who was the first woman in space?",
        "Is it legal to squat in Canada?",
        "How long did it take to build a telescope?",
        "How did Banting know that his idea was right?",
        "What do groundhogs eat when they wake?",
        "What is a gurdwara?",
        "What is the tallest tree in the world?",
        "Who first walked on the moon?",
        "Are there drinks that are made with taro?",
        "What happened this week in Kherson?",
        "Nord Stream leaks",
        "And who was the last person to catch smallpox?",
        "But why did the dam on the Orrin break?",
        "Which farmer gave cowpox to a child, and where did he live?",
    ],
)
def test_what_says_itself_what_it_is_about_stands_alone(text: str) -> None:
    assert is_standalone(text)


@pytest.mark.parametrize(
    ("text", "matter"),
    [
        ("Sure! Can you tell me about the cage system, please?", "the cage system?"),
        ("I'd like to know more about hatcheries.", "hatcheries."),
        ("Yes, I am interested in the drawbacks.", "the drawbacks."),
        ("Thanks.", "Thanks."),
        ("Who asked?", "Who asked?"),
    ],
)
def test_what_is_said_out_of_politeness_is_not_the_matter(text: str, matter: str) -> None:
    assert strip_politeness(text) == matter


def test_a_long_question_stands_alone_however_often_it_points_back() -> None:
    assert is_standalone("please is it " * 30)
    assert strip_politeness("please " * 300)


@given(st.text())
def test_any_text_stands_alone_or_does_not(text: str) -> None:
    assert is_standalone(text) in (True, False)
    assert text.strip() == "" or strip_politeness(text)
