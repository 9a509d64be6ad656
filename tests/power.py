"""A power cut as a disk sees it: what was never synced is lost, in whichever way."""

import os
import stat
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from enum import Enum
from pathlib import Path

import pytest

# SQLite syncs its files itself, out of our sight.
_CATALOGUE, _LOG = "catalogue.sqlite", ("-wal", "-shm")


class Loss(Enum):
    """What becomes of writes that were not synced. SQLite's log is lost with the names only."""

    BYTES = "files end where they ended when they were synced"
    ZEROS = "files keep their length, with zeros for what was written since"
    NAMES = "folders hold the names that they held when they were synced"


Files = Mapping[str, bytes]


@dataclass
class Disk:
    """Follows what is synced below a folder, and tells what a power cut would leave of it."""

    home: Path
    _bytes: dict[int, bytes] = field(default_factory=dict)
    _names: dict[int, dict[str, int]] = field(default_factory=dict)
    # An inode that is held open is not given to another file.
    _held: dict[int, int] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def __post_init__(self) -> None:
        for path in (self.home, *self.home.rglob("*")):
            descriptor = os.open(path, os.O_RDONLY)
            self.synced(descriptor)
            os.close(descriptor)

    def synced(self, descriptor: int) -> None:
        """A file or a folder is on disk as it is now."""
        found = os.fstat(descriptor)
        with self._lock:
            self._hold(found.st_ino, descriptor)
            if stat.S_ISDIR(found.st_mode):
                self._names[found.st_ino] = {
                    name: self._entry(name, descriptor) for name in os.listdir(descriptor)
                }
            else:
                self._bytes[found.st_ino] = os.pread(descriptor, found.st_size, 0)

    def after(self, loss: Loss) -> Files:
        """The files that are left, by their path from home."""
        with self._lock:
            if loss is Loss.NAMES:
                return dict(self._named(self.home.stat().st_ino, ""))
            return {
                path.relative_to(self.home).as_posix(): self._left(path, loss)
                for path in self.home.rglob("*")
                if path.is_file()
            }

    def release(self) -> None:
        """Let go of the files."""
        for descriptor in self._held.values():
            os.close(descriptor)

    def _entry(self, name: str, folder: int) -> int:
        """The inode of a name. A folder that was never synced itself is an empty one."""
        found = os.stat(name, dir_fd=folder)
        if stat.S_ISDIR(found.st_mode) and found.st_ino not in self._names:
            descriptor = os.open(name, os.O_RDONLY, dir_fd=folder)
            self._hold(found.st_ino, descriptor)
            os.close(descriptor)
            self._names[found.st_ino] = {}
        return found.st_ino

    def _hold(self, inode: int, descriptor: int) -> None:
        if inode not in self._held:
            self._held[inode] = os.dup(descriptor)

    def _left(self, path: Path, loss: Loss) -> bytes:
        if path.name.startswith(_CATALOGUE):
            return path.read_bytes()
        kept = self._bytes.get(path.stat().st_ino, b"")
        return kept.ljust(path.stat().st_size, b"\0") if loss is Loss.ZEROS else kept

    def _named(self, folder: int, prefix: str) -> list[tuple[str, bytes]]:
        found: list[tuple[str, bytes]] = []
        for name, inode in self._names.get(folder, {}).items():
            if inode in self._names:
                found += self._named(inode, f"{prefix}{name}/")
            elif not name.endswith(_LOG):
                found.append((prefix + name, self._bytes.get(inode, b"")))
        return found


class Cuts:
    """What a power cut before each sync below a folder would leave of it."""

    def __init__(self, home: Path) -> None:
        self.disk = Disk(home)
        self.left: list[tuple[Loss, Files]] = []

    @contextmanager
    def watched(self) -> Iterator["Cuts"]:
        """Remember each cut while this is open."""

        def sync(descriptor: int) -> None:
            self._cut()
            self.disk.synced(descriptor)

        try:
            with pytest.MonkeyPatch.context() as patched:
                patched.setattr(os, "fsync", sync)
                yield self
            self._cut()
        finally:
            self.disk.release()

    def _cut(self) -> None:
        for loss in Loss:
            files = self.disk.after(loss)
            if (loss, files) not in self.left[-len(Loss) :]:
                self.left.append((loss, files))


def write_files(home: Path, files: Files) -> Path:
    """A folder with these files."""
    for name, content in files.items():
        path = home / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    return home
