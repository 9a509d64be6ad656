"""Small archives for the tests of reading, built with the encoder that hashes words."""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from index.build import build
from index.store import Snapshot, open_snapshot
from qa.ask import Asker
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
