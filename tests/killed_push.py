"""A server, for a process of its own, that is killed at a chosen touch of the data folder."""

from multiprocessing.connection import Connection
from pathlib import Path

from starlette.testclient import TestClient

from tests.killed import die_at
from tests.push_sample import pushing

ARTICLE = "The {} of Skarholm sails at {}."
# Pushed one after the other: an id, and its text, or None to withdraw it.
ACTS: tuple[tuple[str, str | None], ...] = (
    ("ferry", ARTICLE.format("ferry", "nine")),
    ("2024/tug", ARTICLE.format("tug", "ten")),
    ("ferry", ARTICLE.format("ferry", "noon")),
    ("dam", ARTICLE.format("dam", "no time at all")),
    ("2024/tug", None),
    ("barge", ARTICLE.format("barge", "eleven")),
)


def push_until(data: Path, moment: int, answered: Connection) -> None:
    """Push all, send a number for each that was answered with 202, and die at that touch.

    Past the last touch it goes to the end and sends how many there were, below zero.
    """
    touches = die_at(data, moment)
    with pushing(data) as here:
        for number, (article_id, text) in enumerate(ACTS, start=1):
            if act(here.client, article_id, text) == 202:
                answered.send(number)
        here.settled()
    answered.send(-touches())


def act(client: TestClient, article_id: str, text: str | None) -> int:
    """The status of the answer."""
    if text is None:
        return client.delete(f"/api/articles/{article_id}").status_code
    return client.post("/api/articles", json={"id": article_id, "text": text}).status_code
