"""The encoder that runs any sentence-transformers model."""

import logging
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import torch
import transformers
from sentence_transformers import SentenceTransformer
from sentence_transformers.base.modules import Router
from sentence_transformers.sentence_transformer.modules import Pooling, Transformer
from transformers.tokenization_utils_base import LARGE_INTEGER

from index.embed import (
    Integers,
    Model,
    PassageText,
    PassageVectors,
    Vectors,
    count_read,
    read_to_the_end,
    token_members,
    unit,
)
from index.encoders.files import ModelFiles, find_model
from index.errors import ModelError
from index.settings import DEFAULT_MODEL

_BATCH_SIZE = 32
# The names that models give their retrieval prompts, the usual ones first.
_QUERY_PROMPTS = ("query", "retrieval.query", "Retrieval-query", "s2p_query", "web_search_query")
_PASSAGE_PROMPTS = ("document", "passage", "corpus", "retrieval.passage", "Retrieval-passage")
_THREADS = torch.get_num_threads()


class TransformerEncoder:
    """Any sentence-transformers model, by hub name or folder, with its own prompts.

    Raises ModelError if it cannot be loaded, or if the default model's weights are not the
    published ones.
    """

    def __init__(self, name: str = DEFAULT_MODEL) -> None:
        files = find_model(name)
        self.transformer = _load(files)
        dimension = self.transformer.get_embedding_dimension()
        if not dimension:
            raise ModelError(f"model {name!r} makes no vectors: name a sentence-embedding model")
        # A model that had to be downloaded is in the cache now.
        digest = files.digest or find_model(name).digest or f"name:{name}"
        self._model = Model(name, digest, dimension)
        self._pools_tokens = _pools_tokens(self.transformer)

    @property
    def model(self) -> Model:
        """Which model it runs."""
        return self._model

    @property
    def pools_tokens(self) -> bool:
        """Whether it pools the vectors of a text's tokens, so that sentences can be pooled too."""
        return self._pools_tokens

    @property
    def longest(self) -> int:
        """How many tokens of a text it reads; 0 if there is no limit."""
        limit = self.transformer.max_seq_length
        return int(limit) if limit and limit < LARGE_INTEGER else 0

    def encode_queries(self, texts: Sequence[str]) -> Vectors:
        """The vectors of questions, with the model's query prompt in front."""
        if not texts:
            return np.zeros((0, self._model.dimension), np.float32)
        # One question is too little work to split: threads would mostly wait for each other, and
        # on a busy machine for a core.
        torch.set_num_threads(1)
        vectors = self.transformer.encode_query(
            list(texts), prompt=self.query_prompt, show_progress_bar=False
        )
        return unit(np.asarray(vectors))

    def encode_passages(self, passages: Sequence[PassageText]) -> list[PassageVectors]:
        """One forward pass a batch; the vector of a sentence is the mean of its tokens.

        A model that does not pool tokens encodes sentences one by one.
        """
        if not passages:
            return []
        torch.set_num_threads(_THREADS)
        if not self.pools_tokens:
            return self._apart(passages)
        return read_to_the_end(passages, self._read_once)

    def _read_once(self, passages: Sequence[PassageText]) -> list[tuple[PassageVectors, int]]:
        outputs = self._encode([passage.whole for passage in passages], output_value=None)
        return [
            (self._vectors(passage, spans, output), count_read(passage, spans, self.longest))
            for passage, spans, output in zip(
                passages, self._token_spans(passages), outputs, strict=True
            )
        ]

    def _encode(self, texts: list[str], **settings: Any) -> Any:
        return self.transformer.encode_document(
            texts,
            prompt=self.passage_prompt,
            batch_size=_BATCH_SIZE,
            show_progress_bar=False,
            **settings,
        )

    def _apart(self, passages: Sequence[PassageText]) -> list[PassageVectors]:
        wholes = unit(self._encode([passage.whole for passage in passages]))
        sentences = [text.text[start:end] for text in passages for start, end in text.sentences]
        rows = unit(self._encode(sentences)) if sentences else _no_rows(wholes[0])
        ends = np.cumsum([len(passage.sentences) for passage in passages])
        parts = np.split(rows, ends[:-1])
        return [PassageVectors(*each) for each in zip(wholes, parts, strict=True)]

    def _vectors(
        self, passage: PassageText, spans: Integers, output: dict[str, torch.Tensor]
    ) -> PassageVectors:
        whole = output["sentence_embedding"]
        tokens = output["token_embeddings"][output["attention_mask"].bool()]
        rows = [
            # A sentence of which nothing was read gets the passage's vector.
            self._finish(tokens[torch.from_numpy(inside)]) if inside.any() else whole
            for inside in token_members(passage, spans)
        ]
        return PassageVectors(
            unit(whole.float().cpu().numpy()),
            unit(torch.stack(rows).float().cpu().numpy()) if rows else _no_rows(whole),
        )

    def _finish(self, tokens: torch.Tensor) -> torch.Tensor:
        """Mean pooling, then the model's own modules after pooling (a dense layer, say)."""
        features = {"sentence_embedding": tokens.mean(dim=0, keepdim=True)}
        with torch.inference_mode():
            for module in list(self.transformer)[2:]:
                features = module(features)
        return features["sentence_embedding"][0, : self._model.dimension]

    def _token_spans(self, passages: Sequence[PassageText]) -> list[Integers]:
        """The span of each token read in the passage's text, shape (tokens, 2)."""
        prompt = self.passage_prompt
        found = self.transformer.tokenizer(
            [prompt + passage.whole for passage in passages],
            return_offsets_mapping=True,
            truncation=True,
        )["offset_mapping"]
        return [
            np.array(spans, np.int64) - len(prompt) - len(passage.front)
            for spans, passage in zip(found, passages, strict=True)
        ]

    @property
    def query_prompt(self) -> str:
        """What the model expects in front of a question."""
        return self._prompt(_QUERY_PROMPTS)

    @property
    def passage_prompt(self) -> str:
        """What the model expects in front of a passage."""
        return self._prompt(_PASSAGE_PROMPTS)

    def _prompt(self, names: Sequence[str]) -> str:
        """The first prompt that is not empty.

        sentence-transformers gives every model an empty `query` and `document`, which would hide
        the prompt of a model that calls it `passage`.
        """
        named = (self.transformer.prompts.get(name) for name in names)
        return next((prompt for prompt in named if prompt), "")


