"""Fetches one web page for the owner: from the public web only, and with limits.

The server may be in networks that the owner's browser cannot see. So every address of a name must
be public, and the connection is made to the very address that was checked; redirects are checked
in the same way. The page is saved as a file that the readers can read.
"""

import hashlib
import ipaddress
import json
import re
import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from email.message import Message
from queue import Empty, SimpleQueue
from urllib.parse import unquote, urljoin, urlsplit

import httpcore

from index.readers.html import read_page
from qa.web.admin.errors import OwnerError

MOST_BYTES = 5_000_000
_MOST_REDIRECTS = 5
MOST_SECONDS = 20.0
_STEP_SECONDS = 8.0
_PORTS = frozenset({80, 443})
_NAT64 = ipaddress.ip_network("64:ff9b::/96")
# Relays, documentation and AS112's sinks: Python's own lists do not have them.
_NO_HOSTS = tuple(map(ipaddress.ip_network, ("192.88.99.0/24", "3fff::/20", "2620:4f:8000::/48")))
_AGENT = "Footnote (+adds one page for its owner)"

Address = ipaddress.IPv4Address | ipaddress.IPv6Address


class FetchError(OwnerError):
    """A page that cannot be fetched."""


@dataclass(frozen=True, slots=True)
class Fetched:
    """What was found at `url`, after redirects; `type` is the media type, in lower case.

    `charset` is the encoding of the body, if the server says.
    """

    url: str
    type: str
    body: bytes
    charset: str | None = None


def is_public(address: Address) -> bool:
    """Whether the address is on the public web.

    >>> is_public(ipaddress.ip_address("::ffff:127.0.0.1"))
    False
    """
    if isinstance(address, ipaddress.IPv6Address):
        inside = address.ipv4_mapped or address.sixtofour or (address.teredo or (None, None))[1]
        if inside is None and address in _NAT64:
            inside = ipaddress.IPv4Address(int(address) & 0xFFFFFFFF)
        if inside is not None:
            return is_public(inside)
        if address.is_site_local:
            return False
    if any(address in network for network in _NO_HOSTS):
        return False
    return address.is_global and not (address.is_multicast or address.is_reserved)


class Guarded(httpcore.NetworkBackend):
    """Connects to public addresses only, whatever a name resolves to."""

    def __init__(self, is_allowed: Callable[[Address], bool] = is_public) -> None:
        self._is_allowed = is_allowed
        self._inner = httpcore.SyncBackend()

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[httpcore.SOCKET_OPTION] | None = None,
    ) -> httpcore.NetworkStream:
        """A stream to the host's first address. Raises FetchError if any is not public."""
        until = time.monotonic() + (_STEP_SECONDS if timeout is None else timeout)
        addresses = _resolve(host, port, until)
        for address in addresses:
            if not self._is_allowed(address):
                raise FetchError(
                    "private",
                    f"{host!r} has the address {address}, which is not on the public web: "
                    "save the page and add the file",
                    host=host,
                )
        return self._inner.connect_tcp(str(addresses[0]), port, _left(until, None), local_address)


class _Hasty(httpcore.NetworkBackend):
    """Connections of which no step ends later than a moment, however little each step takes."""

    def __init__(self, inner: httpcore.NetworkBackend, until: float) -> None:
        self._inner, self._until = inner, until

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[httpcore.SOCKET_OPTION] | None = None,
    ) -> httpcore.NetworkStream:
        """As the one inside does."""
        left = _left(self._until, timeout)
        stream = self._inner.connect_tcp(host, port, left, local_address, socket_options)
        return _HastyStream(stream, self._until)


class _HastyStream(httpcore.NetworkStream):
    def __init__(self, inner: httpcore.NetworkStream, until: float) -> None:
        self._inner, self._until = inner, until

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        return self._inner.read(max_bytes, _left(self._until, timeout))

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        self._inner.write(buffer, _left(self._until, timeout))

    def close(self) -> None:
        self._inner.close()

    def start_tls(
        self,
        ssl_context: ssl.SSLContext,
        server_hostname: str | None = None,
        timeout: float | None = None,
    ) -> httpcore.NetworkStream:
        left = _left(self._until, timeout)
        return _HastyStream(self._inner.start_tls(ssl_context, server_hostname, left), self._until)

    def get_extra_info(self, info: str) -> object:
        return self._inner.get_extra_info(info)


def _left(until: float, timeout: float | None) -> float:
    left = until - time.monotonic()
    if left <= 0:
        raise httpcore.ReadTimeout
    return left if timeout is None else min(left, timeout)


def fetch(
    url: str, backend: httpcore.NetworkBackend | None = None, most_seconds: float = MOST_SECONDS
) -> Fetched:
    """The page at `url`: http or https, up to 5 MB, within 20 seconds in all. Raises FetchError."""
    until = time.monotonic() + most_seconds
    with httpcore.ConnectionPool(network_backend=_Hasty(backend or Guarded(), until)) as pool:
        for _ in range(_MOST_REDIRECTS + 1):
            try:
                found = _get(pool, _checked(url, any_port=backend is not None))
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


