"""A sentence-transformers model as an ONNX graph that gives passages and sentences in one pass."""

import copy
import logging
import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from io import BytesIO
from typing import Any

import onnx
import torch
from sentence_transformers import SentenceTransformer
from sentence_transformers.sentence_transformer.modules import Transformer

from index.errors import ModelError
from index.transformer import TransformerEncoder

# What the graph gives, and the one input that is ours: which tokens are of which sentence.
PASSAGES, SENTENCES = "passages", "sentences"
SENTENCE_TOKENS = "sentence_tokens"
_OPSET = 17
# A graph is kept as one message of protobuf, which holds less than 2 GiB.
_MOST_BYTES = 2**31


class _Pooled(torch.nn.Module):
    """The model's modules, with the mean of each sentence's tokens beside its own pooling.

    Of vectors longer than `dimension` the beginning counts, as the model was told.
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
        # What the model does after its pooling (a dense layer, say) it does to sentences too.
        for stage in list(self.stages)[2:]:
            means = stage(means)
        made = features["sentence_embedding"], means["sentence_embedding"]
        return made[0][..., : self.dimension], made[1][..., : self.dimension]


def input_names(encoder: TransformerEncoder) -> tuple[str, ...]:
    """What the model reads of each token: `input_ids`, `attention_mask` and such."""
    return tuple(encoder.transformer.tokenizer.model_input_names)


def export_graph(encoder: TransformerEncoder) -> onnx.ModelProto:
    """The model as a graph with numbers of 32 bits.

    Inputs: those of `input_names`, shape (texts, tokens), and SENTENCE_TOKENS, 1 where a token is
    of a sentence, shape (texts, sentences, tokens). Outputs: PASSAGES, shape (texts, dimension),
    and SENTENCES, shape (texts, sentences, dimension). Raises ModelError where the model is made
    otherwise than of a transformer, a pooling of its tokens and layers behind it.
    """
    _refuse_other_makes(encoder)
    names = input_names(encoder)
    transformer = _in_32_bits(encoder.transformer)
    buffer = BytesIO()
    ids = torch.ones((2, 7), dtype=torch.long)
    axes = {name: {0: "texts", 1: "tokens"} for name in names}
    axes[SENTENCE_TOKENS] = {0: "texts", 1: "sentences", 2: "tokens"}
    axes[PASSAGES], axes[SENTENCES] = {0: "texts"}, {0: "texts", 1: "sentences"}
    with warnings.catch_warnings(), torch.inference_mode(), _plain_attention(transformer):
        # Tracing warns of every shape that Python code looks at.
        warnings.simplefilter("ignore")
        logging.getLogger("torch.onnx").setLevel(logging.ERROR)
        torch.onnx.export(
            _Pooled(transformer, names, encoder.model.dimension).eval(),
            (
                *(ids if name != "token_type_ids" else ids * 0 for name in names),
                torch.ones(2, 3, 7),
            ),
            buffer,  # type: ignore[arg-type]  # its stub knows only paths
            input_names=[*names, SENTENCE_TOKENS],
            output_names=[PASSAGES, SENTENCES],
            dynamic_axes=axes,
            opset_version=_OPSET,
            dynamo=False,
        )
    return onnx.load_from_string(buffer.getvalue())


def _in_32_bits(transformer: SentenceTransformer) -> SentenceTransformer:
    """The model itself, or a copy where its numbers are shorter."""
    if all(numbers.dtype == torch.float32 for numbers in transformer.parameters()):
        return transformer
    return copy.deepcopy(transformer).float()


@contextmanager
def _plain_attention(transformer: SentenceTransformer) -> Iterator[None]:
    """For a while, attention that is traced into a seventh fewer nodes than torch's fused one."""
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


def _refuse_other_makes(encoder: TransformerEncoder) -> None:
    stages = list(encoder.transformer)
    if not isinstance(stages[0], Transformer):
        raise ModelError(f"model {encoder.model.name!r} does not begin with a transformer")
    if not encoder.pools_tokens:
        raise ModelError(f"model {encoder.model.name!r} does not pool the vectors of its tokens")
    if not stages[1].include_prompt and encoder.passage_prompt + encoder.query_prompt:
        raise ModelError(f"model {encoder.model.name!r} leaves its prompt out when it pools")
    if 4 * sum(numbers.numel() for numbers in encoder.transformer.parameters()) >= _MOST_BYTES:
        raise ModelError(f"model {encoder.model.name!r} is too large for one graph of 2 GiB")
