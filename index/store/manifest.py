"""What a generation on disk consists of: its files with their checksums, its counts and model.

An index opens only if its files are intact and its counts match the manifest.
"""

import hashlib
import os
import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import asdict, dataclass
from io import BytesIO
from pathlib import Path
from typing import Any, BinaryIO, Protocol

import numpy as np
from numpy.typing import NDArray

from index.embed import Model
from index.errors import DamagedError, IndexMissingError, IndexRefusedError
from index.keys import Numbers
from index.lexical import LexicalIndex
from index.store.base import Counts
from index.store.durable import replace_text, sealed, unsealed
from index.store.segment import Segment, SegmentInfo
from index.vectors import VectorStats

# Increased when the format changes: an older index is then refused, not misread.
FORMAT = 7
MANIFEST = "manifest.json"


@dataclass(frozen=True, slots=True)
class FileSum:
    """A file of the index: its path in the data folder, size and sha256."""

    path: str
    bytes: int
    sha256: str


@dataclass(frozen=True, slots=True)
class Manifest:
    """The one file that says which generation is published, replaced in one step.

    A generation is made of segments, which outlive it, of one BM25 index of them all (in the
    folder `lexical`) and of the numbers of articles removed since their segment was written (in
    the file `removed`, if any). `runs` says what runs the model, for people.
    """

    generation: int
    built_at: str
    model: Model
    runs: str
    counts: Counts
    newest: str | None
    next_number: int
    next_segment: int
    segments: tuple[SegmentInfo, ...]
    lexical: str
    removed: str | None
    files: tuple[FileSum, ...]


def segment_name(number: int) -> str:
    """The folder name of a segment."""
    return f"segment-{number:06d}"


def lexical_name(generation: int) -> str:
    """The folder name of a generation's BM25 index."""
    return f"lexical-{generation:06d}"


def write_removed(data: Path, generation: int, removed: Numbers) -> str | None:
    """Write the numbers of removed articles, in order; returns the file's name."""
    if not len(removed):
        return None
    name = f"removed-{generation:06d}.bin"
    (data / name).write_bytes(np.sort(removed).astype("<i8").tobytes())
    return name


def read_removed(data: Path, manifest: Manifest) -> Numbers:
    """What `write_removed` wrote."""
    stored = (data / manifest.removed).read_bytes() if manifest.removed else b""
    return np.frombuffer(stored, dtype="<i8").astype(np.int64)


def sum_file(data: Path, path: Path) -> FileSum:
    """The checksum of a file, which is read whole."""
    with path.open("rb") as file:
        sha256 = hashlib.file_digest(file, "sha256").hexdigest()
    return FileSum(path.relative_to(data).as_posix(), path.stat().st_size, sha256)


def write_manifest(data: Path, manifest: Manifest) -> None:
    """Publish: a reader sees the old manifest or this one, never half of it."""
    replace_text(data / MANIFEST, sealed({"format": FORMAT, **asdict(manifest)}))


def read_manifest(data: Path) -> Manifest:
    """The published manifest. Raises IndexMissingError or IndexRefusedError."""
    return _parsed(data, _stored(data))


def _stored(data: Path) -> bytes:
    try:
        return (data / MANIFEST).read_bytes()
    except FileNotFoundError:
        raise IndexMissingError(
            f"there is no index in {str(data)!r}: "
            f"build one with python -m index build FOLDER --data {data}"
        ) from None


def _parsed(data: Path, stored: bytes) -> Manifest:
    path = data / MANIFEST
    try:
        body = unsealed(stored)
    except ValueError as fault:
        raise IndexRefusedError(f"{path} {fault}: {rebuild_remedy(data)}") from None
    found = body.pop("format", None)
    if found != FORMAT:
        raise IndexRefusedError(
            f"{path} has index format {found!r}, this version reads {FORMAT}: "
            + rebuild_remedy(data)
        )
    return Manifest(
        **{
            **body,
            "model": Model(**body["model"]),
            "counts": Counts(**body["counts"]),
            "segments": tuple(_segment(stored) for stored in body["segments"]),
            "files": tuple(FileSum(**file) for file in body["files"]),
        }
    )


@contextmanager
def published_files(data: Path) -> Iterator[dict[str, BinaryIO]]:
    """The files of the published generation, open to be read, by their path; the manifest is last.

    A build may publish another and delete them meanwhile: what is open stays as it was. Raises
    IndexMissingError, or IndexRefusedError if one is missing.
    """
    with ExitStack() as opened:
        yield _opened(data, opened)


def _opened(data: Path, opened: ExitStack) -> dict[str, BinaryIO]:
    stored = _stored(data)
    try:
        files: dict[str, BinaryIO] = {
            file.path: opened.enter_context((data / file.path).open("rb"))
            for file in _parsed(data, stored).files
        }
    except FileNotFoundError as error:
        if _stored(data) != stored:
            return _opened(data, opened)
        raise IndexRefusedError(f"{error.filename} is missing: {rebuild_remedy(data)}") from None
    return {**files, MANIFEST: BytesIO(stored)}


def refuse_other_model(data: Path, made_by: Model, model: Model) -> None:
    """Raises IndexRefusedError if another model made the index: their vectors do not mix."""
    if model.digest != made_by.digest:
        raise IndexRefusedError(
            f"the index in {str(data)!r} was built with model {made_by.name!r}, not "
            f"{model.name!r}: set FOOTNOTE_MODEL={made_by.name}, or " + rebuild_remedy(data)
        )


