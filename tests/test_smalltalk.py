"""Lines that ask nothing of the articles are told from those that do."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qa.understand.smalltalk import is_gibberish, small_talk


@pytest.mark.parametrize(
    "line", ["hello", "Hi there!", "good morning", "How are you?", "bye", "Hola"]
)
def test_a_greeting_is_greeted(line: str) -> None:
    assert small_talk(line) == "greeting"


@pytest.mark.parametrize("line", ["thanks!", "OK, thank you very much", "great", "Vielen Dank"])
def test_thanks_are_taken(line: str) -> None:
    assert small_talk(line) == "thanks"


@pytest.mark.parametrize(
    "line",
    [
        "who are you?",
        "Are you a bot?",
        "what can you do?",
        "hello, who made you?",
        "tell me a joke",
    ],
)
def test_questions_about_the_assistant_are_told(line: str) -> None:
    assert small_talk(line) == "about"


@pytest.mark.parametrize("line", ["asdf qwer", "sdkjfhskjdf", "hmm", "aaaaaa", "blablabla"])
def test_what_no_one_can_read_is_nonsense(line: str) -> None:
    assert small_talk(line) == "nonsense"


@pytest.mark.parametrize(
    "line",
    [
        "Hello, when did Apollo 11 land?",
        "thanks, who was he?",
        "What do you know about insulin?",
        "can you tell me when Apollo 11 landed",
        "What work did she do?",
        "Who wrote the story?",
        "tell me a joke about insulin",
        "insulin",
        "NATO",
        "Night",
        "HIV",
        "why?",
        "Nord Stream leaks",
        "",
        "???",
    ],
)
def test_a_question_is_no_small_talk(line: str) -> None:
    assert small_talk(line) is None


def test_words_that_can_be_said_are_no_gibberish() -> None:
    said = "Zaporizhzhia Tschaikowsky Krakatoa rhythms strengths Reykjavik Mitchell banana".split()
    assert [word for word in said if is_gibberish(word)] == []


@given(st.text())
def test_any_line_can_be_looked_at(line: str) -> None:
    assert small_talk(line) in (None, "greeting", "thanks", "about", "nonsense")
