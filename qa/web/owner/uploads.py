"""Files added from the browser, in a folder of their own, under names that lead nowhere else."""

import filecmp
import re
import shutil
import tempfile
import unicodedata
from collections.abc import Iterator
from itertools import count
from pathlib import Path
from typing import BinaryIO

from index.readers.formats import READERS, suffix_of
from index.withheld import restore_file, uploads
from qa.web.owner.faults import OwnerError

MOST_BYTES = 50_000_000
MOST_FILES = 100
_LONGEST_NAME = 120
# Signs that some file system or shell gives a meaning, and all that cannot be seen.
_UNSAFE = re.compile(r'[<>:"|?*\x00-\x1f\x7f-\x9f\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]')


class UploadError(OwnerError):
    """A file that cannot be added."""


def safe_name(name: str) -> str:
    """The last part of a name, without what could lead elsewhere. Raises UploadError.

    >>> safe_name("../../etc/my story.txt")
    'my story.txt'
    """
    name = unicodedata.normalize("NFC", name.encode(errors="replace").decode())
    last = _UNSAFE.sub("", re.split(r"[/\\]", name)[-1])
    last = re.sub(r"\s+", " ", last).strip(" .")
    suffix = suffix_of(Path(last))
    stem = last[: -len(suffix)].strip(" .") if suffix else ""
    if not suffix or not stem:
        formats = ", ".join(READERS)
        message = f"{name[:80]!r} is no file of a format that is read: {formats}"
        raise UploadError("file_format", message, name=name[:80], formats=formats)
    while len(stem.encode()) > _LONGEST_NAME:
        stem = stem[:-1]
    return stem.strip(" .") + suffix


def add_file(data: Path, name: str, content: BinaryIO, *, replace: bool = False) -> Path:
    """Keep a file for the next build, and give where. Raises UploadError.

    One of the same name and other words stays, unless it is to be replaced: then the new one has
    a number in its name.
    """
    folder = uploads(data)
    folder.mkdir(parents=True, exist_ok=True)
    safe = safe_name(name)
    # No dot file is read by a build, so that one that runs meanwhile finds whole files only.
    with tempfile.NamedTemporaryFile(dir=folder, prefix=".", delete=False) as draft:
        written = Path(draft.name)
        shutil.copyfileobj(content, draft)
    try:
        if written.stat().st_size == 0:
            message = f"{safe!r} is empty: add a file with words in it"
            raise UploadError("file_empty", message, name=safe)
        target = folder / safe if replace else _free(folder, safe, written)
        written.chmod(0o644)
        written.replace(target)
    finally:
        written.unlink(missing_ok=True)
    restore_file(data, target)
    return target


def added_files(data: Path) -> list[Path]:
    """What was added from the browser."""
    folder = uploads(data)
    if not folder.is_dir():
        return []
    return sorted(path for path in folder.iterdir() if not path.name.startswith("."))


def _free(folder: Path, name: str, written: Path) -> Path:
    same = (path for path in _names(folder, name) if _is_free(path, written))
    return next(same)


def _is_free(path: Path, written: Path) -> bool:
    return not path.exists() or filecmp.cmp(path, written, shallow=False)


def _names(folder: Path, name: str) -> Iterator[Path]:
    yield folder / name
    suffix = suffix_of(Path(name)) or ""
    for number in count(2):
        yield folder / f"{name[: -len(suffix)]}-{number}{suffix}"
