"""Serves behind a path: requests are understood with it and without it, addresses carry it.

Beside it stand the security headers of every response.
"""

import ipaddress
import re
from collections.abc import Sequence
from urllib.parse import quote

from starlette.datastructures import Headers
from starlette.responses import RedirectResponse
from starlette.types import ASGIApp, Receive, Scope, Send

from qa.present.links import under

HEADER = "X-Forwarded-Prefix"
# What stands for itself in an address and in HTML, so that it can be put in front of any path.
BASE_PATH = re.compile(r"(?:/[\w.~-]+)+", re.ASCII)
_LONGEST = 200
# Where the scope of a request says it, for the process that it may be sent on to.
SCOPE_KEY = "footnote.base_path"


class BasePath:
    """Takes the path off requests: that of the settings, or of a trusted proxy's header."""

    def __init__(self, app: ASGIApp, base: str = "", proxies: Sequence[str] = ()) -> None:
        self.app, self.base = app, base
        self.trusted = [ipaddress.ip_network(each) for each in proxies]

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve what is below the path; the path itself leads to its page."""
        base = self.base or self._forwarded(scope)
        if not base or scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        if scope["path"] == base:
            await _with_slash(scope)(scope, receive, send)
            return
        with under(base):
            await self.app(_stripped(scope, base), receive, send)

    def _forwarded(self, scope: Scope) -> str:
        """What a trusted proxy says that it took off, empty if none does."""
        client = scope.get("client")
        if not self.trusted or client is None or not self._is_trusted(client[0]):
            return ""
        told = Headers(scope=scope).get(HEADER, "").rstrip("/")
        return told if len(told) <= _LONGEST and BASE_PATH.fullmatch(told) else ""

    def _is_trusted(self, host: str) -> bool:
        try:
            address = ipaddress.ip_address(host)
        except ValueError:
            return False
        return any(address in network for network in self.trusted)


def _with_slash(scope: Scope) -> RedirectResponse:
    query = scope["query_string"].decode("latin-1")
    address = f"{quote(scope['path'])}/"
    return RedirectResponse(f"{address}?{query}" if query else address, 308)


def _stripped(scope: Scope, base: str) -> Scope:
    scope = {**scope, SCOPE_KEY: base}
    if not scope["path"].startswith(f"{base}/"):
        return scope
    raw: bytes = scope.get("raw_path") or b""
    return {
        **scope,
        "path": scope["path"].removeprefix(base),
        "raw_path": raw.removeprefix(base.encode()),
    }


# In pages that have it, the listed sites replace it.
FRAMED = "frame-ancestors 'self'"
# Nothing runs, loads or is sent anywhere except files of this server.
STRICT_CSP = (
    "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; "
    f"base-uri 'none'; form-action 'none'; {FRAMED}"
)
HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Content-Security-Policy": STRICT_CSP,
    "Permissions-Policy": "camera=(), microphone=(), geolocation=(), payment=(), usb=()",
    "Cross-Origin-Resource-Policy": "same-origin",
}
