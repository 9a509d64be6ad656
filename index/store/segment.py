"""A set of articles with all that search needs, in files that never change."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from index.keys import Keys, Numbers, numbers_of
from index.lexical import PassageWords
from index.period import Selection
from index.store.base import Counts
from index.store.catalogue import Catalogue, PagesByUrl, pages_by_url
from index.store.columns import mask, open_columns
from index.store.table import Table
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


class Segment(Table):
    """One segment, opened to read."""

    def __init__(self, folder: Path, info: SegmentInfo, dimension: int) -> None:
        super().__init__(open_columns(folder, dimension))
        self.info = info
        self.catalogue = Catalogue(folder / CATALOGUE)
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
        return self.find(keys)[1]

    def positions(self, keys: Keys) -> Positions:
        """The positions of passages, which must be in this segment."""
        return self.find(keys)[0]

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

    def passage_count(self, number: int) -> int:
        """How many passages of an article are in this segment."""
        first, last = self.range_of(number)
        return last - first

    def words(self) -> Iterator[PassageWords]:
        """Every passage as BM25 searches it."""
        for numbered in self.catalogue.articles():
            yield from self.words_of(numbered.number, numbered.article)

    def counts_of(self, removed: Numbers) -> Counts:
        """How much of the segment belongs to removed articles."""
        gone = np.isin(numbers_of(self.columns.keys), removed)
        passages = int(gone.sum())
        rows = int(self.columns.row_count[gone].sum())
        articles = len(np.unique(numbers_of(self.columns.keys[gone])))
        return Counts(articles, passages, rows - passages)


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
