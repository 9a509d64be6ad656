"""Passage vectors in FAISS, and the compact forms in which vectors are stored."""

from pathlib import Path

import faiss
import numpy as np
from numpy.typing import NDArray

from index.embed import Vectors

Keys = NDArray[np.int64]


class VectorIndex:
    """Exact inner-product search over unit vectors, addressed by passage key."""

    def __init__(self, index: faiss.IndexIDMap2) -> None:
        self._index = index

    @classmethod
    def of(cls, keys: Keys, vectors: Vectors) -> "VectorIndex":
        """Index `vectors`, shape (passages, dimension), under `keys`, shape (passages,)."""
        index = faiss.IndexIDMap2(faiss.IndexFlatIP(vectors.shape[1]))
        index.add_with_ids(vectors, keys)
        return cls(index)

    @classmethod
    def read(cls, path: Path) -> "VectorIndex":
        """Open what `write` wrote; RuntimeError where it is something else."""
        index = faiss.read_index(str(path))
        if not isinstance(index, faiss.IndexIDMap2):
            raise RuntimeError(f"{path} holds a {type(index).__name__}, not vectors under keys")
        return cls(index)

    def write(self, path: Path) -> None:
        """Into one file."""
        faiss.write_index(self._index, str(path))

    def __len__(self) -> int:
        return int(self._index.ntotal)

    @property
    def dimension(self) -> int:
        """Numbers a vector."""
        return int(self._index.d)

    def keys(self) -> Keys:
        """The keys of all passages, shape (passages,)."""
        return np.asarray(faiss.vector_to_array(self._index.id_map), dtype=np.int64)

    def nearest(self, query: Vectors, limit: int, among: Keys | None = None) -> Keys:
        """Keys of up to `limit` passages by cosine, best first; only `among` if given."""
        limit = min(limit, len(self) if among is None else len(among))
        if limit == 0:
            return np.zeros(0, dtype=np.int64)
        chosen = None
        if among is not None:
            chosen = faiss.SearchParameters()
            chosen.sel = faiss.IDSelectorBatch(among)
        _, keys = self._index.search(query[np.newaxis], limit, params=chosen)
        return np.asarray(keys[0][keys[0] >= 0], dtype=np.int64)

    def vectors(self, keys: Keys) -> Vectors:
        """The vectors under `keys`, shape (keys, dimension)."""
        return np.asarray(self._index.reconstruct_batch(keys), dtype=np.float32)


def to_halves(vector: Vectors) -> bytes:
    """A passage vector in half floats: the cosine keeps three digits."""
    return vector.astype(np.float16).tobytes()


def from_halves(blob: bytes, rows: int) -> Vectors:
    """`rows` vectors that `to_halves` packed, joined."""
    return np.frombuffer(blob, dtype=np.float16).astype(np.float32).reshape(rows, -1)


def to_signed_bytes(vectors: Vectors) -> bytes:
    """Each row scaled to -127..127: only its direction is used, and that is kept."""
    largest = np.abs(vectors).max(axis=1, keepdims=True, initial=1e-12)
    return bytes(np.rint(vectors / largest * 127).astype(np.int8).tobytes())


def from_signed_bytes(blob: bytes, rows: int) -> Vectors:
    """`rows` unit vectors that `to_signed_bytes` packed, shape (rows, dimension)."""
    vectors = np.frombuffer(blob, dtype=np.int8).astype(np.float32).reshape(rows, -1)
    lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
    return np.asarray(vectors / np.maximum(lengths, 1e-12), dtype=np.float32)
