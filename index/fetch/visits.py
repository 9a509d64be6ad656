"""Visits addresses now and then, and keeps the articles that are new or have changed.

A feed or a sitemap is read for the pages that it lists; whatever else is at an address is a page.
What is no longer listed stays; what a page says is gone for good is withdrawn. What was read of an
address, and what failed, is remembered between visits; the owner can ask for what failed to be
tried again at once.
"""

import random
import threading
import time
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from copy import deepcopy
from dataclasses import asdict, dataclass, field, replace
from functools import partial
from pathlib import Path
from typing import Any

from index.build.fetched import (
    fetched,
    keep_article,
    keep_unfetched,
    unfetched_addresses,
    withdraw_article,
)
from index.build.owned import VISITED, changing, owned, write_sealed
from index.errors import BuildError
from index.fetch.guard import FetchError
from index.fetch.http import NO_STAMPS, Fetched, Stamps
from index.fetch.listing import Link, read_listing
from index.fetch.page import record_of, stem_of
from index.fetch.web import Web
from index.readers.base import UnreadableError
from index.readers.metadata import DATES, KEYS
from index.store.durable import locked, unsealed

# Seconds that what failed is left alone at most.
_DAY = 86_400.0
# Stands beside what is remembered while the owner asks for another try.
_AGAIN = "again"


@dataclass(frozen=True, slots=True)
class Failure:
    """Why something could not be fetched, how often, and from when it is tried again."""

    reason: str
    tries: int
    again: float


@dataclass(slots=True)
class Document:
    """A feed, a sitemap or a page: the marks of its links that were read, and what failed.

    It `is_read` once all that it lists is.
    """

    stamps: Stamps = NO_STAMPS
    is_read: bool = False
    marks: dict[str, str] = field(default_factory=dict)
    failures: dict[str, Failure] = field(default_factory=dict)

    def failed(self, url: str, reason: str, now: float, pause: float) -> None:
        """Remember that; each time in a row, it is left alone for twice as long."""
        before = self.failures.get(url)
        tries = before.tries + 1 if before else 1
        again = now + min(pause * 2 ** min(tries - 1, 30), _DAY)
        self.failures[url] = Failure(reason.removeprefix(f"{url!r} "), tries, again)

    def keep_only(self, links: Collection[str]) -> None:
        """Forget of links that are no longer listed."""
        self.marks = {url: mark for url, mark in self.marks.items() if url in links}
        self.failures = {url: each for url, each in self.failures.items() if url in links}

    def wait_no_more(self, now: float) -> None:
        """Have what failed tried again from now on."""
        self.failures = {
            url: replace(each, again=min(each.again, now)) for url, each in self.failures.items()
        }

    def is_due(self, url: str, now: float) -> bool:
        """Whether it did not fail, or long enough ago."""
        return url not in self.failures or self.failures[url].again <= now


Documents = dict[str, Document]


def read_visited(data: Path, address: str) -> Documents:
    """The documents of an address, by address; none if it was not visited, or that is damaged."""
    return _read(_path(data, address))


def _read(path: Path) -> Documents:
    try:
        stored = unsealed(path.read_bytes())["documents"]
        return {url: _document(each) for url, each in stored.items()}
    except (OSError, ValueError, TypeError, KeyError, AttributeError):
        return {}


def keep_visited(data: Path, address: str, documents: Documents) -> None:
    """Remember them."""
    with changing(data):
        path = _path(data, address)
        path.parent.mkdir(exist_ok=True)
        write_sealed(path, {"documents": {url: asdict(each) for url, each in documents.items()}})


def failed(data: Path) -> list[tuple[str, Failure]]:
    """What could not be fetched, by address; what is tried again first comes first."""
    watched = unfetched_addresses(data)
    found = {url: each for url, each in _failures(data) if url in watched}
    return sorted(found.items(), key=lambda each: each[1].again)


def _failures(data: Path) -> Iterator[tuple[str, Failure]]:
    for path in (owned(data) / VISITED).glob("*.json"):
        for document in _read(path).values():
            yield from document.failures.items()


def ask_again(data: Path) -> None:
    """Have what failed tried again by whoever watches these addresses, as soon as may be."""
    with changing(data) as folder:
        (folder / VISITED).mkdir(exist_ok=True)
        (folder / VISITED / _AGAIN).touch()


def is_asked_again(data: Path) -> bool:
    """Whether that is asked for."""
    return (owned(data) / VISITED / _AGAIN).exists()


