"""What the owner of a site allows, in one frozen type, and the layers that hold to it."""

import hashlib
import hmac
import ipaddress
from dataclasses import dataclass, field

from index.errors import SettingError
from index.settings import Settings
from qa.web.origins import Origins, is_loopback, read_origins
from qa.web.rates import Rates, read_rates

MOST_WAITING = 128
_SHORTEST_KEY = 16


@dataclass(frozen=True, slots=True)
class Policy:
    """By default no other site may ask or embed, and nothing is limited but the queue.

    `only_local` says that the server answers to names of this machine alone. `keys` are the
    sha256 digests of API keys, `proxies` the addresses whose forwarding headers are believed.
    """

    origins: Origins = field(default_factory=Origins)
    only_local: bool = False
    rates: Rates = field(default_factory=Rates)
    keys: tuple[bytes, ...] = field(default=(), repr=False)
    proxies: tuple[str, ...] = ()
    waiting: int = MOST_WAITING
    logs_questions: bool = False

    def knows_key(self, key: str) -> bool:
        """Whether this is one of the keys, in a time that tells nothing about them."""
        digest = _digest(key)
        # All are compared: which one it was does not show either.
        return True in [hmac.compare_digest(digest, known) for known in self.keys]


def read_policy(settings: Settings) -> Policy:
    """The settings as a policy. Raises SettingError."""
    proxies = _read_proxies(settings.proxies)
    # Behind a proxy on the same machine, who asks is not on it.
    on_loopback = is_loopback(settings.host) and not proxies
    if settings.queue < 1:
        raise SettingError(
            f"FOOTNOTE_QUEUE is {settings.queue}, so that no question could wait: "
            f"set it to 1 or more, such as {MOST_WAITING}"
        )
    return Policy(
        origins=read_origins(settings.origins, on_loopback=on_loopback),
        only_local=on_loopback,
        rates=read_rates(settings.rate, settings.origin_rate, on_loopback=on_loopback),
        keys=_read_keys(settings.api_keys),
        proxies=proxies,
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
                f"FOOTNOTE_PROXIES names {address!r}, which is no address: write addresses or "
                "networks such as 127.0.0.1 or 10.0.0.0/8"
            ) from None
    return tuple(addresses)


def _read_keys(value: str) -> tuple[bytes, ...]:
    keys = value.replace(",", " ").split()
    for place, key in enumerate(keys, start=1):
        if len(key) < _SHORTEST_KEY:
            # The key itself is for no log.
            raise SettingError(
                f"FOOTNOTE_API_KEYS has {len(key)} characters in key {place}, which can be "
                f"guessed: use {_SHORTEST_KEY} or more, as `openssl rand -hex 32` makes them"
            )
    return tuple(_digest(key) for key in keys)


def _digest(key: str) -> bytes:
    return hashlib.sha256(key.encode(errors="replace")).digest()
