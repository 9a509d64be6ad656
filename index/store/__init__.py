"""The index on disk, behind the `Store` protocol."""

from pathlib import Path

from index.embed import Model
from index.store.base import Listed, Located, Stamp, Store, StoreInfo
from index.store.local import LocalStore, open_local, published_stamp
from index.store.manifest import refuse_other_model

__all__ = [
    "Listed",
    "LocalStore",
    "Located",
    "Stamp",
    "Store",
    "StoreInfo",
    "open_store",
    "published_stamp",
    "refuse_other_model",
]


def open_store(data: Path, model: Model | None = None, before: Store | None = None) -> Store:
    """Open what is published in `data`, made by `model` where one is given.

    What `before` holds and has not changed is taken from it. Raises IndexMissingError without an
    index, IndexRefusedError where it cannot be used.
    """
    return open_local(data, model, before)
