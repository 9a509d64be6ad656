"""A store in a local folder: segments, and one BM25 index of them all.

Opening does not trust the disk: each fault is refused by name.
"""

import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from functools import cached_property, lru_cache
from heapq import merge
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from index.analysis import Codes
from index.article import Article
from index.embed import Model, Vectors
from index.errors import DamagedError, IndexRefusedError
from index.forms.taught import Form
from index.keys import (
    Keys,
    Numbers,
    PassageRows,
    PassageTerms,
    concat,
    concat_terms,
    no_keys,
    number_of,
)
from index.lexical import LexicalIndex
from index.period import EVERYTHING, Days, Selection
from index.store.base import Embargo, Listed, Located, Part, Stamp, Store, StoreInfo
from index.store.catalogue import page_key
from index.store.columns import days_of
from index.store.manifest import (
    MANIFEST,
    FileSum,
    Manifest,
    MappedFiles,
    check_files,
    count_faults,
    read_manifest,
    read_removed,
    rebuild_remedy,
    refuse_other_model,
    total_bytes,
)
from index.store.segment import Segment, SegmentInfo
from index.store.vocabulary import word_vectors

# Articles of recent answers: readers open them, and follow-up questions find them again.
_ARTICLES_KEPT = 64


class LocalStore:
    """One generation of the index; later builds do not change it. Thread-safe."""

    def __init__(
        self,
        manifest: Manifest,
        segments: Sequence[Segment],
        lexical: LexicalIndex,
        removed: Numbers,
        files: MappedFiles,
    ) -> None:
        self.manifest = manifest
        self._files = files
        self.segments = tuple(segments)
        self.lexical = lexical
        self.removed = removed
        self._gone = frozenset(removed.tolist())
        self._live = [segment.live(removed) for segment in self.segments]
        self._read_article = lru_cache(_ARTICLES_KEPT)(self._article_numbered)

    def __len__(self) -> int:
        return self.manifest.counts.passages

    @cached_property
    def info(self) -> StoreInfo:
        """What it holds and how it was made."""
        return info_of(self.manifest)

    @property
    def mean_article_terms(self) -> float:
        """Mean number of terms per article, titles and headings of passages included."""
        articles = sum(segment.info.counts.articles for segment in self.segments)
        return sum(segment.info.terms for segment in self.segments) / max(articles, 1)

    @cached_property
    def days(self) -> Days:
        """The days that its passages are from."""
        columns = (segment.columns for segment in self.segments)
        return days_of(zip(columns, self._live, strict=True))

    def close(self) -> None:
        """Close the catalogues' files."""
        for segment in self.segments:
            segment.close()

    def article(self, article_id: str) -> Article | None:
        """The article of this id, or None."""
        for segment in reversed(self.segments):
            for number in segment.catalogue.numbers_of(article_id):
                if number not in self._gone:
                    return self._read_article(number)
        return None

    def article_numbered(self, number: int) -> Article | None:
        """The article of this number, or None."""
        return self._read_article(number)

    def articles_at(self, url: str | None) -> tuple[int, ...]:
        """Numbers of the articles with this address, latest first."""
        key = page_key(url)
        found = (number for segment in self.segments for number in segment.pages.get(key or "", ()))
        return tuple(sorted((each for each in found if each not in self._gone), reverse=True))

    def listed(self) -> Iterator[Listed]:
        """Every article without its text, last added first."""
        for segment in reversed(self.segments):
            yield from (
                each for each in segment.catalogue.listed() if each.number not in self._gone
            )

    def passage_count(self, number: int) -> int:
        """How many passages the article of this number has."""
        return sum(segment.passage_count(number) for segment in self.segments)

    def titles(self) -> Iterator[str]:
        """Titles of articles, newest first."""
        found = merge(*(segment.catalogue.titles() for segment in self.segments), reverse=True)
        return (title for _, number, title in found if number not in self._gone)

    def sources(self) -> list[str]:
        """The names of all sources, in alphabetical order."""
        found = {name for segment in self.segments for name in segment.catalogue.sources()}
        return sorted(found)

    def embargoes(self) -> list[Embargo]:
        """Articles that had an embargo when they were added, whether or not it is over."""
        found = (each for segment in self.segments for each in segment.catalogue.embargoes())
        return [each for each in found if each.number not in self._gone]

    def bm25(self, terms: Iterable[str], limit: int, selection: Selection = EVERYTHING) -> Keys:
        """Keys of up to `limit` passages of the selection by BM25, best first.

        Raises DamagedError if a file was cut short.
        """
        self._files.check()
        return self.lexical.search(terms, limit, selection)

    def document_frequency(self, terms: Sequence[str]) -> NDArray[np.int64]:
        """How many passages contain each term.

        Each question begins here. Raises DamagedError if a file was cut short.
        """
        self._files.check()
        return np.array([self.lexical.document_frequency(term) for term in terms], np.int64)

    def spellings(self) -> Sequence[tuple[str, int]]:
        """Every word in lower case, and how many passages that all may read spell it so."""
        return self.lexical.spellings()

    def forms(self) -> Sequence[Form]:
        """Every short or joined form that its passages teach; see `index.forms.taught`."""
        return self.lexical.forms()

    def nearest(self, query: Vectors, limit: int, selection: Selection) -> Keys:
        """Keys of up to `limit` passages of the selection by cosine, best first."""
        found = [
            self._nearest_in(place, query, limit, selection) for place in range(len(self.segments))
        ]
        cosines = np.concatenate([each for _, each in found] or [np.zeros(0, np.float32)])
        keys = np.concatenate([each for each, _ in found] or [no_keys()])
        return keys[np.argsort(-cosines, kind="stable")[:limit]]

    def rows(self, keys: Keys) -> PassageRows:
        """The rows of passages, in the order of `PassageRows.keys`."""
        parts = (segment.rows(held) for segment, held in self._holding(keys))
        return concat(parts, self.manifest.model.dimension)

    def around(self, keys: Keys) -> PassageTerms:
        """The passages around those of the keys."""
        parts = (segment.around(held) for segment, held in self._holding(keys))
        return concat_terms(parts, self.manifest.model.dimension)

    def times(self, keys: Keys) -> NDArray[np.float64]:
        """When passages are from, in UTC seconds since 1970, NaN if unknown.

        If only a day or a longer time is known, its first moment.
        """
        found = np.full(len(keys), np.nan)
        for segment in self.segments:
            held = segment.holds(keys)
            found[held] = segment.times(keys[held])
        return found

    def word_vectors(self, codes: Codes) -> Vectors:
        """The unit vectors of words by their codes; zeros for unknown ones."""
        vocabularies = [segment.vocabulary for segment in self.segments]
        return word_vectors(vocabularies, codes, self.manifest.model.dimension)

    def locate(self, key: int) -> Located:
        """The passage of a key that a search found, with its article.

        Raises DamagedError if the index lacks it, or its article is not as it was indexed.
        """
        article = self._read_article(number_of(key))
        for segment in self.segments:
            if article is not None and segment.position_of(key) is not None:
                return Located(key, article, segment.passage(key, article))
        raise DamagedError(
            f"the index in generation {self.manifest.generation} lacks passage {key}, "
            "which its words or vectors name: check it with python -m index verify"
        )

    def located(self, keys: Sequence[int]) -> list[Located]:
        """The passages of several keys, in their order."""
        return [self.locate(key) for key in keys]

    def _holding(self, keys: Keys) -> Iterator[tuple[Segment, Keys]]:
        """Each segment that holds some of the passages, with their keys."""
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


