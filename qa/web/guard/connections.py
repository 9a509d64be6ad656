"""Connections: slow clients, which send no request or read no answer, are cut off.

While the index and the model load, a waiting room answers: alive, but not ready.
"""

import asyncio
import json
import socket
import struct
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from itertools import count
from socket import SO_LINGER, SOL_SOCKET
from typing import Any

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from qa.present.wire import ErrorModel
from qa.web.guard.base_path import HEADERS

# A browser sends the head of a request in one packet.
HEAD_SECONDS = 10.0
MAX_HEAD = 64 * 1024
# Even on the slowest line this many bytes go out in this many seconds.
TAKEN_SECONDS = 20.0
LEAST_TAKEN = 4 * 1024
# Below the usual limit of open files per process.
MOST_CONNECTIONS = 800
_NUMBERS = count()
_AT_ONCE = struct.pack("ii", 1, 0)
NOT_HTTP = "this is not an HTTP request: ask with a browser, or a program that speaks HTTP"
HEAD_TOO_LARGE = f"the head of the request is longer than {MAX_HEAD} bytes: send fewer headers"


class Outgoing:
    """A transport that counts the bytes to send, and drops them once it is closed."""

    def __init__(self, transport: asyncio.Transport) -> None:
        self._transport = transport
        self._given = 0

    def write(self, data: bytes) -> None:
        """Queue the data for sending, unless the transport is closing."""
        if not self._transport.is_closing():
            self._given += len(data)
            self._transport.write(data)

    @property
    def unread(self) -> int:
        """How many bytes neither the client nor the system has taken yet."""
        return self._transport.get_write_buffer_size()

    @property
    def taken(self) -> int:
        """How many bytes have been taken."""
        return self._given - self.unread

    def reset(self) -> None:
        """End the connection at once; without this the system would keep trying for minutes."""
        if not self._transport.is_closing() or self.unread:
            socket = self._transport.get_extra_info("socket")
            socket.setsockopt(SOL_SOCKET, SO_LINGER, _AT_ONCE)
        self._transport.abort()

    def __getattr__(self, name: str) -> Any:
        return getattr(self._transport, name)


class PatientProtocol(HttpToolsProtocol):
    """Uvicorn's protocol with limits on the time and size of heads, and on unread answers.

    What is neither head nor body, such as the extensions of chunks, what trails them and blank
    lines before a request, may be as long as a head, or as the body if that is longer: the parser
    keeps some of it.

    If there are too many connections, the oldest one that sends no request or leaves its answer
    unread makes room for the next.
    """

    head_seconds = HEAD_SECONDS
    taken_seconds = TAKEN_SECONDS
    most_connections = MOST_CONNECTIONS

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._head_timer: asyncio.TimerHandle | None = None
        self._taken_timer: asyncio.TimerHandle | None = None
        self._number = next(_NUMBERS)
        self._has_head = False
        self._is_in_head = False
        self._head_size = 0
        self._begins = False
        self._rest_size = 0
        self._body_size = 0

    # Called by the event loop.
    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        self._outgoing = Outgoing(transport)
        super().connection_made(self._outgoing)  # type: ignore[arg-type]
        self._await_head()
        self._await_taken()
        if len(self.connections) > self.most_connections:
            self._make_room()

    def connection_lost(self, exc: Exception | None) -> None:
        self._stop_timer()
        if self._taken_timer is not None:
            self._taken_timer.cancel()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        if not self._has_head and self._head_timer is None:
            self._await_head()
        super().data_received(data)
        if self._is_in_head:
            self._head_size += len(data)
            if self._head_size > MAX_HEAD and not self.transport.is_closing():
                self._refuse(431, "head_too_large", HEAD_TOO_LARGE)
        self._count_rest(len(data))

    # Called by the parser.
    def on_message_begin(self) -> None:
        self._is_in_head = self._begins = True
        self._head_size = self._rest_size = self._body_size = 0
        super().on_message_begin()

    def on_headers_complete(self) -> None:
        self._has_head, self._is_in_head = True, False
        self._stop_timer()
        super().on_headers_complete()

    def on_body(self, body: bytes) -> None:
        self._body_size += len(body)
        self._rest_size -= len(body)
        super().on_body(body)

    def on_message_complete(self) -> None:
        self._has_head = False
        super().on_message_complete()

    def send_400_response(self, msg: str) -> None:
        self._refuse(400, "invalid_http", NOT_HTTP)

    def _count_rest(self, size: int) -> None:
        """Count what came, less the body in it; the message may begin amid the first of it."""
        if self._begins:
            self._begins = False
            return
        self._rest_size += size
        if not self._is_in_head and self._rest_size > max(MAX_HEAD, self._body_size):
            self._outgoing.reset()

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

    def _await_taken(self) -> None:
        # Also after the end of an answer: closing waits until all of it has been taken.
        counts = (self._outgoing.unread, self._outgoing.taken)
        self._taken_timer = self.loop.call_later(self.taken_seconds, self._check_taken, *counts)

    def _check_taken(self, unread: int, taken: int) -> None:
        """Drop a client that had something to read, and read next to nothing."""
        has_taken = self._outgoing.taken - taken
        if unread and self._outgoing.unread and has_taken < LEAST_TAKEN:
            self._outgoing.reset()
        else:
            self._await_taken()

    def _make_room(self) -> None:
        idle = [
            other
            for other in self.connections
            if isinstance(other, PatientProtocol) and other is not self and other.is_idle
        ]
        if idle:
            min(idle, key=lambda other: other.number)._outgoing.reset()

    @property
    def is_idle(self) -> bool:
        """Whether no request is being answered, or an answer is left unread."""
        waits = self._head_timer is not None and not self.transport.is_closing()
        return waits or self._outgoing.unread > 0

    @property
    def number(self) -> int:
        """Counts up: later connections have higher numbers."""
        return self._number

    def _refuse(self, status: int, code: str, message: str) -> None:
        body = json.dumps(ErrorModel.of(code, message).model_dump()).encode()
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


STARTING = "the server is starting: ask again in a moment"
# A small server from the standard library: the real one is slow to import.
_POLL_SECONDS = 0.05
_LONGEST_REQUEST = 5.0


class _Handler(BaseHTTPRequestHandler):
    timeout = _LONGEST_REQUEST
    # Reveal no versions.
    server_version, sys_version = "footnote", ""

    def do_GET(self) -> None:
        if self.path == "/healthz":
            self._answer(200, {"status": "starting", "articles": 0})
        else:
            self._answer(503, ErrorModel.of("starting", STARTING).model_dump())

    do_HEAD = do_POST = do_OPTIONS = do_GET  # noqa: N815 - the library's names

    def _answer(self, status: int, value: Any) -> None:
        body = json.dumps(value).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        for name, value in HEADERS.items():
            self.send_header(name, value)
        self.send_header("Connection", "close")
        if status == 503:
            self.send_header("Retry-After", "1")
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    def log_message(self, *_: Any) -> None:
        """Log nothing: waiting clients ask every second."""


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Ignore it: a client that went away is not an error."""


@contextmanager
def waiting_room(listening: socket.socket) -> Iterator[None]:
    """Answer on the socket until the block ends; later connections wait in its queue."""
    server = _Server(listening.getsockname(), _Handler, bind_and_activate=False)
    server.socket.close()
    server.socket = listening.dup()
    thread = threading.Thread(
        target=server.serve_forever, args=(_POLL_SECONDS,), name="waiting room", daemon=True
    )
    thread.start()
    try:
        yield
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
