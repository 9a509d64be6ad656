"""Whether a generation in Milvus is whole: texts, passages and all that was counted of them."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np

from index.errors import DamagedError, IndexRefusedError
from index.store.catalogue import Numbered
from index.store.milvus.generation import Generation
from index.store.milvus.reading import ArticleReader, PassageReader
from index.store.milvus.statistics import NOTHING, Statistics, count, to_arrays
from index.store.milvus.store import collections_of
from index.store.table import Table


def verify_milvus(data: Path) -> Iterator[str]:
    """The faults of what is published, one line each; none if all is well.

    Reads all of it. Raises IndexMissingError if nothing is published.
    """
    try:
        collections, generation = collections_of(data).newest()
    except IndexRefusedError as refused:
        yield str(refused)
        return
    articles = ArticleReader(collections)
    passages = PassageReader(collections, generation.model.dimension)
    total = NOTHING
    try:
        found = articles.facts(generation.next_number)
        numbers = [number for number, _ in found if generation.shows(number)]
        for batch in articles.batches(numbers):
            table = passages.of_articles([each.number for each in batch])
            yield from _faults(batch, table)
            total = total.changed(count(table, batch), NOTHING)
    except (DamagedError, ValueError) as error:
        yield str(error)
        return
    yield from _differences(generation, total)


def _faults(batch: list[Numbered], table: Table) -> Iterator[str]:
    for each in batch:
        first, last = table.range_of(each.number)
        ends = [table.passage_at(place, each.article).end for place in range(first, last)]
        if any(np.diff(ends) <= 0):
            yield f"the passages of article {each.article.id!r} are out of order"


def _differences(generation: Generation, found: Statistics) -> Iterator[str]:
    told, counted = to_arrays(generation.statistics), to_arrays(found)
    if generation.statistics.counts != found.counts:
        yield f"there are {found.counts} instead of {generation.statistics.counts}"
    for name in ("codes", "holding"):
        if not np.array_equal(told[name], counted[name]):
            yield f"the {name} of terms are not those of the passages"
    for name in ("spellings", "forms", "days", "sources", "dates"):
        if getattr(generation.statistics, name) != getattr(found, name):
            yield f"the {name} that were counted are not those of the articles"
