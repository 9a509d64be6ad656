"""Every checksum, count and span of a published index, read again from the disk."""

import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import closing
from itertools import groupby
from pathlib import Path

from index.article import Article, Passage, SpanError
from index.catalogue import Catalogue
from index.errors import DamagedError, IndexRefusedError
from index.manifest import Manifest, read_manifest
from index.period import Period
from index.store import Snapshot, count_faults, file_faults, open_published


def verify(data: Path) -> Iterator[str]:
    """What is wrong, a line a fault; nothing where all is right.

    Raises IndexMissingError where there is no index to verify.
    """
    try:
        manifest = read_manifest(data)
    except IndexRefusedError as refused:
        yield str(refused)
        return
    damaged = file_faults(data, manifest, whole=True)
    yield from damaged
    yield from _strangers(data, manifest)
    if damaged:
        return
    with closing(open_published(data, manifest)) as snapshot:
        yield from _inner_faults(snapshot)


def _inner_faults(snapshot: Snapshot) -> Iterator[str]:
    yield from count_faults(snapshot)
    keys = snapshot.catalogue.keys_in(Period(), None)
    if set(keys.tolist()) != set(snapshot.vectors.keys().tolist()):
        yield "the passage vectors are not those of the catalogue's passages"
    yield from _span_faults(snapshot.catalogue)


def _strangers(data: Path, manifest: Manifest) -> Iterator[str]:
    """Files in the published folder that no build put there. Empty lock files are tantivy's."""
    expected = {data / file.path for file in manifest.files}
    for path in sorted(manifest.folder(data).rglob("*")):
        if path.is_file() and path not in expected and path.stat().st_size:
            yield f"{path} is not part of the index"


def _span_faults(catalogue: Catalogue) -> Iterator[str]:
    """Each article's digest, and that its passages lie in its text and leave no word out."""
    try:
        passages = (worded.passage for worded in catalogue.every_passage())
        seen = set()
        for article_id, group in groupby(passages, key=lambda passage: passage.article_id):
            seen.add(article_id)
            article = catalogue.article(article_id)
            if article is None:
                yield f"passages of article {article_id!r}, which the catalogue does not have"
            else:
                yield from _article_faults(article, list(group))
        for known in catalogue.known():
            if known.id not in seen:
                yield f"article {known.id!r} has no passages"
    except (SpanError, DamagedError, sqlite3.DatabaseError) as fault:
        yield str(fault)


def _article_faults(article: Article, passages: Sequence[Passage]) -> Iterator[str]:
    reached = 0
    for passage in passages:
        if article.text[passage.start : passage.end] != passage.text:
            yield f"passage {passage.id} is not the text of its article"
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
