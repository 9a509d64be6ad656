"""Two workers serve as one: a real server of two processes, asked on connections of their own."""

import json
import os
import re
import shutil
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from html import unescape
from itertools import count
from pathlib import Path
from typing import Any
from zlib import crc32

import httpx
import jwt
import pytest

from bench.peers.protocol import started_by
from index.build import build
from index.build.owned import owned, uploads
from index.encoders import ModelEncoder
from index.settings import describe_settings
from index.store.writer import only_writer
from qa.journal import JOURNAL, Recorded
from tests.fakes import no_progress

ROOT = Path(__file__).parent.parent
PASSWORD = "correct horse battery"
PUSH_KEY = "a-key-that-may-push-0123"
READERS_KEY = "a-key-of-more-than-thirty-two-characters"
QUESTION = "When was the lighthouse of Cape Orrin lit for the first time?"
# So many connections that one of two workers is left out once in a hundred and thirty times.
TIMES = 8
RATE = 5
SENT_BY = count(1)


@dataclass(frozen=True, slots=True)
class Team:
    """A server with two workers; `client` opens a connection for each request."""

    client: httpx.Client
    data: Path
    process: subprocess.Popen[str]

    def ask(self, method: str, path: str, **sent: Any) -> httpx.Response:
        """Ask as another reader each time, unless one is named."""
        reader = {"X-Forwarded-For": f"192.0.2.{next(SENT_BY)}"}
        headers = reader | sent.pop("headers", {})
        return self.client.request(method, path, headers=headers, **sent)

    def workers(self) -> list[int]:
        """Their process ids."""
        return started_by(self.process.pid)

    def numbers(self) -> dict[str, float]:
        """What `/metrics` tells."""
        told = self.client.get("/metrics").text
        lines = (line.rsplit(" ", 1) for line in told.splitlines() if not line.startswith("#"))
        return {name: float(value) for name, value in lines}