def take_asked_again(data: Path) -> bool:
    """The same, and from now on it is not."""
    try:
        (owned(data) / VISITED / _AGAIN).unlink()
    except FileNotFoundError:
        return False
    return True


def _document(stored: dict[str, Any]) -> Document:
    failures = {url: Failure(**each) for url, each in stored["failures"].items()}
    return Document(Stamps(**stored["stamps"]), stored["is_read"], stored["marks"], failures)


def _path(data: Path, address: str) -> Path:
    return owned(data) / VISITED / f"{stem_of(address)}.json"


# Requests for one address in a visit: what is left is asked for in the next.
_MOST_REQUESTS = 50
# After so many failures in a row, its host may have no time for us.
_MOST_FAILURES = 3
_AT_ONCE = 8
# The status of a page that was taken away on purpose, and not only mislaid.
_GONE = 410
_WITHDRAWN = f"answered with status {_GONE}, gone for good: its article is withdrawn"
_JITTER = 0.1
# What tells the dates of a record that a list has.
_BY_LIST = {f"{key}_from": "feed" for name in DATES for key in KEYS[name]}
# Seconds until the owner's wish to try again is seen.
_LOOKS_EVERY = 2.0


@contextmanager
def visiting(
    addresses: Sequence[str], data: Path, web: Web, every: float, tell: Callable[[Exception], None]
) -> Iterator[None]:
    """Visit the addresses, and while inside again `every` so many seconds, in a thread.

    What cannot be fetched is kept for the next build to tell; what cannot be written goes to
    `tell`. Raises BuildError if another process visits for the same data folder, OSError if the
    disk is full.
    """
    folder = fetched(data)
    folder.mkdir(parents=True, exist_ok=True)
    visitor = Visitor(data, web, every)
    try:
        with locked(folder, wait=False):
            for left in folder.glob("*.new"):
                left.unlink()
            visitor.visit_all(addresses)
            thread = threading.Thread(target=visitor.run, args=(addresses, tell), daemon=True)
            thread.start()
            try:
                yield
            finally:
                web.stopped.set()
                thread.join()
    except BlockingIOError:
        raise BuildError(
            f"another watch fetches into {str(data)!r}: stop it, or name another folder with --data"
        ) from None


class Visitor:
    """Visits addresses; `now` is the time in seconds since 1970."""

    def __init__(
        self, data: Path, web: Web, every: float, now: Callable[[], float] = time.time
    ) -> None:
        self._data, self._web, self._every, self._now = data, web, every, now

    def run(self, addresses: Sequence[str], tell: Callable[[Exception], None]) -> None:
        """Visit them again and again, until the web is stopped."""
        # Not all who watch an address should come at once.
        while not self._is_stopped_in(self._every * random.uniform(1 - _JITTER, 1 + _JITTER)):
            try:
                self.visit_all(addresses)
            except Exception as error:  # whatever it is, what is at other addresses must not wait
                tell(error)

    def _is_stopped_in(self, seconds: float) -> bool:
        """Whether the web is stopped within so many seconds, or before what failed is wanted."""
        end = time.monotonic() + seconds
        while (left := end - time.monotonic()) > 0:
            # It waits before it looks: else a wish that cannot be deleted would never let it rest.
            if self._web.stopped.wait(min(left, _LOOKS_EVERY)):
                return True
            if is_asked_again(self._data):
                break
        return self._web.stopped.is_set()

    def visit_all(self, addresses: Sequence[str]) -> None:
        """Visit each, several at once. Raises OSError if what was read cannot be kept."""
        visit = partial(self.visit, again=take_asked_again(self._data))
        with ThreadPoolExecutor(_AT_ONCE) as pool:
            try:
                faults = list(pool.map(visit, addresses))
            except KeyboardInterrupt:
                # The pool waits for its threads, which may be about to ask a whole sitemap.
                self._web.stopped.set()
                raise
        keep_unfetched(self._data, {url: why for each in faults for url, why in each.items()})

    def visit(self, address: str, *, again: bool = False) -> dict[str, str]:
        """Visit one, and return what of it could not be fetched so far, and why.

        What failed is left alone for a while, but tried `again` if that is wanted.
        """
        before = read_visited(self._data, address)
        documents, now = deepcopy(before), self._now()
        if again:
            for document in documents.values():
                document.wait_no_more(now)
        visit = _Visit(self._data, self._web, documents, now, self._every)
        visit.read(address)
        if visit.documents != before:
            keep_visited(self._data, address, visit.documents)
        failures = (each.failures.items() for each in visit.documents.values())
        return {url: failure.reason for each in failures for url, failure in each}


