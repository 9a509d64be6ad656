"""Makes pushed articles searchable, in a thread of the server.

What is kept on disk is the queue: a server that is killed goes on from the files.
"""

import logging
import threading
from collections.abc import Iterable
from pathlib import Path

from index.build import build
from index.build.owned import uploads
from index.build.removal import displace, remove_gone
from index.embed import Encoder
from index.errors import BuildError, BuildRunsError
from qa.web.push.kept import ids_in, is_pushed, kept_files

# Seconds: how soon to look again whether another build has ended, and after a fault.
_SOON, _LATER = 0.3, 10.0
_log = logging.getLogger(__name__)


class Indexing:
    """Builds what is pushed and takes out what is withdrawn, one round after the other."""

    def __init__(self, data: Path, encoder: Encoder) -> None:
        self._data, self._encoder = data, encoder
        self._lock = threading.Lock()
        self._new: set[Path] = set()
        self._has_gone = False
        self._in_hand = 0
        self._woken, self._closed = threading.Event(), threading.Event()
        self._thread = threading.Thread(target=self._run, name="pushes", daemon=True)

    def start(self) -> None:
        """Begin with what a server before this one did not come to."""
        self._note(kept_files(self._data), has_gone=True)
        self._thread.start()

    def close(self) -> None:
        """Stop after the round in hand, if that ends soon; what is left stays on disk."""
        self._closed.set()
        self._woken.set()
        if self._thread.is_alive():
            self._thread.join(_SOON)

    def added(self, path: Path) -> None:
        """An article was kept in this file."""
        self._note([path])

    def withdrawn(self) -> None:
        """The file of an article was deleted."""
        self._note([], has_gone=True)

    def waiting(self) -> int:
        """How many articles are kept and not yet searchable."""
        with self._lock:
            return len(self._new) + self._in_hand

    def _note(self, paths: Iterable[Path], *, has_gone: bool = False) -> None:
        with self._lock:
            self._new.update(paths)
            self._has_gone = self._has_gone or has_gone
        self._woken.set()

    def _run(self) -> None:
        while self._woken.wait() and not self._closed.is_set():
            self._woken.clear()
            with self._lock:
                new, self._new = self._new, set()
                has_gone, self._has_gone = self._has_gone, False
                self._in_hand = len(new)
            pause = self._try(new, has_gone=has_gone)
            with self._lock:
                self._in_hand = 0
            if pause is not None:
                self._note(new, has_gone=has_gone)
                self._closed.wait(pause)

    def _try(self, new: set[Path], *, has_gone: bool) -> float | None:
        """Do it; gives the seconds after which to try again, if that has to be."""
        try:
            self._publish([path for path in sorted(new) if path.exists()])
            if has_gone:
                remove_gone(self._data, self._is_gone)
        except BuildRunsError:
            return _SOON
        except Exception as error:  # whatever it is, later articles must not wait for ever
            _log.warning("pushed articles are not searchable yet: %s", error)
            return _LATER
        return None

    def _publish(self, paths: list[Path]) -> None:
        if not paths:
            return
        displace(self._data, ids_in(paths), is_pushed)
        try:
            report = build(paths, self._data, self._encoder, _no_progress)
        except BuildRunsError:
            raise
        except BuildError as error:
            # Of these files nothing could be read, nor will it be.
            _log.warning("%s", error)
            return
        for fault in report.faults:
            _log.warning("a pushed article cannot be read: %s: %s", fault.origin, fault.reason)

    def _is_gone(self, file: str) -> bool:
        return is_pushed(file) and not (uploads(self._data) / Path(file).name).exists()


def _no_progress(stage: str, done: int, total: int | None) -> None:
    """Nobody looks on."""
