"""Streams, which stay open for as long as a page is: so many for one reader, so many in all."""

from collections import Counter

from starlette.types import ASGIApp, Receive, Scope, Send

from qa.web.errors import error_response
from qa.web.guard.middleware import client_address
from qa.web.guard.rates import network_of

# The chat's: one for each open page, one more while it waits for an answer.
STREAMS = ("/gradio_api/heartbeat/", "/gradio_api/queue/data")
# An office behind one address, and what leaves room for those who only ask.
MOST_EACH, MOST_STREAMS = 60, 500


class StreamLimit:
    """Refuses a stream too many: with 429 to one address, with 503 to all."""

    def __init__(self, app: ASGIApp, each: int = MOST_EACH, most: int = MOST_STREAMS) -> None:
        self.app, self.each, self.most = app, each, most
        self._open: Counter[str] = Counter()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve, or refuse."""
        if scope["type"] != "http" or not scope["path"].startswith(STREAMS):
            await self.app(scope, receive, send)
            return
        network = network_of(client_address(scope))
        if self._open.total() >= self.most:
            message = f"all {self.most} streams are open: come back in a minute"
            await error_response(503, "busy", message, _LATER)(scope, receive, send)
        elif self._open[network] >= self.each:
            message = f"{self.each} streams are open from here: close a page of the chat"
            await error_response(429, "too_many_requests", message, _LATER)(scope, receive, send)
        else:
            await self._serve(network, scope, receive, send)

    async def _serve(self, network: str, scope: Scope, receive: Receive, send: Send) -> None:
        self._open[network] += 1
        try:
            await self.app(scope, receive, send)
        finally:
            self._open[network] -= 1
            # Zeros would pile up, one for each network that ever came.
            self._open += Counter()


_LATER = {"Retry-After": "60"}
