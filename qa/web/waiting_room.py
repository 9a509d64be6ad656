"""What answers while the index is opened and the model loaded: alive, but not ready."""

import json
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from qa.web.headers import HEADERS
from qa.wire import error_json

STARTING = "the server is starting: ask again in a moment"
# A small server of the standard library: the real one takes its time to be imported.
_LOOKED_AT_EVERY = 0.05
_LONGEST_REQUEST = 5.0


class _Handler(BaseHTTPRequestHandler):
    timeout = _LONGEST_REQUEST
    # No version of anything is told.
    server_version, sys_version = "footnote", ""

    def do_GET(self) -> None:
        if self.path == "/healthz":
            self._answer(200, {"status": "starting", "articles": 0})
        else:
            self._answer(503, error_json("starting", STARTING))

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
        """Says nothing: whoever waits asks every second."""


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that went away is no fault."""


@contextmanager
def waiting_room(listening: socket.socket) -> Iterator[None]:
    """Answers on the socket until the block ends; who connects after that waits in its queue."""
    server = _Server(listening.getsockname(), _Handler, bind_and_activate=False)
    server.socket.close()
    server.socket = listening.dup()
    thread = threading.Thread(
        target=server.serve_forever, args=(_LOOKED_AT_EVERY,), name="waiting room", daemon=True
    )
    thread.start()
    try:
        yield
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