class _Visit:
    """One visit of an address; `pause` is how long in seconds what fails is left alone at first."""

    def __init__(
        self, data: Path, web: Web, documents: Documents, now: float, pause: float
    ) -> None:
        self.documents = documents
        self._data, self._web, self._now, self._pause = data, web, now, pause
        self._requests, self._failures_in_row = _MOST_REQUESTS, 0

    def read(self, url: str, *, is_listed: bool = False) -> None:
        """Read a feed, a sitemap or a page, and what it lists."""
        document = self.documents.setdefault(url, Document())
        if not self._may_ask(document, url):
            return
        with self._tried(document, url):
            found = self._web.get(url, document.stamps if document.is_read else NO_STAMPS)
            # Before what it lists is asked for, which may fail.
            self._failures_in_row = 0
            if not found.is_unchanged:
                self._take(document, replace(found, url=url), is_listed=is_listed)

    def _take(self, document: Document, found: Fetched, *, is_listed: bool) -> None:
        document.is_read = False
        listing = read_listing(found)
        if listing is None:
            keep_article(self._data, stem_of(found.url), record_of(found))
            document.stamps, document.is_read = found.stamps, True
            return
        if listing.sitemaps and is_listed:
            raise UnreadableError("lists sitemaps, and is listed as one itself")
        document.keep_only({link.url for link in (*listing.links, *listing.sitemaps)})
        read = [self._read_link(document, link) for link in listing.links]
        # An index may be the same while its sitemaps have changed.
        document.stamps, document.is_read = found.stamps, all(read) and not listing.sitemaps
        if not is_listed:
            self._read_sitemaps(document, found.url, listing.sitemaps)

    def _read_sitemaps(self, index: Document, url: str, sitemaps: Sequence[Link]) -> None:
        for gone in self.documents.keys() - {url, *(sitemap.url for sitemap in sitemaps)}:
            del self.documents[gone]
        for sitemap in sitemaps:
            self._read_sitemap(index, sitemap)

    def _read_sitemap(self, index: Document, link: Link) -> None:
        """Read one that an index of sitemaps names, unless the index says that it is the same."""
        known = self.documents.get(link.url)
        is_same = link.changed and index.marks.get(link.url) == link.mark
        if not (is_same and known and known.is_read):
            self.read(link.url, is_listed=True)
            index.marks[link.url] = link.mark

    def _read_link(self, document: Document, link: Link) -> bool:
        """Keep the article at a link unless it is the same; whether it is kept now."""
        if document.marks.get(link.url) == link.mark:
            return True
        if not (link.is_whole or self._may_ask(document, link.url)):
            return False
        with self._tried(document, link.url):
            keep_article(self._data, stem_of(link.url), self._record(link))
            document.marks[link.url] = link.mark
            self._failures_in_row = 0
            return True
        return False

    def _record(self, link: Link) -> Mapping[str, object]:
        if link.is_whole:
            return {**link.record, **_BY_LIST}
        page = record_of(replace(self._web.get(link.url), url=link.url))
        # A page that does not name its site is said to be from its host.
        source = link.record.get("source") or page.get("source")
        # A date of the list under the last key counts where that of the page is doubted.
        listed = {"date": link.record.get("published", ""), **link.record, **_BY_LIST}
        return {**listed, **page, "source": source}

    def _may_ask(self, document: Document, url: str) -> bool:
        """Whether it may be asked for in this visit, which counts it."""
        may = (
            self._requests > 0
            and self._failures_in_row < _MOST_FAILURES
            and document.is_due(url, self._now)
            and self._web.is_soon(url)
            and not self._web.stopped.is_set()
        )
        self._requests -= may
        return may

    @contextmanager
    def _tried(self, document: Document, url: str) -> Iterator[None]:
        """Remember why what is done inside fails, or that it does not."""
        try:
            yield
        except (FetchError, UnreadableError) as error:
            is_gone = isinstance(error, FetchError) and error.parts.get("status") == _GONE
            is_withdrawn = is_gone and withdraw_article(self._data, stem_of(url))
            if is_withdrawn:
                # So that it is read whole once it is back, even as it was.
                document.is_read = False
                document.marks.pop(url, None)
            document.failed(url, _WITHDRAWN if is_withdrawn else str(error), self._now, self._pause)
            # A host that says so has time for us.
            self._failures_in_row = 0 if is_gone else self._failures_in_row + 1
        else:
            document.failures.pop(url, None)
