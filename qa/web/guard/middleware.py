"""Middleware for every request: HEAD, headers, hosts and origins, rates and keys, body sizes."""

from collections.abc import Callable, Iterable

from anyio import move_on_after
from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import JSONResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from qa.web.errors import error_response
from qa.web.guard.base_path import FRAMED, HEADERS
from qa.web.guard.policy import Policy, host_of, is_loopback, is_of_host
from qa.web.guard.rates import MakeWindow, RateCounter, in_memory
from qa.web.guard.sites import Sites

MAX_BODY = 64 * 1024
# A body of that size takes a second on the slowest line.
BODY_SECONDS = 10.0

# What pages of other sites load with a tag, which sends no origin.
SHARED = ("/widget.js", "/footnote/")
# Not even listed sites may frame pages that change things.
_NEVER_FRAMED = ("/admin",)
# Browsers report these as errors on an unencrypted connection.
_ENCRYPTED = {
    "Strict-Transport-Security": "max-age=31536000",
    "Cross-Origin-Opener-Policy": "same-origin",
}


class SecurityHeaders:
    """Adds the headers to each response that does not set them itself.

    A page that its own site may frame, the listed sites may frame, too.
    """

    def __init__(self, app: ASGIApp, sites: Sites | None = None) -> None:
        self.app = app
        self.sites = sites or Sites()

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
            return f"{csp.rstrip('; ')}; {self.sites.frame_ancestors()}"
        return csp.replace(FRAMED, self.sites.frame_ancestors())


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
    # The chat gets streams from there: as GET they would stay open for nobody.
    is_head = scope["type"] == "http" and scope["method"] == "HEAD"
    return is_head and not scope["path"].startswith("/gradio_api/")


def _without_body(send: Send) -> Send:
    async def send_head(message: Message) -> None:
        is_body = message["type"] == "http.response.body"
        await send({**message, "body": b""} if is_body else message)

    return send_head


