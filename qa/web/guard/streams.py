"""Streams, which stay open for as long as a page is: so many for one reader, so many in all."""

from collections import Counter
from collections.abc import Mapping
from typing import Protocol

from starlette.types import ASGIApp, Receive, Scope, Send

from qa.web.errors import error_response
from qa.web.guard.middleware import client_address
from qa.web.guard.rates import network_of

# The chat's: one for each open page.
STREAM = "/gradio_api/heartbeat/"
# An office behind one address, and what leaves room for those who only ask.
MOST_EACH, MOST_STREAMS = 60, 500


class OpenStreams(Protocol):
    """How many streams are open."""

    def all(self) -> int:
        """In all."""

    def of(self, network: str) -> int:
        """From one network."""

    def change(self, network: str, by: int) -> None:
        """Count one that opens (1) or ends (-1)."""


class StreamsHere:
    """Those of one process."""

    def __init__(self) -> None:
        self._open: Counter[str] = Counter()

    def all(self) -> int:
        """In all."""
        return self._open.total()

    def of(self, network: str) -> int:
        """From one network."""
        return self._open[network]

    def each(self) -> Mapping[str, int]:
        """From each network that has one open."""
        return self._open

    def change(self, network: str, by: int) -> None:
        """Count one that opens (1) or ends (-1)."""
        self._open[network] += by
        # Zeros would pile up, one for each network that ever came.
        self._open += Counter()


class StreamLimit:
    """Refuses a stream too many: with 429 to one address, with 503 to all."""

    def __init__(
        self,
        app: ASGIApp,
        each: int = MOST_EACH,
        most: int = MOST_STREAMS,
        streams: OpenStreams | None = None,
    ) -> None:
        self.app, self.each, self.most = app, each, most
        self._open = streams or StreamsHere()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve, or refuse."""
        if scope["type"] != "http" or not scope["path"].startswith(STREAM):
            await self.app(scope, receive, send)
            return
        network = network_of(client_address(scope))
        if self._open.all() >= self.most:
            message = f"all {self.most} streams are open: come back in a minute"
            await error_response(503, "busy", message, _LATER)(scope, receive, send)
        elif self._open.of(network) >= self.each:
            message = f"{self.each} streams are open from here: close a page of the chat"
            await error_response(429, "too_many_requests", message, _LATER)(scope, receive, send)
        else:
            await self._serve(network, scope, receive, send)

    async def _serve(self, network: str, scope: Scope, receive: Receive, send: Send) -> None:
        self._open.change(network, 1)
        try:
            await self.app(scope, receive, send)
        finally:
            self._open.change(network, -1)


_LATER = {"Retry-After": "60"}
