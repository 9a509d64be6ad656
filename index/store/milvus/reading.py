"""Articles and passages out of Milvus; what was read lately is kept, as it does not change."""

import threading
from collections import OrderedDict
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any, Generic, TypeVar

import numpy as np

from index.article import Article, Entry, Page, SpanError
from index.errors import DamagedError
from index.keys import BLOCK, Keys, blocks_of, first_key, first_keys
from index.store.base import Embargo, Known, Listed, Place
from index.store.catalogue import Numbered, page_key
from index.store.milvus.generation import Collections
from index.store.milvus.packing import Packed, from_chunks, pack_json, unpack, unpack_json
from index.store.milvus.schema import NO_VECTOR, code_of, listed
from index.store.table import Table

_Value = TypeVar("_Value")
# Some tens of megabytes.
_PASSAGES_KEPT, _ARTICLES_KEPT = 8_000, 1_000
# Keys listed in one expression.
_ASKED_AT_ONCE = 2_000
# Of articles with all their passages, and without them.
_WHOLE_AT_ONCE, _FACTS_AT_ONCE = 16, 1_000
_TOLD = (
    *("title", "source", "author", "published", "updated", "url", "visibility", "embargo"),
    *("section", "label"),
)
# Articles that were stored before there were these lack them.
_ADDED = ("published_from", "updated_from", "indexed")


class Kept(Generic[_Value]):
    """The values used last, by number; those that are not kept are read together. Thread-safe."""

    def __init__(self, most: int, read: Callable[[Sequence[int]], dict[int, _Value]]) -> None:
        self._most, self._read = most, read
        self._values: OrderedDict[int, _Value] = OrderedDict()
        self._lock = threading.Lock()

    def get(self, numbers: Sequence[int]) -> dict[int, _Value]:
        """Those of these numbers that there are."""
        with self._lock:
            found = {each: self._values[each] for each in numbers if each in self._values}
        missing = [each for each in numbers if each not in found]
        read = self._read(missing) if missing else {}
        with self._lock:
            self._values.update(read)
            for each in numbers:
                if each in self._values:
                    self._values.move_to_end(each)
            while len(self._values) > self._most:
                self._values.popitem(last=False)
        return found | read


class PassageReader:
    """Reads passages by their keys."""

    def __init__(self, collections: Collections, dimension: int) -> None:
        self._collections, self._dimension = collections, dimension
        self._kept = Kept(_PASSAGES_KEPT, self._read)

    def table(self, keys: Keys) -> Table:
        """These passages, and those around them without their sentences.

        Raises DamagedError if one is not there, or cannot be read.
        """
        firsts = first_keys(np.unique(blocks_of(keys)))
        with self._damage_told():
            found = self._kept.get(np.union1d(keys, firsts).tolist())
            table = Table(unpack(found.values(), self._dimension))
        missing = set(keys.tolist()) - found.keys() or set(keys[~table.find(keys)[1]].tolist())
        if missing:
            raise DamagedError(
                f"the index in {self._collections.place.shown!r} lacks passage {min(missing)}, "
                "which its words or vectors name: check it with python -m index verify"
            )
        return table

    def count(self, number: int) -> int:
        """How many passages an article has: each of its blocks tells how many are in it.

        Raises DamagedError if one cannot be read.
        """
        total = 0
        while True:
            first = first_key(number) + total
            with self._damage_told():
                held = self._kept.get([first]).get(first)
            around = held.passages_around if held else 0
            total += around
            if around < BLOCK:
                return total

    def of_articles(self, numbers: Sequence[int]) -> Table:
        """All passages of articles. Raises DamagedError if one cannot be read."""
        rows = self._rows(listed("number", numbers), is_latest=True)
        with self._damage_told():
            return Table(unpack(map(_packed, rows), self._dimension))

    @contextmanager
    def _damage_told(self) -> Iterator[None]:
        """What is raised where bytes are no passages, in words."""
        try:
            yield
        except ValueError as error:
            raise DamagedError(
                f"the index in {self._collections.place.shown!r} has passages that cannot be read "
                f"({error}): check it with python -m index verify"
            ) from error

    def _read(self, keys: Sequence[int]) -> dict[int, Packed]:
        found: dict[int, Packed] = {}
        for first in range(0, len(keys), _ASKED_AT_ONCE):
            rows = self._rows(listed("key", keys[first : first + _ASKED_AT_ONCE]))
            found |= {each.key: each for each in map(_packed, rows)}
        return found

    def _rows(self, among: str, *, is_latest: bool = False) -> Sequence[Any]:
        collections = self._collections
        return collections.client.query(
            collections.passages, among, ["key", "block", "rest"], is_latest=is_latest
        )


def _packed(row: Any) -> Packed:
    return Packed(int(row["key"]), from_chunks(row["block"]), from_chunks(row["rest"]))


