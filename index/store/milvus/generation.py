"""A generation: a collection with all that belongs to it alone, published by an alias.

Passages and articles lie in collections that all generations share. A generation shows those whose
number is below its `next_number` and not among its `removed`: so what a build writes is not seen
before it is published, and what it removes is deleted only by the build after it.
"""

import hashlib
import io
import secrets
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from index.embed import Model
from index.errors import BuildError, BuildRunsError, IndexMissingError, IndexRefusedError
from index.settings import MilvusPlace
from index.store.base import Part, Stamp, StoreInfo
from index.store.milvus.client import Client, MissingError
from index.store.milvus.packing import CHUNK_BYTES, from_chunks, in_chunks, pack_json, unpack_json
from index.store.milvus.schema import NO_VECTOR, articles_schema, generation_schema, passages_schema
from index.store.milvus.statistics import Statistics, from_arrays, to_arrays
from index.store.vocabulary import Vocabulary
from index.vectors import VectorStats

# Increased when what is stored changes: an older index is then refused, not misread.
FORMAT = 5
_TOKEN = "by_"
_GENERATION = "_generation_"
# In bytes, and how many of them are sent or asked for at once.
_PART = 8 * CHUNK_BYTES
_PARTS_AT_ONCE = 16
# On one machine all vectors are read; a cluster chooses an index by itself.
_KINDS = {True: "FLAT", False: "AUTOINDEX"}


@dataclass(frozen=True, slots=True)
class Generation:
    """What is published. `removed` are numbers of articles that are still there, and not shown."""

    number: int
    built_at: str
    model: Model
    runs: str
    kind: str
    next_number: int
    removed: frozenset[int]
    statistics: Statistics
    vocabulary: Vocabulary

    @property
    def info(self) -> StoreInfo:
        """The same for people."""
        counts = self.statistics.counts
        return StoreInfo(
            generation=self.number,
            built_at=self.built_at,
            model=self.model,
            runs=self.runs,
            counts=counts,
            newest=self.statistics.newest,
            bytes=self.statistics.bytes,
            parts=(Part(counts.passages, VectorStats(f"Milvus {self.kind}")),),
        )

    @property
    def shown(self) -> list[str]:
        """Expressions that hold for the rows of this generation."""
        gone = [f"number not in {sorted(self.removed)}"] if self.removed else []
        return [f"number < {self.next_number}", *gone]

    def shows(self, number: int) -> bool:
        """Whether an article that was found is part of this generation."""
        return number < self.next_number and number not in self.removed


