"""A set of articles with all that search needs, in files that never change."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from index.article import Article, Passage, Span
from index.embed import passage_text
from index.errors import DamagedError
from index.keys import (
    Keys,
    Numbers,
    blocks_of,
    first_key,
    first_keys,
    numbers_of,
)
from index.lexical import PassageWords
from index.period import NEVER_EARLY, Selection, moments
from index.split import subject_of
from index.store.base import Counts
from index.store.catalogue import Catalogue, PagesByUrl, pages_by_url
from index.store.columns import OF_PASSAGES, OF_ROWS, OF_TERMS, Columns, open_columns
from index.store.ragged import PassageRows, PassageTerms, ranges
from index.store.selecting import mask
from index.store.vocabulary import open_vocabulary
from index.vectors import Positions, VectorIndex, VectorStats

CATALOGUE, VECTORS = "catalogue.sqlite", "vectors.faiss"


@dataclass(frozen=True, slots=True)
class SegmentInfo:
    """What the manifest says about a segment, including articles removed since."""

    name: str
    counts: Counts
    terms: int
    vectors: VectorStats


class Segment:
    """One segment, opened to read."""

    def __init__(self, folder: Path, info: SegmentInfo, dimension: int) -> None:
        self.info = info
        self.catalogue = Catalogue(folder / CATALOGUE)
        self.columns: Columns = open_columns(folder, dimension)
        self.vectors = VectorIndex(folder / VECTORS, info.vectors)
        self.vocabulary = open_vocabulary(folder, dimension)

    @cached_property
    def pages(self) -> PagesByUrl:
        """Numbers of articles by their address; read on first use."""
        return pages_by_url(self.catalogue.urls())

    def close(self) -> None:
        """Close the catalogue's file."""
        self.catalogue.close()

    def holds(self, keys: Keys) -> NDArray[np.bool_]:
        """Which of the keys belong to this segment."""
        return self._at(keys)[1]

    def positions(self, keys: Keys) -> Positions:
        """The positions of passages, which must be in this segment."""
        return self._at(keys)[0]

    def _at(self, keys: Keys) -> tuple[Positions, NDArray[np.bool_]]:
        if not len(self.columns):
            return np.zeros(len(keys), np.int64), np.zeros(len(keys), np.bool_)
        positions = np.searchsorted(self.columns.keys, keys)
        positions = np.minimum(positions, len(self.columns) - 1)
        return positions, self.columns.keys[positions] == keys

    def live(self, removed: Numbers) -> NDArray[np.bool_] | None:
        """Which passages are not of `removed` articles, or None if all."""
        gone = np.isin(numbers_of(self.columns.keys), removed) if len(removed) else None
        return None if gone is None or not gone.any() else ~gone

    def selected(
        self, selection: Selection, live: NDArray[np.bool_] | None
    ) -> NDArray[np.bool_] | None:
        """Which of the live passages are in the selection, or None if all passages are."""
        if selection.is_everything:
            return live
        source = None
        if selection.source is not None:
            source = self.catalogue.source_number(selection.source)
        inside = mask(selection, self.columns, source)
        return inside if live is None else inside & live

    def rows(self, keys: Keys) -> PassageRows:
        """The rows of passages, which must be in this segment."""
        columns, positions = self.columns, self.positions(keys)
        rows = ranges(columns.first_row[positions], columns.row_count[positions])
        return PassageRows(
            keys=keys,
            counts=columns.row_count[positions],
            vectors=columns.vectors[rows],
            row_terms=columns.row_terms[rows],
            row_asks=columns.row_asks[rows],
            terms=columns.terms[
                ranges(columns.first_term[positions], columns.term_count[positions])
            ],
        )

    def times(self, keys: Keys) -> NDArray[np.float64]:
        """When passages of this segment are from (see `LocalStore.times`)."""
        positions = self.positions(keys)
        earliest = self.columns.earliest[positions]
        known = earliest - self.columns.utc_offset[positions].astype(np.float64)
        return np.where(earliest == NEVER_EARLY, np.nan, known)

    def around(self, keys: Keys) -> PassageTerms:
        """The passages of this segment around the keys (see `index.keys.blocks_of`)."""
        columns = self.columns
        blocks = np.unique(blocks_of(keys))
        firsts = np.searchsorted(columns.keys, first_keys(blocks))
        ends = np.searchsorted(columns.keys, first_keys(blocks + 1))
        found = ranges(firsts, (ends - firsts).astype(np.int32))
        # The terms of a block are contiguous: copied as a whole, not one by one.
        starts = columns.first_term[firsts].tolist()
        stops = (columns.first_term[ends - 1] + columns.term_count[ends - 1]).tolist()
        return PassageTerms(
            keys=columns.keys[found],
            vectors=columns.vectors[columns.first_row[found]],
            counts=columns.term_count[found],
            terms=np.concatenate(
                [columns.terms[start:stop] for start, stop in zip(starts, stops, strict=True)]
            ),
        )

    def passage(self, key: int, article: Article) -> Passage:
        """The passage of this key, which must be in this segment, and of its article."""
        [position] = self.positions(np.array([key], dtype=np.int64)).tolist()
        return self._passage(position, article)

    def passages_of(self, number: int, article: Article) -> list[Passage]:
        """All passages of an article, in text order; none if it is not in this segment."""
        return [self._passage(position, article) for position in range(*self._range(number))]

    def columns_of(self, number: int) -> Columns:
        """The columns of an article's passages, with rows and terms counted from 0."""
        columns, (first, last) = self.columns, self._range(number)
        passages, rows, terms = slice(first, last), slice(0, 0), slice(0, 0)
        if first < last:
            row, term = int(columns.first_row[first]), int(columns.first_term[first])
            rows = slice(row, row + int(columns.row_count[passages].sum()))
            terms = slice(term, term + int(columns.term_count[passages].sum()))
        cut = {
            name: getattr(columns, name)[part]
            for part, names in ((passages, OF_PASSAGES), (rows, OF_ROWS), (terms, OF_TERMS))
            for name in names
        }
        found = Columns(**cut)
        return replace(
            found,
            first_row=found.first_row - rows.start,
            first_term=found.first_term - terms.start,
        )

    def passage_count(self, number: int) -> int:
        """How many passages of an article are in this segment."""
        first, last = self._range(number)
        return last - first

    def words(self) -> Iterator[PassageWords]:
        """Every passage as BM25 searches it."""
        columns = self.columns
        for numbered in self.catalogue.articles():
            article = numbered.article
            subject = subject_of(article)
            for position in range(*self._range(numbered.number)):
                passage = self._passage(position, article)
                yield PassageWords(
                    key=int(columns.keys[position]),
                    words=passage_text(subject, passage).whole,
                    source=article.source,
                    moments=moments(article, passage.entry),
                    is_open=article.visibility == "public" and article.embargo is None,
                )

    def _range(self, number: int) -> tuple[int, int]:
        """The positions of an article's passages: the first, and the one after the last."""
        bounds = [first_key(number), first_key(number + 1)]
        first, last = np.searchsorted(self.columns.keys, bounds).tolist()
        return first, last

    def counts_of(self, removed: Numbers) -> Counts:
        """How much of the segment belongs to removed articles."""
        gone = np.isin(numbers_of(self.columns.keys), removed)
        passages = int(gone.sum())
        rows = int(self.columns.row_count[gone].sum())
        articles = len(np.unique(numbers_of(self.columns.keys[gone])))
        return Counts(articles, passages, rows - passages)

    def _passage(self, position: int, article: Article) -> Passage:
        columns = self.columns
        start, end, entry = columns.spans[position].tolist()
        if entry >= len(article.entries):
            raise DamagedError(
                f"passage {start}-{end} of article {article.id!r} names entry {entry}, "
                f"but there are {len(article.entries)}"
            )
        first, count = int(columns.first_row[position]), int(columns.row_count[position])
        sentences: list[Span] = [
            (start + a, start + b) for a, b in columns.row_spans[first + 1 : first + count].tolist()
        ]
        return Passage(
            article_id=article.id,
            start=start,
            end=end,
            text=article.text[start:end],
            sentences=tuple(sentences),
            entry=None if entry < 0 else article.entries[entry],
        )


@contextmanager
def open_segments(
    data: Path, infos: Sequence[SegmentInfo], dimension: int
) -> Iterator[list[Segment]]:
    """Open segments of the data folder, and close them at the end."""
    segments = [Segment(data / info.name, info, dimension) for info in infos]
    try:
        yield segments
    finally:
        for segment in segments:
            segment.close()
