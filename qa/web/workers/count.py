"""How many workers to serve with: as many as are set, or a core each, where memory allows."""

import os
import re
import sys
from pathlib import Path

from index.errors import SettingError
from index.settings import MILVUS_LITE, Settings, scheme_of

AUTO = "auto"
MOST = 64
# In bytes: what one more takes, measured in docs/deploy.md, with room for what readers ask.
EACH = 250_000_000
_AVAILABLE = re.compile(r"^MemAvailable:\s+(\d+) kB$", re.MULTILINE)
_CGROUP = Path("/sys/fs/cgroup")


def read_workers(settings: Settings) -> int:
    """How many processes are to serve. Raises SettingError."""
    value = settings.workers.strip().lower()
    alone = _why_alone(settings)
    if value == AUTO:
        return 1 if alone else min(cores(), max(1, free_memory() // EACH))
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


def cores() -> int:
    """How many cores this process may use, in its container too."""
    allowed = len(os.sched_getaffinity(0)) if sys.platform == "linux" else os.cpu_count() or 1
    quota, _, period = _text(_CGROUP / "cpu.max").partition(" ")
    if not (quota.isdigit() and period.strip().isdigit()):
        return allowed
    return max(1, min(allowed, int(quota) // int(period)))


def free_memory() -> int:
    """How many bytes can be taken on this machine, or in its container where that has fewer."""
    found = _AVAILABLE.search(_text(Path("/proc/meminfo")))
    free = int(found[1]) * 1024 if found else 0
    most, used = _text(_CGROUP / "memory.max"), _text(_CGROUP / "memory.current")
    if most.isdigit() and used.isdigit():
        return min(free, int(most) - int(used))
    return free


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="ascii").rstrip("\n")
    except (OSError, UnicodeDecodeError):
        return ""
