"""The owner's own files in the data folder: no build removes them, and none could make them again.

What is JSON carries its checksum; those of texts, such as uploads, are in a list. They are changed
by one thread of one process at a time, and `verify` reads them too.
"""

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from index.settings import home_of
from index.store import table_faults
from index.store.durable import locked, replace_text, sealed, unsealed

OWNED = "owner"
UPLOADS = "uploads"
_SUMS = "sums.json"


def owned(data: Path) -> Path:
    """The folder of the owner's own files."""
    return home_of(data) / OWNED


def uploads(data: Path) -> Path:
    """The folder of articles added in the browser."""
    return owned(data) / UPLOADS


@contextmanager
def changing(data: Path) -> Iterator[Path]:
    """The owner's folder, made if need be, while nobody else changes it. Waits for its turn."""
    folder = owned(data)
    folder.mkdir(parents=True, exist_ok=True)
    with locked(folder):
        # What a killed process left; no other is writing.
        for left in folder.glob("*.new"):
            left.unlink(missing_ok=True)
        yield folder


def write_sealed(path: Path, body: dict[str, object]) -> None:
    """Replace a file of the owner's, under its checksum; call it while `changing`."""
    replace_text(path, sealed(body))


def is_upload(file: str) -> bool:
    """Whether a file was added in the browser or by a program, wherever the data folder lies."""
    return Path(file).parts[-3:-1] == (OWNED, UPLOADS)


@contextmanager
def summed(data: Path, path: Path) -> Iterator[None]:
    """Write a text anew, and keep its checksum; call it while `changing`.

    Killed in between, the text has none: a wrong one would call a good text damaged. Those of
    texts that are gone are dropped.
    """
    home, sums = home_of(data), _sums(data)
    name = path.absolute().relative_to(home.absolute()).as_posix()
    others = {each: sums[each] for each in sums.keys() - {name} if (home / each).is_file()}
    if name in sums:
        write_sealed(owned(data) / _SUMS, {"sums": others})
    yield
    write_sealed(owned(data) / _SUMS, {"sums": others | {name: _digest(path)}})


def owner_faults(data: Path) -> Iterator[str]:
    """What is wrong with the owner's files, one line each."""
    for path in sorted(owned(data).glob("*.json")):
        yield from _sealed_faults(path)
    for path in sorted(owned(data).glob("*.sqlite")):
        yield from table_faults(path)
    for name, digest in sorted(_sums(data).items()):
        path = home_of(data) / name
        if path.is_file() and _digest(path) != digest:
            yield f"{path} was changed since it was written: put back a copy, or add it again"


def _sums(data: Path) -> dict[str, str]:
    """Checksums by path; none where the list is damaged, which is a fault of its own."""
    try:
        return dict(unsealed((owned(data) / _SUMS).read_bytes())["sums"])
    except (OSError, ValueError, KeyError, TypeError):
        return {}


def _digest(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def _sealed_faults(path: Path) -> Iterator[str]:
    try:
        stored = path.read_bytes()
        # As versions before checksums wrote a list: the next change seals it.
        if not stored.startswith(b"["):
            unsealed(stored)
    except (OSError, ValueError) as fault:
        yield f"{path} {fault}: put back a copy, or remove it"