class BodyLimit:
    """Refuses bodies of more than `most` bytes with 413; the route is called with others read.

    So no route holds a thread while a slow client sends. Routes that `passes` lets through limit
    the body themselves.
    """

    def __init__(
        self,
        app: ASGIApp,
        passes: Callable[[Scope], bool] = lambda _: False,
        most: Callable[[Scope], int] = lambda _: MAX_BODY,
    ) -> None:
        self.app, self.passes, self.most = app, passes, most

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve, or refuse."""
        if scope["type"] != "http" or self.passes(scope):
            await self.app(scope, receive, send)
            return
        length, most = Headers(scope=scope).get("content-length", ""), self.most(scope)
        messages: list[Message] | None = None
        with move_on_after(BODY_SECONDS) as patience:
            messages = None if _is_too_long(length, most) else await read_body(receive, most)
        if patience.cancelled_caught:
            message = f"the body did not arrive within {BODY_SECONDS:.0f} seconds: send it at once"
            closing = {"Connection": "close"}
            await error_response(408, "body_too_slow", message, closing)(scope, receive, send)
            return
        if messages is None:
            message = f"the body is longer than {most} bytes: send less"
            await error_response(413, "body_too_large", message)(scope, receive, send)
            return
        await self.app(scope, replayed(messages, receive), send)


def _is_too_long(length: str, most: int) -> bool:
    # More than 18 digits need no conversion.
    return length.isdigit() and (len(length) > 18 or int(length) > most)


def replayed(messages: Iterable[Message], receive: Receive) -> Receive:
    """Gives the messages again, then what comes after them."""
    left = iter(tuple(messages))

    async def replay() -> Message:
        message = next(left, None)
        return await receive() if message is None else message

    return replay


async def read_body(receive: Receive, most: int = MAX_BODY) -> list[Message] | None:
    """The messages of the body, or None if it has more than `most` bytes."""
    messages: list[Message] = []
    size = 0
    while True:
        message = await receive()
        messages.append(message)
        size += len(message.get("body", b""))
        if size > most:
            return None
        if not message.get("more_body", False):
            return messages


# Only pages of this server may call these, whichever sites are listed.
OWN_ONLY = ("/admin",)
METHODS = "GET, HEAD, POST"
# `Authorization` is not one of them: a key does not belong in a page.
SENT_HEADERS = (
    "Content-Type, Last-Event-ID, MCP-Protocol-Version, Mcp-Method, Mcp-Name, Mcp-Session-Id, "
    "Reader-Token, X-Request-ID"
)
# Fetched with GET, yet searched for as a question is.
ASKED_WITH_GET = ("/api/ask", "/footnote/further")
READ_HEADERS = "Retry-After, X-Request-ID"
_REMEMBERED = "600"


class OriginGuard:
    """Answers preflights, lets the listed sites read, and refuses all others with 403."""

    def __init__(self, app: ASGIApp, policy: Policy, sites: Sites | None = None) -> None:
        self.app = app
        self.policy = policy
        self.sites = sites or Sites(policy.origins)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve, or refuse."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        refusal = host_fault(headers.get("host", ""), self.policy)
        origin = headers.get("origin")
        crossing = None if is_own(headers) else origin or None
        if refusal is None and crossing is not None:
            refusal = origin_fault(crossing, scope["path"], self.sites)
        elif refusal is None and is_hidden(scope, headers):
            refusal = hidden_fault()
        allowed = crossing if refusal is None else None
        send = with_cors(send, allowed)
        if refusal is not None:
            await refusal(scope, receive, send)
        elif allowed is not None and is_preflight(scope, headers):
            await preflight_answer()(scope, receive, send)
        else:
            await self.app(scope, receive, send)


def host_fault(host: str, policy: Policy) -> JSONResponse | None:
    """An error if the host is not this server, when it serves only its own machine.

    Otherwise a page of another site whose name points to this machine would count as our own.
    """
    name = host_of(host)
    if not policy.only_local or (name and (is_loopback(name) or policy.origins.names(name))):
        return None
    message = (
        f"{host[:80]!r} is not a name of this server, which serves only its own machine: ask it "
        "as localhost; behind a proxy set FOOTNOTE_PROXIES"
    )
    return error_response(421, "wrong_host", message)


def is_own(headers: Headers) -> bool:
    """Whether the request comes from a page of this server, or not from a page at all."""
    # Browsers set it and scripts cannot; if a proxy changes Host, only this header can tell.
    site = headers.get("sec-fetch-site")
    if site is not None:
        return site in ("same-origin", "none")
    origin = headers.get("origin")
    return not origin or is_of_host(origin, headers.get("host", ""))


def origin_fault(origin: str, path: str, sites: Sites) -> JSONResponse | None:
    """An error if a site may not call this path, which the owner can look up."""
    own_only = any(path == own or path.startswith(f"{own}/") for own in OWN_ONLY)
    if not own_only:
        if sites.allows(origin):
            return None
        sites.note(origin)
    remedy = "its owner can list them in FOOTNOTE_ORIGINS"
    if not origin.startswith(("http:", "https:", "null")):
        # Extensions and editors: no list of sites can name them all.
        remedy = "it is no web page; a program asks without Origin, with a key of FOOTNOTE_API_KEYS"
    message = f"pages of {origin[:80]!r} may not use this server: {remedy}"
    return error_response(403, "origin_not_allowed", message)


def is_hidden(scope: Scope, headers: Headers) -> bool:
    """Whether a page of another site asks through an image or the like, which sends no origin.

    Its readers would ask without knowing. A link that they follow shows them what it asked.
    """
    is_followed = headers.get("sec-fetch-dest") == "document"
    return scope["path"] in ASKED_WITH_GET and not is_own(headers) and not is_followed


def hidden_fault() -> JSONResponse:
    """The error for that."""
    message = "a page of another site asks without its origin: use fetch() on a site that is listed"
    return error_response(403, "origin_not_allowed", message)


def is_preflight(scope: Scope, headers: Headers) -> bool:
    """Whether a browser asks for permission before the real request."""
    return scope["method"] == "OPTIONS" and "access-control-request-method" in headers


def preflight_answer() -> Response:
    """The answer to a preflight: what a listed site may send."""
    return Response(
        status_code=204,
        headers={
            "Access-Control-Allow-Methods": METHODS,
            "Access-Control-Allow-Headers": SENT_HEADERS,
            "Access-Control-Max-Age": _REMEMBERED,
        },
    )


def with_cors(send: Send, allowed: str | None) -> Send:
    """Marks each response as depending on the origin, and lets an allowed site read it."""

    async def send_marked(message: Message) -> None:
        if message["type"] == "http.response.start":
            headers = MutableHeaders(scope=message)
            headers.add_vary_header("Origin")
            if allowed is not None:
                headers["Access-Control-Allow-Origin"] = allowed
                headers["Access-Control-Expose-Headers"] = READ_HEADERS
        await send(message)

    return send_marked


# Files and server state, without limits: a page fetches dozens, a monitor asks forever.
FREE = ("/assets/", "/static/", "/footnote/", "/healthz", "/readyz", "/metrics")
# Asked at each key, and counted as what only reads.
TYPED = "/footnote/typed"
# Paths for programs. Elsewhere the header may be used for anything.
KEYED = ("/api/", "/mcp", "/metrics")


class Throttle:
    """Refuses wrong keys with 401, and requests above the rates with 429."""

    def __init__(self, app: ASGIApp, policy: Policy, window: MakeWindow = in_memory) -> None:
        self.app = app
        self.policy = policy
        self.counter = RateCounter(policy.rates, window)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve, or refuse."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        key = sent_key(headers) if is_keyed(scope["path"], self.policy) else None
        scope["state"] = {**scope.get("state", {}), "has_key": False}
        if key is not None and self.policy.knows_key(key):
            scope["state"]["has_key"] = True
            await self.app(scope, receive, send)
            return
        wait = self._seconds_to_wait(scope, headers, asks=key is not None)
        if wait is not None:
            await too_many(wait)(scope, receive, send)
        elif key is not None:
            await wrong_key()(scope, receive, send)
        else:
            await self.app(scope, receive, send)

    def _seconds_to_wait(self, scope: Scope, headers: Headers, *, asks: bool) -> int | None:
        """A wrong key counts as a question: guessing is slow."""
        address = client_address(scope)
        asks = asks or scope["method"] not in ("GET", "HEAD", "OPTIONS")
        if asks or scope["path"] in ASKED_WITH_GET:
            origin = headers.get("origin")
            return self.counter.ask(address, None if is_own(headers) else origin)
        if scope["path"].startswith(FREE) and scope["path"] != TYPED:
            return None
        return self.counter.read(address)


def client_address(scope: Scope) -> str:
    """The address of the client: behind a trusted proxy, the one that it forwards."""
    client = scope.get("client")
    return client[0] if client else "unknown"


def is_keyed(path: str, policy: Policy) -> bool:
    """Whether keys count on this path."""
    return bool(policy.keys or policy.push_keys) and path.startswith(KEYED)


def sent_key(headers: Headers) -> str | None:
    """The key of `Authorization: Bearer KEY`, or None."""
    scheme, _, key = headers.get("authorization", "").partition(" ")
    return key.strip() if scheme.lower() == "bearer" else None


def too_many(wait: int) -> JSONResponse:
    """429 with the seconds to wait."""
    message = f"too many requests from here: ask again in {wait} seconds"
    return error_response(429, "too_many_requests", message, {"Retry-After": str(wait)})


def wrong_key() -> JSONResponse:
    """401 for an unknown key."""
    message = "the key in the Authorization header is unknown here; you can ask without a key"
    return error_response(401, "wrong_key", message, {"WWW-Authenticate": "Bearer"})
