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


def replace_text(path: Path, text: str) -> None:
    """Put the text into the file in one step: whoever reads sees what was there or all of it."""
    fresh = path.with_name(f"{path.name}.new")
    fresh.write_text(text, encoding="utf-8")
    sync_files(fresh)
    fresh.replace(path)
    sync_folder(path.parent)


def _sync(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
