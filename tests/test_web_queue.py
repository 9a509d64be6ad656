"""One queue for all who ask: a few at a time, first come first served, and nothing else waits."""

import asyncio
import threading
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor, as_completed
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from qa.answer import Answer, Question
from qa.live import LiveIndex
from qa.rank.batching import SharedEncoder
from qa.web.app import create_app
from qa.web.chat.page import Chat
from qa.web.guard.policy import Policy
from qa.web.protocols import About
from qa.web.queue import BusyError, QuestionQueue
from tests.fakes import HashEncoder
from tests.web_sample import EXAMPLES, SampleArticles, SampleAsker, conversations

PATIENCE = 20.0


class Slow(SampleAsker):
    """Answers once it may, and notes who asked in which order and how many at once."""

    def __init__(self) -> None:
        self.may = threading.Event()
        self.begun = threading.Semaphore(0)
        self.asked: list[str] = []
        self.most = 0
        self._now = 0
        self._lock = threading.Lock()

    def ask(self, question: Question) -> Answer:
        """The sample's answer."""
        with self._lock:
            self.asked.append(question.text)
            self._now += 1
            self.most = max(self.most, self._now)
        self.begun.release()
        assert self.may.wait(PATIENCE)
        with self._lock:
            self._now -= 1
        return super().ask(question)


def test_no_more_are_answered_at_once_than_there_are_places() -> None:
    slow = Slow()

    async def ask_all() -> list[Answer]:
        answering = QuestionQueue(slow, at_once=3)
        asking = [asyncio.create_task(answering.ask(Question("moon"))) for _ in range(10)]
        for _ in range(3):
            assert await asyncio.to_thread(slow.begun.acquire, timeout=PATIENCE)
        slow.may.set()
        return await asyncio.gather(*asking)

    answers = asyncio.run(ask_all())
    assert [answer.status for answer in answers] == ["answered"] * 10
    assert slow.most == 3


def test_who_came_first_is_answered_first() -> None:
    slow, texts = Slow(), [f"moon {number}" for number in range(20)]
    slow.may.set()

    async def ask_all() -> None:
        answering = QuestionQueue(slow, at_once=1)
        await asyncio.gather(*(answering.ask(Question(text)) for text in texts))

    asyncio.run(ask_all())
    assert slow.asked == texts


def test_an_error_reaches_who_asked_and_frees_the_place() -> None:
    async def ask_all() -> Answer:
        answering = QuestionQueue(SampleAsker(), at_once=1)
        with pytest.raises(RuntimeError, match="a secret of the server"):
            await answering.ask(Question("crash"))
        return await answering.ask(Question("moon"))

    assert asyncio.run(ask_all()).status == "answered"


def test_the_chat_and_the_api_wait_in_one_queue() -> None:
    slow = Slow()

    async def ask_both() -> None:
        answering = QuestionQueue(slow, at_once=1)
        first = asyncio.create_task(answering.ask(Question("moon")))
        assert await asyncio.to_thread(slow.begun.acquire, timeout=PATIENCE)
        second = asyncio.create_task(Chat(answering, conversations()).reply("fee", ()))
        # Meanwhile the chat's question has its turn in the loop, and gets no place.
        await asyncio.to_thread(threading.Event)
        assert slow.asked == ["moon"]
        slow.may.set()
        await asyncio.gather(first, second)

    asyncio.run(ask_both())
    assert (slow.asked, slow.most) == (["moon", "fee"], 1)


def test_while_every_place_is_taken_articles_and_health_are_served() -> None:
    slow = Slow()
    app = create_app(slow, SampleArticles(), EXAMPLES, lambda: About(3))
    with TestClient(app) as client, ThreadPoolExecutor(64) as pool:
        asking = [
            pool.submit(client.post, "/api/ask", json={"question": "moon"}) for _ in range(64)
        ]
        try:
            assert slow.begun.acquire(timeout=PATIENCE)
            served = [client.get(path) for path in ("/healthz", "/articles/live%2Fblog")]
            waiting = [each for each in asking if not each.done()]
        finally:
            slow.may.set()
        answers = [each.result(PATIENCE) for each in asking]
    assert [response.status_code for response in served] == [200, 200]
    assert len(waiting) == 64
    assert [response.status_code for response in answers] == [200] * 64


