"""Who may ask from where: the Host that is asked and the Origin that asks, on every route."""

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import JSONResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from qa.web.errors import error_response
from qa.web.guarding import Policy
from qa.web.origins import host_of, is_loopback, is_of_host

# What only pages of this server may call, whichever sites are listed.
OWN_ONLY = ("/admin",)
METHODS = "GET, HEAD, POST"
# `Authorization` is not among them: a key has no place in a page.
SENT_HEADERS = (
    "Content-Type, Last-Event-ID, MCP-Protocol-Version, Mcp-Method, Mcp-Name, Mcp-Session-Id, "
    "X-Request-ID"
)
READ_HEADERS = "Retry-After, X-Request-ID"
_REMEMBERED = "600"


class OriginGuard:
    """Answers preflights, lets the listed sites read, and refuses all others with 403."""

    def __init__(self, app: ASGIApp, policy: Policy) -> None:
        self.app = app
        self.policy = policy

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve, or refuse."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        refusal = host_fault(headers.get("host", ""), self.policy)
        origin = headers.get("origin")
        crossing = origin if origin and not is_own(headers) else None
        if refusal is None and crossing is not None:
            refusal = origin_fault(crossing, scope["path"], self.policy)
        allowed = crossing if refusal is None else None
        send = with_cors(send, allowed)
        if refusal is not None:
            await refusal(scope, receive, send)
        elif allowed is not None and is_preflight(scope, headers):
            await preflight_answer()(scope, receive, send)
        else:
            await self.app(scope, receive, send)


def host_fault(host: str, policy: Policy) -> JSONResponse | None:
    """Why this is not the server that is asked for, where it serves its own machine alone.

    A page of another site whose name was pointed at this machine would count as our own.
    """
    name = host_of(host)
    if not policy.only_local or (name and (is_loopback(name) or policy.origins.names(name))):
        return None
    message = (
        f"{host[:80]!r} is not a name of this server, which serves its own machine: ask it as "
        "localhost; behind a proxy set FOOTNOTE_PROXIES"
    )
    return error_response(421, "wrong_host", message)


def is_own(headers: Headers) -> bool:
    """Whether the browser asks for a page of this server."""
    # Set by browsers and by no script; where a proxy changes Host, it alone can tell.
    if headers.get("sec-fetch-site") == "same-origin":
        return True
    return is_of_host(headers.get("origin", ""), headers.get("host", ""))


def origin_fault(origin: str, path: str, policy: Policy) -> JSONResponse | None:
    """Why a site may not call this."""
    own_only = any(path == own or path.startswith(f"{own}/") for own in OWN_ONLY)
    if policy.origins.allows(origin) and not own_only:
        return None
    message = (
        f"pages of {origin[:80]!r} may not use this server: its owner can list them in "
        "FOOTNOTE_ORIGINS"
    )
    return error_response(403, "origin_not_allowed", message)


def is_preflight(scope: Scope, headers: Headers) -> bool:
    """Whether a browser asks whether it may ask."""
    return scope["method"] == "OPTIONS" and "access-control-request-method" in headers


def preflight_answer() -> Response:
    """What a listed site may send."""
    return Response(
        status_code=204,
        headers={
            "Access-Control-Allow-Methods": METHODS,
            "Access-Control-Allow-Headers": SENT_HEADERS,
            "Access-Control-Max-Age": _REMEMBERED,
        },
    )


def with_cors(send: Send, allowed: str | None) -> Send:
    """Marks each response as one that depends on who asks, and lets an allowed site read it."""

    async def send_marked(message: Message) -> None:
        if message["type"] == "http.response.start":
            headers = MutableHeaders(scope=message)
            headers.add_vary_header("Origin")
            if allowed is not None:
                headers["Access-Control-Allow-Origin"] = allowed
                headers["Access-Control-Expose-Headers"] = READ_HEADERS
        await send(message)

    return send_marked
