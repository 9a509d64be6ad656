"""Checks every checksum, count and span of a published index on disk."""

import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import closing
from pathlib import Path

import numpy as np

from index.analysis import Analyzer
from index.article import Article, Passage, Span, SpanError
from index.encoders.files import ENCODER
from index.errors import DISK_REMEDY, DamagedError, IndexRefusedError
from index.split import left_out
from index.store.catalogue import Numbered
from index.store.columns import BUT_VECTORS
from index.store.draft import columns_of
from index.store.local import LocalStore, open_published
from index.store.manifest import (
    Manifest,
    count_faults,
    file_faults,
    order_faults,
    read_manifest,
)
from index.store.segment import Segment

# So many articles of a segment, from all over it, are read and split into terms again.
_DERIVED_AGAIN = 500
# The number of a source is known to the catalogue alone.
_DERIVED = tuple(name for name in BUT_VECTORS if name != "source")


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
    """Check each article's digest, and that its passages lie in its text and miss no word.

    Of a sample, the columns are derived from the text again.
    """
    misplaced = order_faults(segment)
    yield from misplaced
    step, analyzer, seen = max(1, len(segment.catalogue) // _DERIVED_AGAIN), Analyzer(), 0
    for place, numbered in enumerate(segment.catalogue.articles()):
        passages = segment.passages_of(numbered.number, numbered.article)
        seen += len(passages)
        if passages:
            faults = list(_article_faults(numbered.article, passages))
            yield from faults
            if place % step == 0 and not (misplaced or faults):
                yield from _derived_faults(segment, numbered, passages, analyzer)
        else:
            yield f"article {numbered.article.id!r} has no passages"
    extra = len(segment.columns) - seen
    if extra:
        yield f"{extra} passages of {segment.info.name} belong to articles that it does not have"


def _derived_faults(
    segment: Segment, numbered: Numbered, passages: Sequence[Passage], analyzer: Analyzer
) -> Iterator[str]:
    """Where columns are not what the text gives: checksums cannot tell that they never were."""
    article, stored = numbered.article, segment.columns_of(numbered.number)
    derived = columns_of(numbered.number, article, passages, analyzer)
    wrong = [
        name
        for name in _DERIVED
        if not np.array_equal(getattr(stored, name), getattr(derived, name))
    ]
    if wrong:
        yield f"article {article.id!r} was indexed with other {', '.join(wrong)} than its text has"


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
    """Whether words of the story lie there: what `split` leaves out and time lines are none.

    The time lines of entries are the passages' headings.
    """
    headings = [(entry.start, entry.body) for entry in article.entries]
    # A live blog has hundreds of headings, and is not split again for each.
    return _words_beside(headings, article.text, start, end) and _words_beside(
        sorted((*headings, *left_out(article))), article.text, start, end
    )


def _words_beside(spans: Sequence[Span], text: str, start: int, end: int) -> bool:
    """Whether words lie there, outside of these spans, which are in text order."""
    for first, last in spans:
        if text[start : max(start, min(first, end))].strip():
            return True
        start = max(start, min(last, end))
    return bool(text[start:end].strip())


def copy_table(path: Path, copy: Path) -> None:
    """Copy a file of SQLite as it is at one moment, whoever writes to it. Raises OSError."""
    try:
        with (
            closing(sqlite3.connect(f"{path.resolve().as_uri()}?mode=ro", uri=True)) as held,
            closing(sqlite3.connect(copy)) as written,
        ):
            held.backup(written)
            # All in the one file, which can then be read from where nothing can be written.
            written.execute("PRAGMA journal_mode = DELETE")
    except sqlite3.Error as error:
        fault = f"{str(path)!r} cannot be copied to {str(copy)!r} ({error})"
        raise OSError(f"{fault}: {DISK_REMEDY}") from None


def table_faults(path: Path) -> Iterator[str]:
    """What is wrong with a file of SQLite, one line; none if it is whole."""
    try:
        with closing(sqlite3.connect(f"{path.resolve().as_uri()}?mode=ro", uri=True)) as db:
            found = [row[0] for row in db.execute("PRAGMA integrity_check(1)")]
    except sqlite3.DatabaseError as error:
        found = [str(error)]
    if found != ["ok"]:
        yield f"{path} is damaged ({found[0]}): put back a copy, or remove it"
