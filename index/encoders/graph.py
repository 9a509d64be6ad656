"""A torch module as a graph for ONNX Runtime, and a graph in 8 bits.

ONNX Runtime's own dynamic quantisation scales a whole batch at once: a question's vector then
depends on the other questions in the batch (mean cosine 0.993 with MiniLM). Here every token has
its own scale, as in LLM.int8() (Dettmers et al., 2022, vector-wise quantisation):

    x W  ≈  s_x s_w (q(x / s_x) q(W / s_w)),   s_x = max |x| / 127 of the token,
                                               s_w = max |w| / 64 of the column

Weights take 7 bits: CPUs without VNNI add pairs of products in 16 bits, which 8-bit weights
overflow. A table of token vectors keeps 8 bits per number and one scale per row.
"""

import logging
import warnings
from collections.abc import Iterable, Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from io import BytesIO
from typing import Any

import numpy as np
import onnx
import torch
from numpy.typing import NDArray
from onnx import TensorProto, helper, numpy_helper

_OPSET = 17


Weights = Mapping[str, NDArray[Any]]


@dataclass(frozen=True, slots=True)
class Traced:
    """A module as a graph, and apart from it the weights that it reads by name.

    They are the module's own: copies in a graph would take its size again, several times while it
    is written.
    """

    model: onnx.ModelProto
    weights: Weights

    def whole(self) -> onnx.ModelProto:
        """The graph with its weights as they are."""
        model = onnx.ModelProto()
        model.CopyFrom(self.model)
        model.graph.initializer.extend(_tensors(self.weights, _read_by(model.graph.node)))
        return model

    def in_8_bits(self) -> onnx.ModelProto:
        """The graph with its large weights in 8 bits."""
        return quantize(self.model, self.weights)


def traced(
    module: torch.nn.Module,
    given: Mapping[str, torch.Tensor],
    outputs: Sequence[str],
    axes: Mapping[str, Mapping[int, str]],
) -> Traced:
    """The module as a graph of 32-bit numbers: it takes `given` in order, and gives `outputs`.

    `axes` names the axes of either that may be of any length.
    """
    buffer = BytesIO()
    logging.getLogger("torch.onnx").setLevel(logging.ERROR)
    with warnings.catch_warnings(), torch.inference_mode():
        # Tracing warns of every shape that Python code looks at.
        warnings.simplefilter("ignore")
        torch.onnx.export(
            module,
            tuple(given.values()),
            buffer,  # type: ignore[arg-type]  # its stub knows only paths
            input_names=list(given),
            output_names=list(outputs),
            dynamic_axes=axes,
            opset_version=_OPSET,
            dynamo=False,
            export_params=False,
            # Weights are no constants where they are left out.
            do_constant_folding=False,
        )
    model = onnx.load_from_string(buffer.getvalue())
    # Weights that are left out are named as inputs, behind those that are given.
    held, named = module.state_dict(), model.graph.input[len(given) :]
    weights = {each.name: held[each.name].numpy() for each in named}
    del model.graph.input[len(given) :]
    return Traced(model, _turned(model.graph, weights))


def _turned(graph: onnx.GraphProto, weights: Weights) -> Weights:
    """The weights with those that the graph would transpose, whose nodes are taken out."""
    turns = [
        node for node in graph.node if node.op_type == "Transpose" and node.input[0] in weights
    ]
    turned = {
        node.output[0]: weights[node.input[0]].transpose(*node.attribute[0].ints) for node in turns
    }
    for node in turns:
        graph.node.remove(node)
    return {**weights, **turned}


def _tensors(weights: Weights, read: AbstractSet[str]) -> Iterator[onnx.TensorProto]:
    return (
        numpy_helper.from_array(np.ascontiguousarray(numbers), name)
        for name, numbers in weights.items()
        if name in read
    )


def _read_by(nodes: Iterable[onnx.NodeProto]) -> set[str]:
    return {name for node in nodes for name in node.input}


Array = NDArray[np.float32]

