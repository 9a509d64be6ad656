"""With the token of a member, a request reads as one."""

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from qa.access import as_member
from qa.web.errors import error_response
from qa.web.guard.policy import Tokens

HEADER = "Reader-Token"
# What sends articles, or words of them, but for the chat: its page has no token to send.
READ_AS_MEMBER = ("/api/", "/articles/", "/export/", "/mcp")


class Membership:
    """Serves a request with a valid token as a member's, and refuses one that is not with 401."""

    def __init__(self, app: ASGIApp, tokens: Tokens) -> None:
        self.app, self.tokens = app, tokens

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve, or refuse."""
        if scope["type"] != "http" or not scope["path"].startswith(READ_AS_MEMBER):
            await self.app(scope, receive, send)
            return
        token = Headers(scope=scope).get(HEADER)
        fault = self.tokens.fault(token) if token is not None else None
        if fault is not None:
            await error_response(401, "wrong_token", fault)(scope, receive, send)
        elif token is not None:
            with as_member():
                await self.app(scope, receive, _for_one_reader(send))
        else:
            await self.app(scope, receive, _by_token(send) if self.tokens.keys else send)


def _by_token(send: Send) -> Send:
    """Tells caches that another reader may get another response."""

    async def send_marked(message: Message) -> None:
        if message["type"] == "http.response.start":
            MutableHeaders(scope=message).add_vary_header(HEADER)
        await send(message)

    return send_marked


def _for_one_reader(send: Send) -> Send:
    """Tells caches to keep nothing."""

    async def send_marked(message: Message) -> None:
        if message["type"] == "http.response.start":
            MutableHeaders(scope=message)["Cache-Control"] = "no-store"
        await send(message)

    return send_marked
