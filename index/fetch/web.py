"""Asks hosts as they wish to be asked: as their robots.txt says, and with pauses."""

import hashlib
import json
import re
import threading
import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from urllib.parse import unquote, urlsplit

from protego import Protego

from index.fetch.guard import FetchError, Guarded
from index.fetch.http import AGENT, NO_STAMPS, Fetched, Stamps, checked, fetch
from index.readers.html import read_page
from index.readers.metadata import DATES, FETCHED_AT, is_at

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
    stem = stem_of(fetched.url)
    if suffix := _PLAIN.get(fetched.type):
        return Page(stem + suffix, fetched.body)
    record = {"_id": stem, **record_of(fetched)}
    return Page(f"{stem}.jsonl", json.dumps(record, ensure_ascii=False).encode())


def record_of(fetched: Fetched) -> dict[str, str]:
    """The article of a page in HTML, by the keys of a record. Raises FetchError without one."""
    if fetched.type not in _HTML:
        raise FetchError(
            "page_type",
            f"{fetched.url!r} is of type {fetched.type or 'none'!r}: HTML, plain text and "
            "Markdown are read by address",
            url=fetched.url,
        )
    page = read_page(_decoded(fetched), fetched.url)
    if page is None:
        message = f"no article was found in {fetched.url!r}: save its text and add the file"
        raise FetchError("no_text", message, url=fetched.url)
    return {"text": page.text, **_with_moment(page.metadata)}


def _with_moment(told: Mapping[str, str]) -> dict[str, str]:
    """What a page tells, with the moment of fetching where it gives that as a date of its own.

    Only there: a page that is fetched again and still the same need not be written again.
    """
    now = datetime.now(UTC).isoformat(timespec="seconds")
    is_doubted = any(is_at(told.get(name, ""), now) for name in DATES)
    return {**told, FETCHED_AT: now} if is_doubted else dict(told)


def stem_of(url: str) -> str:
    """A readable name, different for each address."""
    try:
        parts = urlsplit(url)
        named = f"{parts.hostname} {parts.path}"
    except ValueError:
        named = url
    words = re.sub(r"[\W_]+", "-", unquote(named)).strip("-")
    digest = hashlib.sha256(url.encode(errors="surrogatepass")).hexdigest()
    return f"{words[:60].strip('-')}-{digest[:8]}"


def _decoded(fetched: Fetched) -> str | bytes:
    """Decoded as the server says; else the bytes, whose encoding the reader detects."""
    try:
        return fetched.body.decode(fetched.charset) if fetched.charset else fetched.body
    except (LookupError, UnicodeError):
        return fetched.body
