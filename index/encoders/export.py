"""Exports a sentence-transformers model beside the index, and keeps it only if its vectors match.

The ONNX graph gives passages and sentences in one pass. Its weights are quantised to 8 bits, so
that no text changes another's vector.

ONNX Runtime's own dynamic quantisation scales a whole batch at once: a question's vector then
depends on the other questions in the batch (mean cosine 0.993 with MiniLM). Here every token has
its own scale, as in LLM.int8() (Dettmers et al., 2022, vector-wise quantisation):

    x W  ≈  s_x s_w (q(x / s_x) q(W / s_w)),   s_x = max |x| / 127 of the token,
                                               s_w = max |w| / 64 of the column

Weights take 7 bits: CPUs without VNNI add pairs of products in 16 bits, which 8-bit weights
overflow. A table of token vectors keeps 8 bits per number and one scale per row. The result is
compared with the original on passages of the archive.
"""

import copy
import logging
import shutil
import warnings
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import torch
from numpy.typing import NDArray
from onnx import TensorProto, helper, numpy_helper
from sentence_transformers import SentenceTransformer
from sentence_transformers.sentence_transformer.modules import Transformer

from index.embed import Encoder, PassageText
from index.encoders.files import GRAPH, TOKENIZER, Exported, write_exported
from index.encoders.onnx import OnnxEncoder
from index.encoders.transformer import TransformerEncoder
from index.errors import ModelError
from index.store.durable import sync_files

# The outputs of the graph, and the one input we add: which tokens belong to which sentence.
PASSAGES, SENTENCES = "passages", "sentences"
SENTENCE_TOKENS = "sentence_tokens"
_OPSET = 17
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


def export_graph(encoder: TransformerEncoder) -> onnx.ModelProto:
    """The model as a graph of 32-bit numbers.

    Inputs: those of `input_names`, shape (texts, tokens), and SENTENCE_TOKENS, 1 where a token
    belongs to a sentence, shape (texts, sentences, tokens). Outputs: PASSAGES, shape (texts,
    dimension), and SENTENCES, shape (texts, sentences, dimension). Raises ModelError if the model
    is not a transformer, a pooling of its tokens, and layers after it.
    """
    _refuse_other_architectures(encoder)
    names = input_names(encoder)
    transformer = _in_32_bits(encoder.transformer)
    buffer = BytesIO()
    ids = torch.ones((2, 7), dtype=torch.long)
    axes = {name: {0: "texts", 1: "tokens"} for name in names}
    axes[SENTENCE_TOKENS] = {0: "texts", 1: "sentences", 2: "tokens"}
    axes[PASSAGES], axes[SENTENCES] = {0: "texts"}, {0: "texts", 1: "sentences"}
    with warnings.catch_warnings(), torch.inference_mode(), _plain_attention(transformer):
        # Tracing warns about every shape that Python code inspects.
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


Array = NDArray[np.float32]

_WEIGHT_STEPS = 64
_STEPS = 127
# Smaller matrices are not worth the rounding.
_SMALLEST = 32
_SMALLEST_TABLE = 1000
_RUNTIME_DOMAIN = "com.microsoft"
_SHARED: Mapping[str, NDArray[Any]] = {
    "one_step": np.array(1 / _STEPS, np.float32),
    "middle": np.array(128, np.uint8),
    "least": np.array(1e-9, np.float32),
    "one": np.array(1, np.float32),
}


def quantize(model: onnx.ModelProto) -> onnx.ModelProto:
    """The same graph, with its large matrices and tables of token vectors in 8 bits."""
    rewrite = _Rewrite({tensor.name: tensor for tensor in model.graph.initializer})
    for node in model.graph.node:
        rewrite.take(node)
    rewritten = onnx.ModelProto()
    rewritten.CopyFrom(model)
    graph = rewritten.graph
    del graph.node[:], graph.initializer[:]
    graph.node.extend(rewrite.nodes)
    graph.initializer.extend(rewrite.used_tensors())
    rewritten.opset_import.append(helper.make_opsetid(_RUNTIME_DOMAIN, 1))
    return rewritten


