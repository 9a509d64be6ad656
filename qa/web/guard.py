"""What every request and response passes: HEAD, a limit on bodies, headers for the browser."""

from collections.abc import Callable, Iterable

from anyio import move_on_after
from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from qa.web.errors import error_response
from qa.web.headers import FRAMED, HEADERS

MAX_BODY = 64 * 1024
# So much takes a second on the slowest of lines.
BODY_SECONDS = 10.0

# What pages of other sites load with a tag, which tells no origin.
SHARED = ("/widget.js", "/footnote/")
# Which of the listed sites frames a page that changes things, nobody is to choose.
_NEVER_FRAMED = ("/admin",)
# Browsers take these for a fault where the connection is open to all.
_ENCRYPTED = {
    "Strict-Transport-Security": "max-age=31536000",
    "Cross-Origin-Opener-Policy": "same-origin",
}


class SecurityHeaders:
    """Adds the headers to each response that does not set them itself.

    A policy that lets a page be framed by its own site lets the listed sites frame it, too.
    """

    def __init__(self, app: ASGIApp, frame_ancestors: str = FRAMED) -> None:
        self.app = app
        self.frame_ancestors = frame_ancestors

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve, with headers."""

        async def with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                if scope["path"].startswith(SHARED):
                    headers.setdefault("Cross-Origin-Resource-Policy", "cross-origin")
                for name, value in HEADERS.items():
                    headers.setdefault(name, value)
                if not scope["path"].startswith(_NEVER_FRAMED):
                    csp = headers["Content-Security-Policy"]
                    headers["Content-Security-Policy"] = self._framed(csp)
                if scope.get("scheme") == "https":
                    for name, value in _ENCRYPTED.items():
                        headers.setdefault(name, value)
            await send(message)

        await self.app(scope, receive, with_headers)

    def _framed(self, csp: str) -> str:
        if "frame-ancestors" not in csp:
            return f"{csp.rstrip('; ')}; {self.frame_ancestors}"
        return csp.replace(FRAMED, self.frame_ancestors)


class HttpOnly:
    """Closes websockets, which nothing here uses, and answers HEAD as GET without the body."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve HTTP."""
        if scope["type"] == "websocket":
            await send({"type": "websocket.close"})
        elif _is_head_of_a_page(scope):
            await self.app({**scope, "method": "GET"}, receive, _without_body(send))
        else:
            await self.app(scope, receive, send)


def _is_head_of_a_page(scope: Scope) -> bool:
    # What the chat gets from there is streams: as GET they would stay open for nobody.
    is_head = scope["type"] == "http" and scope["method"] == "HEAD"
    return is_head and not scope["path"].startswith("/gradio_api/")


def _without_body(send: Send) -> Send:
    async def send_head(message: Message) -> None:
        is_body = message["type"] == "http.response.body"
        await send({**message, "body": b""} if is_body else message)

    return send_head


class BodyLimit:
    """Refuses bodies above 64 kB with 413; smaller ones are read before the route is called.

    So no route holds a thread while a slow client sends. What `passes` counts its body itself.
    """

    def __init__(self, app: ASGIApp, passes: Callable[[Scope], bool] = lambda _: False) -> None:
        self.app, self.passes = app, passes

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve, or refuse."""
        if scope["type"] != "http" or self.passes(scope):
            await self.app(scope, receive, send)
            return
        length = Headers(scope=scope).get("content-length", "")
        messages: list[Message] | None = None
        with move_on_after(BODY_SECONDS) as patience:
            messages = None if _is_too_long(length) else await read_body(receive)
        if patience.cancelled_caught:
            message = f"the body did not arrive within {BODY_SECONDS:.0f} seconds: send it at once"
            closing = {"Connection": "close"}
            await error_response(408, "body_too_slow", message, closing)(scope, receive, send)
            return
        if messages is None:
            message = f"the body is longer than {MAX_BODY} bytes; ask in fewer words"
            await error_response(413, "body_too_large", message)(scope, receive, send)
            return
        await self.app(scope, replayed(messages, receive), send)


def _is_too_long(length: str) -> bool:
    # Lengths of more than 18 digits are not worth a conversion.
    return length.isdigit() and (len(length) > 18 or int(length) > MAX_BODY)


def replayed(messages: Iterable[Message], receive: Receive) -> Receive:
    """Gives the messages once more, then what comes after them."""
    left = iter(tuple(messages))

    async def replay() -> Message:
        message = next(left, None)
        return await receive() if message is None else message

    return replay


async def read_body(receive: Receive) -> list[Message] | None:
    """The messages of the body, or None if it is above 64 kB."""
    messages: list[Message] = []
    size = 0
    while True:
        message = await receive()
        messages.append(message)
        size += len(message.get("body", b""))
        if size > MAX_BODY:
            return None
        if not message.get("more_body", False):
            return messages
