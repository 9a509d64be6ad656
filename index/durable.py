"""What is written survives a power cut."""

import os
from pathlib import Path


def sync_files(place: Path) -> None:
    """A file, or a folder with all files in it and their names."""
    for path in (*place.rglob("*"), place):
        _sync(path)


def sync_folder(folder: Path) -> None:
    """The names in a folder, not what is in its files."""
    _sync(folder)


def _sync(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
