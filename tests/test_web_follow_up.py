"""What the chat fetches once an answer is shown, and how the server finds what to offer."""

import asyncio
import math
import sqlite3
import time
from contextlib import closing
from pathlib import Path

from starlette.testclient import TestClient

from qa.answer import Answer, Question
from qa.journal import Journal
from qa.suggest import FirstQuestions, Sources, Suggester
from qa.web.admin import Owner
from qa.web.app import create_app
from qa.web.follow_up import FollowUp, rest_after
from qa.web.protocols import About
from qa.web.queue import QuestionQueue
from tests.web_sample import EXAMPLES, MOON, SampleArticles, SampleAsker

OWNERS = ("When on the Moon?", "What about tea?", "Who was on the Moon?", "How high is the fee?")


class Counting(SampleAsker):
    """Notes what it is asked."""

    def __init__(self) -> None:
        self.asked: list[str] = []

    def ask(self, question: Question) -> Answer:
        """The sample's answer."""
        self.asked.append(question.text)
        return super().ask(question)


def suggester_of(asker: SampleAsker, *owners: str) -> Suggester:
    sources = Sources(owner=lambda: owners, article=SampleArticles().article)
    return Suggester(asker.ask, sources)


def test_what_is_offered_is_answered_was_not_asked_and_is_not_noted(tmp_path: Path) -> None:
    journal, asker = Journal(tmp_path / "journal.sqlite"), Counting()
    app = create_app(
        asker,
        SampleArticles(),
        EXAMPLES,
        lambda: About(3),
        follow_up=FollowUp(lambda _, cited: (("1969-07-20", 2),), suggester_of(asker, *OWNERS)),
        owner=Owner(journal),
    )
    with TestClient(app) as client:
        told = {"q": "when on the moon", "cited": [f"{MOON.id}:0-90", "none"]}
        found = [client.get("/footnote/further", params=told).json() for _ in range(2)]
        earlier = client.get("/footnote/further", params=told | {"asked": OWNERS[2].upper()}).json()
        answered = client.post("/api/ask", json={"question": "moon"}).json()
    journal.close()
    offered = ["Who was on the Moon?", MOON.title]
    assert found == [{"days": [["1969-07-20", 2]], "questions": offered}] * 2
    assert earlier["questions"] == [MOON.title]
    assert answered["suggestions"] == ["When on the Moon?", *offered]
    assert sorted(asker.asked) == sorted([*OWNERS, MOON.title or "", "moon"])
    with closing(sqlite3.connect(journal.path)) as kept:
        assert kept.execute("SELECT count(*) FROM questions").fetchone() == (1,)


def test_the_page_begins_with_what_was_tried_before_it_is_served() -> None:
    suggester = suggester_of(SampleAsker(), "What about tea?", "When on the Moon?")
    app = create_app(
        SampleAsker(),
        SampleArticles(),
        FirstQuestions(suggester),
        lambda: About(3),
        follow_up=FollowUp(suggester=suggester),
    )
    with TestClient(app) as client:
        page = client.get("/").text
    assert "When on the Moon?" in page
    assert "What about tea?" not in page


def test_a_question_that_the_owner_adds_is_offered_soon() -> None:
    owners: list[str] = []
    suggester = Suggester(SampleAsker().ask, Sources(owner=lambda: owners))
    app = create_app(
        SampleAsker(),
        SampleArticles(),
        FirstQuestions(suggester),
        lambda: About(3),
        follow_up=FollowUp(suggester=suggester),
    )
    with TestClient(app) as client:
        assert "When on the Moon?" not in client.get("/").text
        owners.append("When on the Moon?")
        until = time.monotonic() + 20
        while "When on the Moon?" not in client.get("/").text:
            assert time.monotonic() < until
            time.sleep(0.1)


def test_while_readers_ask_less_is_tried_that_could_be_offered() -> None:
    answering = QuestionQueue(SampleAsker())
    assert answering.quiet_for() == math.inf
    began = time.perf_counter()
    asyncio.run(answering.ask(Question("moon")))
    assert 0 <= answering.quiet_for() <= time.perf_counter() - began
    assert rest_after(0.01, quiet_for=0) == 11 * rest_after(0.01, quiet_for=math.inf)
