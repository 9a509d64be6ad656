"""Segments made by hand, for the tests of what is done with them."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from index.article import Article
from index.split import split
from index.store.base import Pending, Place
from index.store.draft import Draft, open_draft
from index.store.manifest import Manifest, segment_name
from index.store.publish import Revision, publish
from index.store.segment import SegmentInfo
from index.store.vocabulary import EarlierWords
from index.vectors import to_rows
from tests.fakes import DIMENSION, HashEncoder

ENCODER = HashEncoder()


def place_of(article: Article) -> Place:
    """A file of its own."""
    return Place(f"/news/{article.id}.txt", f"/news/{article.id}.txt")


def put(draft: Draft, *articles: Article) -> list[int]:
    """Put articles; gives their numbers."""
    return [
        draft.put(article, place_of(article), f"record of {article.id}", split(article))
        for article in articles
    ]


def waiting_now(draft: Draft) -> list[Pending]:
    """The passages without vectors that are there."""
    return list(iter(draft.pending().__next__, None))


def embed(draft: Draft, waiting: Sequence[Pending]) -> None:
    """Give these passages their vectors."""
    if not waiting:
        return
    made = ENCODER.encode_passages([each.text for each in waiting])
    draft.embed([to_rows(vectors) for vectors in made])


def new_draft(folder: Path, first_number: int = 1) -> Draft:
    """Go on in the folder, as a build with the encoder that hashes words does."""
    return open_draft(folder, ENCODER.model.digest, DIMENSION, first_number)


def write_segment(folder: Path, *articles: Article, first_number: int = 1) -> SegmentInfo:
    """The segment of the articles, whole."""
    draft = new_draft(folder, first_number)
    put(draft, *articles)
    embed(draft, waiting_now(draft))
    draft.commit()
    return draft.seal(ENCODER.encode_queries, EarlierWords())


def publish_more(
    data: Path, before: Manifest | None, *articles: Article, removed: Sequence[int] = ()
) -> Manifest:
    """A generation with the articles in a segment of their own, and without those removed."""
    number, segment = (before.next_number, before.next_segment) if before else (1, 1)
    added = None
    if articles:
        added = write_segment(data / segment_name(segment), *articles, first_number=number)
    revision = Revision(
        segments=(*(before.segments if before else ()), *([added] if added else ())),
        added=added,
        removed=np.array(removed, dtype=np.int64),
        next_number=number + len(articles),
        next_segment=segment + len(articles[:1]),
    )
    return publish(data, before, revision, ENCODER.model)
