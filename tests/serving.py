"""A real server on loopback, as `app.py` runs it, for tests that need connections."""

import random
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any

import uvicorn
from starlette.applications import Starlette

from qa.web.guard.connections import PatientProtocol

# Below those that systems give to whoever asks for any: nobody else gets one before its server.
_PORTS = range(20_000, 32_000)


def free_port() -> int:
    """A port of loopback for a server that has to be told one."""
    while True:
        port = random.choice(_PORTS)
        with suppress(OSError), socket.create_server(("127.0.0.1", port)):
            return port


@contextmanager
def serving(
    app: Starlette, http: type[PatientProtocol] = PatientProtocol, **config: Any
) -> Iterator[str]:
    """The address of the server, until the block ends."""
    settings = {"log_config": None, "access_log": False, "proxy_headers": False, **config}
    # Chats hold a stream open until the server closes it.
    told = uvicorn.Config(app, http=http, timeout_graceful_shutdown=1, **settings)
    # What connects before the server accepts waits in the socket's queue.
    with socket.create_server(("127.0.0.1", 0), backlog=512) as listening:
        server = uvicorn.Server(told)
        thread = threading.Thread(target=server.run, args=([listening],))
        thread.start()
        try:
            yield f"http://127.0.0.1:{listening.getsockname()[1]}"
        finally:
            server.should_exit = True
            thread.join()
