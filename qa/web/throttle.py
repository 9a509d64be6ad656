"""Rates and keys: who asks too much waits, and a program with a key does not."""

from starlette.datastructures import Headers
from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Receive, Scope, Send

from qa.web.crossing import is_own
from qa.web.errors import error_response
from qa.web.guarding import Policy
from qa.web.rates import RateCounter

# Files and the state of the server: a page fetches dozens, a monitor asks for ever.
FREE = ("/assets/", "/static/", "/footnote/", "/healthz", "/readyz", "/metrics")
# Where programs come in. Others may use the header for what they like.
KEYED = ("/api/", "/mcp", "/metrics")


class Throttle:
    """Refuses wrong keys with 401 and what is above the rates with 429."""

    def __init__(self, app: ASGIApp, policy: Policy) -> None:
        self.app = app
        self.policy = policy
        self.counter = RateCounter(policy.rates)

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
        if asks or scope["method"] not in ("GET", "HEAD", "OPTIONS"):
            origin = headers.get("origin")
            return self.counter.ask(address, None if is_own(headers) else origin)
        if scope["path"].startswith(FREE):
            return None
        return self.counter.read(address)


def client_address(scope: Scope) -> str:
    """Where the request comes from: behind a trusted proxy, the address that it tells."""
    client = scope.get("client")
    return client[0] if client else "unknown"


def is_keyed(path: str, policy: Policy) -> bool:
    """Whether keys count on this path."""
    return bool(policy.keys) and path.startswith(KEYED)


def sent_key(headers: Headers) -> str | None:
    """The key of `Authorization: Bearer KEY`, or None."""
    scheme, _, key = headers.get("authorization", "").partition(" ")
    return key.strip() if scheme.lower() == "bearer" else None


def too_many(wait: int) -> JSONResponse:
    """429 with the time after which to ask again."""
    message = f"too many requests from here: ask again in {wait} seconds"
    return error_response(429, "too_many_requests", message, {"Retry-After": str(wait)})


def wrong_key() -> JSONResponse:
    """401 for a key that is none of ours."""
    message = "the key in the Authorization header is not known here; without one none is needed"
    return error_response(401, "wrong_key", message, {"WWW-Authenticate": "Bearer"})
