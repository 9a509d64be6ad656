"""Exports a sentence-transformers model beside the index, and keeps it only if its vectors match.

The ONNX graph gives passages and sentences in one pass. The result is compared with the original
on passages of the archive.
"""

import copy
import logging
import shutil
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import torch
from sentence_transformers import SentenceTransformer
from sentence_transformers.sentence_transformer.modules import Transformer

from index.embed import Encoder, PassageText
from index.encoders.files import GRAPH, TOKENIZER, Exported, write_exported
from index.encoders.graph import Traced, traced
from index.encoders.onnx import OnnxEncoder
from index.encoders.transformer import TransformerEncoder
from index.errors import ModelError
from index.store.durable import sync_files

# The outputs of the graph, and the one input we add: which tokens belong to which sentence.
PASSAGES, SENTENCES = "passages", "sentences"
SENTENCE_TOKENS = "sentence_tokens"
# A graph is one protobuf message, which must be smaller than 2 GiB.
_MOST_BYTES = 2**31


class _Pooled(torch.nn.Module):
    """The model's modules, with the mean of each sentence's tokens beside its own pooling.

    Vectors longer than `dimension` are truncated, as the model is set to do.
    """

    def __init__(
        self, transformer: SentenceTransformer, inputs: Sequence[str], dimension: int
    ) -> None:
        super().__init__()
        self.dimension = dimension
        self.stages = torch.nn.ModuleList(list(transformer))
        self.inputs = inputs

    def forward(self, *tensors: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        features: dict[str, Any] = dict(zip(self.inputs, tensors[:-1], strict=True))
        for stage in self.stages:
            features = stage(features)
        members = tensors[-1]
        counts = members.sum(dim=-1, keepdim=True).clamp(min=1)
        means = {"sentence_embedding": torch.bmm(members, features["token_embeddings"]) / counts}
        # Modules after the pooling (a dense layer, say) apply to sentences too.
        for stage in list(self.stages)[2:]:
            means = stage(means)
        made = features["sentence_embedding"], means["sentence_embedding"]
        return made[0][..., : self.dimension], made[1][..., : self.dimension]


def input_names(encoder: TransformerEncoder) -> tuple[str, ...]:
    """The model's inputs for each token: `input_ids`, `attention_mask` and so on."""
    return tuple(encoder.transformer.tokenizer.model_input_names)


def export_graph(encoder: TransformerEncoder) -> Traced:
    """The model as a graph of 32-bit numbers.

    Inputs: those of `input_names`, shape (texts, tokens), and SENTENCE_TOKENS, 1 where a token
    belongs to a sentence, shape (texts, sentences, tokens). Outputs: PASSAGES, shape (texts,
    dimension), and SENTENCES, shape (texts, sentences, dimension). Raises ModelError if the model
    is not a transformer, a pooling of its tokens, and layers after it.
    """
    _refuse_other_architectures(encoder)
    names = input_names(encoder)
    transformer = _in_32_bits(encoder.transformer)
    ids = torch.ones((2, 7), dtype=torch.long)
    tokens = {name: ids * 0 if name == "token_type_ids" else ids for name in names}
    axes = {name: {0: "texts", 1: "tokens"} for name in names}
    axes[SENTENCE_TOKENS] = {0: "texts", 1: "sentences", 2: "tokens"}
    axes[PASSAGES], axes[SENTENCES] = {0: "texts"}, {0: "texts", 1: "sentences"}
    with _plain_attention(transformer):
        return traced(
            _Pooled(transformer, names, encoder.model.dimension).eval(),
            {**tokens, SENTENCE_TOKENS: torch.ones(2, 3, 7)},
            (PASSAGES, SENTENCES),
            axes,
        )


def _in_32_bits(transformer: SentenceTransformer) -> SentenceTransformer:
    """The model itself, or a 32-bit copy if its numbers are shorter."""
    if all(numbers.dtype == torch.float32 for numbers in transformer.parameters()):
        return transformer
    return copy.deepcopy(transformer).float()


@contextmanager
def _plain_attention(transformer: SentenceTransformer) -> Iterator[None]:
    """Attention that traces into a seventh fewer nodes than torch's fused one."""
    model: Any = getattr(transformer[0], "auto_model", None)
    if not hasattr(model, "set_attn_implementation"):
        yield
        return
    before = model.config._attn_implementation
    model.set_attn_implementation("eager")
    try:
        yield
    finally:
        model.set_attn_implementation(before)


def _refuse_other_architectures(encoder: TransformerEncoder) -> None:
    stages = list(encoder.transformer)
    if not isinstance(stages[0], Transformer):
        raise ModelError(f"model {encoder.model.name!r} does not begin with a transformer")
    if not encoder.pools_tokens:
        raise ModelError(f"model {encoder.model.name!r} does not pool the vectors of its tokens")
    if not stages[1].include_prompt and encoder.passage_prompt + encoder.query_prompt:
        raise ModelError(f"model {encoder.model.name!r} leaves its prompt out when it pools")
    if 4 * sum(numbers.numel() for numbers in encoder.transformer.parameters()) >= _MOST_BYTES:
        raise ModelError(f"model {encoder.model.name!r} is too large for one graph of 2 GiB")


_log = logging.getLogger(__name__)

# An export with at least this mean cosine to the original is trusted.
TRUSTED = 0.99
# Enough passages to judge, few enough to take a second.
_CHECKED = 32
_QUESTION_CHARACTERS = 200


def export_checked(
    home: Path, original: TransformerEncoder, passages: Sequence[PassageText]
) -> Exported:
    """Make the folder `home` with the fastest export that gives the original's vectors.

    It is checked on the first of `passages`. If no export is trusted, that is recorded, so that
    none is tried again.
    """
    draft = home.with_name(f"{home.name}.new")
    shutil.rmtree(draft, ignore_errors=True)
    draft.mkdir(parents=True)
    exported = _first_trusted(draft, original, passages[:_CHECKED])
    if exported is None:
        exported = Exported(original.model, "sentence-transformers")
        for name in (GRAPH, TOKENIZER):
            (draft / name).unlink(missing_ok=True)
    write_exported(draft, exported)
    sync_files(draft)
    shutil.rmtree(home, ignore_errors=True)
    draft.replace(home)
    return exported


def mean_cosine(one: Encoder, other: Encoder, sample: Sequence[PassageText]) -> float:
    """The lowest mean cosine of two encoders' vectors: of passages, sentences or questions."""
    pairs = list(zip(one.encode_passages(sample), other.encode_passages(sample), strict=True))
    texts = [passage.text[:_QUESTION_CHARACTERS] for passage in sample]
    kinds = (
        (np.array([a.passage for a, _ in pairs]), np.array([b.passage for _, b in pairs])),
        (np.vstack([a.sentences for a, _ in pairs]), np.vstack([b.sentences for _, b in pairs])),
        (one.encode_queries(texts), other.encode_queries(texts)),
    )
    return min(float((a * b).sum(axis=1).mean()) for a, b in kinds if len(a))


def _first_trusted(
    draft: Path, original: TransformerEncoder, sample: Sequence[PassageText]
) -> Exported | None:
    tokenizer = original.transformer.tokenizer
    try:
        graph = export_graph(original)
        tokenizer.backend_tokenizer.save(str(draft / TOKENIZER))
        untried = Exported(
            model=original.model,
            runs="",
            query_prompt=original.query_prompt,
            passage_prompt=original.passage_prompt,
            longest=original.longest,
            pad_id=tokenizer.pad_token_id or 0,
            inputs=input_names(original),
        )
        # The fastest first; neither is kept in memory while it is checked.
        for bits, form in ((8, graph.in_8_bits), (32, graph.whole)):
            onnx.save(form(), draft / GRAPH)
            cosine = mean_cosine(original, OnnxEncoder(draft, untried), sample)
            if cosine >= TRUSTED:
                return replace(untried, runs=f"ONNX Runtime, {bits} bits", cosine=round(cosine, 4))
        reason = f"its export has a mean cosine of {cosine:.3f} to it, below {TRUSTED}"
    except Exception as error:  # a foreign model's code may raise anything: the original still runs
        reason = (str(error).strip() or repr(error)).splitlines()[0]
    _log.warning("%s is run by sentence-transformers: %s", original.model.name, reason)
    return None
