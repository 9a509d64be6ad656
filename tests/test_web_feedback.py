"""What readers think of answers: taken with its bounds, kept without who they are."""

import json
import sqlite3
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from starlette.testclient import TestClient

from qa.journal import Journal, Mode
from qa.web.admin import Owner
from qa.web.app import create_app
from qa.web.protocols import About
from tests.web_sample import EXAMPLES, SampleArticles, SampleAsker

GOOD: dict[str, Any] = {
    "question": " When on the Moon? ",
    "verdict": "down",
    "reasons": ["outdated", "outdated", "other"],
    "comment": "Newer: 20:17:40.",
    "citations": ["space/apollo-11:135-402"],
}


@pytest.fixture
def journal(tmp_path: Path) -> Iterator[Journal]:
    journal = Journal(tmp_path / "journal.sqlite")
    yield journal
    journal.close()


def client_of(journal: Journal) -> TestClient:
    """A client of an app that keeps what it is told in the journal."""
    app = create_app(
        SampleAsker(), SampleArticles(), EXAMPLES, lambda: About(3), owner=Owner(journal)
    )
    return TestClient(app, raise_server_exceptions=False)


@pytest.fixture
def client(journal: Journal) -> Iterator[TestClient]:
    with client_of(journal) as client:
        yield client


@pytest.fixture(scope="module")
def empty(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Journal]:
    """A journal in which nothing is ever kept."""
    journal = Journal(tmp_path_factory.mktemp("empty") / "journal.sqlite")
    yield journal
    journal.close()


@pytest.fixture(scope="module")
def refusing(empty: Journal) -> Iterator[TestClient]:
    """For what is refused, or keeps nothing: one app for all these tests."""
    with client_of(empty) as client:
        yield client


def rows(journal: Journal, table: str) -> list[tuple[Any, ...]]:
    assert journal.flush()
    with sqlite3.connect(journal.path) as db:
        found = db.execute(f"SELECT * FROM {table}").fetchall()
    db.close()
    return found


def test_feedback_is_kept_with_its_time_and_nothing_of_the_reader(
    client: TestClient, journal: Journal
) -> None:
    answered = client.post("/api/feedback", json=GOOD, headers={"User-Agent": "a-browser"})
    assert (answered.status_code, answered.json()) == (202, {"status": "taken"})
    [(number, at, question, verdict, reasons, comment, citations)] = rows(journal, "feedback")
    assert (number, question, verdict) == (1, "When on the Moon?", "down")
    assert json.loads(reasons) == ["outdated", "other"]
    assert (comment, json.loads(citations)) == (GOOD["comment"], GOOD["citations"])
    assert at.endswith("+00:00")
    stored = journal.path.read_bytes() + journal.path.with_suffix(".sqlite-wal").read_bytes()
    assert b"a-browser" not in stored
    assert b"testclient" not in stored


def test_feedback_that_cannot_be_written_is_not_told_as_taken(tmp_path: Path) -> None:
    (tmp_path / "owner").write_text("a file where the folder should be")
    journal = Journal(tmp_path / "owner" / "journal.sqlite")
    with client_of(journal) as client:
        answered = client.post("/api/feedback", json=GOOD)
    journal.close()
    assert (answered.status_code, answered.json()["error"]["code"]) == (503, "not_kept")


def test_what_readers_ask_can_be_read_by_the_owner_alone(
    client: TestClient, journal: Journal
) -> None:
    client.post("/api/feedback", json=GOOD)
    assert {path.stat().st_mode & 0o077 for path in journal.path.parent.glob("journal*")} == {0}


def test_only_question_and_verdict_are_needed(client: TestClient) -> None:
    body = {"question": "When on the Moon?", "verdict": "up"}
    assert client.post("/api/feedback", json=body).status_code == 202


@pytest.mark.parametrize(
    "wrong",
    [
        {"question": ""},
        {"question": " "},
        {"question": "a" * 2_001},
        {"question": " " + "a" * 2_000},
        {"question": 5},
        {"question": None},
        {"verdict": "sideways"},
        {"verdict": None},
        {"reasons": ["because"]},
        {"reasons": ["other"] * 6},
        {"reasons": "other"},
        {"comment": "a" * 1_001},
        {"comment": ["a"]},
        {"citations": ["a"] * 21},
        {"citations": ["a" * 2_001]},
        {"citations": "a"},
    ],
)
def test_what_cannot_be_taken_is_one_clear_error_and_kept_nowhere(
    refusing: TestClient, empty: Journal, wrong: dict[str, Any]
) -> None:
    answered = refusing.post("/api/feedback", json=GOOD | wrong)
    assert answered.status_code == 422
    [(code, message)] = [tuple(fault.values()) for fault in answered.json().values()]
    assert code == "invalid_request"
    assert message.startswith(next(iter(wrong)))
    assert not empty.path.exists()


def test_half_a_surrogate_pair_is_refused(refusing: TestClient) -> None:
    body = json.dumps(GOOD)[:-1] + ', "comment": "\\ud800"}'
    answered = refusing.post(
        "/api/feedback", content=body, headers={"Content-Type": "application/json"}
    )
    assert answered.status_code == 422


def test_what_is_no_json_is_refused_as_everywhere(refusing: TestClient) -> None:
    answered = refusing.post("/api/feedback", content=b"{")
    assert (answered.status_code, answered.json()["error"]["code"]) == (400, "invalid_json")


def test_the_schema_shows_an_example(refusing: TestClient) -> None:
    shapes = refusing.get("/openapi.json").json()["components"]["schemas"]
    assert [example["verdict"] for example in shapes["FeedbackRequest"]["examples"]] == [
        "down",
        "up",
    ]


@pytest.mark.parametrize(
    ("mode", "asked"), [("on", ["moon", "tea"]), ("not_covered", ["tea"]), ("off", [])]
)
def test_questions_of_the_api_are_noted_as_the_mode_says(
    tmp_path: Path, mode: Mode, asked: list[str]
) -> None:
    journal = Journal(tmp_path / "journal.sqlite", mode)
    with client_of(journal) as client:
        for question in ("moon", "tea"):
            assert client.post("/api/ask", json={"question": question}).status_code == 200
        client.post("/api/feedback", json=GOOD)
    if mode == "off":
        assert not journal.path.exists()
    else:
        assert [row[2] for row in rows(journal, "questions")] == asked
        assert len(rows(journal, "feedback")) == 1
    journal.close()
