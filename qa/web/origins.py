"""The sites that may ask and embed, from one list: for CORS and for `frame-ancestors`."""

import ipaddress
import re
from collections.abc import Iterable
from dataclasses import dataclass

from index.errors import SettingError

_HOST = r"(?P<host>\[[0-9a-f:.]+\]|[\w-]+(?:\.[\w-]+)*)"
_ENTRY = re.compile(
    rf"(?:(?P<scheme>https?)://)?(?P<any>\*\.)?{_HOST}(?::(?P<port>\d{{1,5}}|\*))?", re.ASCII
)
_ORIGIN = re.compile(rf"(?P<scheme>https?)://{_HOST}(?::(?P<port>\d{{1,5}}))?", re.ASCII)
_AUTHORITY = re.compile(rf"{_HOST}(?::(?P<port>\d{{1,5}}))?", re.ASCII)
_USUAL_PORTS = {"http": "80", "https": "443"}
# What a page in a sandboxed frame sends, whichever site it is on.
_OPAQUE = "null"
# An address in brackets is nothing that the policy of a page can name.
_LOOPBACK_FRAMES = tuple(
    f"{scheme}://{host}:*" for host in ("localhost", "127.0.0.1") for scheme in ("http", "https")
)


@dataclass(frozen=True, slots=True)
class _Site:
    """An entry: a scheme or any, a host or all below it, a port, any (`*`) or the usual one."""

    scheme: str | None
    host: str
    is_wild: bool
    port: str | None

    def matches(self, scheme: str, host: str, port: str | None) -> bool:
        """Whether the origin of these is one of the entry."""
        named = host.endswith(f".{self.host}") if self.is_wild else host == self.host
        usual = self.port if self.port != _USUAL_PORTS[scheme] else None
        return named and self.scheme in (None, scheme) and (self.port == "*" or port == usual)

    def sources(self) -> list[str]:
        """The entry as a Content-Security-Policy writes it."""
        host = f"*.{self.host}" if self.is_wild else self.host
        port = f":{self.port}" if self.port else ""
        schemes = [self.scheme] if self.scheme else ["https", "http"]
        return [f"{scheme}://{host}{port}" for scheme in schemes]


@dataclass(frozen=True, slots=True)
class Origins:
    """The listed sites; loopback is one of them where the server itself is on loopback."""

    sites: tuple[_Site, ...] = ()
    with_loopback: bool = False
    with_opaque: bool = False

    def allows(self, origin: str) -> bool:
        """Whether the value of an Origin header is of a listed site.

        >>> read_origins("*.example.org").allows("https://news.example.org")
        True
        """
        if origin == _OPAQUE:
            return self.with_opaque
        found = _ORIGIN.fullmatch(origin)
        if found is None:
            return False
        scheme, host, port = found["scheme"], found["host"], found["port"]
        if self.with_loopback and is_loopback(host):
            return True
        return any(site.matches(scheme, host, port) for site in self.sites)

    def names(self, host: str) -> bool:
        """Whether the host itself stands in the list, whatever its port."""
        return any(site.host == host and not site.is_wild for site in self.sites)

    def frame_ancestors(self) -> str:
        """The directive for pages that the listed sites may frame."""
        listed = [source for site in self.sites for source in site.sources()]
        loopback = _LOOPBACK_FRAMES if self.with_loopback else ()
        return " ".join(("frame-ancestors 'self'", *listed, *loopback))


def read_origins(value: str, *, on_loopback: bool = False) -> Origins:
    """`example.org, https://*.example.org:8443` as a list of sites. Raises SettingError."""
    entries = value.replace(",", " ").lower().split()
    sites = [_read(entry) for entry in entries if entry != _OPAQUE]
    if not on_loopback:
        _refuse_loopback(sites)
    return Origins(tuple(sites), on_loopback, _OPAQUE in entries)


def _read(entry: str) -> _Site:
    found = _ENTRY.fullmatch(_ascii(entry))
    if found is None:
        raise SettingError(
            f"FOOTNOTE_ORIGINS names {entry!r}, which is no site: write hosts such as "
            "example.org, *.example.org or https://example.org:8443, without a path"
        )
    if found["any"] and "." not in found["host"]:
        raise SettingError(
            f"FOOTNOTE_ORIGINS names {entry!r}, which takes in far too much: "
            "name at least two parts of the host, as in *.example.org"
        )
    port = found["port"]
    if port not in (None, "*") and not 1 <= int(port) <= 65535:
        raise SettingError(
            f"FOOTNOTE_ORIGINS names {entry!r}, whose port is none: choose 1 to 65535"
        )
    return _Site(found["scheme"], found["host"], bool(found["any"]), port)


def _ascii(entry: str) -> str:
    """Browsers send hosts of other scripts in ASCII."""
    try:
        return ".".join(
            part if part.isascii() else part.encode("idna").decode() for part in entry.split(".")
        )
    except UnicodeError:
        return entry


def _refuse_loopback(sites: Iterable[_Site]) -> None:
    for site in sites:
        if is_loopback(site.host):
            raise SettingError(
                f"FOOTNOTE_ORIGINS names {site.host!r}, which is each visitor's own machine: "
                "leave it out, or serve on 127.0.0.1 without FOOTNOTE_PROXIES"
            )


def is_loopback(host: str) -> bool:
    """Whether a host (an address may stand in brackets) is the machine itself."""
    if host == "localhost" or host.endswith(".localhost"):
        return True
    try:
        return ipaddress.ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return False


def host_of(authority: str) -> str | None:
    """The host of a Host header in small letters, or None if that is none.

    >>> host_of("Example.org:7860")
    'example.org'
    """
    found = _AUTHORITY.fullmatch(authority.lower())
    return found["host"] if found else None


def is_of_host(origin: str, authority: str) -> bool:
    """Whether an origin's host and port are those of a Host header."""
    found, asked = _ORIGIN.fullmatch(origin), _AUTHORITY.fullmatch(authority.lower())
    if found is None or asked is None:
        return False
    usual = _USUAL_PORTS[found["scheme"]]
    same_port = (found["port"] or usual) == (asked["port"] or usual)
    return found["host"] == asked["host"] and same_port
