"""What the owner allows: how much may be asked, from which sites, with which keys.

The settings become one frozen `Policy`, which the middleware enforces. Members come with
tokens that the publisher's site signs.
"""

import hashlib
import hmac
import ipaddress
import re
from collections.abc import Iterable
from dataclasses import dataclass, field

import jwt
from jwt.types import Options

from index.errors import SettingError
from index.settings import Settings
from qa.web.guard.base_path import BASE_PATH
from qa.web.guard.rates import Rates, read_rates

# With its key a publisher may sign tokens of other kinds, which say that they are for others.
AUDIENCE = "footnote"
_SHORTEST_TOKEN_KEY = 32
_LONGEST = 4096
# So many seconds the publisher's clock and ours may differ.
_LEEWAY = 30
_UNSET = "this server takes no tokens: leave it out, or have its owner set FOOTNOTE_READER_KEYS"
_EXPIRED = "the token has expired: get a new one from the site, or leave it out"
_WRONG = f"the token cannot be read: sign it with HS256 and a key of this server, for {AUDIENCE!r}"


@dataclass(frozen=True, slots=True)
class Tokens:
    """The keys that tokens may be signed with; where there are none, no token is taken."""

    keys: tuple[str, ...] = field(default=(), repr=False)

    def fault(self, token: str) -> str | None:
        """What is wrong with a token, and the remedy; None if it is valid."""
        if not self.keys:
            return _UNSET
        if len(token) > _LONGEST:
            return _WRONG
        faults = [_fault(token, key) for key in self.keys]
        if None in faults:
            return None
        return _EXPIRED if _EXPIRED in faults else _WRONG


def _fault(token: str, key: str) -> str | None:
    required: Options = {"require": ["exp", "aud"]}
    try:
        jwt.decode(token, key, ["HS256"], options=required, audience=AUDIENCE, leeway=_LEEWAY)
    except jwt.ExpiredSignatureError:
        return _EXPIRED
    except jwt.InvalidTokenError:
        return _WRONG
    return None


def read_token_keys(value: str) -> tuple[str, ...]:
    """`FOOTNOTE_READER_KEYS` as keys: several, so that one can follow another.

    Raises SettingError.
    """
    keys = tuple(value.replace(",", " ").split())
    for place, key in enumerate(keys, start=1):
        if len(key) < _SHORTEST_TOKEN_KEY:
            # The key itself must not be logged.
            raise SettingError(
                f"FOOTNOTE_READER_KEYS has {len(key)} characters in key {place}, which can be "
                f"guessed: use {_SHORTEST_TOKEN_KEY} or more, as `openssl rand -hex 32` makes them"
            )
    return keys


_HOST = r"(?P<host>\[[0-9a-f:.]+\]|[\w-]+(?:\.[\w-]+)*)"
_ENTRY = re.compile(
    rf"(?:(?P<scheme>https?)://)?(?P<any>\*\.)?{_HOST}(?::(?P<port>\d{{1,5}}|\*))?", re.ASCII
)
_ORIGIN = re.compile(rf"(?P<scheme>https?)://{_HOST}(?::(?P<port>\d{{1,5}}))?", re.ASCII)
_AUTHORITY = re.compile(rf"{_HOST}(?::(?P<port>\d{{1,5}}))?", re.ASCII)
_USUAL_PORTS = {"http": "80", "https": "443"}
# The longest name of a host has 253 characters.
_LONGEST_ORIGIN = 270
# A page in a sandboxed frame sends this, whichever site it is on.
_OPAQUE = "null"
# A Content-Security-Policy cannot name an address in brackets.
_LOOPBACK_FRAMES = tuple(
    f"{scheme}://{host}:*" for host in ("localhost", "127.0.0.1") for scheme in ("http", "https")
)


@dataclass(frozen=True, slots=True)
class _Site:
    """An entry: a scheme or any; a host or its subdomains; a port, any (`*`) or the usual one."""

    scheme: str | None
    host: str
    is_wild: bool
    port: str | None

    def matches(self, scheme: str, host: str, port: str | None) -> bool:
        """Whether the entry allows this origin."""
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
    """The listed sites, and loopback if the server itself is on loopback."""

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
        """Whether the host itself is listed, whatever its port."""
        return any(site.host == host and not site.is_wild for site in self.sites)

    def frame_ancestors(self) -> str:
        """The directive for pages that the listed sites may frame."""
        listed = [source for site in self.sites for source in site.sources()]
        loopback = _LOOPBACK_FRAMES if self.with_loopback else ()
        return " ".join(("frame-ancestors 'self'", *listed, *loopback))


def read_origins(value: str, *, on_loopback: bool = False) -> Origins:
    """`example.org, https://*.example.org:8443` as a list of sites. Raises SettingError."""
    entries = value.replace(",", " ").lower().split()
    sites = [_read_origin(entry) for entry in entries if entry != _OPAQUE]
    if not on_loopback:
        _refuse_loopback(sites)
    return Origins(tuple(sites), on_loopback, _OPAQUE in entries)