_WEIGHT_STEPS = 64
_STEPS = 127
# Smaller matrices are not worth the rounding.
_SMALLEST = 32
_SMALLEST_TABLE = 1000
_RUNTIME_DOMAIN = "com.microsoft"
_NONE: Weights = {}
_SHARED: Mapping[str, NDArray[Any]] = {
    "one_step": np.array(1 / _STEPS, np.float32),
    "middle": np.array(128, np.uint8),
    "least": np.array(1e-9, np.float32),
    "one": np.array(1, np.float32),
}


def quantize(model: onnx.ModelProto, beside: Weights = _NONE) -> onnx.ModelProto:
    """The same graph, with its large matrices and tables of token vectors in 8 bits.

    Its weights are its own, or lie `beside` it.
    """
    own = {tensor.name: numpy_helper.to_array(tensor) for tensor in model.graph.initializer}
    rewrite = _Rewrite({**own, **beside})
    for node in model.graph.node:
        rewrite.take(node)
    graph = helper.make_graph(
        rewrite.nodes,
        model.graph.name,
        model.graph.input,
        model.graph.output,
        [*_tensors(rewrite.weights, _read_by(rewrite.nodes))],
    )
    opsets = [*model.opset_import, helper.make_opsetid(_RUNTIME_DOMAIN, 1)]
    return helper.make_model(graph, ir_version=model.ir_version, opset_imports=opsets)


@dataclass(slots=True)
class _Rewrite:
    """The nodes of the new graph so far; `scaled` are inputs that are already quantised."""

    weights: dict[str, NDArray[Any]]
    nodes: list[onnx.NodeProto] = field(default_factory=list)
    scaled: set[str] = field(default_factory=set)

    def take(self, node: onnx.NodeProto) -> None:
        """Add the node as it is, or nodes that do the same with small numbers."""
        weights = self._large(node)
        if weights is None:
            self.nodes.append(node)
        elif node.op_type == "MatMul":
            self._multiply(node, weights)
        else:
            self._look_up(node, weights)

    def _large(self, node: onnx.NodeProto) -> Array | None:
        place = {"MatMul": 1, "Gather": 0}.get(node.op_type)
        weights = self.weights.get(node.input[place]) if place is not None else None
        if weights is None or weights.ndim != 2 or weights.dtype != np.float32:
            return None
        is_small = min(weights.shape) < _SMALLEST
        if node.op_type == "Gather":
            is_small = len(weights) < _SMALLEST_TABLE
        return None if is_small else weights

    def _multiply(self, node: onnx.NodeProto, weights: Array) -> None:
        tokens, name, out = node.input[0], node.input[1], node.output[0]
        self._quantize_tokens(tokens)
        scales = _scales(weights, 0, _WEIGHT_STEPS)
        self._keep(f"{name}/small", np.rint(weights / scales).astype(np.int8))
        self._keep(f"{name}/scale", scales[0])
        self._keep(f"{name}/zero", np.zeros(len(scales[0]), np.int8))
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
            self._keep(name, value)
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
        self._keep(f"{name}/small", np.rint(table / scales).astype(np.int8))
        self._keep(f"{name}/scale", scales)
        self._node("Gather", [f"{name}/small", ids], f"{out}/small")
        self._node("Cast", [f"{out}/small"], f"{out}/spread", to=TensorProto.FLOAT)
        self._node("Gather", [f"{name}/scale", ids], f"{out}/scale")
        self._node("Mul", [f"{out}/spread", f"{out}/scale"], out)

    def _keep(self, name: str, value: NDArray[Any]) -> None:
        self.weights.setdefault(name, value)

    def _node(self, kind: str, inputs: list[str], output: str, **settings: Any) -> None:
        self.nodes.append(helper.make_node(kind, inputs, [output], **settings))


def _scales(weights: Array, axis: int, steps: int) -> Array:
    """The size of one step, such that the largest number along `axis` takes all of them."""
    reach = np.abs(weights).max(axis=axis, keepdims=True)
    return np.asarray(np.maximum(reach, 1e-9) / steps, np.float32)
