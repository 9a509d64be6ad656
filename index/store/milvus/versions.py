"""Former texts of articles in Milvus, where every server finds them.

They belong to no generation: a text is put here before the generation that lacks it is published.
"""

from collections.abc import Collection, Iterator, Sequence
from contextlib import suppress
from functools import partial
from pathlib import Path

from index.store.base import Version
from index.store.milvus.client import KEY, MissingError, Row
from index.store.milvus.generation import Collections
from index.store.milvus.packing import from_chunks, in_chunks
from index.store.milvus.schema import NO_VECTOR, code_of, listed, versions_schema
from index.store.milvus.store import collections_of

# As many digits as a link has at least, which are fewer bits than a number has.
_BEGINS = 12
_READ_AT_ONCE, _FORGOTTEN_AT_ONCE = 16, 1_000


class MilvusVersions:
    """Those of an archive, and of one that it was switched to."""

    def __init__(self, collections: Collections) -> None:
        self._collections, self._client = collections, collections.client

    def put(self, article_id: str, digits: str, content: bytes) -> None:
        """Keep one; put again, it replaces itself."""
        row = {
            KEY: code_of(f"{article_id}\n{digits}"),
            "article": code_of(article_id),
            "begins": _begins(digits),
            "content": [digits, *in_chunks(content)],
            "vector": NO_VECTOR,
        }
        collection = _named(self._collections.place.name)
        self._client.create(collection, *versions_schema())
        self._client.upsert(collection, [row])

    def find(self, article_id: str, digits: str) -> Iterator[Version]:
        """Those of an article whose digest begins with these digits, twelve at least."""
        among = f"article == {code_of(article_id)} and begins == {_begins(digits)}"
        for name in self._collections.names():
            for version in self._read(_named(name), among):
                # One that lost its digits is damaged, which is told when it is read.
                if not version.digits or version.digits.startswith(digits):
                    yield version

    def forget(self, ids: Collection[str]) -> None:
        """Delete all that there are of these articles. Raises StoreError."""
        codes = sorted(map(code_of, ids))
        for name in self._collections.names() if codes else ():
            for first in range(0, len(codes), _FORGOTTEN_AT_ONCE):
                among = listed("article", codes[first : first + _FORGOTTEN_AT_ONCE])
                with suppress(MissingError):
                    self._client.delete(_named(name), among)

    def all(self) -> Iterator[Version]:
        """Every one that is kept, those of this moment too: copies are made of them."""
        for name in self._collections.names():
            rows = self._rows(_named(name), f"{KEY} >= 0", [KEY], is_latest=True)
            keys = [int(row[KEY]) for row in rows]
            for first in range(0, len(keys), _READ_AT_ONCE):
                among = listed(KEY, keys[first : first + _READ_AT_ONCE])
                yield from self._read(_named(name), among, is_latest=True)

    def _read(self, collection: str, among: str, *, is_latest: bool = False) -> Iterator[Version]:
        for row in self._rows(collection, among, ["begins", "content"], is_latest=is_latest):
            begins, content = int(row["begins"]), row["content"]
            place = f"the version {begins:0{_BEGINS}x} in {self._collections.place.shown!r}"
            yield Version(place, "".join(content[:1]), partial(from_chunks, content[1:]))

    def _rows(
        self, collection: str, among: str, fields: Sequence[str], *, is_latest: bool
    ) -> Sequence[Row]:
        try:
            return self._client.query(collection, among, fields, is_latest=is_latest)
        except MissingError:
            # No article has changed yet.
            return ()


def _named(name: str) -> str:
    return f"{name}_versions"


def _begins(digits: str) -> int:
    return int(digits[:_BEGINS], 16)


def milvus_versions(data: Path) -> MilvusVersions:
    """The former texts of an archive."""
    return MilvusVersions(collections_of(data))