def _read_origin(entry: str) -> _Site:
    found = _ENTRY.fullmatch(_ascii(entry))
    if found is None:
        raise SettingError(
            f"FOOTNOTE_ORIGINS names {entry!r}, which is not a site: write hosts such as "
            "example.org, *.example.org or https://example.org:8443, without a path"
        )
    if found["any"] and "." not in found["host"]:
        raise SettingError(
            f"FOOTNOTE_ORIGINS names {entry!r}, which is too broad: "
            "name at least two parts of the host, as in *.example.org"
        )
    port = found["port"]
    if port not in (None, "*") and not 1 <= int(port) <= 65535:
        raise SettingError(
            f"FOOTNOTE_ORIGINS names {entry!r}, which has an invalid port: choose 1 to 65535"
        )
    return _Site(found["scheme"], found["host"], bool(found["any"]), port)


def _ascii(entry: str) -> str:
    """The entry in ASCII, as browsers send hosts in other scripts."""
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


def is_site(origin: str) -> bool:
    """Whether the value of an Origin header names a site that can be listed.

    >>> is_site("https://news.example.org"), is_site("null"), is_site("http://localhost:80")
    (True, False, False)
    """
    found = _ORIGIN.fullmatch(origin)
    return found is not None and len(origin) <= _LONGEST_ORIGIN and not is_loopback(found["host"])


def is_loopback(host: str) -> bool:
    """Whether a host (an address may be in brackets) is the machine itself."""
    if host == "localhost" or host.endswith(".localhost"):
        return True
    try:
        return ipaddress.ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return False


def host_of(authority: str) -> str | None:
    """The host of a Host header in lower case, or None if it is invalid.

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


MOST_WAITING = 128
_SHORTEST_KEY = 16


@dataclass(frozen=True, slots=True)
class Policy:
    """By default no other site may ask or embed, and only the queue is limited.

    With `only_local` the server answers only to names of this machine. `keys` are the sha256
    digests of API keys, `push_keys` of those that may also push articles, `proxies` the addresses
    whose forwarding headers are trusted, `base_path` what a proxy puts in front of every path.
    """

    origins: Origins = field(default_factory=Origins)
    only_local: bool = False
    tokens: Tokens = field(default_factory=Tokens)
    rates: Rates = field(default_factory=Rates)
    keys: tuple[bytes, ...] = field(default=(), repr=False)
    push_keys: tuple[bytes, ...] = field(default=(), repr=False)
    proxies: tuple[str, ...] = ()
    base_path: str = ""
    waiting: int = MOST_WAITING
    logs_questions: bool = False

    def knows_key(self, key: str) -> bool:
        """Whether this is one of the keys, in constant time."""
        return _is_among(key, (*self.keys, *self.push_keys))

    def may_push(self, key: str) -> bool:
        """Whether articles may be added and removed with this key, in constant time."""
        return _is_among(key, self.push_keys)


def _is_among(key: str, known: Iterable[bytes]) -> bool:
    digest = _digest(key)
    # All are compared: the time does not show which one it was.
    return True in [hmac.compare_digest(digest, each) for each in known]


def read_policy(settings: Settings) -> Policy:
    """The settings as a policy. Raises SettingError."""
    proxies = _read_proxies(settings.proxies)
    # Behind a proxy on the same machine, clients are elsewhere.
    on_loopback = is_loopback(settings.host) and not proxies
    if settings.queue < 1:
        raise SettingError(
            f"FOOTNOTE_QUEUE is {settings.queue}, so no question could wait: "
            f"set it to 1 or more, such as {MOST_WAITING}"
        )
    if settings.snippet < 1:
        raise SettingError(
            f"FOOTNOTE_SNIPPET is {settings.snippet}: set it to 1 or more characters, such as 200"
        )
    return Policy(
        origins=read_origins(settings.origins, on_loopback=on_loopback),
        only_local=on_loopback,
        rates=read_rates(settings.rate, settings.origin_rate, on_loopback=on_loopback),
        keys=_read_keys("FOOTNOTE_API_KEYS", settings.api_keys),
        push_keys=_read_keys("FOOTNOTE_PUSH_KEYS", settings.push_keys),
        tokens=Tokens(read_token_keys(settings.reader_keys)),
        proxies=proxies,
        base_path=_read_base_path(settings.base_path),
        waiting=settings.queue,
        logs_questions=settings.log_questions,
    )


def _read_proxies(value: str) -> tuple[str, ...]:
    addresses = value.replace(",", " ").split()
    for address in addresses:
        try:
            ipaddress.ip_network(address)
        except ValueError:
            raise SettingError(
                f"FOOTNOTE_PROXIES names {address!r}, which is not an address: write addresses or "
                "networks such as 127.0.0.1 or 10.0.0.0/8"
            ) from None
    return tuple(addresses)


def _read_base_path(value: str) -> str:
    path = value.rstrip("/")
    if path and not BASE_PATH.fullmatch(path):
        raise SettingError(
            f"FOOTNOTE_BASE_PATH is {value!r}, which is not a path: write one such as /kb, of "
            "letters, digits, hyphens and slashes"
        )
    return path


def _read_keys(variable: str, value: str) -> tuple[bytes, ...]:
    keys = value.replace(",", " ").split()
    for place, key in enumerate(keys, start=1):
        if len(key) < _SHORTEST_KEY:
            # The key itself must not be logged.
            raise SettingError(
                f"{variable} has {len(key)} characters in key {place}, which can be "
                f"guessed: use {_SHORTEST_KEY} or more, as `openssl rand -hex 32` makes them"
            )
    return tuple(_digest(key) for key in keys)


def _digest(key: str) -> bytes:
    return hashlib.sha256(key.encode(errors="replace")).digest()
