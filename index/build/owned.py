"""The owner's own files in the data folder: no build removes them, and none could make them again.

What is JSON carries its checksum; that of a text, such as an upload, is kept beside. They are
changed by one thread of one process at a time, and `verify` reads them too.
"""

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from itertools import chain
from pathlib import Path

from index.settings import home_of
from index.store import table_faults
from index.store.durable import locked, replace_text, sealed, sync_folder, unsealed

OWNED = "owner"
UPLOADS = "uploads"
# Articles from addresses, and what is remembered of these.
FETCHED, VISITED = "fetched", "visited"
_SUMS = "sums"
_SEALED = ("*.json", *(f"{folder}/*.json" for folder in (FETCHED, VISITED, _SUMS)))


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

    Killed in between, the text has none: a wrong one would call a good text damaged.
    """
    held = _sum_of(data, path)
    forget_sum(data, path)
    yield
    held.parent.mkdir(exist_ok=True)
    write_sealed(held, {"name": _name(data, path), "digest": _digest(path)})


def forget_sum(data: Path, path: Path) -> None:
    """Drop the checksum of a text that is gone, or about to be another."""
    held = _sum_of(data, path)
    if held.exists():
        held.unlink(missing_ok=True)
        sync_folder(held.parent)


def owner_faults(data: Path) -> Iterator[str]:
    """What is wrong with the owner's files, one line each."""
    for path in sorted(chain.from_iterable(owned(data).glob(each) for each in _SEALED)):
        yield from _sealed_faults(path)
    for path in sorted(owned(data).glob("*.sqlite")):
        yield from table_faults(path)
    for path in sorted((owned(data) / _SUMS).glob("*.json")):
        yield from _text_faults(data, path)


def _text_faults(data: Path, held: Path) -> Iterator[str]:
    """What is wrong with the text of a checksum; one that is damaged is a fault of its own."""
    with suppress(OSError, ValueError):
        told = unsealed(held.read_bytes())
        path = home_of(data) / told["name"]
        if path.is_file() and _digest(path) != told["digest"]:
            yield f"{path} was changed since it was written: put back a copy, or add it again"


def _sum_of(data: Path, path: Path) -> Path:
    """Where the checksum of a text is: a file for each, so that one is written, not all."""
    name = hashlib.sha256(_name(data, path).encode()).hexdigest()[:32]
    return owned(data) / _SUMS / f"{name}.json"


def _name(data: Path, path: Path) -> str:
    return path.absolute().relative_to(home_of(data).absolute()).as_posix()


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
