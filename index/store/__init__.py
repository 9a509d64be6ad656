"""Stores of an archive, to read and to write: the name of the data chooses which kind."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path

from index.embed import Encoder, Model
from index.period import Selection
from index.store.base import (
    Counts,
    Embargo,
    Known,
    Listed,
    Located,
    Pending,
    Place,
    Stamp,
    Store,
    StoreDraft,
    StoreInfo,
    StoreWriter,
)
from index.store.catalogue import page_key
from index.store.local import LocalStore, open_local, published_local
from index.store.manifest import refuse_other_model
from index.store.ragged import PassageRows, PassageTerms
from index.store.verify import table_faults, verify_local
from index.store.writer import write_local

__all__ = [
    "Counts",
    "Embargo",
    "Known",
    "Listed",
    "LocalStore",
    "Located",
    "PassageRows",
    "PassageTerms",
    "Pending",
    "Place",
    "Selection",
    "Stamp",
    "Store",
    "StoreDraft",
    "StoreInfo",
    "StoreWriter",
    "open_store",
    "open_writer",
    "page_key",
    "published_stamp",
    "refuse_other_model",
    "table_faults",
    "verify",
]


@dataclass(frozen=True, slots=True)
class Backend:
    """A kind of store. `published` gives a stamp that changes with each generation."""

    open: Callable[[Path, Model | None, Store | None], Store]
    write: Callable[[Path, Encoder | None], AbstractContextManager[StoreWriter]]
    published: Callable[[Path], Stamp | None]
    verify: Callable[[Path], Iterator[str]]


_LOCAL = Backend(open_local, write_local, published_local, verify_local)
# By what comes before the first colon in the name, as in "milvus:…"; any other name is a folder.
_BACKENDS: Mapping[str, Backend] = {}


def _backend(data: Path) -> Backend:
    scheme, _, _ = str(data).partition(":")
    return _BACKENDS.get(scheme, _LOCAL)


def open_store(data: Path, model: Model | None = None, before: Store | None = None) -> Store:
    """Open what is published in `data`; it must be made by `model` if one is given.

    Parts of `before` that have not changed are reused. Raises IndexMissingError if there is no
    index, IndexRefusedError if it cannot be used.
    """
    return _backend(data).open(data, model, before)


def open_writer(data: Path, encoder: Encoder | None = None) -> AbstractContextManager[StoreWriter]:
    """The only writer to `data` while it is open. Without an encoder it can remove, not add.

    Raises BuildRunsError if another is writing, IndexRefusedError if the published index cannot be
    built on, IndexMissingError if there is neither an index nor an encoder.
    """
    return _backend(data).write(data, encoder)


def published_stamp(data: Path) -> Stamp | None:
    """A stamp that changes with each publishing; None if nothing is published."""
    return _backend(data).published(data)


def verify(data: Path) -> Iterator[str]:
    """The faults of the published index, one line each; none if all is well.

    Raises IndexMissingError if there is nothing to verify.
    """
    return _backend(data).verify(data)
