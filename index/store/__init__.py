"""The index on disk: immutable segments behind the `Store` protocol."""

from index.store.local import LocalStore, Located, open_store

# Until the protocol stands in `index.store.base`, the only store there is.
Store = LocalStore

__all__ = ["LocalStore", "Located", "Store", "open_store"]