class Collections:
    """The collections of an archive, by its name, or by that which its alias was switched to."""

    def __init__(self, place: MilvusPlace, client: Client, name: str | None = None) -> None:
        self.place, self.client = place, client
        self._name = name or place.name
        self.passages, self.articles = f"{self._name}_passages", f"{self._name}_articles"
        self.kind = _KINDS[not place.is_server]

    def published(self) -> Stamp | None:
        """A stamp that changes with each publishing; None if nothing is published."""
        found = self.client.describe(self.place.name)
        if found is None:
            return None
        collection, fields = found
        return _number(collection), int(_token(fields) or "0", 16)

    def newest(self) -> tuple["Collections", Generation]:
        """The published generation, and the collections that it lies in.

        Raises IndexMissingError or IndexRefusedError.
        """
        published = self._meant()
        collections = Collections(self.place, self.client, _archive(published))
        return collections, collections._read(_number(published))

    def hold(self, generation: Generation) -> bool:
        """Whether its articles and passages are there: a collection may have been dropped."""
        counts, shown = generation.statistics.counts, " and ".join(generation.shown)
        return all(
            not expected or self._count(collection, shown)
            for collection, expected in (
                (self.articles, counts.articles),
                (self.passages, counts.passages),
            )
        )

    def _count(self, collection: str, among: str) -> int:
        try:
            return self.client.count(collection, among)
        except MissingError:
            return 0

    def names(self) -> list[str]:
        """That of the archive, and every other that means the same generation after a switch."""
        found = self.client.describe(self.place.name)
        if found is None:
            return [self.place.name]
        meant = [_archive(found[0]), *self.client.aliases(found[0])]
        return list(dict.fromkeys([self.place.name, *meant]))

    def switch(self, other: "Collections") -> str:
        """Let the alias mean what that of another archive means, in one step.

        Returns the alias of what it meant before. Raises IndexMissingError if either means nothing,
        BuildError if both mean the same, or if another archive has that alias for its name.
        """
        now, then = self._meant(), other._meant()
        if now == then:
            raise BuildError(
                f"{self.place.shown!r} and {other.place.shown!r} are the same index already: name "
                "another"
            )
        before = f"{self.place.name}_before"
        held = self.client.describe(before)
        if held is not None and held[0] != then and held[0].startswith(before + _GENERATION):
            raise BuildError(
                f"{before!r}, which {self.place.shown!r} would be called from now on, is an "
                "archive of its own: copy that to another name and drop it first"
            )
        self.client.point(before, now, is_new=held is None)
        self.client.point(self.place.name, then, is_new=False)
        return before

    def claim(self, number: int, token: str) -> str:
        """Make the collection of a generation, which only one build can; returns its name.

        What a killed build of this token left is made anew. Raises BuildRunsError if another
        build has made it, BuildError if it is published.
        """
        name = self._generation(number)
        held = self.client.describe(name)
        if number > 1 and held is not None and self.client.aliases(name):
            # Published, but a build that was killed may have left archives that go along behind.
            self.publish(number)
        published = self.client.describe(self.place.name)
        if published is not None and published[0] != self._generation(number - 1):
            raise BuildError(
                f"another build has published generation {_number(published[0])} in "
                f"{self.place.shown!r}: run the build again, nothing has to be embedded again"
            )
        if held is not None and (_token(held[1]) or "").startswith(token):
            self.client.drop(name)
        unique = token + secrets.token_hex(4)
        if not self.client.create(name, *generation_schema(_TOKEN + unique)):
            raise BuildRunsError(
                f"another build is publishing to {self.place.shown!r}: wait until it ends; if it "
                f"was killed, run it again where it ran, or drop the collection {name!r}"
            )
        return name

    def prepare(self, dimension: int, *, is_new: bool) -> None:
        """Make the shared collections; of a first build that was killed, make them anew."""
        if is_new:
            self.client.drop(self.passages)
            self.client.drop(self.articles)
        self.client.create(self.passages, *passages_schema(dimension, self.kind))
        self.client.create(self.articles, *articles_schema())

    def write(self, generation: Generation) -> None:
        """Write into the claimed collection all that `read` reads."""
        name = self._generation(generation.number)
        described = self.client.describe(name)
        assert described is not None  # it was claimed
        no_vector = {_TOKEN + (_token(described[1]) or ""): NO_VECTOR}
        stored = _to_bytes(generation)
        parts = [stored[first : first + _PART] for first in range(0, len(stored), _PART)]
        content = [pack_json(_head(generation, stored, len(parts))), *map(in_chunks, parts)]
        rows = [
            {"part": part, "content": chunks, **no_vector} for part, chunks in enumerate(content)
        ]
        for first in range(0, len(rows), _PARTS_AT_ONCE):
            self.client.upsert(name, rows[first : first + _PARTS_AT_ONCE])
        self.client.settle(name)

    def publish(self, number: int) -> None:
        """Switch to a generation that was written, in one step; the one before is kept.

        Every archive that was switched to one before goes along; this one does not, if it has been
        switched to another meanwhile.
        """
        name = self._generation(number)
        older = [each for each in self._generations() if _number(each) < number]
        along = [alias for each in older for alias in self.client.aliases(each)]
        if number == 1:
            self.client.point(self.place.name, name, is_new=True)
        # This archive first: a build that is killed here is seen by the next one.
        for alias in sorted(along, key=lambda each: each != self.place.name):
            self.client.point(alias, name, is_new=False)
        for each in older:
            if _number(each) < number - 1:
                self.client.drop(each)

    def abandon(self, number: int) -> None:
        """Give up a claim, unless it is published: then it is what servers answer from."""
        name = self._generation(number)
        if not self.client.aliases(name):
            self.client.drop(name)

    def _read(self, number: int) -> Generation:
        name = self._generation(number)
        head = self.client.query(name, "part == 0", ["content"], is_latest=True)
        try:
            told = unpack_json(chunk for row in head for chunk in row["content"])
        except ValueError as error:
            raise self._refused(name, str(error)) from None
        if told["format"] != FORMAT:
            raise IndexRefusedError(
                f"the index in {self.place.shown!r} has format {told['format']!r}, this version "
                f"reads {FORMAT}: build it under another name"
            )
        try:
            stored = b"".join(self._content(name, told["parts"]))
        except ValueError as error:
            raise self._refused(name, str(error)) from None
        if hashlib.sha256(stored).hexdigest() != told["sha256"]:
            raise self._refused(name, "its checksum is wrong")
        return _from_bytes(told, stored)

    def _refused(self, name: str, why: str) -> IndexRefusedError:
        return IndexRefusedError(
            f"the collection {name!r} in {self.place.shown!r} is damaged ({why}): build the index "
            "under another name"
        )

    def _content(self, name: str, parts: int) -> Iterator[bytes]:
        for first in range(1, parts + 1, _PARTS_AT_ONCE):
            among = f"part >= {first} and part < {first + _PARTS_AT_ONCE}"
            rows = self.client.query(name, among, ["part", "content"], is_latest=True)
            for row in sorted(rows, key=lambda each: int(each["part"])):
                yield from_chunks(row["content"])

    def _meant(self) -> str:
        """The collection of the published generation."""
        found = self.client.describe(self.place.name)
        if found is None:
            raise IndexMissingError(
                f"there is no index in {self.place.shown!r}: "
                f"build one with python -m index build FOLDER --data {self.place.shown}"
            )
        return found[0]

    def _generation(self, number: int) -> str:
        return f"{self._name}{_GENERATION}{number}"

    def _generations(self) -> list[str]:
        begins = self._generation(0)[:-1]
        return [
            name
            for name in self.client.collections()
            if name.startswith(begins) and name.removeprefix(begins).isdecimal()
        ]


