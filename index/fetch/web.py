"""Asks hosts as they wish to be asked: as their robots.txt says, and with pauses."""

import threading
import time
from collections.abc import Iterable
from dataclasses import dataclass
from urllib.parse import urlsplit

from protego import Protego

from index.fetch.guard import FetchError, Guarded
from index.fetch.http import AGENT, NO_STAMPS, Fetched, Stamps, checked, fetch

# Seconds between two requests to a host, unless it asks for more.
_APART = 1.0
# Seconds that robots.txt is taken as it was; RFC 9309 allows a day.
_ROBOTS_HOLD = 3_600.0
# Bytes of it that are read: as many as RFC 9309 asks for.
_MOST_ROBOTS = 512_000
# A host that wants more seconds between two requests is asked once a visit.
_PATIENCE = 30.0


@dataclass(frozen=True, slots=True)
class _Robots:
    """The rules of a host, or why they cannot be read, until a moment."""

    rules: Protego
    until: float
    fault: str = ""


class Web:
    """Fetches politely. Thread-safe.

    `own_hosts` may be in networks of one's own; `apart` is how many seconds lie between requests to
    a host. Once this is `stopped`, nobody waits.
    """

    def __init__(self, own_hosts: Iterable[str] = (), apart: float = _APART) -> None:
        self.stopped = threading.Event()
        self._guard, self._apart = Guarded(own_hosts), apart
        self._robots: dict[str, _Robots] = {}
        self._turns: dict[str, float] = {}
        self._lock = threading.Lock()

    def get(self, url: str, since: Stamps = NO_STAMPS) -> Fetched:
        """What is at `url`, which may be waited for; see `fetch`. Raises FetchError."""
        asked = checked(url, self._guard)
        self._check(asked)
        self.stopped.wait(self._turn(asked))
        return fetch(asked, self._guard, since=since, before=self._check)

    def is_soon(self, url: str) -> bool:
        """Whether the host of `url` may be asked within a moment."""
        with self._lock:
            return self._turns.get(_host(url), 0.0) - time.monotonic() < _PATIENCE

    def _turn(self, url: str) -> float:
        """Seconds until the host may be asked; the one who asks for it has that turn.

        Raises FetchError instead if the host wants longer pauses than anybody waits for.
        """
        delay = self._rules(url).rules.crawl_delay(AGENT) or 0.0
        with self._lock:
            now = time.monotonic()
            turn = max(now, self._turns.get(_host(url), 0.0))
            if min(delay, turn - now) >= _PATIENCE:
                raise FetchError(
                    "robots",
                    f"{url!r} is asked for later: its host wants {delay:g} seconds between two "
                    "requests",
                )
            self._turns[_host(url)] = turn + max(self._apart, delay)
        return turn - now

    def _check(self, url: str) -> None:
        robots = self._rules(url)
        if robots.fault:
            raise FetchError("robots", f"the robots.txt of {url!r} cannot be read: {robots.fault}")
        if not robots.rules.can_fetch(url, AGENT):
            raise FetchError("robots", f"{url!r} may not be read by programs: see its robots.txt")

    def _rules(self, url: str) -> _Robots:
        parts = urlsplit(url)
        origin = f"{parts.scheme}://{parts.netloc}"
        known = self._robots.get(origin)
        if known is None or known.until < time.monotonic():
            known = self._robots[origin] = self._read_robots(f"{origin}/robots.txt")
        return known

    def _read_robots(self, url: str) -> _Robots:
        """Where there is no such file, all may be read; where it cannot be read, nothing."""
        until, text, fault = time.monotonic() + _ROBOTS_HOLD, "", ""
        try:
            text = fetch(url, self._guard).body[:_MOST_ROBOTS].decode("utf-8-sig", "replace")
        except FetchError as error:
            if not str(error.parts.get("status")).startswith("4"):
                fault = str(error)
        return _Robots(Protego.parse(text), until, fault)


def _host(url: str) -> str:
    """The host and port that an address names; empty if it is none, as `checked` will tell."""
    try:
        return urlsplit(url).netloc.lower()
    except ValueError:
        return ""
