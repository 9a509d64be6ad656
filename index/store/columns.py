"""What search reads of passages, as plain arrays in memory-mapped files.

Passages are in the order of their keys. Each has rows: the first for its title and heading and for
the vector of the whole passage, then one for each sentence. Each row has terms. So a passage is one
range of rows and one range of terms, and passages can be read without a loop over words. Which of
them are in a selection is told from the same arrays.
"""

import os
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields
from datetime import date
from mmap import ACCESS_READ, mmap
from pathlib import Path
from typing import BinaryIO

import numpy as np
from numpy.typing import DTypeLike, NDArray

from index.keys import Keys, numbers_of
from index.period import NEVER_EARLY, NEVER_LATE, Bound, Days, Selection
from index.store.durable import sync_open

Array = NDArray[np.generic]

NO_SOURCE = -1
_SECONDS = 86_400
_EPOCH = date(1970, 1, 1).toordinal()


@dataclass(frozen=True, slots=True)
class Columns:
    """One array per column; (passages, …), (rows, …) or (terms,) long.

    `spans` are start, end and entry (-1 for none) of passages, in code points of the article.
    `earliest`, `latest`, `utc_offset` are `index.period.Moments`, in seconds. `source` is a
    number from the catalogue, or NO_SOURCE. `first_row`, `row_count`, `first_term` and
    `term_count` say where a passage's rows and terms are. `row_spans` are the sentences, relative
    to the passage's start; a passage's first row spans all of it. `row_terms` is the number of
    terms in a row, `row_asks` whether it is a question; `vectors` are unit vectors, each scaled so
    that its largest number is 127. `terms` are codes (`index.analysis.term_codes`).
    """

    keys: Keys
    spans: NDArray[np.int32]
    earliest: NDArray[np.int64]
    latest: NDArray[np.int64]
    utc_offset: NDArray[np.int32]
    source: NDArray[np.int32]
    first_row: NDArray[np.int64]
    row_count: NDArray[np.int32]
    first_term: NDArray[np.int64]
    term_count: NDArray[np.int32]
    row_spans: NDArray[np.uint16]
    row_terms: NDArray[np.int32]
    row_asks: NDArray[np.bool_]
    terms: NDArray[np.uint32]
    vectors: NDArray[np.int8]

    def __len__(self) -> int:
        return len(self.keys)


_TYPES: Mapping[str, tuple[DTypeLike, int]] = {
    "keys": (np.int64, 1),
    "spans": (np.int32, 3),
    "earliest": (np.int64, 1),
    "latest": (np.int64, 1),
    "utc_offset": (np.int32, 1),
    "source": (np.int32, 1),
    "first_row": (np.int64, 1),
    "row_count": (np.int32, 1),
    "first_term": (np.int64, 1),
    "term_count": (np.int32, 1),
    "row_spans": (np.uint16, 2),
    "row_terms": (np.int32, 1),
    "row_asks": (np.bool_, 1),
    "terms": (np.uint32, 1),
}
_NAMES = tuple(field.name for field in fields(Columns))
OF_TERMS = ("terms",)
OF_ROWS = ("row_spans", "row_terms", "row_asks", "vectors")
# What is known before a passage is embedded.
BUT_VECTORS = tuple(_TYPES)
OF_PASSAGES = tuple(name for name in _NAMES if name not in (*OF_TERMS, *OF_ROWS))


def column_path(folder: Path, name: str) -> Path:
    """The file of a column."""
    return folder / f"{name}.bin"


def open_columns(folder: Path, dimension: int) -> Columns:
    """Map the columns in `folder`. Raises ValueError if a file ends within an item."""
    return Columns(**{name: _map(folder, name, dimension) for name in _NAMES})  # type: ignore[arg-type]


@dataclass(frozen=True, slots=True)
class Sizes:
    """How many items of each kind are written; `vectors` counts the rows that have one."""

    passages: int = 0
    rows: int = 0
    terms: int = 0
    vectors: int = 0


class ColumnWriter:
    """Appends to the columns in a folder; opening it cuts off what lies beyond `sizes`.

    Vectors come later than the rest: `embedded` counts the rows that have one. Opening raises
    ValueError if another column is shorter than `sizes`: what is missing was once committed.
    """

    def __init__(self, folder: Path, dimension: int, sizes: Sizes) -> None:
        self._folder = folder
        self._dimension = dimension
        _refuse_short(folder, dimension, sizes)
        self._files = {name: _appending(column_path(folder, name)) for name in _NAMES}
        self._unsynced = set(_NAMES)
        for name, file in self._files.items():
            size, item = file.seek(0, os.SEEK_END), _bytes(name, dimension)
            file.truncate(min(size - size % item, item * _length(name, sizes)))
            file.seek(0, os.SEEK_END)

    @property
    def embedded(self) -> int:
        """Rows whose vector is written."""
        return self._files["vectors"].tell() // self._dimension

    def append(self, **columns: Array) -> None:
        """Append to each named column."""
        for name, values in columns.items():
            kind, _ = _type(name, self._dimension)
            self._files[name].write(np.ascontiguousarray(values, dtype=kind).tobytes())
            self._unsynced.add(name)

    def keep_vectors(self, rows: int) -> None:
        """Drop the vectors after the first `rows`."""
        vectors = self._files["vectors"]
        vectors.truncate(rows * self._dimension)
        vectors.seek(0, os.SEEK_END)
        self._unsynced.add("vectors")

    def flush(self) -> None:
        """Hand everything to the system: flushed data outlives this process."""
        for file in self._files.values():
            file.flush()

    def sync(self) -> None:
        """Put everything on disk: synced data outlives a power cut."""
        for name in sorted(self._unsynced):
            sync_open(self._files[name])
        self._unsynced.clear()

    def close(self) -> None:
        """Close the files."""
        for file in self._files.values():
            file.close()