def open_local(data: Path, model: Model | None = None, before: Store | None = None) -> LocalStore:
    """Open what is published in `data`; it must be made by `model` if one is given.

    Segments that `before` has open are reused, so that a small change opens quickly. Raises
    IndexMissingError if there is no index, IndexRefusedError if it was built by another model or
    version, a file is missing or damaged, or counts disagree.
    """
    held = before if isinstance(before, LocalStore) else None
    manifest = read_manifest(data)
    try:
        return _open(data, manifest, model, held)
    except (IndexRefusedError, FileNotFoundError):
        # A build may have published and deleted this generation between two of our steps.
        latest = read_manifest(data)
        if latest.generation == manifest.generation:
            raise
        return _open(data, latest, model, held)


def _open(
    data: Path, manifest: Manifest, model: Model | None, before: LocalStore | None
) -> LocalStore:
    if model is not None:
        refuse_other_model(data, manifest.model, model)
    seen = frozenset(before.manifest.files) if before else frozenset[FileSum]()
    check_files(data, manifest, seen)
    store = open_published(data, manifest, before)
    for fault in count_faults(store):
        raise IndexRefusedError(f"the index in {str(data)!r} {fault}: {rebuild_remedy(data)}")
    return store


def open_published(data: Path, manifest: Manifest, before: LocalStore | None = None) -> LocalStore:
    """Open the files of a generation, which must have been checked.

    Raises IndexRefusedError if one still cannot be read.
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
            files=MappedFiles(data, manifest.files),
        )
    except (sqlite3.DatabaseError, RuntimeError, ValueError) as error:
        reason = str(error).splitlines()[0]
        raise IndexRefusedError(
            f"the index in {str(data)!r} cannot be read ({reason}): {rebuild_remedy(data)}"
        ) from error


def _kept(manifest: Manifest, before: LocalStore) -> dict[SegmentInfo, Segment]:
    """Open segments whose files are, byte for byte, those of this generation.

    Names are not enough: if all was removed and rebuilt, other segments have the same names.
    """
    changed = frozenset(manifest.files) ^ frozenset(before.manifest.files)
    folders = {file.path.split("/")[0] for file in changed}
    return {one.info: one for one in before.segments if one.info.name not in folders}


def info_of(manifest: Manifest) -> StoreInfo:
    """What a manifest says about its generation."""
    return StoreInfo(
        generation=manifest.generation,
        built_at=manifest.built_at,
        model=manifest.model,
        runs=manifest.runs,
        counts=manifest.counts,
        newest=manifest.newest,
        bytes=total_bytes(manifest),
        parts=tuple(Part(each.counts.passages, each.vectors) for each in manifest.segments),
    )


def published_local(data: Path) -> Stamp | None:
    """A stamp that changes with each publishing; None if nothing is published."""
    try:
        found = (data / MANIFEST).stat()
    except OSError:
        return None
    return (found.st_ino, found.st_mtime_ns)
