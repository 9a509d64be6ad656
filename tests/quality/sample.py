"""The sample archive as the real model finds in it."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from index.build import build
from index.encoders import ModelEncoder
from index.encoders.files import ENCODER
from index.settings import DEFAULT_READER
from index.store import Store, open_store
from qa.ask import Asker
from qa.rank.batching import SharedEncoder
from qa.read.loading import load_reader
from qa.search import Searcher
from tests.fakes import no_progress

ARCHIVE = Path(__file__).parent.parent.parent / "articles"


@dataclass(frozen=True, slots=True)
class Sample:
    """The index of the sample archive, opened, and what asks it."""

    store: Store
    searcher: Searcher
    asker: Asker


def build_sample(data: Path, exported: Path | None = None) -> Path:
    """Build its index in `data`; `exported` is an index whose exported model is used again."""
    if exported is not None:
        shutil.copytree(exported / ENCODER, data / ENCODER)
    build([ARCHIVE], data, ModelEncoder(data), no_progress)
    return data


@contextmanager
def open_sample(data: Path) -> Iterator[Sample]:
    """Open its index as the product does."""
    encoder = ModelEncoder(data)
    store = open_store(data, encoder.model)
    searcher = Searcher(store, SharedEncoder(encoder))
    try:
        reader = load_reader(DEFAULT_READER, data)
        yield Sample(store, searcher, Asker(store, searcher, reader=reader))
    finally:
        store.close()


@contextmanager
def new_sample() -> Iterator[Sample]:
    """An index of its own, for what is run as a program."""
    with TemporaryDirectory() as folder, open_sample(build_sample(Path(folder))) as sample:
        yield sample
