"""Write files so that they survive a power cut."""

import os
from pathlib import Path


def sync_files(place: Path) -> None:
    """Sync a file, or a folder with all the files in it and their names."""
    for path in (*place.rglob("*"), place):
        _sync(path)


def sync_folder(folder: Path) -> None:
    """Sync the names in a folder, not the contents of its files."""
    _sync(folder)


def replace_text(path: Path, text: str) -> None:
    """Replace the file's text in one step: a reader sees all of the old text or all of the new."""
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
