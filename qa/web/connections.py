"""Connections that send no request: they are closed, so that they hold up nobody."""

import asyncio
import json
from http import HTTPStatus
from itertools import count
from typing import Any

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from qa.web.guard import HEADERS
from qa.wire import error_json

# A browser sends the head of a request in one packet.
HEAD_SECONDS = 10.0
MAX_HEAD = 64 * 1024
# Below the number of open files that systems usually allow a process.
MOST_CONNECTIONS = 800
_NUMBERS = count()
NOT_HTTP = "this is no HTTP request: ask with a browser, or a program that speaks HTTP"
HEAD_TOO_LARGE = f"the head of the request is longer than {MAX_HEAD} bytes: send fewer headers"


class PatientProtocol(HttpToolsProtocol):
    """Uvicorn's protocol with a limit of time and size for the head of each request.

    Where there are too many connections, the one that has waited longest without sending a
    request makes room for the next.
    """

    head_seconds = HEAD_SECONDS
    most_connections = MOST_CONNECTIONS

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._head_timer: asyncio.TimerHandle | None = None
        self._number = next(_NUMBERS)
        self._has_head = False
        self._is_in_head = False
        self._head_size = 0

    # Called by the event loop.
    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        self._await_head()
        if len(self.connections) > self.most_connections:
            self._make_room()

    def connection_lost(self, exc: Exception | None) -> None:
        self._stop_timer()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        if not self._has_head and self._head_timer is None:
            self._await_head()
        super().data_received(data)
        if self._is_in_head:
            self._head_size += len(data)
            if self._head_size > MAX_HEAD and not self.transport.is_closing():
                self._refuse(431, "head_too_large", HEAD_TOO_LARGE)

    # Called by the parser.
    def on_message_begin(self) -> None:
        self._is_in_head = True
        self._head_size = 0
        super().on_message_begin()

    def on_headers_complete(self) -> None:
        self._has_head, self._is_in_head = True, False
        self._stop_timer()
        super().on_headers_complete()

    def on_message_complete(self) -> None:
        self._has_head = False
        super().on_message_complete()

    def send_400_response(self, msg: str) -> None:
        self._refuse(400, "invalid_http", NOT_HTTP)

    def _await_head(self) -> None:
        self._head_timer = self.loop.call_later(self.head_seconds, self._give_up)

    def _stop_timer(self) -> None:
        if self._head_timer is not None:
            self._head_timer.cancel()
            self._head_timer = None

    def _give_up(self) -> None:
        self._head_timer = None
        if not self.transport.is_closing():
            self.transport.abort()

    def _make_room(self) -> None:
        waiting = [
            other
            for other in self.connections
            if isinstance(other, PatientProtocol) and other is not self and other.waits_for_head
        ]
        if waiting:
            min(waiting, key=lambda other: other.number)._give_up()

    @property
    def waits_for_head(self) -> bool:
        """Whether nothing is being answered here."""
        return self._head_timer is not None and not self.transport.is_closing()

    @property
    def number(self) -> int:
        """Lower than that of each connection that came later."""
        return self._number

    def _refuse(self, status: int, code: str, message: str) -> None:
        body = json.dumps(error_json(code, message)).encode()
        headers = {
            **HEADERS,
            "Content-Type": "application/json",
            "Content-Length": str(len(body)),
            "Connection": "close",
        }
        lines = [f"HTTP/1.1 {status} {HTTPStatus(status).phrase}"]
        lines += [f"{name}: {value}" for name, value in headers.items()]
        self.transport.write("\r\n".join([*lines, "", ""]).encode() + body)
        self.transport.close()
