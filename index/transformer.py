"""The encoder that runs any sentence-transformers model."""

import logging
from collections.abc import Sequence
from typing import Any

import numpy as np
import torch
import transformers
from sentence_transformers import SentenceTransformer

from index.embed import Model, PassageText, PassageVectors, Vectors, unit
from index.errors import ModelError
from index.model import ModelFiles, find_model
from index.settings import DEFAULT_MODEL

_BATCH_SIZE = 32
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
        # What had to be downloaded is in the cache now.
        digest = files.digest or find_model(name).digest or f"name:{name}"
        self._model = Model(name, digest, dimension)

    @property
    def model(self) -> Model:
        """Which model it runs."""
        return self._model

    def encode_queries(self, texts: Sequence[str]) -> Vectors:
        """The vectors of questions, with the model's query prompt in front."""
        if not texts:
            return np.zeros((0, self._model.dimension), np.float32)
        # One question is too little work to share out: threads would mostly wait for each other,
        # and on a busy machine for a core.
        torch.set_num_threads(1)
        vectors = self.transformer.encode_query(list(texts), show_progress_bar=False)
        return unit(np.asarray(vectors))

    def encode_passages(self, passages: Sequence[PassageText]) -> list[PassageVectors]:
        """One forward pass a batch; the vector of a sentence is the mean of its tokens."""
        if not passages:
            return []
        torch.set_num_threads(_THREADS)
        texts = [passage.front + passage.text for passage in passages]
        outputs: Any = self.transformer.encode_document(
            texts,
            prompt=self.passage_prompt,
            batch_size=_BATCH_SIZE,
            output_value=None,
            show_progress_bar=False,
        )
        if "token_embeddings" not in outputs[0]:
            return [
                self._apart(passage, output["sentence_embedding"])
                for passage, output in zip(passages, outputs, strict=True)
            ]
        return [
            self._vectors(passage, output)
            for passage, output in zip(passages, outputs, strict=True)
        ]

    def _apart(self, passage: PassageText, whole: torch.Tensor) -> PassageVectors:
        """For a model that gives no vectors of tokens: its sentences are encoded one by one."""
        sentences = [passage.text[start:end] for start, end in passage.sentences]
        rows = self.transformer.encode_document(
            sentences, prompt=self.passage_prompt, show_progress_bar=False
        )
        return PassageVectors(unit(whole.float().cpu().numpy()), unit(np.asarray(rows)))

    def _vectors(self, passage: PassageText, output: dict[str, torch.Tensor]) -> PassageVectors:
        whole = output["sentence_embedding"]
        # The mask drops the padding, on whichever side the model pads.
        tokens = output["token_embeddings"][output["attention_mask"].bool()]
        spans = self._token_spans(passage.front + passage.text)[: len(tokens)]
        shift = len(self.passage_prompt) + len(passage.front)
        starts = np.array([start for start, _ in spans])
        ends = np.array([end for _, end in spans])
        rows = []
        for first, last in passage.sentences:
            inside = (starts >= first + shift) & (ends <= last + shift) & (ends > starts)
            # Past the model's longest input there are no tokens: the passage speaks for them.
            rows.append(self._finish(tokens[torch.from_numpy(inside)]) if inside.any() else whole)
        return PassageVectors(
            unit(whole.float().cpu().numpy()),
            unit(torch.stack(rows).float().cpu().numpy()) if rows else _no_rows(whole),
        )

    def _finish(self, tokens: torch.Tensor) -> torch.Tensor:
        """Mean pooling, then what the model does after its own pooling (a dense layer, say)."""
        features = {"sentence_embedding": tokens.mean(dim=0, keepdim=True)}
        with torch.inference_mode():
            for module in list(self.transformer)[2:]:
                features = module(features)
        return features["sentence_embedding"][0]

    def _token_spans(self, text: str) -> list[tuple[int, int]]:
        spans: list[tuple[int, int]] = self.transformer.tokenizer(
            self.passage_prompt + text,
            return_offsets_mapping=True,
            truncation=True,
            max_length=self.transformer.max_seq_length,
        )["offset_mapping"]
        return spans

    @property
    def query_prompt(self) -> str:
        """What the model wants in front of a question."""
        return self.transformer.prompts.get("query") or ""

    @property
    def passage_prompt(self) -> str:
        """What the model wants in front of a passage.

        sentence-transformers gives every model an empty `document`, which would hide the
        `passage` of a model that names its prompt so: the first that says something counts.
        """
        prompts = self.transformer.prompts
        named = (prompts.get(name) for name in ("document", "passage", "corpus"))
        return next((prompt for prompt in named if prompt), "")


def quieten() -> None:
    """What stops a model from loading is said in one line; warnings beside it are noise."""
    transformers.logging.set_verbosity_error()
    transformers.logging.disable_progress_bar()
    for library in ("sentence_transformers", "huggingface_hub"):
        logging.getLogger(library).setLevel(logging.ERROR)


def first_line(error: Exception) -> str:
    """What an error of a foreign model's code says, in one line."""
    return (str(error).strip() or repr(error)).splitlines()[0]


def _load(files: ModelFiles) -> SentenceTransformer:
    quieten()
    try:
        return SentenceTransformer(files.where)
    except Exception as error:  # whatever a foreign model's code raises
        raise ModelError(
            f"model {files.name!r} cannot be loaded: {first_line(error)} "
            "(FOOTNOTE_MODEL takes the name of a sentence-transformers model or its folder)"
        ) from error


def _no_rows(whole: torch.Tensor) -> Vectors:
    return np.zeros((0, len(whole)), dtype=np.float32)
