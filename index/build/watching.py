"""Waits for changes in sources, and builds after each.

The system tells of changes in folders. It does not tell of those on some network drives and in
some containers, nor in single files: so the names, sizes and times of all files are compared too,
now and then.
"""

import math
import os
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from itertools import chain
from pathlib import Path

import watchfiles

from index.errors import BuildRunsError, FootnoteError
from index.settings import home_of

# Milliseconds: a build begins once nothing has changed for so long, or at last after so many.
_QUIET, _AT_LAST = 300, 5_000
# Seconds after which a build is tried again that another one kept from running, and after which the
# system has surely begun to watch.
_AGAIN, _BEGUN = 2.0, 1.0

# Size, and time of change.
Seen = dict[Path, tuple[int, int]]


def watch(
    sources: Sequence[Path],
    data: Path,
    rebuild: Callable[[], None],
    tell: Callable[[Exception], None],
    *,
    every: float,
    stop: threading.Event | None = None,
) -> None:
    """Build now and after each change, until stopped or interrupted.

    All files are looked at `every` so many seconds, too. What keeps a build from running, say an
    emptied folder, goes to `tell`, and the next change is waited for: the index stays as it is.
    What is written in the data folder is no change.
    """
    stop = stop or threading.Event()
    while not stop.is_set():
        before = seen(sources, data)
        if not _built(rebuild, tell):
            stop.wait(_AGAIN)
            continue
        # What changed while it was built counts too.
        for _ in chain([None], _looks(sources, every, stop)):
            if seen(sources, data) != before:
                break


def _built(rebuild: Callable[[], None], tell: Callable[[Exception], None]) -> bool:
    """Whether a build ran, or could not for a reason that a change has to mend."""
    try:
        rebuild()
    except BuildRunsError:
        return False
    except (FootnoteError, OSError) as error:
        tell(error)
    return True


def _looks(sources: Sequence[Path], every: float, stop: threading.Event) -> Iterator[None]:
    """A turn whenever it is time to look: something is told to have changed, or time is up."""
    folders = [source for source in sources if source.is_dir()]
    # The system may refuse to watch so many folders.
    with suppress(OSError, RuntimeError):
        yield from _told(folders, every, stop)
    while not stop.wait(every):
        yield


def _told(folders: Sequence[Path], every: float, stop: threading.Event) -> Iterator[None]:
    """A turn at each change, soon after watching has begun, and then `every` so many seconds.

    What changed just before it began is never told of.
    """
    if not folders:
        return
    looked = -math.inf
    for changes in watchfiles.watch(
        *folders,
        watch_filter=None,
        debounce=_AT_LAST,
        step=_QUIET,
        stop_event=stop,
        rust_timeout=max(1, int(min(every, _BEGUN) * 1000)),
        yield_on_timeout=True,
    ):
        now = time.monotonic()
        if changes or now - looked >= every:
            looked = now
            yield


def seen(sources: Sequence[Path], data: Path) -> Seen:
    """The files in the sources that a build reads, but for those that it writes itself."""
    home = home_of(data).absolute()
    found: Seen = {}
    for source in sources:
        for path in _files(source.absolute(), home):
            # It may be gone again.
            with suppress(OSError):
                stat = path.stat()
                found[path] = stat.st_size, stat.st_mtime_ns
    return found


def _files(source: Path, home: Path) -> Iterator[Path]:
    """The file itself, or those of a folder, without hidden ones and without what is in `home`."""
    if source.is_file():
        yield source
    for name, inside, files in os.walk(source):
        folder = Path(name)
        inside[:] = [each for each in inside if each[0] != "." and folder / each != home]
        yield from (folder / each for each in files if each[0] != ".")
