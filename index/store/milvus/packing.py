"""What ranking reads of passages, as bytes that travel with them; text fields hold them as base64.

`front` is read of a candidate and of the passages around it: times, spans, the vector of the whole
passage, its terms. Those of a block (see `index.keys.blocks_of`) are read together, so that they
are one value, which its first passage has. `rest` is read of candidates alone: the sentences of a
passage and their vectors.
"""

import json
import zlib
from base64 import b64decode, b64encode
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from index.keys import Keys, blocks_of, offsets
from index.store.columns import NO_SOURCE, Columns

# A text field holds up to 65,535 bytes; a multiple of three needs no padding within.
CHUNK_BYTES = 48_000
# Whole numbers of 8 bytes at the beginning of each passage's front.
_HEAD = ("start", "end", "entry", "rows", "terms", "earliest", "latest", "utc_offset")


@dataclass(frozen=True, slots=True)
class Packed:
    """A passage under its key; `block` is empty but in the first of its block."""

    key: int
    block: bytes
    rest: bytes

    @property
    def passages_around(self) -> int:
        """How many the block has that this one begins, itself included; 0 if it begins none."""
        return int.from_bytes(self.block[:8], "little")


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
    """What `pack_json` packed. Raises ValueError if it is damaged."""
    try:
        return json.loads(zlib.decompress(from_chunks(chunks)))
    except zlib.error as error:
        raise ValueError(str(error)) from None


def pack(columns: Columns) -> list[Packed]:
    """Every passage of an article, whose rows and terms are counted from 0."""
    starts = np.flatnonzero(np.diff(blocks_of(columns.keys), prepend=-1)).tolist()
    ends = [*starts[1:], len(columns)]
    blocks = {start: _block(columns, start, end) for start, end in zip(starts, ends, strict=True)}
    return [
        Packed(key, blocks.get(position, b""), _rest(columns, position))
        for position, key in enumerate(columns.keys.tolist())
    ]


def _block(columns: Columns, start: int, end: int) -> bytes:
    """How many passages, all their heads, all their vectors, all their terms."""
    passages, first = slice(start, end), int(columns.first_term[start])
    heads = np.column_stack(
        [
            columns.spans[passages],
            columns.row_count[passages],
            columns.term_count[passages],
            columns.earliest[passages],
            columns.latest[passages],
            columns.utc_offset[passages],
        ]
    )
    parts = [
        np.array(end - start, "<i8"),
        heads.astype("<i8"),
        columns.vectors[columns.first_row[passages]],
        columns.terms[first : first + int(columns.term_count[passages].sum())].astype("<u4"),
    ]
    return b"".join(part.tobytes() for part in parts)


def _rest(columns: Columns, position: int) -> bytes:
    first, count = int(columns.first_row[position]), int(columns.row_count[position])
    rows = slice(first, first + count)
    parts = [
        columns.row_spans[rows].astype("<u2"),
        columns.row_terms[rows].astype("<i4"),
        columns.row_asks[rows],
        columns.vectors[first + 1 : first + count],
    ]
    return b"".join(part.tobytes() for part in parts)


