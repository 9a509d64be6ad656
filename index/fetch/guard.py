"""Connections to the public web only, in a bounded time.

The server may be in networks that those who name an address cannot see. So every address of a name
must be public, and the connection is made to the very address that was checked.
"""

import ipaddress
import socket
import ssl
import threading
import time
from collections.abc import Iterable
from queue import Empty, SimpleQueue

import httpcore

from index.errors import CodedError

STEP_SECONDS = 8.0
_PORTS = frozenset({80, 443})
_NAT64 = ipaddress.ip_network("64:ff9b::/96")
# Relays, documentation and AS112's sinks: Python's own lists do not have them.
_NO_HOSTS = tuple(map(ipaddress.ip_network, ("192.88.99.0/24", "3fff::/20", "2620:4f:8000::/48")))

Address = ipaddress.IPv4Address | ipaddress.IPv6Address


class FetchError(CodedError):
    """A page that cannot be fetched."""


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
    """Connects to public addresses only, whatever a name resolves to.

    `own_hosts` may have any address, and any port: whoever runs this has named them.
    """

    def __init__(self, own_hosts: Iterable[str] = ()) -> None:
        self._own_hosts = frozenset(own_hosts)
        self._inner = httpcore.SyncBackend()

    def allows_port(self, host: str, port: int | None) -> bool:
        """Whether this port of the host may be asked."""
        return port is None or port in _PORTS or host in self._own_hosts

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[httpcore.SOCKET_OPTION] | None = None,
    ) -> httpcore.NetworkStream:
        """A stream to the host's first address. Raises FetchError if any is not public."""
        until = time.monotonic() + (STEP_SECONDS if timeout is None else timeout)
        addresses = _resolve(host, port, until)
        for address in addresses:
            if not (host in self._own_hosts or is_public(address)):
                raise FetchError(
                    "private",
                    f"{host!r} has the address {address}, which is not on the public web: "
                    "save the page and add the file",
                    host=host,
                )
        return self._inner.connect_tcp(str(addresses[0]), port, _left(until, None), local_address)


class Hasty(httpcore.NetworkBackend):
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
        raise no_host(host)
    return addresses


def no_host(host: str) -> FetchError:
    """That there is no such host."""
    return FetchError("host", f"there is no host {host!r}: check the address", host=host)