@pytest.fixture(scope="module")
def team(exported_data: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Team]:
    """Started once; what a test leaves behind, others must bear."""
    data = Path(shutil.copytree(exported_data, tmp_path_factory.mktemp("workers") / "data"))
    known = {variable for variable, _, _ in describe_settings()}
    settings = {
        "FOOTNOTE_READER": "none",
        "FOOTNOTE_PROXIES": "127.0.0.1",
        "FOOTNOTE_RATE": f"{RATE}/minute",
        "FOOTNOTE_READER_KEYS": READERS_KEY,
        "FOOTNOTE_ADMIN_PASSWORD": PASSWORD,
        "FOOTNOTE_PUSH_KEYS": PUSH_KEY,
    }
    environment = {name: os.environ[name] for name in os.environ.keys() - known} | settings
    command = [sys.executable, "app.py", "--data", str(data), "--port", "0", "--workers", "2"]
    process = subprocess.Popen(
        command,
        cwd=ROOT,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    with process:
        told = process.stdout.readline() if process.stdout else ""
        assert told.startswith("Footnote is running at "), process.wait(20)
        with httpx.Client(
            base_url=told.split()[-1],
            limits=httpx.Limits(max_keepalive_connections=0),
            timeout=60,
            verify=False,
        ) as client:
            team = Team(client, data, process)
            yield team
            workers = team.workers()
        # All end, the one that started the others last.
        process.send_signal(signal.SIGTERM)
        assert process.wait(20) == 0
        assert not any(Path(f"/proc/{each}").exists() for each in workers)


def each_time(ask: Callable[[], httpx.Response]) -> list[httpx.Response]:
    """The answers on as many connections at once."""
    with ThreadPoolExecutor(TIMES) as threads:
        return list(threads.map(lambda _: ask(), range(TIMES)))


def asked(team: Team) -> httpx.Response:
    return team.ask("POST", "/api/ask", json={"question": QUESTION})


def test_whichever_worker_is_asked_the_answer_is_the_same(team: Team) -> None:
    answers = each_time(lambda: asked(team))
    quotes = {answer.json()["citations"][0]["quote"] for answer in answers}
    assert quotes == {"The lighthouse of Cape Orrin was lit for the first time on 3 November 1874."}
    assert len(team.workers()) == 2


@pytest.mark.parametrize(
    "path", ["/footnote/typed?q=lighth", f"/footnote/further?q={QUESTION}&cited=lighthouse:0-100"]
)
def test_whichever_worker_is_asked_it_offers_the_same(team: Team, path: str) -> None:
    answers = each_time(lambda: team.ask("GET", path))
    assert {answer.status_code for answer in answers} == {200}
    assert len({answer.text for answer in answers}) == 1


def test_a_reader_may_ask_as_much_as_the_rate_of_all_workers_together(team: Team) -> None:
    reader = {"X-Forwarded-For": "198.51.100.1"}
    answers = each_time(
        lambda: team.ask("POST", "/api/ask", json={"question": QUESTION}, headers=reader)
    )
    statuses = [answer.status_code for answer in answers]
    assert (statuses.count(200), statuses.count(429)) == (RATE, TIMES - RATE)


def test_every_worker_tells_the_numbers_of_all(team: Team) -> None:
    answered = 'footnote_questions_total{status="answered"}'
    before = team.numbers()[answered]
    each_time(lambda: asked(team))
    assert {team.numbers()[answered] for _ in range(TIMES)} == {before + TIMES}
    assert team.numbers()["footnote_articles"] == 5


def test_members_are_known_to_every_worker(team: Team) -> None:
    told = {"aud": "footnote", "exp": datetime.now(UTC) + timedelta(hours=1)}
    for token, status in ((jwt.encode(told, READERS_KEY, "HS256"), 200), ("forged", 401)):
        sent = {"Reader-Token": token}
        answers = each_time(lambda: team.ask("GET", "/api/articles/lighthouse", headers=sent))  # noqa: B023
        assert {answer.status_code for answer in answers} == {status}


def test_who_has_signed_in_is_signed_in_with_every_worker(team: Team) -> None:
    came = team.ask("POST", "/admin/login", data={"password": PASSWORD})
    assert came.status_code == 303
    cookies = {"Cookie": came.headers["set-cookie"].partition(";")[0]}
    pages = each_time(lambda: team.ask("GET", "/admin/articles", headers=cookies))
    assert {page.status_code for page in pages} == {200}
    slashed = each_time(lambda: team.ask("GET", "/admin/"))
    assert {page.headers["location"] for page in slashed} == {"/admin"}
    # Each shows the form of the one session, which a button sends with it.
    assert len({re.findall(r'name="csrf" value="[^"]+"', page.text)[0] for page in pages}) == 1


def test_the_owner_is_told_of_sites_that_any_worker_refused(team: Team) -> None:
    origin = {"Origin": "https://news.example.org"}
    answers = each_time(lambda: team.ask("GET", "/api/articles/dam", headers=origin))
    assert {answer.status_code for answer in answers} == {403}
    came = team.ask("POST", "/admin/login", data={"password": PASSWORD})
    cookies = {"Cookie": came.headers["set-cookie"].partition(";")[0]}
    page = team.ask("GET", "/admin/origins", headers=cookies).text
    assert re.findall(r"news\.example\.org</bdi>|(\d+)×", page) == ["", str(TIMES)]


def test_a_long_upload_reaches_the_owners_page_whichever_worker_it_comes_to(team: Team) -> None:
    came = team.ask("POST", "/admin/login", data={"password": PASSWORD})
    cookies = {"Cookie": came.headers["set-cookie"].partition(";")[0]}
    page = team.ask("GET", "/admin/articles", headers=cookies).text
    csrf = re.findall(r'name="csrf" value="([^"]+)"', page)[0]
    names = (f"long{number}.txt" for number in count())
    sent = each_time(
        lambda: team.ask(
            "POST",
            "/admin/upload",
            headers=cookies,
            data={"csrf": csrf},
            files={"files": (next(names), b"The heron nests in April. " * 4000)},
        )
    )
    assert {answer.status_code for answer in sent} == {303}
    assert len(list(uploads(team.data).glob("long*.txt"))) == TIMES
    unsigned = each_time(
        lambda: team.ask("POST", "/admin/upload", files={"files": ("no.txt", b"x" * 100_000)})
    )
    assert {answer.status_code for answer in unsigned} <= {403, 413}
    assert not list(uploads(team.data).glob("no*.txt"))


def test_what_readers_think_is_kept_whichever_worker_is_told(team: Team) -> None:
    comments = [f"comment {number}" for number in range(TIMES)]
    with ThreadPoolExecutor(TIMES) as threads:
        taken = threads.map(
            lambda comment: team.ask(
                "POST",
                "/api/feedback",
                json={"question": QUESTION, "verdict": "down", "comment": comment},
            ),
            comments,
        )
        assert {answer.status_code for answer in taken} == {202}
    kept = Recorded(owned(team.data) / JOURNAL).judged(0, 50)
    assert {each.comment for each in kept} >= set(comments)


def held_by(worker: int, name: str) -> str:
    """A session of the chat that this worker holds."""
    named = (f"{name}{number}" for number in count())
    return next(session for session in named if crc32(session.encode()) % 2 == worker)


def chat(team: Team, session: str, function: int, data: list[object]) -> list[Any]:
    """What an event of the chat's page gives."""
    event = {"session_hash": session, "fn_index": function, "data": data, "event_data": None}
    done = team.ask("POST", "/gradio_api/run/predict", json=event)
    assert done.status_code == 200, done.text
    given: list[Any] = done.json()["data"]
    return given


def said(given: list[Any]) -> list[str]:
    return [json.dumps(bubble) for bubble in given[0]]


def test_a_conversation_goes_on_whichever_worker_hears_of_it(team: Team) -> None:
    for session in (held_by(0, "first"), held_by(1, "second")):
        first = chat(team, session, 0, [QUESTION, "en", None])
        second = chat(team, session, 0, ["Who was the last keeper?", "en", None])
        assert (len(said(first)), len(said(second))) == (2, 4)


def test_a_conversation_opens_at_its_address_with_another_worker_at_once(team: Team) -> None:
    given = chat(team, held_by(0, "here"), 0, [QUESTION, "en", None])
    found = re.search(r"\?c=([\w-]{16})", unescape(said(given)[1]))
    assert found is not None
    opened = chat(team, held_by(1, "there"), 4, [json.dumps({"conversation": found[1]}), None])
    assert "3 November 1874" in said(opened)[1]


def test_all_pages_of_the_chat_name_one_app_so_that_none_loads_itself_again(team: Team) -> None:
    named = each_time(lambda: team.ask("GET", "/gradio_api/app_id"))
    assert len({answer.json()["app_id"] for answer in named}) == 1


def test_a_new_build_is_taken_up_by_all(team: Team, tmp_path: Path) -> None:
    story = tmp_path / "mill.txt"
    story.write_text("title: The mill\n\nThe mill at Quern Bridge grinds rye.\n", encoding="utf-8")
    build([story], team.data, ModelEncoder(team.data), no_progress)
    eventually(
        lambda: (
            {answer.json()["articles"] for answer in each_time(lambda: team.ask("GET", "/healthz"))}
            == {6}
        )
    )


def test_what_was_pushed_and_waits_with_any_worker_is_counted_once(team: Team) -> None:
    ids = (f"heron-{number}" for number in count())
    pushed = {"Authorization": f"Bearer {PUSH_KEY}"}

    def push() -> httpx.Response:
        article = {"id": next(ids), "text": "The heron nests in April."}
        return team.ask("POST", "/api/articles", headers=pushed, json=article)

    with only_writer(team.data):
        assert {answer.status_code for answer in each_time(push)} == {202}
        eventually(lambda: team.numbers()["footnote_pushed_waiting"] == TIMES)
    eventually(lambda: team.numbers()["footnote_pushed_waiting"] == 0)


def test_a_worker_that_is_killed_is_replaced_and_nothing_is_forgotten(team: Team) -> None:
    before, workers = team.numbers(), team.workers()
    os.kill(workers[1], signal.SIGKILL)
    eventually(lambda: workers[1] not in team.workers())
    # Who comes meanwhile is answered by the other, or waits for the new one.
    answers = each_time(lambda: asked(team))
    assert {answer.status_code for answer in answers} == {200}
    eventually(lambda: len(set(team.workers()) - {workers[1]}) == 2)
    answered = 'footnote_questions_total{status="answered"}'
    assert team.numbers()[answered] == before[answered] + TIMES


def eventually(is_so: Callable[[], bool]) -> None:
    waking = threading.Event()
    until = time.monotonic() + 60
    while not is_so():
        assert time.monotonic() < until
        waking.wait(0.05)
