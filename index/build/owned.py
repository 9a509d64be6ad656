"""The owner's own files in the data folder: no build removes them, and none could make them again.

They are changed by one thread of one process at a time, and `verify` reads them too.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from index.settings import home_of
from index.store import table_faults
from index.store.durable import locked, replace_text
from index.store.sealed import sealed, unsealed

OWNED = "owner"
UPLOADS = "uploads"


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


def owner_faults(data: Path) -> Iterator[str]:
    """What is wrong with the owner's files, one line each.

    Texts that the owner may edit, which are uploads and first questions, have no checksum.
    """
    for path in sorted(owned(data).glob("*.json")):
        yield from _sealed_faults(path)
    for path in sorted(owned(data).glob("*.sqlite")):
        yield from table_faults(path)


def _sealed_faults(path: Path) -> Iterator[str]:
    try:
        stored = path.read_bytes()
        # As versions before checksums wrote a list: the next change seals it.
        if not stored.startswith(b"["):
            unsealed(stored)
    except (OSError, ValueError) as fault:
        yield f"{path} {fault}: put back a copy, or remove it"
