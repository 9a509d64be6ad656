"""What keeps an archive, to read and to write: chosen here by the form of the data's name."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path

from index.embed import Encoder, Model
from index.period import Selection
from index.store.base import (
    Counts,
    Drafting,
    Known,
    Listed,
    Located,
    Place,
    Stamp,
    Store,
    StoreInfo,
    StoreWriter,
    Waiting,
)
from index.store.local import LocalStore, open_local, published_local
from index.store.manifest import refuse_other_model
from index.store.ragged import PassageRows, PassageTerms
from index.store.verify import verify_local
from index.store.writer import write_local

__all__ = [
    "Counts",
    "Drafting",
    "Known",
    "Listed",
    "LocalStore",
    "Located",
    "PassageRows",
    "PassageTerms",
    "Place",
    "Selection",
    "Stamp",
    "Store",
    "StoreInfo",
    "StoreWriter",
    "Waiting",
    "open_store",
    "open_writer",
    "published_stamp",
    "refuse_other_model",
    "verify",
]


@dataclass(frozen=True, slots=True)
class Backend:
    """A kind of store. `published` tells when there is a new generation."""

    open: Callable[[Path, Model | None, Store | None], Store]
    write: Callable[[Path, Encoder | None], AbstractContextManager[StoreWriter]]
    published: Callable[[Path], Stamp | None]
    verify: Callable[[Path], Iterator[str]]


_LOCAL = Backend(open_local, write_local, published_local, verify_local)
# By what stands before the first colon of the data's name, as in "milvus:…"; all else is a folder.
_BACKENDS: Mapping[str, Backend] = {}


def _backend(data: Path) -> Backend:
    scheme, _, _ = str(data).partition(":")
    return _BACKENDS.get(scheme, _LOCAL)


def open_store(data: Path, model: Model | None = None, before: Store | None = None) -> Store:
    """Open what is published in `data`, made by `model` where one is given.

    What `before` holds and has not changed is taken from it. Raises IndexMissingError without an
    index, IndexRefusedError where it cannot be used.
    """
    return _backend(data).open(data, model, before)


def open_writer(data: Path, encoder: Encoder | None = None) -> AbstractContextManager[StoreWriter]:
    """The only writer to `data` for a while. Without an encoder it can remove, not add.

    Raises BuildRunsError where another writes, IndexRefusedError where what is published cannot be
    built on, and IndexMissingError where nothing is published and there is no encoder.
    """
    return _backend(data).write(data, encoder)


def published_stamp(data: Path) -> Stamp | None:
    """Another after each publishing; None where nothing is published."""
    return _backend(data).published(data)


def verify(data: Path) -> Iterator[str]:
    """What is wrong with what is published, a line a fault; nothing where all is right.

    Raises IndexMissingError where there is nothing to verify.
    """
    return _backend(data).verify(data)
