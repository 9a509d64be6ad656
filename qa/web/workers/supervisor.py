"""The process that starts the workers: it replaces one that dies or hangs, and ends them all.

It forks them once models and libraries are loaded, so that these are in memory once. uvicorn's own
supervisor starts each as a new program, which loads all of it again, and gives them no number, by
which the others could find the one that holds a session. How many there are is a setting, or a
worker a core where memory allows.
"""

import logging
import os
import re
import selectors
import signal
import socket
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from index.encoders import runs_on_torch
from index.errors import SettingError
from index.settings import MILVUS_LITE, Settings, scheme_of

_log = logging.getLogger(__name__)

# In seconds. A worker gives streams three to end; whoever supervises us waits ten.
_TO_END = 8.0
# Before another is started in place of one that could not start.
_PAUSE = 1.0
# A worker that serves is asked whether it still does, and given up where it does not say so; how
# many of these go unanswered counts, since whoever stops all of us for a night stops this too.
EVERY, MOST_UNANSWERED = 3.0, 10
READY, ASKED = b"r", b"?"
_STOPS = (signal.SIGTERM, signal.SIGINT)
# More bytes than are ever written at once.
_ALL = 64

# Serves as the worker of that number until it is told to end; it writes READY to the socket once it
# serves, and for each ASKED that it reads there. Its end means that the supervisor is gone.
Work = Callable[[int, socket.socket], None]


@dataclass(slots=True)
class _Child:
    number: int
    pid: int
    link: socket.socket
    is_ready: bool = False
    unanswered: int = 0


class Supervisor:
    """Runs as many workers as there are numbers below `count`, each in a process of its own.

    `ended` is told the number and the process id of each that has ended. `every` so many seconds
    each is asked whether it still serves.
    """

    def __init__(
        self, count: int, work: Work, ended: Callable[[int, int], None], every: float = EVERY
    ) -> None:
        self._count, self._work, self._ended, self._every = count, work, ended, every
        self._asks_at = time.monotonic() + every
        self._children: dict[int, _Child] = {}
        self._selector = selectors.DefaultSelector()
        self._woken, self._wakes = socket.socketpair()
        self._stops = self._fails = self._all_were_ready = False

    def run(self, when_ready: Callable[[], None]) -> int:
        """Serve until told to end by a signal; the exit code.

        The first worker is started alone: what keeps it from starting is told once, and ends all.
        """
        with self._signals():
            self._start(0)
            while not self._stops:
                for child in self._heard(max(0.0, self._asks_at - time.monotonic())):
                    self._hear(child, when_ready)
                if time.monotonic() >= self._asks_at:
                    self._ask_all()
            self._end_all()
        return 1 if self._fails else 0

    def _heard(self, patience: float) -> list[_Child]:
        """Those that wrote, or have ended."""
        found = [key.data for key, _ in self._selector.select(patience)]
        if None in found:
            self._woken.recv(1)
        return [child for child in found if child is not None]

    def _hear(self, child: _Child, when_ready: Callable[[], None]) -> None:
        if _hears(child.link):
            child.unanswered = 0
            if not child.is_ready:
                child.is_ready = True
                self._go_on(when_ready)
            return
        self._bury(child)
        if not self._all_were_ready:
            self._stops = self._fails = True
        elif not self._stops:
            _log.warning("worker %s ended and is replaced", child.number)
            if not child.is_ready:
                time.sleep(_PAUSE)
            self._start(child.number)

    def _ask_all(self) -> None:
        """Ask those that serve whether they still do; end those that have long not answered."""
        self._asks_at = time.monotonic() + self._every
        for child in self._children.values():
            if child.unanswered >= MOST_UNANSWERED:
                _log.error("worker %s hangs", child.number)
                os.kill(child.pid, signal.SIGKILL)
            elif child.is_ready:
                child.unanswered += 1
                with suppress(OSError):
                    child.link.send(ASKED)

    def _go_on(self, when_ready: Callable[[], None]) -> None:
        """Start the others once the first can serve, and tell it when all can."""
        for number in range(len(self._children), self._count):
            self._start(number)
        if not self._all_were_ready and all(each.is_ready for each in self._children.values()):
            self._all_were_ready = True
            when_ready()

    def _start(self, number: int) -> None:
        ours, theirs = socket.socketpair()
        # What is still to be written would be written by both.
        sys.stdout.flush()
        sys.stderr.flush()
        # A signal to end is kept until the new process has its own way to end.
        signal.pthread_sigmask(signal.SIG_BLOCK, _STOPS)
        pid = os.fork()
        if pid == 0:
            ours.close()
            self._be_worker(number, theirs)
        signal.pthread_sigmask(signal.SIG_UNBLOCK, _STOPS)
        theirs.close()
        child = self._children[number] = _Child(number, pid, ours)
        self._selector.register(ours, selectors.EVENT_READ, child)

    def _be_worker(self, number: int, link: socket.socket) -> None:
        """In the new process, which never returns to what the old one was about to do."""
        code = 1
        try:
            signal.set_wakeup_fd(-1)
            for each in _STOPS:
                signal.signal(each, _leave)
            signal.pthread_sigmask(signal.SIG_UNBLOCK, _STOPS)
            self._selector.close()
            for child in self._children.values():
                child.link.close()
            self._work(number, link)
            code = 0
        except SystemExit as leaving:
            code = leaving.code if isinstance(leaving.code, int) else 1
        except BaseException:
            _log.exception("worker %s failed", number)
        finally:
            sys.stdout.flush()
            sys.stderr.flush()
            os._exit(code)

    def _bury(self, child: _Child) -> None:
        self._selector.unregister(child.link)
        child.link.close()
        os.waitpid(child.pid, 0)
        del self._children[child.number]
        self._ended(child.number, child.pid)

    def _end_all(self) -> None:
        for child in self._children.values():
            os.kill(child.pid, signal.SIGTERM)
        patience = time.monotonic() + _TO_END
        while self._children and (left := patience - time.monotonic()) > 0:
            for child in self._heard(left):
                if not _hears(child.link):
                    self._bury(child)
        for child in list(self._children.values()):
            os.kill(child.pid, signal.SIGKILL)
            self._bury(child)

    @contextmanager
    def _signals(self) -> Iterator[None]:
        """Signals to end wake the selector, so that none comes amid something else."""
        self._wakes.setblocking(False)
        self._selector.register(self._woken, selectors.EVENT_READ)
        before = {each: signal.signal(each, self._stop) for each in _STOPS}
        signal.set_wakeup_fd(self._wakes.fileno())
        try:
            yield
        finally:
            signal.set_wakeup_fd(-1)
            for each, handler in before.items():
                signal.signal(each, handler)
            self._selector.close()
            self._woken.close()
            self._wakes.close()

    def _stop(self, *_: object) -> None:
        self._stops = True