def _get(pool: httpcore.ConnectionPool, url: str) -> Fetched | str:
    """The page, or the address that it redirects to."""
    headers: dict[bytes | str, bytes | str] = {"User-Agent": _AGENT, "Accept": "text/*"}
    # A few compressed bytes could expand to any size.
    headers["Accept-Encoding"] = "identity"
    timeouts = dict.fromkeys(("connect", "read", "write", "pool"), _STEP_SECONDS)
    with pool.stream("GET", url, headers=headers, extensions={"timeout": timeouts}) as response:
        sent = {name.lower(): value.decode("latin-1") for name, value in response.headers}
        if response.status in (301, 302, 303, 307, 308) and b"location" in sent:
            return urljoin(url, sent[b"location"])
        if response.status != 200:
            message = f"{url!r} answered with status {response.status}: check the address"
            raise FetchError("status", message, url=url, status=response.status)
        if sent.get(b"content-encoding", "identity") != "identity":
            message = f"{url!r} is sent compressed: save the page and add the file"
            raise FetchError("packed", message, url=url)
        body = bytearray()
        for part in response.iter_stream():
            body += part
            if len(body) > MOST_BYTES:
                message = f"{url!r} is longer than {MOST_BYTES:,} bytes: add it as a file"
                raise FetchError("too_long", message, url=url, most=f"{MOST_BYTES / 1e6:.0f} MB")
        content = Message()
        content["Content-Type"] = sent.get(b"content-type", "")
        return Fetched(url, content.get_content_type(), bytes(body), content.get_content_charset())


def _checked(url: str, *, any_port: bool) -> str:
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
    if port is not None and port not in _PORTS and not any_port:
        message = f"{url[:200]!r} names port {port}: only 80 and 443 are allowed"
        raise FetchError("port", message, url=url[:200])
    try:
        host = parts.hostname.encode("idna").decode() if ":" not in parts.hostname else None
    except UnicodeError:
        raise _no_host(parts.hostname[:100]) from None
    place = f"[{parts.hostname}]" if host is None else host
    place += f":{port}" if port is not None else ""
    path = _ascii(parts.path or "/") + (f"?{_ascii(parts.query)}" if parts.query else "")
    return f"{parts.scheme}://{place}{path}"


def _ascii(text: str) -> str:
    """Percent-encode what an address cannot contain as it is."""
    return "".join(c if "!" <= c <= "~" else _percent(c) for c in text)


def _percent(sign: str) -> str:
    return "".join(f"%{byte:02X}" for byte in sign.encode(errors="replace"))


def _resolve(host: str, port: int, until: float) -> list[Address]:
    """The addresses of a host. In a thread: a name server may take longer than there is time."""
    found: SimpleQueue[list[Address] | None] = SimpleQueue()

    def look_up() -> None:
        try:
            listed = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
        except (OSError, UnicodeError):
            found.put(None)
            return
        # The zone of a link-local address follows a percent sign.
        found.put([ipaddress.ip_address(str(each[4][0]).split("%")[0]) for each in listed])

    threading.Thread(target=look_up, name="name server", daemon=True).start()
    try:
        addresses = found.get(timeout=_left(until, None))
    except Empty:
        raise httpcore.ConnectTimeout from None
    if addresses is None:
        raise _no_host(host)
    return addresses


def _no_address(url: str) -> FetchError:
    message = f"{url[:200]!r} is not a web address: give one with https://"
    return FetchError("address", message, url=url[:200])


def _no_host(host: str) -> FetchError:
    return FetchError("host", f"there is no host {host!r}: check the address", host=host)


def _unreachable(url: str, error: Exception) -> FetchError:
    reason = str(error) or type(error).__name__
    return FetchError("unreachable", f"{url!r} cannot be fetched: {reason}", url=url, reason=reason)


_HTML = ("text/html", "application/xhtml+xml")
_PLAIN = {"text/plain": ".txt", "text/markdown": ".md"}


@dataclass(frozen=True, slots=True)
class Page:
    """A file to add: its name and content."""

    name: str
    content: bytes


def page_of(fetched: Fetched) -> Page:
    """The article of a page, without menus and adverts. Raises FetchError if there is none.

    The same address always gives the same name, so that adding it again updates the article.
    """
    stem = _stem(fetched.url)
    if suffix := _PLAIN.get(fetched.type):
        return Page(stem + suffix, fetched.body)
    if fetched.type not in _HTML:
        raise FetchError(
            "page_type",
            f"{fetched.url!r} is of type {fetched.type or 'none'!r}: HTML, plain text and "
            "Markdown are read by address",
            url=fetched.url,
        )
    record = _record(fetched)
    if record is None:
        message = f"no article was found in {fetched.url!r}: save its text and add the file"
        raise FetchError("no_text", message, url=fetched.url)
    return Page(f"{stem}.jsonl", json.dumps(record, ensure_ascii=False).encode())


def _record(fetched: Fetched) -> dict[str, str] | None:
    page = read_page(_decoded(fetched), fetched.url)
    return {"_id": _stem(fetched.url), "text": page.text, **page.metadata} if page else None


def _decoded(fetched: Fetched) -> str | bytes:
    """Decoded as the server says; else the bytes, whose encoding the reader detects."""
    try:
        return fetched.body.decode(fetched.charset) if fetched.charset else fetched.body
    except (LookupError, UnicodeError):
        return fetched.body


def _stem(url: str) -> str:
    """A readable name, different for each address."""
    parts = urlsplit(url)
    words = re.sub(r"[\W_]+", "-", unquote(f"{parts.hostname} {parts.path}")).strip("-")
    return f"{words[:60].strip('-')}-{hashlib.sha256(url.encode()).hexdigest()[:8]}"
