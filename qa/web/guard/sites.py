"""The sites whose pages may use this server, and those that were refused lately.

The settings name some; the owner allows others on `/admin`, which needs no restart.
"""

import logging
import threading
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Protocol

from index.build.lists import ArchiveList
from index.errors import SettingError
from qa.web.guard.policy import Origins, is_site, read_origins

# The owner's alone: no archive ships one.
_ALLOWED = ArchiveList("origins.txt", shipped="")
# Whoever makes up names of sites pushes only older ones out.
MOST_REFUSED = 50

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class RefusedSite:
    """A site by its origin, how often its pages were refused, and when last, ISO 8601."""

    origin: str
    times: int
    last: str


class Refusals(Protocol):
    """Which sites were refused, as they come."""

    def add(self, origin: str, last: str) -> None:
        """Count a refused site, at `last`, ISO 8601."""

    def all(self) -> tuple[RefusedSite, ...]:
        """Each site, the last refused last."""


class RefusalsHere:
    """Those of one process. Thread-safe."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._sites = dict[str, RefusedSite]()

    def add(self, origin: str, last: str) -> None:
        """Count a refused site."""
        with self._lock:
            before = self._sites.pop(origin, RefusedSite(origin, 0, last))
            self._sites[origin] = RefusedSite(origin, before.times + 1, last)
            while len(self._sites) > MOST_REFUSED:
                del self._sites[next(iter(self._sites))]

    def all(self) -> tuple[RefusedSite, ...]:
        """Each site, the last refused last."""
        with self._lock:
            return tuple(self._sites.values())


class Sites:
    """Thread-safe. Other processes see what is allowed here at once, since it is read anew."""

    def __init__(
        self,
        settings: Origins | None = None,
        data: Path | None = None,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
        refusals: Refusals | None = None,
    ) -> None:
        """`data` is the folder that keeps what the owner allows; without one, nothing is kept.

        `refusals` are those of several processes, if there are several.
        """
        self._settings, self._data, self._clock = settings or Origins(), data, clock
        self._refusals = refusals or RefusalsHere()
        self._stamp: tuple[int, int] | None = None
        self._allowed: tuple[str, ...] = ()
        self._origins = self._settings

    def allows(self, origin: str) -> bool:
        """Whether pages of the site may use this server."""
        return self._all().allows(origin)

    def frame_ancestors(self) -> str:
        """The directive for pages that these sites may frame."""
        return self._all().frame_ancestors()

    def note(self, origin: str) -> None:
        """Remember that a page of the site was refused, if it is a site on the web."""
        if is_site(origin):
            moment = self._clock().astimezone(UTC).isoformat(timespec="seconds")
            self._refusals.add(origin, moment)

    def refused(self) -> tuple[RefusedSite, ...]:
        """The sites refused since the server started and not allowed since, the last first."""
        noted = reversed(self._refusals.all())
        return tuple(each for each in noted if not self.allows(each.origin))

    def allowed(self) -> tuple[str, ...]:
        """The origins that the owner allowed here."""
        self._all()
        return self._allowed

    def allow(self, origin: str) -> bool:
        """Allow a site that was refused; False if none was refused by that name.

        Raises SettingError where the list cannot be read, and leaves it as it is.
        """
        data = self._data
        if data is None or origin not in (each.origin for each in self.refused()):
            return False
        _ALLOWED.change(data, lambda held: dict.fromkeys((*_readable(held, data), origin)))
        return True

    def withdraw(self, origin: str) -> bool:
        """Refuse a site again; False if it was not allowed here."""
        if self._data is None or origin not in self.allowed():
            return False
        before = _ALLOWED.change(
            self._data, lambda held: (each for each in _usable(held)[0] if each != origin)
        )
        return origin in before

    def _all(self) -> Origins:
        """Both lists, the owner's as the file has it now."""
        stamp = self._file_stamp()
        if stamp != self._stamp:
            self._read()
            self._stamp = stamp
        return self._origins

    def _file_stamp(self) -> tuple[int, int] | None:
        if self._data is None:
            return None
        try:
            found = _ALLOWED.places(self._data)[0].stat()
        except OSError:
            return None
        return found.st_mtime_ns, found.st_size

    def _read(self) -> None:
        lines = _ALLOWED.read(self._data) if self._data else ()
        self._allowed, added = _usable(lines)
        self._origins = replace(self._settings, sites=(*self._settings.sites, *added.sites))


def _readable(lines: tuple[str, ...], data: Path) -> tuple[str, ...]:
    """The owner's list. Raises SettingError if it cannot be read."""
    try:
        read_origins(" ".join(lines))
    except SettingError as error:
        raise SettingError(
            f"{_ALLOWED.places(data)[0]} cannot be read ({error}): correct that line, or remove "
            "the file to begin a new list"
        ) from None
    return lines


def _usable(lines: tuple[str, ...]) -> tuple[tuple[str, ...], Origins]:
    """The owner's list and what it allows, or nothing if it cannot be read."""
    try:
        return lines, read_origins(" ".join(lines))
    except SettingError as error:
        _log.warning("the owner's list of sites is not used: %s", error)
        return (), Origins()
