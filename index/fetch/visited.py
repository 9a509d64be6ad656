"""What is remembered of an address between visits: what was read of it, and what failed.

The owner can ask for what failed to be tried again at once.
"""

from collections.abc import Collection, Iterator
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any

from index.build.fetched import unfetched_addresses
from index.build.owned import VISITED, changing, owned, write_sealed
from index.fetch.http import NO_STAMPS, Stamps
from index.fetch.page import stem_of
from index.store.durable import unsealed

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

    def wait_no_more(self) -> None:
        """Have what failed tried again in the next visit."""
        self.failures = {url: replace(each, again=0.0) for url, each in self.failures.items()}

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
