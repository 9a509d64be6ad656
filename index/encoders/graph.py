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
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from io import BytesIO
from typing import Any

import numpy as np
import onnx
import torch
from numpy.typing import NDArray
from onnx import TensorProto, helper, numpy_helper

_OPSET = 17


def traced(
    module: torch.nn.Module,
    given: Mapping[str, torch.Tensor],
    outputs: Sequence[str],
    axes: Mapping[str, Mapping[int, str]],
) -> onnx.ModelProto:
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
        )
    return onnx.load_from_string(buffer.getvalue())


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
