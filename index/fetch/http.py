"""Fetches what is at an address: from the public web only, and with limits.

Redirects are checked as the address itself is.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass
from email.message import Message
from urllib.parse import urljoin, urlsplit

import httpcore

from index.fetch.guard import STEP_SECONDS, FetchError, Guarded, Hasty, no_host

MOST_BYTES = 5_000_000
MOST_SECONDS = 20.0
_MOST_REDIRECTS = 5
AGENT = "Footnote"
_AGENT = f"{AGENT} (+adds pages for its owner)"
_ACCEPT = "text/*, application/xhtml+xml, application/xml, application/json, */*;q=0.1"


@dataclass(frozen=True, slots=True)
class Stamps:
    """What a server sent to tell by whether something has changed: as it was sent, or empty."""

    etag: str = ""
    modified: str = ""


NO_STAMPS = Stamps()


@dataclass(frozen=True, slots=True)
class Fetched:
    """What was found at `url`, after redirects; `type` is the media type, in lower case.

    `charset` is the encoding of the body, if the server says. Without a body if it `is_unchanged`.
    """

    url: str
    type: str
    body: bytes
    charset: str | None = None
    stamps: Stamps = NO_STAMPS
    is_unchanged: bool = False


def _at_once(url: str) -> None:
    """Any address may be asked."""


def fetch(
    url: str,
    guard: Guarded | None = None,
    most_seconds: float = MOST_SECONDS,
    *,
    since: Stamps = NO_STAMPS,
    before: Callable[[str], None] = _at_once,
) -> Fetched:
    """What is at `url`: http or https, up to 5 MB, within 20 seconds in all. Raises FetchError.

    If it has not changed `since`, it has no body. `before` is called with each address that is
    about to be asked, redirects too; what it raises ends it.
    """
    guard = guard or Guarded()
    until = time.monotonic() + most_seconds
    with httpcore.ConnectionPool(network_backend=Hasty(guard, until)) as pool:
        for _ in range(_MOST_REDIRECTS + 1):
            asked = checked(url, guard)
            before(asked)
            try:
                found = _get(pool, asked, since)
            except httpcore.TimeoutException as error:
                raise _late(url, error, until, most_seconds) from None
            except (httpcore.NetworkError, httpcore.ProtocolError) as error:
                raise _unreachable(url, error) from None
            if isinstance(found, Fetched):
                return found
            url = found
    message = f"{url!r} is redirected more than {_MOST_REDIRECTS} times: give its end"
    raise FetchError("redirects", message, url=url)


def _late(url: str, error: Exception, until: float, most_seconds: float) -> FetchError:
    if time.monotonic() < until:
        return _unreachable(url, error)
    return FetchError("too_slow", f"{url!r} takes longer than {most_seconds:.0f} seconds", url=url)


def _get(pool: httpcore.ConnectionPool, url: str, since: Stamps) -> Fetched | str:
    """What is there, or the address that it redirects to."""
    timeouts = dict.fromkeys(("connect", "read", "write", "pool"), STEP_SECONDS)
    with pool.stream(
        "GET", url, headers=_headers(since), extensions={"timeout": timeouts}
    ) as response:
        sent = {name.lower(): value.decode("latin-1") for name, value in response.headers}
        if response.status in (301, 302, 303, 307, 308) and b"location" in sent:
            return _joined(url, sent[b"location"])
        if response.status == 304 and since != NO_STAMPS:
            return Fetched(url, "", b"", stamps=since, is_unchanged=True)
        if response.status != 200:
            message = f"{url!r} answered with status {response.status}: check the address"
            raise FetchError("status", message, url=url, status=response.status)
        if sent.get(b"content-encoding", "identity") != "identity":
            message = f"{url!r} is sent compressed: save the page and add the file"
            raise FetchError("packed", message, url=url)
        body = _body(response, url)
    content = Message()
    content["Content-Type"] = sent.get(b"content-type", "")
    stamps = Stamps(sent.get(b"etag", ""), sent.get(b"last-modified", ""))
    return Fetched(
        url, content.get_content_type(), body, content.get_content_charset(), stamps=stamps
    )


def _joined(url: str, location: str) -> str:
    try:
        return urljoin(url, location)
    except ValueError:
        raise _no_address(location) from None


def _headers(since: Stamps) -> dict[bytes | str, bytes | str]:
    """A few compressed bytes could expand to any size: none are asked for."""
    headers = {"User-Agent": _AGENT, "Accept": _ACCEPT, "Accept-Encoding": "identity"}
    stamps = {"If-None-Match": since.etag, "If-Modified-Since": since.modified}
    headers |= {name: value for name, value in stamps.items() if value}
    return {name: value.encode("latin-1") for name, value in headers.items()}


def _body(response: httpcore.Response, url: str) -> bytes:
    body = bytearray()
    for part in response.iter_stream():
        body += part
        if len(body) > MOST_BYTES:
            message = f"{url!r} is longer than {MOST_BYTES:,} bytes: add it as a file"
            raise FetchError("too_long", message, url=url, most=f"{MOST_BYTES / 1e6:.0f} MB")
    return bytes(body)


def checked(url: str, guard: Guarded) -> str:
    """The address as it is asked for. Raises FetchError if it is none, or may not be asked."""
    try:
        parts = urlsplit(url.strip())
        port = parts.port
    except ValueError:
        raise _no_address(url) from None
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise _no_address(url)
    if parts.username is not None or parts.password is not None:
        message = "the address contains a user name or password: give one without"
        raise FetchError("address_secret", message)
    if not guard.allows_port(parts.hostname, port):
        message = f"{url[:200]!r} names port {port}: only 80 and 443 are allowed"
        raise FetchError("port", message, url=url[:200])
    try:
        host = parts.hostname.encode("idna").decode() if ":" not in parts.hostname else None
    except UnicodeError:
        raise no_host(parts.hostname[:100]) from None
    place = f"[{parts.hostname}]" if host is None else host
    place += f":{port}" if port is not None else ""
    path = _ascii(parts.path or "/") + (f"?{_ascii(parts.query)}" if parts.query else "")
    return f"{parts.scheme}://{place}{path}"


def _ascii(text: str) -> str:
    """Percent-encode what an address cannot contain as it is."""
    return "".join(c if "!" <= c <= "~" else _percent(c) for c in text)


def _percent(sign: str) -> str:
    return "".join(f"%{byte:02X}" for byte in sign.encode(errors="replace"))


def _no_address(url: str) -> FetchError:
    message = f"{url[:200]!r} is not a web address: give one with https://"
    return FetchError("address", message, url=url[:200])


def _unreachable(url: str, error: Exception) -> FetchError:
    reason = str(error) or type(error).__name__
    return FetchError("unreachable", f"{url!r} cannot be fetched: {reason}", url=url, reason=reason)
