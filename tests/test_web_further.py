"""What the chat fetches once an answer is shown."""

import sqlite3
from contextlib import closing
from pathlib import Path

from starlette.testclient import TestClient

from qa.journal import Journal
from qa.web.admin import Owner
from qa.web.api import Further
from qa.web.app import create_app
from qa.web.protocols import About
from tests.web_sample import EXAMPLES, SampleArticles, SampleAsker

OFFERED = ("When on the Moon?", "What about tea?", "How high is the fee?")


def test_what_is_offered_is_answered_was_not_asked_and_is_not_noted(tmp_path: Path) -> None:
    journal = Journal(tmp_path / "journal.sqlite")
    app = create_app(
        SampleAsker(),
        SampleArticles(),
        EXAMPLES,
        lambda: About(3),
        further=Further(lambda _: (("1969-07-20", 2),), lambda _: OFFERED),
        owner=Owner(journal),
    )
    with TestClient(app) as client:
        told = {"q": "when on the moon", "cited": ["space/apollo-11"]}
        found = client.get("/footnote/further", params=told).json()
        assert client.post("/api/ask", json={"question": "moon"}).status_code == 200
    journal.close()
    assert found == {"days": [["1969-07-20", 2]], "questions": ["How high is the fee?"]}
    with closing(sqlite3.connect(journal.path)) as kept:
        assert kept.execute("SELECT count(*) FROM questions").fetchone() == (1,)


def test_an_answer_of_the_api_has_questions_to_go_on_with() -> None:
    app = create_app(
        SampleAsker(),
        SampleArticles(),
        EXAMPLES,
        lambda: About(3),
        further=Further(suggest=lambda answer: (f"And after {answer.question.text}?",)),
    )
    with TestClient(app) as client:
        told = client.post("/api/ask", json={"question": "moon"}).json()
    assert told["suggestions"] == ["And after moon?"]
