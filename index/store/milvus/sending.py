"""Articles of a draft into Milvus, some at a time; sent again, they replace themselves."""

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

import numpy as np

from index.analysis import Analyzer, term_codes
from index.errors import StoreError
from index.keys import first_key, place_of
from index.period import NEVER_EARLY
from index.store.base import Known
from index.store.catalogue import Numbered
from index.store.columns import Columns
from index.store.milvus.bm25 import Weights, passage_side
from index.store.milvus.generation import Collections
from index.store.milvus.packing import in_chunks, pack
from index.store.milvus.reading import article_row
from index.store.milvus.schema import TIMES, code_of
from index.store.table import Table
from index.vectors import from_signed_bytes

# Some megabytes.
_SENT_AT_ONCE = 250


class Sender:
    """Sends the articles of a table, numbered anew from `next_number` in the order of sending."""

    def __init__(self, collections: Collections, table: Table, next_number: int) -> None:
        self._collections, self._table = collections, table
        self._first = self._next = next_number
        self._passages: list[dict[str, Any]] = []
        self._articles: list[dict[str, Any]] = []
        self._analyzer = Analyzer()

    def send(self, articles: Iterable[tuple[Numbered, Known]]) -> None:
        """Send articles with their passages, and make them searchable.

        Raises StoreError if not all of them arrive.
        """
        for numbered, known in articles:
            columns = self._table.columns_of(numbered.number)
            self._articles.append(article_row(self._next, numbered.article, known))
            self._passages += _passage_rows(
                self._next, columns, numbered.article.source, self._weights(numbered)
            )
            self._next += 1
            self._flush(_SENT_AT_ONCE)
        self._flush(1)
        self._settle()

    def _weights(self, numbered: Numbered) -> Iterator[Weights]:
        """Of all words of each passage, as in a folder: some stand in none of its sentences."""
        for each in self._table.words_of(numbered.number, numbered.article):
            yield passage_side(term_codes(self._analyzer.terms(each.words)))

    def _flush(self, least: int) -> None:
        client, collections = self._collections.client, self._collections
        if len(self._passages) + len(self._articles) < least:
            return
        # The articles first: a passage that is found has its article.
        for collection, rows in (
            (collections.articles, self._articles),
            (collections.passages, self._passages),
        ):
            for first in range(0, len(rows), _SENT_AT_ONCE):
                client.upsert(collection, rows[first : first + _SENT_AT_ONCE])
            rows.clear()

    def _settle(self) -> None:
        sent = {
            self._collections.articles: self._next - self._first,
            self._collections.passages: len(self._table.columns),
        }
        for collection, expected in sent.items():
            self._collections.client.settle(collection)
            found = self._collections.client.count(collection, f"number >= {self._first}")
            if found != expected:
                raise StoreError(
                    f"{expected} rows were sent to {collection!r} in "
                    f"{self._collections.place.shown!r} and {found} are there: build again"
                )


def _passage_rows(
    number: int, columns: Columns, source: str | None, weights: Iterable[Weights]
) -> list[dict[str, Any]]:
    """The passages of an article as they are stored, under their new number."""
    # At the 16 bits that a folder keeps of them, so that both find the same.
    vectors = from_signed_bytes(columns.vectors[columns.first_row]).astype(np.float16)
    return [
        {
            "key": first_key(number) + place_of(packed.key),
            "number": number,
            "source": code_of(source),
            "vector": vector.astype(np.float32),
            "words": words,
            "block": in_chunks(packed.block),
            "rest": in_chunks(packed.rest),
            **dict(zip(TIMES, when, strict=True)),
        }
        for packed, vector, words, when in zip(
            pack(columns), vectors, weights, _times(columns), strict=True
        )
    ]


def _times(columns: Columns) -> Sequence[tuple[int, ...]]:
    """First and last second of each passage in local time, then in UTC."""
    local = np.stack([columns.earliest, columns.latest])
    is_known = columns.earliest != NEVER_EARLY
    shifted = local - np.where(is_known, columns.utc_offset, 0)
    return [tuple(each) for each in np.concatenate([local, shifted]).T.tolist()]