def unpack(passages: Iterable[Packed], dimension: int) -> Columns:
    """The columns of these passages and of those around them, in the order of their keys.

    Those around them have one row each: that of the whole passage. Left out is whatever lies in a
    block whose first passage is not among these. Raises ValueError if there are fewer or more bytes
    than a block or a passage says that it has.
    """
    found = {each.key: each for each in passages}
    blocks = [_Block(key, found[key].block, dimension) for key in sorted(found) if found[key].block]
    keys = _joined([block.keys for block in blocks], np.int64)
    heads = _joined([block.heads for block in blocks], np.int64, len(_HEAD))
    whole = np.isin(keys, list(found))
    counts = np.where(whole, heads[:, 3], 1)
    rests = {at: found[int(keys[at])].rest for at in np.flatnonzero(whole).tolist()}
    for at, rest in rests.items():
        _refuse_other_length(rest, int(counts[at]), dimension)
    row_count, term_count = counts.astype(np.int32), heads[:, 4].astype(np.int32)
    first_row = offsets(row_count)
    rows = _Rows(int(row_count.sum()), dimension)
    rows.vectors[first_row] = _joined([block.vectors for block in blocks], np.int8, dimension)
    for at, rest in rests.items():
        rows.fill(int(first_row[at]), int(row_count[at]), rest)
    return Columns(
        keys=keys,
        spans=heads[:, :3].astype(np.int32),
        earliest=heads[:, 5],
        latest=heads[:, 6],
        utc_offset=heads[:, 7].astype(np.int32),
        source=np.full(len(keys), NO_SOURCE, np.int32),
        first_row=first_row,
        row_count=row_count,
        first_term=offsets(term_count),
        term_count=term_count,
        row_spans=rows.spans,
        row_terms=rows.terms,
        row_asks=rows.asks,
        terms=_joined([block.terms for block in blocks], np.uint32),
        vectors=rows.vectors,
    )


class _Block:
    """The fronts of a block, read; the keys of its passages follow one another."""

    def __init__(self, first: int, stored: bytes, dimension: int) -> None:
        reader = _Bytes(stored)
        count = int(reader.take("<i8", 1)[0])
        self.heads = reader.take("<i8", count * len(_HEAD)).reshape(count, len(_HEAD))
        # A damaged count may be any: only now is it known that so many are there.
        self.keys: Keys = np.arange(first, first + count)
        self.vectors = reader.take("i1", count * dimension).reshape(count, dimension)
        if np.any(self.heads[:, 3:5] < 0):
            raise ValueError(f"a passage of the block at {first} counts fewer than none")
        self.terms = reader.take("<u4", int(self.heads[:, 4].sum()))
        if reader.left:
            raise ValueError(f"the block at {first} has {reader.left} bytes too many")


def _refuse_other_length(rest: bytes, rows: int, dimension: int) -> None:
    """Raises ValueError unless it is that of so many rows: looked at before room is made for them.

    A row has its span, its number of terms and whether it asks; all but the first have a vector.
    """
    expected = rows * (2 * 2 + 4 + 1) + (rows - 1) * dimension
    if len(rest) != expected:
        raise ValueError(f"a passage of {rows} rows has {len(rest)} bytes instead of {expected}")


class _Rows:
    """The rows of passages, filled passage by passage."""

    def __init__(self, count: int, dimension: int) -> None:
        self.spans = np.zeros((count, 2), np.uint16)
        self.terms = np.zeros(count, np.int32)
        self.asks = np.zeros(count, np.bool_)
        self.vectors = np.zeros((count, dimension), np.int8)

    def fill(self, first: int, count: int, rest: bytes) -> None:
        """Put the rest of a passage where its rows are; its first vector is in its front."""
        reader, rows = _Bytes(rest), slice(first, first + count)
        self.spans[rows] = reader.take("<u2", 2 * count).reshape(count, 2)
        self.terms[rows] = reader.take("<i4", count)
        self.asks[rows] = reader.take("?", count)
        sentences = self.vectors[first + 1 : first + count]
        sentences[:] = reader.take("i1", sentences.size).reshape(sentences.shape)


class _Bytes:
    """Arrays one after the other."""

    def __init__(self, stored: bytes) -> None:
        self._stored, self._at = stored, 0

    @property
    def left(self) -> int:
        """How many bytes have not been taken."""
        return len(self._stored) - self._at

    def take(self, kind: str, count: int) -> NDArray[Any]:
        """The next so many items. Raises ValueError if there are fewer."""
        if count < 0:
            raise ValueError(f"a count is {count}")
        found = np.frombuffer(self._stored, kind, count, self._at)
        self._at += found.nbytes
        return found


def _joined(parts: Sequence[NDArray[Any]], kind: type[np.generic], width: int = 1) -> NDArray[Any]:
    shape = (0,) if width == 1 else (0, width)
    return np.concatenate([np.zeros(shape, kind), *parts], dtype=kind)
