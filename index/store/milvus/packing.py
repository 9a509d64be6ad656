"""What ranking reads of a passage, as bytes that travel with it; text fields hold them as base64.

`front` is read of a candidate and of the passages around it: times, spans, the vector of the whole
passage, its terms. `rest` is read of candidates alone: its sentences and their vectors.
"""

import json
import zlib
from base64 import b64decode, b64encode
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import chain
from typing import Any

import numpy as np
from numpy.typing import NDArray

from index.store.columns import NO_SOURCE, Columns
from index.store.ragged import offsets

# A text field holds up to 65,535 bytes; a multiple of three needs no padding within.
CHUNK_BYTES = 48_000
# Whole numbers of 8 bytes at the beginning of `front`.
_HEAD = ("start", "end", "entry", "rows", "terms", "earliest", "latest", "utc_offset")


@dataclass(frozen=True, slots=True)
class Packed:
    """A passage under its key; `rest` is empty where it was not asked for."""

    key: int
    front: bytes
    rest: bytes = b""


def in_chunks(content: bytes) -> list[str]:
    """Bytes as texts, none longer than a field may be."""
    starts = range(0, len(content), CHUNK_BYTES)
    return [b64encode(content[start : start + CHUNK_BYTES]).decode() for start in starts]


def from_chunks(chunks: Iterable[str]) -> bytes:
    """What `in_chunks` made texts of."""
    return b"".join(b64decode(chunk) for chunk in chunks)


def pack_json(value: Any) -> list[str]:
    """A JSON value, compressed, as texts."""
    return in_chunks(zlib.compress(json.dumps(value, ensure_ascii=False).encode()))


def unpack_json(chunks: Iterable[str]) -> Any:
    """What `pack_json` packed. Raises ValueError or zlib.error if it is damaged."""
    return json.loads(zlib.decompress(from_chunks(chunks)))


def pack(columns: Columns) -> list[Packed]:
    """Every passage of the columns, whose rows and terms are counted from 0."""
    return [_pack(columns, position) for position in range(len(columns))]


def _pack(columns: Columns, position: int) -> Packed:
    first, count = int(columns.first_row[position]), int(columns.row_count[position])
    term, terms = int(columns.first_term[position]), int(columns.term_count[position])
    rows = slice(first, first + count)
    head = [
        *columns.spans[position].tolist(),
        count,
        terms,
        int(columns.earliest[position]),
        int(columns.latest[position]),
        int(columns.utc_offset[position]),
    ]
    front = [np.array(head, "<i8"), columns.vectors[first], columns.terms[term : term + terms]]
    rest = [
        columns.row_spans[rows].astype("<u2"),
        columns.row_terms[rows].astype("<i4"),
        columns.row_asks[rows],
        columns.vectors[first + 1 : first + count],
    ]
    return Packed(
        key=int(columns.keys[position]),
        front=b"".join(part.tobytes() for part in front),
        rest=b"".join(part.tobytes() for part in rest),
    )


def unpack(passages: Sequence[Packed], dimension: int) -> Columns:
    """The columns of packed passages, in the order of their keys; all with `rest`, or none.

    Without `rest` each has one row: that of the whole passage. Raises ValueError if bytes are
    missing.
    """
    ordered = sorted(passages, key=lambda each: each.key)
    fronts = [_Front(each.front, dimension) for each in ordered]
    rests = [_Rest(each.rest, one, dimension) for each, one in zip(ordered, fronts, strict=True)]
    heads = np.array([one.head for one in fronts], np.int64).reshape(-1, len(_HEAD))
    row_count = np.array([len(one.row_asks) for one in rests], np.int32)
    term_count = heads[:, 4].astype(np.int32)
    vectors = [(front.vector, rest.vectors) for front, rest in zip(fronts, rests, strict=True)]
    return Columns(
        keys=np.array([each.key for each in ordered], np.int64),
        spans=heads[:, :3].astype(np.int32),
        earliest=heads[:, 5],
        latest=heads[:, 6],
        utc_offset=heads[:, 7].astype(np.int32),
        source=np.full(len(ordered), NO_SOURCE, np.int32),
        first_row=offsets(row_count),
        row_count=row_count,
        first_term=offsets(term_count),
        term_count=term_count,
        row_spans=_joined([one.row_spans for one in rests], np.uint16, 2),
        row_terms=_joined([one.row_terms for one in rests], np.int32),
        row_asks=_joined([one.row_asks for one in rests], np.bool_),
        terms=_joined([one.terms for one in fronts], np.uint32),
        vectors=_joined([*chain.from_iterable(vectors)], np.int8, dimension),
    )


class _Front:
    """The front of a passage, read."""

    def __init__(self, stored: bytes, dimension: int) -> None:
        reader = _Bytes(stored)
        self.head = reader.take("<i8", len(_HEAD)).tolist()
        self.vector = reader.take("i1", dimension).reshape(1, dimension)
        self.terms = reader.take("<u4", self.head[4])


class _Rest:
    """The rest of a passage, read; of none, what its first row has at least."""

    def __init__(self, stored: bytes, front: _Front, dimension: int) -> None:
        rows = front.head[3] if stored else 1
        reader = _Bytes(stored or bytes(9))
        self.row_spans = reader.take("<u2", 2 * rows).reshape(rows, 2)
        self.row_terms = reader.take("<i4", rows)
        self.row_asks = reader.take("?", rows)
        self.vectors = reader.take("i1", (rows - 1) * dimension).reshape(rows - 1, dimension)


class _Bytes:
    """Arrays one after the other."""

    def __init__(self, stored: bytes) -> None:
        self._stored, self._at = stored, 0

    def take(self, kind: str, count: int) -> NDArray[Any]:
        """The next so many items. Raises ValueError if there are fewer."""
        found = np.frombuffer(self._stored, kind, count, self._at)
        self._at += found.nbytes
        return found


def _joined(parts: Sequence[NDArray[Any]], kind: type[np.generic], width: int = 1) -> NDArray[Any]:
    shape = (0,) if width == 1 else (0, width)
    return np.concatenate([np.zeros(shape, kind), *parts], dtype=kind)
