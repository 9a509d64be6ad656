"""What an index on disk must be to be opened: its files whole, its counts those of the manifest."""

import sqlite3
from collections.abc import Sequence
from pathlib import Path
from typing import Protocol

from index.errors import IndexRefusedError
from index.lexical import LexicalIndex
from index.manifest import FileSum, Manifest, rebuild_remedy, sum_file
from index.segment import Segment

# Below this, opening reads every byte once and compares checksums; a larger index would make
# each start wait for seconds, so there `verify` does it.
_CHECKED_WHOLE = 64_000_000


class Opened(Protocol):
    """An index whose counts are to be checked."""

    manifest: Manifest
    segments: tuple[Segment, ...]
    lexical: LexicalIndex


def total_bytes(manifest: Manifest) -> int:
    """Size of the index on disk."""
    return sum(file.bytes for file in manifest.files)


def check_files(data: Path, manifest: Manifest, seen: frozenset[FileSum] = frozenset()) -> None:
    """Raises IndexRefusedError for the first file that is missing or damaged.

    Those `seen` have been checked before.
    """
    files = [file for file in manifest.files if file not in seen]
    whole = sum(file.bytes for file in files) <= _CHECKED_WHOLE
    for fault in file_faults(data, files, whole=whole):
        raise IndexRefusedError(f"{fault}: {rebuild_remedy(data)}")


def file_faults(data: Path, files: Sequence[FileSum], *, whole: bool) -> list[str]:
    """What is wrong with the files, each fault naming its file."""
    faults = []
    for expected in files:
        path = data / expected.path
        if not path.is_file():
            faults.append(f"{path} is missing")
        elif path.stat().st_size != expected.bytes:
            faults.append(f"{path} has {path.stat().st_size} bytes instead of {expected.bytes}")
        elif whole and sum_file(data, path) != expected:
            faults.append(f"{path} is damaged, its checksum is wrong")
    return faults


def count_faults(snapshot: Opened) -> list[str]:
    """Where counts disagree with the manifest."""
    manifest = snapshot.manifest
    found = {"passages in the lexical index": (len(snapshot.lexical), manifest.counts.passages)}
    for segment in snapshot.segments:
        name, expected = segment.info.name, segment.info.counts
        rows = len(segment.columns.vectors)
        found |= {
            f"passages in {name}": (len(segment.columns), expected.passages),
            f"rows of vectors in {name}": (rows, expected.passages + expected.sentences),
            f"terms in {name}": (len(segment.columns.terms), segment.info.terms),
            f"passage vectors in {name}": (len(segment.vectors), expected.passages),
            f"rows that ask or not in {name}": (len(segment.columns.row_asks), rows),
            f"numbers a vector in {name}": (segment.vectors.dimension, manifest.model.dimension),
        }
        try:
            found[f"articles in {name}"] = (len(segment.catalogue), expected.articles)
        except sqlite3.DatabaseError as error:
            return [f"has a catalogue in {name} that cannot be read ({error})"]
    return [
        f"has {count} {what} instead of {right}"
        for what, (count, right) in found.items()
        if count != right
    ]
