"""The published index, opened to read. Distrusts the disk: what is wrong is refused by name.

Passages by the ids that answers name them by, `article_id:start-end`.
"""

import re
import sqlite3
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from heapq import merge
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from index.analysis import Codes
from index.article import Article, Passage
from index.embed import Model, Vectors
from index.errors import DamagedError, IndexRefusedError
from index.keys import Keys, Numbers, first_key, no_keys, number_of
from index.lexical import LexicalIndex
from index.period import Days, Selection
from index.store.base import PassageRows, PassageTerms, joined, joined_terms
from index.store.catalogue import page_key
from index.store.manifest import (
    FileSum,
    Manifest,
    check_files,
    count_faults,
    read_manifest,
    read_removed,
    rebuild_remedy,
    refuse_other_model,
)
from index.store.segment import Segment, SegmentInfo
from index.store.selecting import days_of
from index.store.vocabulary import word_vectors

# Articles of recent answers, which readers open and follow-up questions find again.
_ARTICLES_KEPT = 64


@dataclass(frozen=True, slots=True)
class Located:
    """A passage under its key, with its article."""

    key: int
    article: Article
    passage: Passage


class LocalStore:
    """One generation of the index; later builds leave it as it is. Safe to share by threads."""

    def __init__(
        self,
        manifest: Manifest,
        segments: Sequence[Segment],
        lexical: LexicalIndex,
        removed: Numbers,
    ) -> None:
        self.manifest = manifest
        self.segments = tuple(segments)
        self.lexical = lexical
        self.removed = removed
        self._gone = frozenset(removed.tolist())
        self._live = [segment.live(removed) for segment in self.segments]
        self._read_article = lru_cache(_ARTICLES_KEPT)(self._article_numbered)

    def __len__(self) -> int:
        return self.manifest.counts.passages

    @property
    def mean_terms(self) -> float:
        """Terms a passage, what stands in front of it included."""
        passages = sum(segment.info.counts.passages for segment in self.segments)
        return sum(segment.info.terms for segment in self.segments) / max(passages, 1)

    @property
    def mean_article_terms(self) -> float:
        """Terms an article, what stands in front of its passages included."""
        articles = sum(segment.info.counts.articles for segment in self.segments)
        return sum(segment.info.terms for segment in self.segments) / max(articles, 1)

    @cached_property
    def days(self) -> Days:
        """The days that its passages are from."""
        columns = (segment.columns for segment in self.segments)
        return days_of(zip(columns, self._live, strict=True))

    def close(self) -> None:
        """Let go of the catalogues' files."""
        for segment in self.segments:
            segment.close()

    def article(self, article_id: str) -> Article | None:
        """The article, or None where the index has none of this id."""
        for segment in reversed(self.segments):
            for number in segment.catalogue.numbers_of(article_id):
                if number not in self._gone:
                    return self._read_article(number)
        return None

    def article_numbered(self, number: int) -> Article | None:
        """The article of this number, or None."""
        return self._read_article(number)

    def numbers_at(self, url: str | None) -> tuple[int, ...]:
        """Numbers of the articles whose address is that of a page, the latest first."""
        key = page_key(url)
        found = (number for segment in self.segments for number in segment.pages.get(key or "", ()))
        return tuple(sorted((each for each in found if each not in self._gone), reverse=True))

    def titles(self) -> Iterator[str]:
        """Titles of articles, the newest first."""
        found = merge(*(segment.catalogue.titles() for segment in self.segments), reverse=True)
        return (title for _, number, title in found if number not in self._gone)

    def sources(self) -> list[str]:
        """The names of all sources, by alphabet."""
        found = {name for segment in self.segments for name in segment.catalogue.sources()}
        return sorted(found)

    def sample(self, limit: int) -> Iterator[Article]:
        """Up to `limit` articles, spread evenly over all."""
        numbers = [
            number
            for segment in self.segments
            for number in segment.catalogue.numbers()
            if number not in self._gone
        ]
        for number in numbers[:: max(1, -(-len(numbers) // limit))]:
            article = self._article_numbered(number)
            if article is not None:
                yield article

    def nearest(self, query: Vectors, limit: int, selection: Selection) -> Keys:
        """Keys of up to `limit` passages of the selection by cosine, best first."""
        found = [
            self._nearest_in(place, query, limit, selection) for place in range(len(self.segments))
        ]
        cosines = np.concatenate([each for _, each in found] or [np.zeros(0, np.float32)])
        keys = np.concatenate([each for each, _ in found] or [no_keys()])
        return keys[np.argsort(-cosines, kind="stable")[:limit]]

    def rows(self, keys: Keys) -> PassageRows:
        """The rows of passages, in an order that `PassageRows.keys` tells."""
        parts = (segment.rows(held) for segment, held in self._holding(keys))
        return joined(parts, self.manifest.model.dimension)

    def around(self, keys: Keys) -> PassageTerms:
        """The passages around those of the keys."""
        parts = (segment.around(held) for segment, held in self._holding(keys))
        return joined_terms(parts, self.manifest.model.dimension)

    def times(self, keys: Keys) -> NDArray[np.float64]:
        """When passages are from, in seconds of UTC since 1970, NaN where that is not known.

        Of what is known only as a day or a longer time, its first moment.
        """
        found = np.full(len(keys), np.nan)
        for segment in self.segments:
            held = segment.holds(keys)
            found[held] = segment.times(keys[held])
        return found

    def word_vectors(self, codes: Codes) -> Vectors:
        """The unit vectors of words by their codes; zeros for those that are not known."""
        vocabularies = [segment.vocabulary for segment in self.segments]
        return word_vectors(vocabularies, codes, self.manifest.model.dimension)

    def locate(self, key: int) -> Located:
        """The passage of a key that a search found, with its article.

        Raises DamagedError where the index does not hold it, or its article as it was indexed.
        """
        article = self._read_article(number_of(key))
        one = np.array([key], dtype=np.int64)
        for segment in self.segments:
            if article is not None and segment.holds(one)[0]:
                return Located(key, article, segment.passage(key, article))
        raise DamagedError(
            f"the index in generation {self.manifest.generation} lacks passage {key}, "
            "which its words or vectors name: check it with python -m index verify"
        )

    def _holding(self, keys: Keys) -> Iterator[tuple[Segment, Keys]]:
        """Each segment that holds some of the passages, and which."""
        for segment in self.segments:
            held = keys[segment.holds(keys)]
            if len(held):
                yield segment, held

    def _nearest_in(
        self, place: int, query: Vectors, limit: int, selection: Selection
    ) -> tuple[Keys, NDArray[np.float32]]:
        segment = self.segments[place]
        among = segment.selected(selection, self._live[place])
        positions, cosines = segment.vectors.nearest(query, limit, among)
        return segment.columns.keys[positions], cosines

    def _article_numbered(self, number: int) -> Article | None:
        for segment in self.segments:
            article = segment.catalogue.article(number)
            if article is not None:
                return article
        return None


def open_store(
    data: Path, model: Model | None = None, before: LocalStore | None = None
) -> LocalStore:
    """Open what is published in `data`, made by `model` where one is given.

    Segments that `before` holds are taken from it, so that a small change opens in little time.
    Raises IndexMissingError without an index, IndexRefusedError where it was built by another
    model or version, or a file is missing or damaged, or counts disagree.
    """
    manifest = read_manifest(data)
    try:
        return _open(data, manifest, model, before)
    except (IndexRefusedError, FileNotFoundError):
        # A build may have published and cleared away the generation between two of our steps.
        latest = read_manifest(data)
        if latest.generation == manifest.generation:
            raise
        return _open(data, latest, model, before)


def _open(
    data: Path, manifest: Manifest, model: Model | None, before: LocalStore | None
) -> LocalStore:
    if model is not None:
        refuse_other_model(data, manifest, model)
    seen = frozenset(before.manifest.files) if before else frozenset[FileSum]()
    check_files(data, manifest, seen)
    snapshot = open_published(data, manifest, before)
    for fault in count_faults(snapshot):
        raise IndexRefusedError(f"the index in {str(data)!r} {fault}: {rebuild_remedy(data)}")
    return snapshot


def open_published(data: Path, manifest: Manifest, before: LocalStore | None = None) -> LocalStore:
    """Open the files of a generation, which must have been checked.

    Raises IndexRefusedError where one cannot be read all the same.
    """
    kept = _kept(manifest, before) if before else {}
    try:
        return LocalStore(
            manifest=manifest,
            segments=[
                kept.get(info) or Segment(data / info.name, info, manifest.model.dimension)
                for info in manifest.segments
            ],
            lexical=LexicalIndex(data / manifest.lexical),
            removed=read_removed(data, manifest),
        )
    except (sqlite3.DatabaseError, RuntimeError, ValueError) as error:
        reason = str(error).splitlines()[0]
        raise IndexRefusedError(
            f"the index in {str(data)!r} cannot be read ({reason}): {rebuild_remedy(data)}"
        ) from error


def _kept(manifest: Manifest, before: LocalStore) -> dict[SegmentInfo, Segment]:
    """Segments opened before whose files are, byte by byte, those of this generation.

    Where all was removed and built anew, other segments have the same names.
    """
    changed = frozenset(manifest.files) ^ frozenset(before.manifest.files)
    folders = {file.path.split("/")[0] for file in changed}
    return {one.info: one for one in before.segments if one.info.name not in folders}


_ID = re.compile(r"(?P<article>.+):(?P<start>\d{1,9})-(?P<end>\d{1,9})", re.DOTALL)


def is_passage_id(text: str) -> bool:
    """Whether it has the form of a passage's id.

    >>> is_passage_id("space/voyager:104-230"), is_passage_id("space/voyager")
    (True, False)
    """
    return _ID.fullmatch(text) is not None


def key_of(passage_id: str, snapshot: LocalStore) -> int | None:
    """The key of the passage that holds the first character of this one; None where none does.

    Of an article that has been changed since, what stands at the same place now.
    """
    told = _ID.fullmatch(passage_id)
    if told is None:
        return None
    removed = snapshot.removed
    for segment in reversed(snapshot.segments):
        for number in segment.catalogue.numbers_of(told["article"]):
            if number in removed:
                continue
            bounds = [first_key(number), first_key(number + 1)]
            first, last = np.searchsorted(segment.columns.keys, bounds).tolist()
            starts = segment.columns.spans[first:last, 0]
            place = int(np.searchsorted(starts, int(told["start"]), side="right")) - 1
            if place >= 0:
                return int(segment.columns.keys[first + place])
    return None
