"""How much one reader, or one site, may ask: the rates, and who has used theirs up."""

import ipaddress
import math
import time
from collections import OrderedDict, deque
from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from limits import RateLimitItem, parse

from index.errors import SettingError

AUTO, NONE = "auto", "none"
_OPEN = "60/minute"
# A page and its parts take many requests, but none of them uses the model.
READS_A_QUESTION = 10
# A site has many readers.
_SITE = 10


@dataclass(frozen=True, slots=True)
class Rates:
    """The limit of each kind; None is no limit."""

    asks: RateLimitItem | None = None
    reads: RateLimitItem | None = None
    site: RateLimitItem | None = None


def read_rates(rate: str, site_rate: str, *, on_loopback: bool = False) -> Rates:
    """`FOOTNOTE_RATE` and `FOOTNOTE_ORIGIN_RATE` as limits. Raises SettingError.

    `auto` is no limit if only this machine can ask.
    """
    asks = _read_rate("FOOTNOTE_RATE", rate, None if on_loopback else parse(_OPEN))
    site = _read_rate("FOOTNOTE_ORIGIN_RATE", site_rate, _times(asks, _SITE))
    return Rates(asks, _times(asks, READS_A_QUESTION), site)


def _read_rate(variable: str, value: str, auto: RateLimitItem | None) -> RateLimitItem | None:
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
            f"{variable} is {value!r}, not a rate: set it to one such as 60/minute, "
            f"1000/hour or 5/10seconds, to {NONE} or to {AUTO}"
        )
    return rate


def _times(rate: RateLimitItem | None, factor: int) -> RateLimitItem | None:
    return type(rate)(rate.amount * factor, rate.multiples) if rate else None


class Window(Protocol):
    """Counts what each does within the seconds of a rate."""

    def hit(self, who: str) -> float | None:
        """Count once; if that is one too many, the seconds to wait, and nothing is counted."""


# A window for the counts of one kind.
MakeWindow = Callable[[str, RateLimitItem], Window]


class MovingWindow:
    """Counts what each does within the seconds of a rate, by a clock that nobody can set back.

    Not that of `limits`, which goes by the time of day. For one thread.
    """

    def __init__(self, rate: RateLimitItem, clock: Callable[[], float] = time.monotonic) -> None:
        self._most, self._seconds, self._clock = rate.amount, rate.get_expiry(), clock
        # Who was counted last comes last.
        self._times: OrderedDict[str, deque[float]] = OrderedDict()

    def __len__(self) -> int:
        return len(self._times)

    def hit(self, who: str) -> float | None:
        """Count once; if that is one too many, the seconds to wait, and nothing is counted."""
        now = self._clock()
        self._forget(now - self._seconds)
        times = self._times.setdefault(who, deque())
        while times and times[0] <= now - self._seconds:
            times.popleft()
        if len(times) >= self._most:
            return times[0] + self._seconds - now
        times.append(now)
        self._times.move_to_end(who)
        return None

    def _forget(self, until: float) -> None:
        """Whoever did nothing since."""
        while self._times and next(iter(self._times.values()))[-1] <= until:
            self._times.popitem(last=False)


def in_memory(_: str, rate: RateLimitItem) -> Window:
    """A window for one process; what is older is forgotten."""
    return MovingWindow(rate)


class RateCounter:
    """Counts questions and reading, each in a window of its own."""

    def __init__(self, rates: Rates, window: MakeWindow = in_memory) -> None:
        limits = {"asks": rates.asks, "reads": rates.reads, "site": rates.site}
        self._asks, self._reads, self._site = (
            window(kind, rate) if rate else None for kind, rate in limits.items()
        )

    def read(self, address: str) -> int | None:
        """Count a request that only reads; the seconds to wait if it is one too many."""
        return _counted(self._reads, network_of(address))

    def ask(self, address: str, origin: str | None) -> int | None:
        """Count a question; the seconds to wait if it is one too many."""
        wait = _counted(self._asks, network_of(address))
        if wait is None and origin is not None:
            wait = _counted(self._site, origin)
        return wait


def _counted(window: Window | None, who: str) -> int | None:
    # One that has counted nobody yet is empty, and so as good as false.
    wait = None if window is None else window.hit(who)
    return None if wait is None else max(1, math.ceil(wait))


def network_of(address: str) -> str:
    """An IPv4 address itself; for an IPv6 address, the network that one customer has.

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
