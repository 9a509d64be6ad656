"""Where the server listens, and how uvicorn serves there.

It stands apart from the app: a port is bound before the rest, which is slow, is imported, and
workers name a folder to prometheus_client before that is.
"""

import gc
import socket
from collections.abc import Callable

import uvicorn
from starlette.types import ASGIApp

from index.errors import SettingError
from index.settings import Settings
from qa.web.guard.connections import PatientProtocol

Begun = Callable[[uvicorn.Server], None]
_MOST_SENDING = 128 * 1024
_LAST_PORT = 65_535


def listen(settings: Settings, count: int) -> list[socket.socket]:
    """A socket for each of `count` processes, bound. Raises SettingError where that cannot be.

    It is called before the model is loaded, so that a port in use is told at once.

    Each of several workers has a socket of its own: the system shares connections out among these,
    while of one socket whoever wakes first would take all that wait.
    """
    alone = _bound(settings, settings.port)
    if count == 1:
        return [alone]
    # Another server could bind what is shared, and take a share: that nobody has it is known now.
    with alone:
        port = alone.getsockname()[1]
    return [_bound(settings, port, is_shared=True) for _ in range(count)]


def _bound(settings: Settings, port: int, *, is_shared: bool = False) -> socket.socket:
    family = socket.AF_INET6 if ":" in settings.host else socket.AF_INET
    try:
        # Given no such port, Python leaves the socket open.
        if not 0 <= port <= _LAST_PORT:
            raise OSError(f"ports end at {_LAST_PORT}")
        listening = socket.create_server((settings.host, port), family=family, reuse_port=is_shared)
    except OSError as error:
        raise SettingError(
            f"cannot listen on {settings.host}:{settings.port} ({error}): "
            "choose others with --host and --port"
        ) from None
    # What is accepted inherits it; else an answer's last packet waits until the first is received.
    listening.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    # The system would take on megabytes for each client; only what it has not is known as unread.
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, _MOST_SENDING)
    return listening


def address_of(settings: Settings, listening: socket.socket) -> str:
    """The address to open, without a base path."""
    host = f"[{settings.host}]" if ":" in settings.host else settings.host
    return f"http://{host}:{listening.getsockname()[1]}"


class _Server(uvicorn.Server):
    """Tells `begun` once questions can be asked."""

    def __init__(self, config: uvicorn.Config, begun: Begun) -> None:
        super().__init__(config)
        self._begun = begun

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        # What is loaded stays: looking through it again and again would hold up answers.
        gc.collect()
        gc.freeze()
        self._begun(self)


def serve(app: ASGIApp, listening: list[socket.socket], begun: Begun) -> None:
    """Serve on the sockets until interrupted; `begun` is told once questions can be asked."""
    config = uvicorn.Config(
        # Open pages hold a stream: without a limit they would hold up the end for ever.
        app,
        http=PatientProtocol,
        # All is logged by the root logger, a line of JSON each.
        log_config=None,
        log_level="warning",
        access_log=False,
        server_header=False,
        # `create_app` reads them, once it knows which proxy sent them.
        proxy_headers=False,
        timeout_graceful_shutdown=3,
    )
    _Server(config, begun).run(sockets=listening)
