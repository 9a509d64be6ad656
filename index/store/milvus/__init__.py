"""An archive in Milvus: a store for more passages, writers and servers than one machine has."""

from index.store.milvus.store import MilvusStore, open_milvus, published_milvus, switch_milvus
from index.store.milvus.verify import verify_milvus
from index.store.milvus.versions import milvus_versions
from index.store.milvus.writer import write_milvus

__all__ = [
    "MilvusStore",
    "milvus_versions",
    "open_milvus",
    "published_milvus",
    "switch_milvus",
    "verify_milvus",
    "write_milvus",
]
