"""A conversation in the terminal."""

import socket
from dataclasses import replace

import pytest

from qa.answer import Answer, Citation, Question
from qa.present.links import reader_link
from qa.present.terminal import NEW, Conversation, open_in_reader
from tests.web_sample import FOLLOWED, LANDING, MOON, TOUCHED_DOWN_AT, SampleAsker, cite


class Heard:
    """The sample's asker, and what it was asked."""

    def __init__(self) -> None:
        self.asked: list[Question] = []

    def ask(self, question: Question) -> Answer:
        """The sample's answer; thanks are only returned."""
        self.asked.append(question)
        answer = SampleAsker().ask(question)
        is_thanks = question.text == "Thanks!"
        return replace(answer, citations=(), nearest=(), reply="thanks") if is_thanks else answer


def conversation(heard: Heard, *, styled: bool = False, **filters: object) -> Conversation:
    return Conversation(heard.ask, lambda citation: citation.quote, filters, styled=styled)


def test_a_question_follows_on_those_before_it_but_not_on_thanks() -> None:
    heard = Heard()
    talk = conversation(heard)
    for line in ("When on the Moon?", "Thanks!", "Why?"):
        talk.say(line)
    assert [turn.question for turn in heard.asked[-1].history] == ["When on the Moon?"]
    assert heard.asked[-1].history[0].cited == tuple(
        citation.passage.id for citation in (cite(MOON, LANDING), cite(MOON, FOLLOWED, 2))
    )


def test_a_new_conversation_forgets_questions_and_citations() -> None:
    heard = Heard()
    talk = conversation(heard)
    for line in ("When on the Moon?", NEW, "Where is the ceremony in 1969?"):
        talk.say(line)
    assert heard.asked[-1].history == ()


def test_a_number_opens_that_citation_of_the_last_answer() -> None:
    talk = conversation(Heard())
    talk.say("When on the Moon?")
    assert [talk.say(number) for number in ("1", " 2 ")] == [LANDING, FOLLOWED]
    assert talk.say("3") == "error: there is no citation 3: choose 1 to 2"


def test_a_number_opens_the_closest_passages_too() -> None:
    talk = conversation(Heard())
    talk.say("the price of tea?")
    assert talk.say("1").startswith("It lifted off")


def test_before_an_answer_a_number_is_a_question() -> None:
    heard = Heard()
    conversation(heard).say("1969")
    assert heard.asked[-1].text == "1969"


def test_what_cannot_be_asked_is_told_and_the_conversation_goes_on() -> None:
    heard = Heard()
    talk = conversation(heard)
    assert talk.say("???").startswith("error: the question '???' has no words")
    assert LANDING[:30] in talk.say("When on the Moon?")


def test_the_answering_words_are_bold_in_a_terminal_that_shows_styles() -> None:
    question = "When did it touch down?"
    assert f"\x1b[1m{TOUCHED_DOWN_AT}" in conversation(Heard(), styled=True).say(question)
    assert "\x1b" not in conversation(Heard()).say(question)


def test_filters_hold_for_every_question() -> None:
    heard = Heard()
    talk = conversation(heard, source="The Orbital Record", k=2)
    for line in ("When on the Moon?", "And the ceremony?"):
        talk.say(line)
    assert {(asked.source, asked.k) for asked in heard.asked} == {("The Orbital Record", 2)}


@pytest.fixture
def opened(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    addresses: list[str] = []
    monkeypatch.setattr("webbrowser.open", addresses.append)
    return addresses


CITED: Citation = cite(MOON, LANDING)


def test_a_citation_opens_in_the_reader_of_a_running_server(opened: list[str]) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        server = f"http://127.0.0.1:{listening.getsockname()[1]}"
        told = open_in_reader(f"{server}/")(CITED)
    assert opened == [told] == [server + reader_link(CITED)]


@pytest.mark.parametrize("server", ["http://127.0.0.1:1", "http://[", "nowhere", "http://a:99999"])
def test_without_a_running_server_the_remedy_is_told(server: str, opened: list[str]) -> None:
    told = open_in_reader(server)(CITED)
    assert f"error: nothing is running at {server!r}: start" in told
    assert told.endswith(reader_link(CITED))
    assert opened == []