@dataclass(slots=True)
class _Rewrite:
    """The nodes of the new graph so far; `scaled` are inputs that are already quantised."""

    tensors: dict[str, onnx.TensorProto]
    nodes: list[onnx.NodeProto] = field(default_factory=list)
    scaled: set[str] = field(default_factory=set)

    def take(self, node: onnx.NodeProto) -> None:
        """Add the node as it is, or nodes that do the same with small numbers."""
        weights = self._weights(node)
        if weights is None:
            self.nodes.append(node)
        elif node.op_type == "MatMul":
            self._multiply(node, weights)
        else:
            self._look_up(node, weights)

    def used_tensors(self) -> list[onnx.TensorProto]:
        """The tensors that a node reads: the float weights are dropped."""
        read = {name for node in self.nodes for name in node.input}
        return [tensor for name, tensor in self.tensors.items() if name in read]

    def _weights(self, node: onnx.NodeProto) -> Array | None:
        place = {"MatMul": 1, "Gather": 0}.get(node.op_type)
        tensor = self.tensors.get(node.input[place]) if place is not None else None
        if tensor is None or len(tensor.dims) != 2 or tensor.data_type != TensorProto.FLOAT:
            return None
        is_small = min(tensor.dims) < _SMALLEST
        if node.op_type == "Gather":
            is_small = tensor.dims[0] < _SMALLEST_TABLE
        return None if is_small else np.asarray(numpy_helper.to_array(tensor), np.float32)

    def _multiply(self, node: onnx.NodeProto, weights: Array) -> None:
        tokens, name, out = node.input[0], node.input[1], node.output[0]
        self._quantize_tokens(tokens)
        scales = _scales(weights, 0, _WEIGHT_STEPS)
        self._tensor(f"{name}/small", np.rint(weights / scales).astype(np.int8))
        self._tensor(f"{name}/scale", scales[0])
        self._tensor(f"{name}/zero", np.zeros(len(scales[0]), np.int8))
        inputs = [f"{tokens}/small", f"{name}/small", "one", f"{name}/scale", "middle"]
        self._node(
            "MatMulIntegerToFloat",
            [*inputs, f"{name}/zero"],
            f"{out}/unscaled",
            domain=_RUNTIME_DOMAIN,
        )
        self._node("Mul", [f"{out}/unscaled", f"{tokens}/scale"], out)

    def _quantize_tokens(self, tokens: str) -> None:
        if tokens in self.scaled:
            return
        self.scaled.add(tokens)
        for name, value in _SHARED.items():
            self._tensor(name, value)
        # As few nodes as possible: for a short question each costs more than its arithmetic.
        self._node("Abs", [tokens], f"{tokens}/sizes")
        self._node("ReduceMax", [f"{tokens}/sizes"], f"{tokens}/largest", axes=[-1], keepdims=1)
        self._node("Max", [f"{tokens}/largest", "least"], f"{tokens}/reach")
        self._node("Mul", [f"{tokens}/reach", "one_step"], f"{tokens}/scale")
        self._node("Div", [tokens, f"{tokens}/scale"], f"{tokens}/spread")
        self._node("QuantizeLinear", [f"{tokens}/spread", "one", "middle"], f"{tokens}/small")

    def _look_up(self, node: onnx.NodeProto, table: Array) -> None:
        name, ids, out = node.input[0], node.input[1], node.output[0]
        scales = _scales(table, 1, _STEPS)
        self._tensor(f"{name}/small", np.rint(table / scales).astype(np.int8))
        self._tensor(f"{name}/scale", scales)
        self._node("Gather", [f"{name}/small", ids], f"{out}/small")
        self._node("Cast", [f"{out}/small"], f"{out}/spread", to=TensorProto.FLOAT)
        self._node("Gather", [f"{name}/scale", ids], f"{out}/scale")
        self._node("Mul", [f"{out}/spread", f"{out}/scale"], out)

    def _tensor(self, name: str, value: NDArray[Any]) -> None:
        self.tensors.setdefault(name, numpy_helper.from_array(value, name))

    def _node(self, kind: str, inputs: list[str], output: str, **settings: Any) -> None:
        self.nodes.append(helper.make_node(kind, inputs, [output], **settings))


def _scales(weights: Array, axis: int, steps: int) -> Array:
    """The size of one step, such that the largest number along `axis` takes all of them."""
    reach = np.abs(weights).max(axis=axis, keepdims=True)
    return np.asarray(np.maximum(reach, 1e-9) / steps, np.float32)


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
        for bits, form in _forms(graph):
            onnx.save(form, draft / GRAPH)
            cosine = mean_cosine(original, OnnxEncoder(draft, untried), sample)
            if cosine >= TRUSTED:
                return replace(untried, runs=f"ONNX Runtime, {bits} bits", cosine=round(cosine, 4))
        reason = f"its export has a mean cosine of {cosine:.3f} to it, below {TRUSTED}"
    except Exception as error:  # a foreign model's code may raise anything: the original still runs
        reason = (str(error).strip() or repr(error)).splitlines()[0]
    _log.warning("%s is run by sentence-transformers: %s", original.model.name, reason)
    return None


def _forms(graph: onnx.ModelProto) -> Iterator[tuple[int, onnx.ModelProto]]:
    """The bits of the weights and the graph, fastest first."""
    yield 8, quantize(graph)
    yield 32, graph