def _appending(path: Path) -> BinaryIO:
    path.touch()
    return path.open("r+b")


def _refuse_short(folder: Path, dimension: int, sizes: Sizes) -> None:
    """Vectors may be too few: they are made again."""
    for name in BUT_VECTORS:
        path, needed = column_path(folder, name), _bytes(name, dimension) * _length(name, sizes)
        found = path.stat().st_size if path.exists() else 0
        if found < needed:
            raise ValueError(f"{path} has {found} bytes instead of {needed} or more")


def _length(name: str, sizes: Sizes) -> int:
    if name == "vectors":
        return sizes.vectors
    if name in OF_TERMS:
        return sizes.terms
    return sizes.rows if name in OF_ROWS else sizes.passages


def _type(name: str, dimension: int) -> tuple[DTypeLike, int]:
    return (np.int8, dimension) if name == "vectors" else _TYPES[name]


def _bytes(name: str, dimension: int) -> int:
    kind, width = _type(name, dimension)
    return np.dtype(kind).itemsize * width


def _map(folder: Path, name: str, dimension: int) -> Array:
    kind, width = _type(name, dimension)
    flat = mapped(column_path(folder, name), kind)
    return flat if width == 1 else flat.reshape(-1, width)


def mapped(path: Path, kind: DTypeLike) -> Array:
    """The items of a file, mapped. Raises ValueError if it ends within one."""
    # numpy's own memmap takes three times as long to open, and slices of it are slow to make.
    with path.open("rb") as file:
        if not os.fstat(file.fileno()).st_size:
            return np.zeros(0, dtype=kind)
        return np.frombuffer(mmap(file.fileno(), 0, access=ACCESS_READ), dtype=kind)


def mask(selection: Selection, columns: Columns, source: int | None) -> NDArray[np.bool_]:
    """True for each passage inside; `source` is the number of the selection's source.

    An unknown source has no number, and no passages.
    """
    inside = np.ones(len(columns), dtype=np.bool_)
    if selection.source is not None:
        inside &= (columns.source == source) & (columns.source != NO_SOURCE)
    if selection.articles is not None:
        inside &= np.isin(numbers_of(columns.keys), sorted(selection.articles))
    if selection.without:
        inside &= ~np.isin(numbers_of(columns.keys), sorted(selection.without))
    for period in selection.periods:
        if (first := period.earliest) is not None:
            known = columns.earliest != NEVER_EARLY
            inside &= known & (columns.earliest - _shift(columns, first) >= first.seconds)
        if (last := period.latest) is not None:
            known = columns.latest != NEVER_LATE
            inside &= known & (columns.latest - _shift(columns, last) <= last.seconds)
    if (by := selection.known_by) is not None:
        unknown = columns.earliest == NEVER_EARLY
        inside &= unknown | (columns.earliest - _shift(columns, by) <= by.seconds)
    return inside


def _shift(columns: Columns, bound: Bound) -> NDArray[np.int32] | int:
    return columns.utc_offset if bound.is_utc else 0


def days_of(parts: Iterable[tuple[Columns, NDArray[np.bool_] | None]]) -> Days:
    """The days of the passages of several segments: of all, or of those in the mask."""
    pairs = [day_pairs(columns, live)[0] for columns, live in parts]
    found = np.unique(np.concatenate(pairs or [np.zeros((0, 2), np.int64)]), axis=0)
    return Days(found[:, 0], found[:, 1])


def day_pairs(
    columns: Columns, live: NDArray[np.bool_] | None = None
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """First and last day of the passages, each pair once, and how many passages have it.

    Of all passages, or of those in the mask; those of unknown time are left out.
    """
    known = columns.earliest != NEVER_EARLY
    chosen = known if live is None else known & live
    first = columns.earliest[chosen] // _SECONDS
    # `latest` is the first second after the end.
    last = (columns.latest[chosen] - 1) // _SECONDS
    packed, counts = np.unique((first << 32) + (last - first), return_counts=True)
    days = packed >> 32
    return np.column_stack([days, days + (packed & 0xFFFFFFFF)]) + _EPOCH, counts
