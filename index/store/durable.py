"""Write files so that they survive a power cut, and change them one process at a time.

JSON that is sealed carries its own checksum: a changed byte anywhere in the file is noticed.
"""

import fcntl
import hashlib
import json
import os
import secrets
import stat
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO, Any

_GROUP_ENTERS = stat.S_IRGRP | stat.S_IXGRP


def sync_files(place: Path) -> None:
    """Sync a file, or a folder with all the files in it and their names."""
    for path in (*place.rglob("*"), place):
        _sync(path)


def sync_folder(folder: Path) -> None:
    """Sync the names in a folder, not the contents of its files."""
    _sync(folder)


def sync_open(file: IO[bytes]) -> None:
    """Sync what was written to an open file."""
    file.flush()
    os.fsync(file.fileno())


def replace_text(path: Path, text: str) -> None:
    """Replace the file's text in one step: a reader sees all of the old text or all of the new."""
    replace_bytes(path, text.encode())


def replace_bytes(path: Path, content: bytes) -> None:
    """The same for any content."""
    # Two who write at once have a file each, which no build takes for an article.
    fresh = path.with_name(f".{path.name}.{secrets.token_hex(4)}.new")
    try:
        fresh.write_bytes(content)
        share(fresh, path.parent)
        sync_files(fresh)
        fresh.replace(path)
    finally:
        fresh.unlink(missing_ok=True)
    sync_folder(path.parent)


def share(place: Path, folder: Path) -> None:
    """Let the group of `folder` read a file in it, or a folder with all that it holds.

    Where that group may not enter `folder` itself, nothing changes. Some libraries write files
    that only their owner may read, whatever the umask is.
    """
    held = folder.stat()
    if held.st_mode & _GROUP_ENTERS != _GROUP_ENTERS:
        return
    for path in (place, *place.rglob("*")):
        # What another user wrote is that user's to share.
        with suppress(PermissionError):
            _share(path, held.st_gid)


def _share(path: Path, group: int) -> None:
    found = path.stat()
    if found.st_gid != group:
        os.chown(path, -1, group)
    mode = stat.S_IMODE(found.st_mode)
    shared = mode | (_GROUP_ENTERS if path.is_dir() else stat.S_IRGRP)
    if shared != mode:
        path.chmod(shared)


@contextmanager
def locked(folder: Path, *, wait: bool = True) -> Iterator[None]:
    """Hold the lock of a folder, which one thread of one process has at a time.

    It is the folder itself that is locked: a lock file would be one more thing to leave behind.
    Without `wait`, raises BlockingIOError if another holds it.
    """
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | (0 if wait else fcntl.LOCK_NB))
        yield
    finally:
        os.close(descriptor)


def sealed(body: Mapping[str, Any]) -> str:
    """The body as JSON with its sha256; a name `sha256` of its own would be replaced.

    >>> unsealed(sealed({"left": 3}).encode())
    {'left': 3}
    """
    return _written({**body, "sha256": _digest(body)})


def unsealed(stored: bytes) -> dict[str, Any]:
    """The body, if its checksum and its exact form are right. Raises ValueError saying what is not.

    The form counts too: spaces are not part of the checksum.
    """
    try:
        whole: dict[str, Any] = json.loads(stored)
        body = {name: value for name, value in whole.items() if name != "sha256"}
        claimed = whole["sha256"]
    except (ValueError, AttributeError, KeyError, TypeError):
        raise ValueError("is damaged") from None
    if claimed != _digest(body) or _written(whole).encode() != stored:
        raise ValueError("is damaged, its checksum is wrong")
    return body


def _written(whole: Mapping[str, Any]) -> str:
    return json.dumps(whole, indent=1, sort_keys=True) + "\n"


def _digest(body: Mapping[str, Any]) -> str:
    return hashlib.sha256(json.dumps(body, sort_keys=True).encode()).hexdigest()


def _sync(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