def rebuild_remedy(data: Path) -> str:
    """What to do if an index cannot be used."""
    # 'owner' has what no build can make again: files added in the browser, and the journal.
    unwanted = f"everything in {str(data)!r} except its folder 'owner'"
    return f"remove {unwanted}, and build again with python -m index build"


def _segment(stored: dict[str, Any]) -> SegmentInfo:
    return SegmentInfo(
        name=stored["name"],
        counts=Counts(**stored["counts"]),
        terms=stored["terms"],
        vectors=VectorStats(**stored["vectors"]),
    )


# Up to this size, opening compares the checksums of all files; for a larger index each start would
# take seconds, so only `verify` does it.
_CHECKED_WHOLE = 64_000_000


class Opened(Protocol):
    """An open index, whose counts can be checked."""

    manifest: Manifest
    segments: tuple[Segment, ...]
    lexical: LexicalIndex


def total_bytes(manifest: Manifest) -> int:
    """Size of the index on disk."""
    return sum(file.bytes for file in manifest.files)


_stat = os.stat


class MappedFiles:
    """The files of a generation, watched: reading what is cut off a mapped one ends the process.

    A file that was deleted or replaced since is no fault: the one that is mapped is still there.
    """

    def __init__(self, data: Path, files: Sequence[FileSum]) -> None:
        # Looked at with each question: as text, which takes a third of the time of a Path.
        paths = [(str(data / file.path), file.bytes) for file in files]
        self._files = [(path, _stat(path).st_ino, size) for path, size in paths]

    def check(self) -> None:
        """Raises DamagedError if one is shorter than it was when it was opened."""
        for path, inode, size in self._files:
            try:
                found = _stat(path)
            except FileNotFoundError:
                continue
            if found.st_size < size and found.st_ino == inode:
                raise DamagedError(
                    f"{path} was cut from {size} to {found.st_size} bytes: restart the server, "
                    "which tells what to do"
                )


def check_files(data: Path, manifest: Manifest, seen: frozenset[FileSum] = frozenset()) -> None:
    """Raises IndexRefusedError for the first file that is missing or damaged.

    Files in `seen` have been checked before.
    """
    files = [file for file in manifest.files if file not in seen]
    whole = sum(file.bytes for file in files) <= _CHECKED_WHOLE
    for fault in file_faults(data, files, whole=whole):
        raise IndexRefusedError(f"{fault}: {rebuild_remedy(data)}")


def file_faults(data: Path, files: Sequence[FileSum], *, whole: bool) -> list[str]:
    """What is wrong with the files; each fault names its file."""
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


def count_faults(store: Opened) -> list[str]:
    """Where counts disagree with the manifest."""
    manifest = store.manifest
    found = word_faults(store.lexical, manifest.counts)
    for segment in store.segments:
        found += segment_faults(segment, manifest.model.dimension)
    return found


def word_faults(lexical: LexicalIndex, expected: Counts) -> list[str]:
    """Whether the words of all passages are there, and no others."""
    return _differing({"passages in the lexical index": (len(lexical), expected.passages)})


def segment_faults(segment: Segment, dimension: int) -> list[str]:
    """Where counts of a segment disagree with each other or with what the manifest says of it."""
    name, expected, columns = segment.info.name, segment.info.counts, segment.columns
    rows = len(columns.vectors)
    found = {
        f"passages in {name}": (len(columns), expected.passages),
        f"rows of vectors in {name}": (rows, expected.passages + expected.sentences),
        f"terms in {name}": (len(columns.terms), segment.info.terms),
        f"passage vectors in {name}": (len(segment.vectors), expected.passages),
        f"question marks of rows in {name}": (len(columns.row_asks), rows),
        f"spans of rows in {name}": (len(columns.row_spans), rows),
        f"counts of terms in {name}": (len(columns.row_terms), rows),
        f"numbers per vector in {name}": (segment.vectors.dimension, dimension),
    }
    try:
        found[f"articles in {name}"] = (len(segment.catalogue), expected.articles)
    except sqlite3.DatabaseError as error:
        return [f"has a catalogue in {name} that cannot be read ({error})"]
    return _differing(found)


def _differing(counts: Mapping[str, tuple[int, int]]) -> list[str]:
    return [
        f"has {count} {what} instead of {right}"
        for what, (count, right) in counts.items()
        if count != right
    ]


def order_faults(segment: Segment) -> list[str]:
    """Where the columns of a segment do not follow one another as they should."""
    name, columns = segment.info.name, segment.columns
    total = int(columns.row_terms.sum())
    found = {
        "keys": bool((np.diff(columns.keys) <= 0).any()),
        "rows": _are_misplaced(columns.first_row, columns.row_count, len(columns.row_spans)),
        "terms": _are_misplaced(columns.first_term, columns.term_count, total),
    }
    return [f"the {what} of {name} are out of order" for what, is_so in found.items() if is_so]


def _are_misplaced(firsts: NDArray[np.int64], counts: NDArray[np.int32], total: int) -> bool:
    """Whether ranges do not follow one another as they should."""
    ends = np.cumsum(counts, dtype=np.int64)
    reached = int(ends[-1]) if len(ends) else 0
    return bool((firsts != ends - counts).any()) or reached != total