def _archive(collection: str) -> str:
    """The name of the archive that a generation's collection belongs to."""
    return collection.rpartition(_GENERATION)[0]


def _number(collection: str) -> int:
    """Of a generation, which its collection's name tells."""
    return int(collection.rpartition(_GENERATION)[2])


def _token(fields: tuple[str, ...]) -> str | None:
    """Who made the collection, in hex: the name of its one vector tells."""
    return next((each.removeprefix(_TOKEN) for each in fields if each.startswith(_TOKEN)), None)


_SMALL = ("number", "built_at", "runs", "kind", "next_number")


def _head(generation: Generation, stored: bytes, parts: int) -> dict[str, Any]:
    return {
        "format": FORMAT,
        "parts": parts,
        "sha256": hashlib.sha256(stored).hexdigest(),
        "model": asdict(generation.model),
        **{name: getattr(generation, name) for name in _SMALL},
    }


def _to_bytes(generation: Generation) -> bytes:
    """All that is large, compressed."""
    file = io.BytesIO()
    np.savez_compressed(
        file,
        removed=np.array(sorted(generation.removed), np.int64),
        words=generation.vocabulary.codes,
        word_vectors=generation.vocabulary.vectors,
        **to_arrays(generation.statistics),
    )
    return file.getvalue()


def _from_bytes(told: dict[str, Any], stored: bytes) -> Generation:
    with np.load(io.BytesIO(stored), allow_pickle=False) as arrays:
        return Generation(
            **{name: told[name] for name in _SMALL},
            model=Model(**told["model"]),
            removed=frozenset(arrays["removed"].tolist()),
            statistics=from_arrays(arrays),
            vocabulary=Vocabulary(arrays["words"], arrays["word_vectors"]),
        )
