"""How much may be asked: by each address and by each site, in a moving window."""

import ipaddress
import math
import time
from dataclasses import dataclass

from limits import RateLimitItem, parse
from limits.storage import MemoryStorage
from limits.strategies import MovingWindowRateLimiter

from index.errors import SettingError

AUTO, NONE = "auto", "none"
_OPEN = "60/minute"
# A page and its parts are read with many requests, none of which takes the model.
READS_A_QUESTION = 10
# A site has many readers.
_SITE = 10


@dataclass(frozen=True, slots=True)
class Rates:
    """The most of each kind; None is no limit."""

    asks: RateLimitItem | None = None
    reads: RateLimitItem | None = None
    site: RateLimitItem | None = None


def read_rates(rate: str, site_rate: str, *, on_loopback: bool = False) -> Rates:
    """`FOOTNOTE_RATE` and `FOOTNOTE_ORIGIN_RATE` as limits. Raises SettingError.

    `auto` is no limit where only this machine can ask.
    """
    asks = _read("FOOTNOTE_RATE", rate, None if on_loopback else parse(_OPEN))
    site = _read("FOOTNOTE_ORIGIN_RATE", site_rate, _times(asks, _SITE))
    return Rates(asks, _times(asks, READS_A_QUESTION), site)


def _read(variable: str, value: str, auto: RateLimitItem | None) -> RateLimitItem | None:
    value = value.strip().lower()
    if value == AUTO:
        return auto
    if value == NONE:
        return None
    try:
        rate = parse(value)
    except ValueError:
        rate = None
    if rate is None or rate.amount < 1:
        raise SettingError(
            f"{variable} is {value!r}, which is no rate: set it to one such as 60/minute, "
            f"1000/hour or 5/10seconds, to {NONE} or to {AUTO}"
        )
    return rate


def _times(rate: RateLimitItem | None, factor: int) -> RateLimitItem | None:
    return type(rate)(rate.amount * factor, rate.multiples) if rate else None


class RateCounter:
    """Counts in memory; what has left the window is forgotten."""

    def __init__(self, rates: Rates) -> None:
        self._rates = rates
        self._window = MovingWindowRateLimiter(MemoryStorage())

    def read(self, address: str) -> int | None:
        """Count a request that reads; the seconds to wait if it is one too many."""
        return self._count(self._rates.reads, "read", network_of(address))

    def ask(self, address: str, origin: str | None) -> int | None:
        """Count a question; the seconds to wait if it is one too many."""
        wait = self._count(self._rates.asks, "ask", network_of(address))
        if wait is None and origin is not None:
            wait = self._count(self._rates.site, "site", origin)
        return wait

    def _count(self, rate: RateLimitItem | None, *names: str) -> int | None:
        if rate is None or self._window.hit(rate, *names):
            return None
        reset = self._window.get_window_stats(rate, *names).reset_time
        return max(1, math.ceil(reset - time.time()))


def network_of(address: str) -> str:
    """An IPv4 address itself, of an IPv6 address the network that one customer has.

    >>> network_of("2001:db8:1:2:3::4")
    '2001:db8:1:2::/64'
    """
    try:
        found = ipaddress.ip_address(address)
    except ValueError:
        return address
    if isinstance(found, ipaddress.IPv4Address):
        return address
    mapped = found.ipv4_mapped
    if mapped is not None:
        return str(mapped)
    return str(ipaddress.ip_network((found, 64), strict=False))
