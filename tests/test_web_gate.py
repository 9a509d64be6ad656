"""What reaches the chat's own server, and what every face does with HEAD and websockets."""

import json
import logging
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import gradio
import pytest
from starlette.responses import FileResponse
from starlette.testclient import TestClient
from starlette.types import Message, Receive, Scope, Send
from starlette.websockets import WebSocketDisconnect

from qa.web.app import create_app
from qa.web.chat.gate import ChatFaults
from qa.web.chat.page import chat_app
from qa.web.protocols import About
from qa.web.queue import QuestionQueue
from tests.web_sample import EXAMPLES, SampleArticles, SampleAsker, conversations

RUN = "/gradio_api/run/predict"


class Growing:
    """What is searched, one article more each time that it is asked."""

    def __init__(self) -> None:
        self.articles = 0

    def __call__(self) -> About:
        self.articles += 1
        return About(self.articles, "</script><b>")


def client_of_new_app() -> TestClient:
    app = create_app(SampleAsker(), SampleArticles(), EXAMPLES, Growing())
    return TestClient(app, raise_server_exceptions=False)


@pytest.fixture
def fresh() -> Iterator[TestClient]:
    """Of an app that nothing was asked before."""
    with client_of_new_app() as client:
        yield client


@pytest.fixture(scope="module")
def client() -> Iterator[TestClient]:
    with client_of_new_app() as client:
        yield client


def event(**changed: Any) -> str:
    return json.dumps({"data": ["owl", "", None], "fn_index": 0, "session_hash": "q", **changed})


def test_what_is_searched_is_told_as_it_is_at_each_request(fresh: TestClient) -> None:
    assert [fresh.get("/healthz").json()["articles"] for _ in range(2)] == [1, 2]
    for path in ("/", "/config"):
        first, second = fresh.get(path).text, fresh.get(path).text
        assert ", latest " in first
        assert first != second
        assert "fn0searched0fn" not in first


def test_what_is_searched_cannot_end_the_script_it_stands_in(fresh: TestClient) -> None:
    head = fresh.get("/config").json()["head"]
    told = re.findall(r'<meta name="footnote" content="([^"]*)">', head)[0]
    assert "<" not in told
    assert json.loads(unquote(told))["searched"].startswith("1 article, ")
    assert "</script><b>" not in fresh.get("/").text


@pytest.mark.parametrize("header", ["X-Forwarded-Host", "X-Gradio-Server", "x-forwarded-HOST"])
def test_no_header_tells_the_page_another_address_to_call(client: TestClient, header: str) -> None:
    for path in ("/", "/config"):
        assert "evil.example" not in client.get(path, headers={header: "evil.example"}).text
        assert "evil.example" not in client.get(path, headers={header: "http://evil.example"}).text


@pytest.mark.parametrize(
    ("method", "path", "body", "status", "code"),
    [
        ("POST", RUN, event(fn_index=99), 404, "unknown_function"),
        ("POST", RUN, event(fn_index=-1), 404, "unknown_function"),
        ("POST", RUN, event(fn_index=None), 404, "unknown_function"),
        ("POST", RUN, event(fn_index=[]), 404, "unknown_function"),
        ("POST", RUN, event(session_hash=None), 400, "bad_session"),
        ("POST", RUN, event(session_hash=""), 400, "bad_session"),
        ("POST", RUN, event(session_hash="\ud800"), 400, "bad_session"),
        ("POST", RUN, event(trigger_id="x"), 400, "invalid_request"),
        ("POST", RUN, event(data=[]), 400, "bad_data"),
        ("POST", RUN, event(data={}), 400, "bad_data"),
        ("POST", RUN, "", 400, "invalid_json"),
        ("POST", RUN, "[]", 400, "invalid_json"),
        ("POST", RUN, "x", 400, "invalid_json"),
        ("POST", RUN, "[" * 50_000, 400, "invalid_json"),
        ("GET", "/assets/nope.js", None, 404, "unknown_route"),
        ("GET", "/static/nope.js", None, 404, "unknown_route"),
    ],
)
def test_a_fault_of_the_client_is_one_clear_error_and_no_line_in_the_log(
    client: TestClient,
    caplog: pytest.LogCaptureFixture,
    method: str,
    path: str,
    body: str | None,
    status: int,
    code: str,
) -> None:
    headers = {} if body is None else {"Content-Type": "application/json"}
    response = client.request(method, path, content=body, headers=headers)
    assert response.json() == {"error": response.json()["error"]}
    assert (response.status_code, response.json()["error"]["code"]) == (status, code)
    assert not [record for record in caplog.records if record.levelno >= logging.WARNING]