class ArticleReader:
    """Reads articles by their numbers."""

    def __init__(self, collections: Collections) -> None:
        self._collections = collections
        self._kept = Kept(_ARTICLES_KEPT, self._read)

    def articles(self, numbers: Sequence[int]) -> dict[int, Article]:
        """Those of these numbers that there are. Raises DamagedError if a text is not as it was."""
        return self._kept.get(list(dict.fromkeys(numbers)))

    def with_code(self, **codes: int) -> list[int]:
        """The numbers of the articles that have one of these codes: of an id, a page, a digest."""
        among = " or ".join(f"{field} == {code}" for field, code in codes.items())
        return [int(row["number"]) for row in self._query(among, ["number"])]

    def facts(self, end: int) -> Iterator[tuple[int, dict[str, Any]]]:
        """Number and facts of every article below `end`, in order of number.

        Raises DamagedError if those of one cannot be read.
        """
        for first in range(1, end, _FACTS_AT_ONCE):
            among = f"number >= {first} and number < {min(end, first + _FACTS_AT_ONCE)}"
            rows = self._query(among, ["number", "facts"], is_latest=True)
            for row in sorted(rows, key=lambda each: int(each["number"])):
                yield int(row["number"]), self._unpacked(row, "facts")

    def embargoes(self) -> list[Embargo]:
        """Articles that have an embargo, of whatever generation. Raises DamagedError as `facts`."""
        rows = self._query("embargo == 1", ["number", "facts"])
        told = ((int(row["number"]), self._unpacked(row, "facts")) for row in rows)
        return [Embargo(number, facts["embargo"], facts["source"]) for number, facts in told]

    def batches(self, numbers: Sequence[int]) -> Iterator[list[Numbered]]:
        """These articles, some at a time, without keeping them."""
        for first in range(0, len(numbers), _WHOLE_AT_ONCE):
            found = self._read(numbers[first : first + _WHOLE_AT_ONCE], is_latest=True)
            yield [Numbered(number, found[number]) for number in sorted(found)]

    def _read(self, numbers: Sequence[int], *, is_latest: bool = False) -> dict[int, Article]:
        among, fields = listed("number", numbers), ["number", "facts", "text"]
        rows = self._query(among, fields, is_latest=is_latest)
        return {int(row["number"]): self._article(row) for row in rows}

    def _query(
        self, among: str, fields: Sequence[str], *, is_latest: bool = False
    ) -> Sequence[Any]:
        collections = self._collections
        return collections.client.query(collections.articles, among, fields, is_latest=is_latest)

    def _article(self, row: Any) -> Article:
        facts, (text, entries, pages) = self._unpacked(row, "facts"), self._unpacked(row, "text")
        try:
            article = Article(
                id=facts["id"],
                text=text,
                **{name: facts[name] for name in _TOLD},
                **{name: facts.get(name) for name in _ADDED},
                tags=tuple(facts["tags"]),
                entries=tuple(Entry(*fields) for fields in entries),
                pages=tuple(Page(*fields) for fields in pages),
            )
        except SpanError as error:
            raise self._damaged(facts["id"], f"cannot be read ({error})") from None
        if article.digest != facts["digest"]:
            raise self._damaged(article.id, f"does not match its digest {facts['digest']}")
        return article

    def _unpacked(self, row: Any, field: str) -> Any:
        try:
            return unpack_json(row[field])
        except ValueError as error:
            raise self._damaged(int(row["number"]), f"cannot be read ({error})", field) from None

    def _damaged(self, article: int | str, what: str, field: str = "text") -> DamagedError:
        return DamagedError(
            f"{self._collections.place.shown!r} holds {field} of article {article!r} that "
            f"{what}: build the index again under another name"
        )


def article_row(number: int, article: Article, known: Known) -> dict[str, Any]:
    """An article as it is stored."""
    entries = [(e.start, e.end, e.time, e.heading, e.clock, e.body) for e in article.entries]
    facts = {
        "id": article.id,
        "digest": article.digest,
        "origin": known.place.origin,
        "file": known.place.file,
        "record": known.record,
        **{name: getattr(article, name) for name in (*_TOLD, *_ADDED)},
        "tags": article.tags,
    }
    return {
        "number": number,
        "id": code_of(article.id),
        "page": code_of(page_key(article.url)),
        "digest": code_of(article.digest),
        "embargo": int(article.embargo is not None),
        "facts": pack_json(facts),
        "text": pack_json([article.text, entries, article.pages]),
        "vector": NO_VECTOR,
    }


def as_known(number: int, facts: dict[str, Any]) -> Known:
    """What tells which article it is."""
    place = Place(facts["origin"], facts["file"])
    return Known(number, facts["id"], place, facts["record"], facts["digest"], facts["url"])


def as_listed(number: int, facts: dict[str, Any]) -> Listed:
    """An article in a list."""
    names = (
        *("id", "file", "digest", "title", "source", "author", "published", "url"),
        *("visibility", "embargo", "section"),
    )
    told = {name: facts[name] for name in names}
    told |= {name: facts.get(name) for name in ("published_from", "indexed")}
    return Listed(number=number, **told, tags=tuple(facts["tags"]))