def quieten() -> None:
    """Silence the libraries: a model that fails to load is reported in one line of our own."""
    transformers.logging.set_verbosity_error()
    transformers.logging.disable_progress_bar()
    for library in ("sentence_transformers", "huggingface_hub"):
        logging.getLogger(library).setLevel(logging.ERROR)


def first_line(error: Exception) -> str:
    """The first line of an error's message."""
    return (str(error).strip() or repr(error)).splitlines()[0]


def _load(files: ModelFiles) -> SentenceTransformer:
    quieten()
    try:
        # For a folder the hub is not asked.
        local = Path(files.where).is_dir()
        return _fitted(SentenceTransformer(files.where, local_files_only=local))
    except Exception as error:  # a foreign model's code may raise anything
        raise ModelError(
            f"model {files.name!r} cannot be loaded: {first_line(error)} "
            "(FOOTNOTE_MODEL takes the name of a sentence-transformers model or its folder)"
        ) from error


def _fitted(model: SentenceTransformer) -> SentenceTransformer:
    """Adjust the settings so that a text's vector does not depend on the rest of its batch."""
    if not isinstance(model[0], Transformer) or model[0].tokenizer is None:
        return model
    # Padding on the left shifts a text's positions.
    model[0].tokenizer.padding_side = "right"
    # A model without a limit, or with one too large, fails at the end of its position table.
    for module in model[0].modules():
        table = getattr(module, "position_embeddings", None)
        if isinstance(table, torch.nn.Embedding):
            unused = 0 if table.padding_idx is None else table.padding_idx + 1
            held = table.num_embeddings - unused
            model.max_seq_length = min(model.max_seq_length or held, held)
    return model


def _pools_tokens(model: SentenceTransformer) -> bool:
    """Whether it is a transformer, one pooling of its tokens, and layers after it.

    The transformer must read a text as its tokenizer does, from the first token on: without a chat
    template and without settings of its own.
    """
    if len(model) < 2:
        return False
    first, pooling, *behind = model
    return (
        isinstance(first, Transformer)
        and first.tokenizer is not None
        and first.tokenizer.is_fast
        and first.tokenizer.truncation_side == "right"
        and "message" not in first.modality_config
        and not (first.processing_kwargs or first.query_length or first.document_length)
        and isinstance(pooling, Pooling)
        and isinstance(pooling.pooling_mode, str)
        and not any(isinstance(module, Router) for module in behind)
    )


def _no_rows(whole: Vectors | torch.Tensor) -> Vectors:
    return np.zeros((0, len(whole)), dtype=np.float32)