def test_one_request_brings_the_answer(client: TestClient) -> None:
    asked = client.post(RUN, json=json.loads(event(data=["moon", "", None])))
    assert asked.status_code == 200
    assert "Sea of Tranquility" in asked.text


async def sent_by(app: Any, path: str) -> list[Message]:
    """The messages that the app sends for a GET through `ChatFaults`."""
    sent: list[Message] = []

    async def send(message: Message) -> None:
        sent.append(message)

    async def receive() -> Message:
        return {"type": "http.request"}

    scope = {"type": "http", "method": "GET", "path": path, "query_string": b""}
    blocks = chat_app(QuestionQueue(SampleAsker()), conversations()).blocks
    await ChatFaults(app, blocks)(scope, receive, send)
    return sent


async def _broken(_: Scope, __: Receive, send: Send) -> None:
    await send({"type": "http.response.start", "status": 500, "headers": []})
    raise RuntimeError("broken")


@pytest.mark.anyio
async def test_a_fault_of_the_chat_is_left_to_who_logs_it() -> None:
    with pytest.raises(RuntimeError, match="broken"):
        await sent_by(_broken, "/gradio_api/info")


@pytest.mark.parametrize(
    "path",
    [
        "/",
        "/docs",
        "/favicon.ico",
        "/articles/live%2Fblog",
        "/api/articles/live%2Fblog",
        "/articles/nothing",
        "/footnote/reader.css",
        "/theme.css",
    ],
)
def test_head_is_answered_as_get_without_the_body(client: TestClient, path: str) -> None:
    got, head = client.get(path), client.head(path)
    assert (head.status_code, head.content) == (got.status_code, b"")
    for name in ("content-type", "x-content-type-options"):
        assert head.headers.get(name) == got.headers.get(name)


def test_head_of_health_is_answered_and_of_an_action_refused(client: TestClient) -> None:
    assert client.head("/healthz").status_code == 200
    assert client.post("/healthz").headers["allow"] == "GET, HEAD"
    refused = client.head("/api/feedback")
    assert (refused.status_code, refused.headers["allow"]) == (405, "POST")
    assert client.head(RUN).status_code == 405


@pytest.mark.parametrize("path", ["/", "/healthz", "/footnote/x", "/gradio_api/run/predict", "/no"])
def test_a_websocket_is_closed_on_every_path(
    client: TestClient, caplog: pytest.LogCaptureFixture, path: str
) -> None:
    with pytest.raises(WebSocketDisconnect), client.websocket_connect(path):
        pass
    assert not [record for record in caplog.records if record.levelno >= logging.WARNING]


@pytest.mark.parametrize("offer", ["br", "identity"])
def test_the_sign_of_loading_counts_no_longer_than_it_is_shown(
    client: TestClient, offer: str
) -> None:
    [sign] = (Path(gradio.__file__).parent / "templates/frontend/assets").glob("statustracker-*.js")
    got = client.get(f"/assets/{sign.name}", headers={"Accept-Encoding": offer})
    assert "javascript" in got.headers["content-type"]
    assert "W&&ze()" in sign.read_text(encoding="utf-8")
    assert "W&&ze()" not in got.text
    assert "W&&U&&ze()" in got.text


def test_who_has_the_sign_as_gradio_sends_it_gets_the_mended_one(client: TestClient) -> None:
    [sign] = (Path(gradio.__file__).parent / "templates/frontend/assets").glob("statustracker-*.js")
    theirs = FileResponse(sign, stat_result=sign.stat()).headers["etag"]
    address = f"/assets/{sign.name}"
    for offer in ("br", "identity"):
        asked = {"Accept-Encoding": offer, "If-None-Match": f"{theirs}, W/{theirs}"}
        got = client.get(address, headers=asked)
        assert (got.status_code, "W&&U&&ze()" in got.text) == (200, True)
        assert (
            client.head(address, headers={"Accept-Encoding": offer}).headers["etag"]
            == (got.headers["etag"])
        )
    ours = got.headers["etag"]
    known = client.get(address, headers={"Accept-Encoding": "br", "If-None-Match": f"W/{ours}"})
    assert known.status_code == 304
