"""Faults of a request to the chat's own server, in the one error shape."""

import json
import re

import gradio as gr
from starlette.datastructures import QueryParams
from starlette.exceptions import HTTPException
from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from qa.web.errors import INTERNAL, NOT_JSON, error_response, unknown_route
from qa.web.guard import read_body, replayed

JOIN, STREAM = "/gradio_api/queue/join", "/gradio_api/queue/data"
SESSION = re.compile(r"[\w-]{1,100}", re.ASCII)
END: Message = {"type": "http.response.body", "body": b"", "more_body": False}


class ChatFaults:
    """Refuses what Gradio would stumble over, and puts its errors into our shape."""

    def __init__(self, app: ASGIApp, blocks: gr.Blocks) -> None:
        self.app = app
        self.blocks = blocks

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve, or refuse."""
        fault = None
        if scope["path"] == JOIN:
            messages = await read_body(receive) or []
            receive = replayed(messages, receive)
            body = b"".join(message.get("body", b"") for message in messages)
            fault = join_fault(body, self.blocks)
        elif scope["path"] == STREAM:
            fault = stream_fault(QueryParams(scope["query_string"]), self.blocks)
        if fault is None:
            await _in_our_shape(self.app, scope, receive, send)
        else:
            await fault(scope, receive, send)


def join_fault(body: bytes, blocks: gr.Blocks) -> JSONResponse | None:
    """Why this cannot be an event of the page, if it cannot."""
    try:
        sent = json.loads(body)
    except (ValueError, RecursionError):
        sent = None
    if not isinstance(sent, dict):
        return error_response(400, "invalid_json", NOT_JSON)
    session, index, data = (sent.get(name) for name in ("session_hash", "fn_index", "data"))
    if not isinstance(session, str) or not SESSION.fullmatch(session):
        message = f"session_hash is {session!r:.40}: send 1 to 100 letters, digits or hyphens"
        return error_response(400, "bad_session", message)
    # True is a key where 1 is one.
    function = blocks.fns.get(index) if type(index) is int else None
    if function is None:
        message = (
            f"fn_index {index!r:.40} is no function of the chat; POST /api/ask is for programs"
        )
        return error_response(404, "unknown_function", message)
    expected = len(function.inputs)
    if not isinstance(data, list) or len(data) != expected:
        message = f"data is {data!r:.40}: send a list of {expected} values"
        return error_response(400, "bad_data", message)
    return None


def stream_fault(query: QueryParams, blocks: gr.Blocks) -> JSONResponse | None:
    """Why there is no stream of events, if there is none."""
    session = query.get("session_hash")
    if not session:
        return error_response(400, "bad_session", "session_hash is missing: send ?session_hash=…")
    # Gradio looks only when the stream has begun, which is too late for a status.
    if session not in blocks._queue.pending_messages_per_session:
        message = f"no events wait for the session {session[:40]!r}: ask a question first"
        return error_response(404, "unknown_session", message)
    return None


async def _in_our_shape(app: ASGIApp, scope: Scope, receive: Receive, send: Send) -> None:
    """Send what the app sends; of an error only the status, in our shape."""
    failed: int | None = None

    async def unless_failed(message: Message) -> None:
        nonlocal failed
        if message.get("status", 200) >= 400:
            failed = message["status"]
        if failed is None:
            await send(message)

    try:
        await app(scope, receive, unless_failed)
    except RuntimeError as error:
        # The session ended on another connection while this one listened to it.
        if failed is not None or not isinstance(error.__cause__, HTTPException):
            raise
        await send(END)
    if failed is not None:
        await _error(failed, scope["path"])(scope, receive, send)


def _error(status: int, path: str) -> JSONResponse:
    if status == 404:
        return unknown_route(path)
    if status == 503:
        return error_response(503, "busy", "too many questions wait: ask again in a moment")
    if status < 500:
        return error_response(400, "invalid_request", f"the chat cannot read this at {path!r}")
    return error_response(status, "internal", INTERNAL)
