"""A run of articles with all that search needs of them, in files that are never changed."""

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
    """What the manifest says of a segment, articles that were removed since included."""

    name: str
    counts: Counts
    terms: int
    vectors: VectorStats


class Segment:
    """One segment, opened to read. `removed` are articles that no longer count."""

    def __init__(self, folder: Path, info: SegmentInfo, dimension: int) -> None:
        self.info = info
        self.catalogue = Catalogue(folder / CATALOGUE)
        self.columns: Columns = open_columns(folder, dimension)
        self.vectors = VectorIndex(folder / VECTORS, info.vectors)
        self.vocabulary = open_vocabulary(folder, dimension)

    @cached_property
    def pages(self) -> PagesByUrl:
        """Numbers of articles by their address; read once it is asked for."""
        return pages_by_url(self.catalogue.urls())

    def close(self) -> None:
        """Let go of the catalogue's file."""
        self.catalogue.close()

    def holds(self, keys: Keys) -> NDArray[np.bool_]:
        """Which of the keys are of passages here."""
        return self._at(keys)[1]

    def positions(self, keys: Keys) -> Positions:
        """Where passages stand that are here."""
        return self._at(keys)[0]

    def _at(self, keys: Keys) -> tuple[Positions, NDArray[np.bool_]]:
        if not len(self.columns):
            return np.zeros(len(keys), np.int64), np.zeros(len(keys), np.bool_)
        positions = np.searchsorted(self.columns.keys, keys)
        positions = np.minimum(positions, len(self.columns) - 1)
        return positions, self.columns.keys[positions] == keys

    def live(self, removed: Numbers) -> NDArray[np.bool_] | None:
        """Which passages count, or None where all do."""
        gone = np.isin(numbers_of(self.columns.keys), removed) if len(removed) else None
        return None if gone is None or not gone.any() else ~gone

    def selected(
        self, selection: Selection, live: NDArray[np.bool_] | None
    ) -> NDArray[np.bool_] | None:
        """Which passages count and are of the selection, or None where all are."""
        if selection.is_everything:
            return live
        source = None
        if selection.source is not None:
            source = self.catalogue.source_number(selection.source)
        inside = mask(selection, self.columns, source)
        return inside if live is None else inside & live

    def rows(self, keys: Keys) -> PassageRows:
        """The rows of passages that are here."""
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
        """When passages that are here are from (see `LocalStore.times`)."""
        positions = self.positions(keys)
        earliest = self.columns.earliest[positions]
        known = earliest - self.columns.utc_offset[positions].astype(np.float64)
        return np.where(earliest == NEVER_EARLY, np.nan, known)

    def around(self, keys: Keys) -> PassageTerms:
        """The passages around those of the keys, here (see `index.keys.blocks_of`)."""
        columns = self.columns
        blocks = np.unique(blocks_of(keys))
        firsts = np.searchsorted(columns.keys, first_keys(blocks))
        ends = np.searchsorted(columns.keys, first_keys(blocks + 1))
        found = ranges(firsts, (ends - firsts).astype(np.int32))
        # The terms of a block lie together: copied as a whole, not one by one.
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
        """The passage of this key, which is here, of its article."""
        [position] = self.positions(np.array([key], dtype=np.int64)).tolist()
        return self._passage(position, article)

    def passages_of(self, number: int, article: Article) -> list[Passage]:
        """All passages of an article, in the order of the text; none if it is not here."""
        return [self._passage(position, article) for position in range(*self._range(number))]

    def columns_of(self, number: int) -> Columns:
        """The columns of an article's passages; their rows and terms count from its first."""
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
        """How many passages of an article are here."""
        first, last = self._range(number)
        return last - first

    def words(self) -> Iterator[PassageWords]:
        """Every passage as it is searched by words."""
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
                )

    def _range(self, number: int) -> tuple[int, int]:
        """The positions of an article's passages: from the first to before the second."""
        bounds = [first_key(number), first_key(number + 1)]
        first, last = np.searchsorted(self.columns.keys, bounds).tolist()
        return first, last

    def counts_of(self, removed: Numbers) -> Counts:
        """How much of the segment is of removed articles."""
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
                f"where there are {len(article.entries)}"
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
def opened(data: Path, infos: Sequence[SegmentInfo], dimension: int) -> Iterator[list[Segment]]:
    """Segments in the data folder, open for a while."""
    segments = [Segment(data / info.name, info, dimension) for info in infos]
    try:
        yield segments
    finally:
        for segment in segments:
            segment.close()
