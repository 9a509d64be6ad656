"""Small archives for the tests of reading, built with the encoder that hashes words."""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import numpy as np

from index.article import Article, Entry, Passage
from index.build import build
from index.embed import passage_text
from index.lexical import Analyzer
from index.segment import PassageRows
from index.split import split
from index.store import Snapshot, open_snapshot
from index.tabulate import columns_of
from index.vectors import to_signed_bytes
from qa.ask import Asker
from qa.query import Query, read_query
from qa.search import Searcher
from tests.fakes import HashEncoder, no_progress

Record = Mapping[str, object]

NOON = datetime(2026, 1, 31, 12, 0, 5, 700_000, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Opened:
    """An index opened to read, and what asks it."""

    snapshot: Snapshot
    searcher: Searcher
    asker: Asker

    def query(self, text: str) -> Query:
        """The question as it is read on this index."""
        vector = HashEncoder().encode_query(text)
        return read_query(text, vector, Analyzer(), self.snapshot.lexical)


def build_records(data: Path, records: Sequence[Record]) -> Path:
    """Build the index of articles given as lines of JSONL, and return its folder."""
    source = data.with_name(f"{data.name}.jsonl")
    source.write_text("\n".join(json.dumps(record) for record in records), encoding="utf-8")
    build([source], data, HashEncoder(), no_progress)
    return data


def open_index(data: Path, clock: Callable[[], datetime] = lambda: NOON) -> Opened:
    """Open an index; its clock stands still at noon."""
    snapshot = open_snapshot(data)
    searcher = Searcher(snapshot, HashEncoder())
    return Opened(snapshot, searcher, Asker(snapshot, searcher, clock))


def read_passages(
    text: str, title: str | None = None, entries: tuple[Entry, ...] = ()
) -> tuple[list[Passage], PassageRows]:
    """The passages of a text, and their rows as an index would give them."""
    article = Article("a", text, title=title, entries=entries)
    passages = split(article)
    columns = columns_of(1, article, passages, Analyzer())
    made = HashEncoder().encode_passages([passage_text(title, passage) for passage in passages])
    vectors = np.vstack([part for each in made for part in (each.passage, each.sentences)])
    return passages, PassageRows(
        keys=columns.keys,
        counts=columns.row_count,
        vectors=to_signed_bytes(vectors),
        row_terms=columns.row_terms,
        terms=columns.terms,
    )
