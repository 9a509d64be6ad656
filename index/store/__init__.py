"""Stores of an archive, to read and to write: the name of the data chooses which kind."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path

from index.embed import Encoder, Model
from index.errors import SettingError
from index.keys import PassageRows, PassageTerms
from index.period import Selection
from index.settings import MILVUS, MILVUS_LITE, MILVUS_TLS, scheme_of
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
    Version,
    Versions,
)
from index.store.catalogue import page_key
from index.store.local import LocalStore, open_local, published_local
from index.store.manifest import MANIFEST, published_files, refuse_other_model
from index.store.publish import clear_left_over, is_of_builds
from index.store.verify import copy_table, table_faults, verify_local
from index.store.writer import write_local

__all__ = [
    "MANIFEST",
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
    "Version",
    "Versions",
    "clear_left_over",
    "copy_table",
    "is_of_builds",
    "looked_at_every",
    "open_store",
    "open_writer",
    "page_key",
    "published_files",
    "published_stamp",
    "refuse_other_model",
    "switch",
    "table_faults",
    "verify",
    "versions_in",
]


@dataclass(frozen=True, slots=True)
class Backend:
    """A kind of store. `published` gives a stamp that changes with each generation.

    `every` is how often to look at that, in seconds. `switch` is None where archives have no names
    that could be given to another, `versions` where they are kept with the owner's files.
    """

    open: Callable[[Path, Model | None, Store | None], Store]
    write: Callable[[Path, Encoder | None], AbstractContextManager[StoreWriter]]
    published: Callable[[Path], Stamp | None]
    verify: Callable[[Path], Iterator[str]]
    every: float
    switch: Callable[[Path, Path], str] | None = None
    versions: Callable[[Path], Versions] | None = None


def _local() -> Backend:
    return Backend(open_local, write_local, published_local, verify_local, 0.1)


def _milvus() -> Backend:
    # Nobody else needs pymilvus, which takes seconds to import.
    try:
        from index.store import milvus
    except ModuleNotFoundError as error:
        raise SettingError(
            f"an archive in Milvus needs {error.name}, which is not installed: "
            "run pip install -r requirements-milvus.txt"
        ) from None
    return Backend(
        milvus.open_milvus,
        milvus.write_milvus,
        milvus.published_milvus,
        milvus.verify_milvus,
        1.0,
        milvus.switch_milvus,
        milvus.milvus_versions,
    )


# By what comes before the first colon in the name; any other name is a folder.
_BACKENDS: Mapping[str | None, Callable[[], Backend]] = {
    None: _local,
    MILVUS: _milvus,
    MILVUS_TLS: _milvus,
    MILVUS_LITE: _milvus,
}


def _backend(data: Path) -> Backend:
    return _BACKENDS[scheme_of(data)]()


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


def looked_at_every(data: Path) -> float:
    """How often a server should look for a new stamp, in seconds."""
    return _backend(data).every


def switch(data: Path, other: Path) -> str:
    """Let the servers of an archive answer from another one; returns the name of what it was.

    Nothing is moved, and `switch` with that name leads back. Raises SettingError where that cannot
    be, IndexMissingError if either has no index, BuildError if both are one already.
    """
    change = _backend(data).switch
    if change is None or scheme_of(data) != scheme_of(other):
        raise SettingError(
            f"{str(data)!r} cannot be switched to {str(other)!r}: name two archives of one Milvus, "
            "or start the server with the other"
        )
    return change(data, other)


def versions_in(data: Path) -> Versions | None:
    """The former texts of articles that the store keeps; None if it keeps none."""
    kept = _backend(data).versions
    return None if kept is None else kept(data)


def verify(data: Path) -> Iterator[str]:
    """The faults of the published index, one line each; none if all is well.

    Raises IndexMissingError if there is nothing to verify.
    """
    return _backend(data).verify(data)
