"""The way between workers: a request that one of them keeps the answer to is sent on to that one.

A session of the chat lives in the memory of the worker that its name falls to; so do the sessions
of the owner's page, and its build, in the first.
"""

import json
import re
import sys
from collections.abc import AsyncIterator

import httpcore
from starlette.datastructures import Headers
from starlette.responses import StreamingResponse
from starlette.types import ASGIApp, Receive, Scope, Send

from qa.present.links import under
from qa.web.errors import error_response
from qa.web.guard.base_path import SCOPE_KEY
from qa.web.guard.middleware import OWN_ONLY, read_body, replayed
from qa.web.workers.worker import OWNERS, Worker

_HEARTBEAT = re.compile(r"/gradio_api/heartbeat/(\w+)", re.ASCII)
_EVENT = "/gradio_api/run/predict"
# What the guard has found out of a request goes along with it under this name.
_PASSED = b"footnote-passed"
# These are for one connection only; the date is told again.
_OF_THE_WAY = {b"connection", b"keep-alive", b"date", b"expect", b"te", b"upgrade", _PASSED}
_FAILED = (httpcore.NetworkError, httpcore.ProtocolError)
# A stream is silent for as long as nothing happens.
_PATIENT = {"timeout": {"connect": 5.0, "read": None, "write": None, "pool": None}}


class Forward:
    """Serves what any worker can, and sends the rest on to the one that can."""

    def __init__(self, app: ASGIApp, worker: Worker) -> None:
        self.app, self.worker = app, worker
        self._ways: dict[int, httpcore.AsyncConnectionPool] = {}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve, or send on."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        number, receive = await holder_of(scope, receive, self.worker)
        if number in (None, self.worker.number):
            await self.app(scope, receive, send)
        else:
            await _send_on(self._way(number), scope, receive, send)

    def _way(self, number: int) -> httpcore.AsyncConnectionPool:
        if number not in self._ways:
            # None is kept open: one to a worker that has died would fail when it is used again.
            self._ways[number] = httpcore.AsyncConnectionPool(
                uds=str(self.worker.door(number)),
                max_connections=sys.maxsize,
                max_keepalive_connections=0,
            )
        return self._ways[number]


class _LeftError(Exception):
    """The client went away. Of errors of its own, httpcore would go on to wait for a response."""


async def holder_of(scope: Scope, receive: Receive, worker: Worker) -> tuple[int | None, Receive]:
    """Which worker keeps what this is about, if one does; and the request, to be read again."""
    path = scope["path"]
    if any(path == own or path.startswith(f"{own}/") for own in OWN_ONLY):
        return OWNERS, receive
    session: object = None
    if (found := _HEARTBEAT.fullmatch(path)) is not None:
        session = found[1]
    elif path == _EVENT:
        messages = await read_body(receive) or []
        receive = replayed(messages, receive)
        session = _session_in(b"".join(message.get("body", b"") for message in messages))
    return (worker.holder(session) if isinstance(session, str) else None), receive


def _session_in(body: bytes) -> object:
    """The session that an event of the chat names; any worker can say what is wrong with others."""
    try:
        sent = json.loads(body)
    except (ValueError, RecursionError):
        return None
    return sent.get("session_hash") if isinstance(sent, dict) else None


async def _send_on(
    way: httpcore.AsyncConnectionPool, scope: Scope, receive: Receive, send: Send
) -> None:
    begun = False
    try:
        async with way.stream(
            scope["method"],
            _address(scope),
            headers=[*_kept(scope["headers"]), (_PASSED, _passed(scope))],
            content=_body(scope, receive),
            extensions=_PATIENT,
        ) as response:
            begun = True
            answer = StreamingResponse(_streamed(response), response.status)
            answer.raw_headers = [
                (name.lower(), value)
                for name, value in _kept(response.headers)
                if name.lower() != b"transfer-encoding"
            ]
            await answer(scope, receive, send)
    except _LeftError:
        return
    except _FAILED:
        if begun:
            raise
        message = "the process that holds this was just replaced: ask again in a moment"
        await error_response(503, "busy", message, {"Retry-After": "1"})(scope, receive, send)


async def _streamed(response: httpcore.Response) -> AsyncIterator[bytes]:
    try:
        async for part in response.aiter_stream():
            yield part
    except _FAILED:
        # Of a worker that dies no more can come.
        return


def _address(scope: Scope) -> httpcore.URL:
    path: bytes = scope.get("raw_path") or scope["path"].encode()
    query: bytes = scope["query_string"]
    target = path + b"?" + query if query else path
    return httpcore.URL(scheme=b"http", host=b"worker", port=None, target=target)


def _kept(headers: list[tuple[bytes, bytes]]) -> list[tuple[bytes, bytes]]:
    return [(name, value) for name, value in headers if name.lower() not in _OF_THE_WAY]


def _passed(scope: Scope) -> bytes:
    told = {
        "client": scope.get("client"),
        "scheme": scope["scheme"],
        "server": scope.get("server"),
        "base": scope.get(SCOPE_KEY, ""),
    }
    return json.dumps(told).encode()


def _body(scope: Scope, receive: Receive) -> AsyncIterator[bytes] | None:
    """What comes with the request, as it comes; None where nothing does."""
    headers = Headers(scope=scope)
    if "content-length" not in headers and "transfer-encoding" not in headers:
        return None

    async def parts() -> AsyncIterator[bytes]:
        has_more = True
        while has_more:
            message = await receive()
            if message["type"] != "http.request":
                raise _LeftError
            has_more = message.get("more_body", False)
            yield message.get("body", b"")

    return parts()


class Door:
    """Where requests of other workers come in: they have passed the guard, and need not again."""

    def __init__(self, app: ASGIApp, kept: ASGIApp, worker: Worker) -> None:
        """`kept` serves what this worker keeps, `app` everyone else."""
        self.app, self.kept = app, kept
        self.address = str(worker.door(worker.number))

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve what was sent on as it first came."""
        server = scope.get("server")
        if scope["type"] != "http" or server is None or server[0] != self.address:
            await self.app(scope, receive, send)
            return
        told = json.loads(Headers(scope=scope)[_PASSED.decode()])
        came = {"client": told["client"], "scheme": told["scheme"], "server": told["server"]}
        headers = [(name, value) for name, value in scope["headers"] if name != _PASSED]
        passed = {**scope, **came, "headers": headers, SCOPE_KEY: told["base"]}
        with under(told["base"]):
            await self.kept(passed, receive, send)