def answers(link: socket.socket) -> bool:
    """In a worker that was asked: say that it serves; False if nobody is left to be told."""
    if not _hears(link):
        return False
    with suppress(OSError):
        link.send(READY)
    return True


def _hears(link: socket.socket) -> bool:
    """Whether something was written at the other end; False if that is gone."""
    try:
        return bool(link.recv(_ALL))
    except ConnectionError:
        # It left something unread.
        return False


def _leave(*_: object) -> None:
    sys.exit(0)


AUTO = "auto"
MOST = 64
# In bytes: what one more takes, measured in docs/deploy.md, with room for what readers ask.
EACH = 250_000_000
_AVAILABLE = re.compile(r"^MemAvailable:\s+(\d+) kB$", re.MULTILINE)
_CGROUP, _OWN_GROUPS = Path("/sys/fs/cgroup"), Path("/proc/self/cgroup")


def read_workers(settings: Settings) -> int:
    """How many processes are to serve. Raises SettingError."""
    value = settings.workers.strip().lower()
    alone = _why_alone(settings)
    if value == AUTO:
        is_one = alone or _loads_for_itself(settings)
        return 1 if is_one else min(cores(), MOST, max(1, free_memory() // EACH))
    if not (value.isascii() and value.isdigit()) or not 1 <= int(value) <= MOST:
        raise SettingError(
            f"FOOTNOTE_WORKERS is {settings.workers!r}: set it to a number from 1 to {MOST}, or to "
            f"{AUTO} for one worker a core"
        )
    if int(value) > 1 and alone:
        raise SettingError(f"FOOTNOTE_WORKERS is {value}, but {alone}: set it to 1")
    return int(value)


def _why_alone(settings: Settings) -> str | None:
    """What forbids more than one worker, if anything does."""
    # Forking what uses the system's frameworks is not safe elsewhere, nor are connections shared
    # out evenly there.
    if sys.platform != "linux":
        return f"several workers need Linux, and this is {sys.platform}"
    if scheme_of(settings.data) == MILVUS_LITE:
        return f"one process at a time can open {str(settings.data)!r}"
    return None


def _loads_for_itself(settings: Settings) -> bool:
    """Whether each worker would load a model of its own, which `EACH` does not allow for."""
    return bool(settings.reranker) or runs_on_torch(settings.data)


def cores() -> int:
    """How many cores this process may use, in its container or unit of systemd too."""
    allowed = len(os.sched_getaffinity(0)) if sys.platform == "linux" else os.cpu_count() or 1
    bounds = _bounds("cpu", ("cpu.max",), ("cpu.cfs_quota_us", "cpu.cfs_period_us"))
    return max(1, min([allowed, *(quota // period for quota, period in bounds)]))


def free_memory() -> int:
    """How many bytes this process can take, in its container or unit of systemd too."""
    found = _AVAILABLE.search(_text(Path("/proc/meminfo")))
    free = int(found[1]) * 1024 if found else 0
    names = (("memory.max", "memory.current"), ("memory.limit_in_bytes", "memory.usage_in_bytes"))
    return min([free, *(most - used for most, used in _bounds("memory", *names))])


def _bounds(controller: str, *names: tuple[str, ...]) -> Iterator[tuple[int, int]]:
    """Two numbers of each cgroup that bounds this process, from the files that have such names."""
    for group in _groups(controller):
        for files in names:
            told = " ".join(_text(group / name) for name in files).split()
            if len(told) == 2 and all(each.isdigit() for each in told):
                yield int(told[0]), int(told[1])


def _groups(controller: str) -> set[Path]:
    """The folders of the cgroup of this process and of those around it, of both versions.

    A container may see its own as the outermost one, whatever it is told to be in.
    """
    found = {_CGROUP, _CGROUP / controller}
    for line in _text(_OWN_GROUPS).splitlines():
        controllers, _, path = line.partition(":")[2].partition(":")
        if not controllers or controller in controllers.split(","):
            own = (_CGROUP / controller if controllers else _CGROUP) / path.lstrip("/")
            found |= {own, *own.parents}
    return found


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="ascii").rstrip("\n")
    except (OSError, UnicodeDecodeError):
        return ""
