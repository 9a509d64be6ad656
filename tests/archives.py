"""Small archives for the tests of reading, built with the encoder that hashes words."""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from index.analysis import Analyzer
from index.article import Article, Entry, Passage
from index.build import build
from index.embed import Vectors, passage_text
from index.keys import Keys, PassageRows, PassageTerms
from index.split import split, subject_of
from index.store.draft import columns_of
from index.store.local import LocalStore, open_local
from index.vectors import to_signed_bytes
from qa.answer import Understood
from qa.ask import Asker
from qa.search import Searcher
from qa.understand.forms import Forms
from qa.understand.query import Query, read_query
from tests.fakes import DIMENSION, HashEncoder, no_progress

Record = Mapping[str, object]

NOON = datetime(2026, 1, 31, 12, 0, 5, 700_000, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Opened:
    """An index opened to read, and what asks it."""

    snapshot: LocalStore
    searcher: Searcher
    asker: Asker

    def query(self, text: str) -> Query:
        """The question as it is read on this index."""
        store = self.snapshot
        return read_query(Understood(text), HashEncoder(), Analyzer(), store, forms=Forms(store))


@dataclass(frozen=True, slots=True)
class RowsArchive:
    """An archive of these rows alone; `likeness` has the vectors of words by their codes."""

    rows: PassageRows
    mean_article_terms: float = 20.0
    likeness: Mapping[int, Vectors] = field(default_factory=dict)

    def around(self, keys: Keys) -> PassageTerms:
        """All passages."""
        rows = self.rows
        first = np.cumsum(rows.counts, dtype=np.int64) - rows.counts
        return PassageTerms(
            keys=rows.keys,
            vectors=rows.vectors[first],
            counts=np.add.reduceat(rows.row_terms, first),
            terms=rows.terms,
        )

    def word_vectors(self, codes: NDArray[np.uint32]) -> Vectors:
        """Those that are given, zeros for the others."""
        nothing = np.zeros(DIMENSION, np.float32)
        found = [self.likeness.get(code, nothing) for code in codes.tolist()]
        return np.array(found, np.float32).reshape(-1, DIMENSION)


def build_records(data: Path, records: Sequence[Record]) -> Path:
    """Build the index of articles given as lines of JSONL, and return its folder."""
    source = data.with_name(f"{data.name}.jsonl")
    source.write_text("\n".join(json.dumps(record) for record in records), encoding="utf-8")
    build([source], data, HashEncoder(), no_progress)
    return data


def open_index(data: Path, clock: Callable[[], datetime] = lambda: NOON) -> Opened:
    """Open an index; its clock stands still at noon."""
    snapshot = open_local(data)
    searcher = Searcher(snapshot, HashEncoder())
    return Opened(snapshot, searcher, Asker(snapshot, searcher, clock))


def read_passages(
    text: str, title: str | None = None, entries: tuple[Entry, ...] = ()
) -> tuple[list[Passage], PassageRows]:
    """The passages of a text, and their rows as an index would give them."""
    article = Article("a", text, title=title, entries=entries)
    passages = split(article)
    columns = columns_of(1, article, passages, Analyzer())
    made = HashEncoder().encode_passages(
        [passage_text(subject_of(article), passage) for passage in passages]
    )
    vectors = np.vstack([part for each in made for part in (each.passage, each.sentences)])
    return passages, PassageRows(
        keys=columns.keys,
        counts=columns.row_count,
        vectors=to_signed_bytes(vectors),
        row_terms=columns.row_terms,
        row_asks=columns.row_asks,
        terms=columns.terms,
    )
