"""The articles of an index as a list for people: searched by words, a page at a time."""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice

import numpy as np

from index.catalogue import Listed
from index.keys import first_key
from index.segment import Segment
from index.store import Snapshot


@dataclass(frozen=True, slots=True)
class Row:
    """An article, and how many passages it has."""

    article: Listed
    passages: int


@dataclass(frozen=True, slots=True)
class Listing:
    """One page of the articles wanted, and whether there is another."""

    rows: tuple[Row, ...]
    has_more: bool


def list_articles(snapshot: Snapshot, wanted: str, first: int, count: int) -> Listing:
    """Articles with these words in title, id, source or file, the latest indexed first."""
    found = list(islice(_found(snapshot, wanted), first, first + count + 1))
    return Listing(tuple(found[:count]), len(found) > count)


def _found(snapshot: Snapshot, wanted: str) -> Iterator[Row]:
    words = wanted.casefold().split()
    gone = frozenset(snapshot.removed.tolist())
    for segment in reversed(snapshot.segments):
        for listed in segment.catalogue.listed():
            if listed.number not in gone and _has(listed, words):
                yield Row(listed, _passages(segment, listed.number))


def _has(listed: Listed, words: list[str]) -> bool:
    if not words:
        return True
    told = " ".join(filter(None, (listed.title, listed.id, listed.source, listed.file))).casefold()
    return all(word in told for word in words)


def _passages(segment: Segment, number: int) -> int:
    bounds = np.searchsorted(segment.columns.keys, [first_key(number), first_key(number + 1)])
    return int(bounds[1] - bounds[0])
