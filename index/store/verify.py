"""Checks every checksum, count and span of a published index on disk."""

import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import closing
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from index.article import Article, Passage, SpanError
from index.encoders.files import ENCODER
from index.errors import DamagedError, IndexRefusedError
from index.store.local import LocalStore, open_published
from index.store.manifest import Manifest, count_faults, file_faults, read_manifest
from index.store.segment import Segment


def verify_local(data: Path) -> Iterator[str]:
    """The faults of the index, one line each; none if all is well.

    Raises IndexMissingError if there is no index to verify.
    """
    try:
        manifest = read_manifest(data)
    except IndexRefusedError as refused:
        yield str(refused)
        return
    damaged = file_faults(data, manifest.files, whole=True)
    yield from damaged
    yield from _foreign_files(data, manifest)
    if damaged:
        return
    with closing(open_published(data, manifest)) as store:
        yield from _inner_faults(store)


def _foreign_files(data: Path, manifest: Manifest) -> Iterator[str]:
    """Files in the published folders that no build made. Empty lock files are tantivy's."""
    expected = {data / file.path for file in manifest.files}
    for name in (*(info.name for info in manifest.segments), manifest.lexical, ENCODER):
        for path in sorted((data / name).rglob("*")):
            if path.is_file() and path not in expected and path.stat().st_size:
                yield f"{path} is not part of the index"


def _inner_faults(store: LocalStore) -> Iterator[str]:
    yield from count_faults(store)
    try:
        for segment in store.segments:
            yield from _segment_faults(segment)
    except (SpanError, DamagedError, sqlite3.DatabaseError) as fault:
        yield str(fault)


def _segment_faults(segment: Segment) -> Iterator[str]:
    """Check each article's digest, and that its passages lie in its text and miss no word."""
    name, columns = segment.info.name, segment.columns
    if (np.diff(columns.keys) <= 0).any():
        yield f"the keys of {name} are out of order"
    if _are_misplaced(columns.first_row, columns.row_count, len(columns.row_spans)):
        yield f"the rows of {name} are out of order"
    if _are_misplaced(columns.first_term, columns.term_count, int(columns.row_terms.sum())):
        yield f"the terms of {name} are out of order"
    seen = 0
    for numbered in segment.catalogue.articles():
        passages = segment.passages_of(numbered.number, numbered.article)
        seen += len(passages)
        if passages:
            yield from _article_faults(numbered.article, passages)
        else:
            yield f"article {numbered.article.id!r} has no passages"
    if seen != len(columns):
        yield f"{len(columns) - seen} passages of {name} belong to articles that it does not have"


def _are_misplaced(firsts: NDArray[np.int64], counts: NDArray[np.int32], total: int) -> bool:
    """Whether ranges do not follow one another as they should."""
    ends = np.cumsum(counts, dtype=np.int64)
    reached = int(ends[-1]) if len(ends) else 0
    return bool((firsts != ends - counts).any()) or reached != total


def _article_faults(article: Article, passages: Sequence[Passage]) -> Iterator[str]:
    reached = 0
    for passage in passages:
        if passage.start < reached:
            yield f"passage {passage.id} overlaps the one before it"
        if _words_between(article, reached, passage.start):
            yield f"words of article {article.id!r} before {passage.start} are in no passage"
        reached = passage.end
    if _words_between(article, reached, len(article.text)):
        yield f"words of article {article.id!r} after {reached} are in no passage"


def _words_between(article: Article, start: int, end: int) -> bool:
    """Time lines of entries do not count: they are the passages' headings."""
    for entry in article.entries:
        if start <= entry.start < end:
            if article.text[start : entry.start].strip():
                return True
            start = min(entry.body, end)
    return bool(article.text[start:end].strip())