def test_where_too_many_wait_one_more_is_told_to_come_back_and_those_are_answered() -> None:
    slow = Slow()
    app = create_app(slow, SampleArticles(), EXAMPLES, lambda: About(3), policy=Policy(waiting=5))
    with TestClient(app) as client, ThreadPoolExecutor(64) as pool:
        asking = [
            pool.submit(client.post, "/api/ask", json={"question": "moon"}) for _ in range(64)
        ]
        refused = next(done for done in as_completed(asking, PATIENCE)).result()
        slow.may.set()
        answers = [each.result(PATIENCE) for each in asking]
    assert refused.json()["error"]["code"] == "busy"
    assert int(refused.headers["retry-after"]) >= 1
    statuses = [response.status_code for response in answers]
    assert set(statuses) == {200, 503}
    assert statuses.count(200) >= slow.most + 5


def test_all_that_searches_takes_its_turn_and_is_refused_where_too_many_wait() -> None:
    slow = Slow()
    app = create_app(slow, SampleArticles(), EXAMPLES, lambda: About(3), policy=Policy(waiting=1))
    with TestClient(app) as client, ThreadPoolExecutor(64) as pool:
        asking = [
            pool.submit(client.post, "/api/ask", json={"question": "moon"}) for _ in range(64)
        ]
        try:
            next(done for done in as_completed(asking, PATIENCE))
            paths = ("/api/ask", "/footnote/further", "/footnote/typed")
            refused = [client.get(path, params={"q": "moon"}) for path in paths]
        finally:
            slow.may.set()
    assert [each.json()["error"]["code"] for each in refused] == ["busy"] * len(paths)


def test_who_waited_too_long_is_told_to_come_back_and_the_queue_goes_on() -> None:
    slow = Slow()

    async def ask_both() -> Answer:
        answering = QuestionQueue(slow, at_once=1, longest_wait=0)
        first = asyncio.create_task(answering.ask(Question("moon")))
        assert await asyncio.to_thread(slow.begun.acquire, timeout=PATIENCE)
        with pytest.raises(BusyError, match="ask again in a moment"):
            await answering.ask(Question("moon"))
        slow.may.set()
        return await first

    assert asyncio.run(ask_both()).status == "answered"
    assert slow.asked == ["moon"]


def test_a_chat_that_finds_the_queue_full_says_so() -> None:
    slow = Slow()

    async def ask_both() -> str:
        answering = QuestionQueue(slow, at_once=1, waiting=0, longest_wait=0)
        first = asyncio.create_task(answering.ask(Question("moon")))
        assert await asyncio.to_thread(slow.begun.acquire, timeout=PATIENCE)
        turn = await Chat(answering, conversations()).reply("fee", ())
        slow.may.set()
        await first
        return turn.reply

    assert "Ask again in a moment" in asyncio.run(ask_both())


def test_the_stages_of_an_answer_are_told_apart(read_only_data: Path, encoder: HashEncoder) -> None:
    live = LiveIndex(read_only_data, SharedEncoder(encoder), encoder.model)
    told: list[Mapping[str, float]] = []
    answering = QuestionQueue(live, seen=lambda _, seconds: told.append(seconds))
    asyncio.run(answering.ask(Question("Who was the last keeper?")))
    (seconds,) = told
    assert seconds.keys() == {"wait", "encode", "search", "quote", "whole"}
    assert all(took >= 0 for took in seconds.values())
    assert seconds["encode"] + seconds["search"] + seconds["quote"] <= seconds["whole"]
