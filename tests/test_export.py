"""An exported graph gives the vectors of its original, and what is quantised nearly those."""

from pathlib import Path

import numpy as np
import onnx
import onnxruntime
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from onnx import TensorProto, helper, numpy_helper
from sentence_transformers.sentence_transformer.modules import (
    Dense,
    Normalize,
    Pooling,
    StaticEmbedding,
    Transformer,
)

from index.embed import PassageText
from index.encoders.export import export_graph, input_names
from index.encoders.files import GRAPH, TOKENIZER, Exported
from index.encoders.graph import quantize
from index.encoders.onnx import OnnxEncoder
from index.encoders.transformer import TransformerEncoder
from index.errors import ModelError
from tests.models import HIDDEN, LONGEST, save_model, tiny_bert

FRONT = "Lighthouse\n"
TEXT = "The lamp burned whale oil. Two keepers lived in the tower."
LONG = "The lamp burned. " + "Nobody wept. " * 40 + "It was late."
PASSAGES = [
    PassageText(FRONT, TEXT, ((0, 26), (27, 58))),
    PassageText("", TEXT, ((0, 26), (27, 58))),
    PassageText(FRONT, TEXT, ()),
    PassageText("", "łódź \N{FERRY} 12.", ((0, 10),)),
    PassageText("", LONG, ((0, 16), (17, 29), (len(LONG) - 12, len(LONG)))),
]
QUESTIONS = ["who lit the lamp", "", "who? " * 200]


@pytest.fixture(scope="module")
def tiny(tmp_path_factory: pytest.TempPathFactory) -> Transformer:
    return tiny_bert(tmp_path_factory.mktemp("bert"))


def exported(home: Path, original: TransformerEncoder) -> OnnxEncoder:
    """The graph as it is exported, with numbers of 32 bits."""
    home.mkdir()
    onnx.save(export_graph(original).whole(), home / GRAPH)
    tokenizer = original.transformer.tokenizer
    tokenizer.backend_tokenizer.save(str(home / TOKENIZER))
    told = Exported(
        model=original.model,
        runs="ONNX Runtime, 32 bits",
        cosine=1.0,
        query_prompt=original.query_prompt,
        passage_prompt=original.passage_prompt,
        longest=original.longest,
        pad_id=tokenizer.pad_token_id,
        inputs=input_names(original),
    )
    return OnnxEncoder(home, told)


MODELS: dict[str, tuple[list[torch.nn.Module], dict[str, str]]] = {
    "mean pooling": ([Pooling(HIDDEN)], {}),
    "normalised": ([Pooling(HIDDEN), Normalize()], {}),
    "first token": ([Pooling(HIDDEN, "cls")], {}),
    "largest numbers": ([Pooling(HIDDEN, "max")], {}),
    "a layer behind": ([Pooling(HIDDEN), Dense(HIDDEN, 16)], {}),
    "first token and a layer": ([Pooling(HIDDEN, "cls"), Dense(HIDDEN, 48), Normalize()], {}),
    "prompts": ([Pooling(HIDDEN)], {"query": "query: ", "passage": "passage: "}),
    "prompt for questions": ([Pooling(HIDDEN, "cls")], {"query": "find: "}),
}


@pytest.mark.parametrize("name", MODELS)
def test_the_graph_gives_the_vectors_of_the_original(
    tmp_path: Path, tiny: Transformer, name: str
) -> None:
    modules, prompts = MODELS[name]
    original = TransformerEncoder(save_model(tmp_path / "m", tiny, *modules, **prompts))
    graph = exported(tmp_path / "encoder", original)
    assert graph.model == original.model
    pairs = zip(graph.encode_passages(PASSAGES), original.encode_passages(PASSAGES), strict=True)
    for found, expected in pairs:
        np.testing.assert_allclose(found.passage, expected.passage, atol=1e-4)
        np.testing.assert_allclose(found.sentences, expected.sentences, atol=1e-4)
        assert found.sentences.shape == expected.sentences.shape
        assert found.passage.dtype == found.sentences.dtype == np.float32
    np.testing.assert_allclose(
        graph.encode_queries(QUESTIONS), original.encode_queries(QUESTIONS), atol=1e-4
    )


def test_what_the_graph_needs_is_told_by_the_model(tmp_path: Path, tiny: Transformer) -> None:
    original = TransformerEncoder(save_model(tmp_path / "m", tiny, Pooling(HIDDEN)))
    assert original.longest == LONGEST
    assert input_names(original) == ("input_ids", "token_type_ids", "attention_mask")


def test_a_model_without_a_transformer_is_refused(tmp_path: Path, tiny: Transformer) -> None:
    assert tiny.tokenizer is not None
    words = StaticEmbedding(tiny.tokenizer.backend_tokenizer, embedding_dim=16)
    original = TransformerEncoder(save_model(tmp_path / "m", words))
    with pytest.raises(ModelError, match=r"model '.*m' does not begin with a transformer"):
        export_graph(original)


def test_a_model_that_pools_without_its_prompt_is_refused(
    tmp_path: Path, tiny: Transformer
) -> None:
    pooling = Pooling(HIDDEN, include_prompt=False)
    original = TransformerEncoder(save_model(tmp_path / "m", tiny, pooling, document="passage: "))
    with pytest.raises(ModelError, match="leaves its prompt out when it pools"):
        export_graph(original)


def test_a_model_that_pools_without_a_prompt_that_it_has_not_is_exported(
    tmp_path: Path, tiny: Transformer
) -> None:
    pooling = Pooling(HIDDEN, include_prompt=False)
    original = TransformerEncoder(save_model(tmp_path / "m", tiny, pooling))
    graph = exported(tmp_path / "encoder", original)
    np.testing.assert_allclose(
        graph.encode_queries(QUESTIONS), original.encode_queries(QUESTIONS), atol=1e-4
    )


def test_exporting_leaves_the_original_as_it_was(tmp_path: Path, tiny: Transformer) -> None:
    original = TransformerEncoder(save_model(tmp_path / "m", tiny, Pooling(HIDDEN)))
    before = original.encode_queries(QUESTIONS)
    export_graph(original)
    np.testing.assert_array_equal(original.encode_queries(QUESTIONS), before)


def test_the_weights_of_a_graph_are_those_of_the_model_and_no_copies(
    tmp_path: Path, tiny: Transformer
) -> None:
    original = TransformerEncoder(save_model(tmp_path / "m", tiny, Pooling(HIDDEN)))
    graph = export_graph(original)
    held = [each.detach().numpy() for each in original.transformer.parameters()]
    for each in graph.weights.values():
        assert any(np.shares_memory(each, other) for other in held)
    assert not graph.model.graph.initializer


def test_a_model_with_more_numbers_than_a_graph_holds_is_refused_before_it_is_exported(
    tmp_path: Path, tiny: Transformer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("index.encoders.export._MOST_BYTES", 1000)
    original = TransformerEncoder(save_model(tmp_path / "m", tiny, Pooling(HIDDEN)))
    with pytest.raises(ModelError, match="is too large for one graph of 2 GiB"):
        export_graph(original)


Array = NDArray[np.float32]


def numbers(*shape: int, seed: int = 0) -> Array:
    return np.random.default_rng(seed).normal(size=shape).astype(np.float32)


def multiplying(*weights: Array) -> onnx.ModelProto:
    """Each matrix times the one input."""
    tensors = [numpy_helper.from_array(each, f"w{n}") for n, each in enumerate(weights)]
    nodes = [helper.make_node("MatMul", ["x", f"w{n}"], [f"y{n}"]) for n in range(len(weights))]
    outputs = [
        helper.make_tensor_value_info(f"y{n}", TensorProto.FLOAT, None) for n in range(len(weights))
    ]
    inputs = [helper.make_tensor_value_info("x", TensorProto.FLOAT, None)]
    return modelled(helper.make_graph(nodes, "multiplying", inputs, outputs, tensors))


def looking_up(table: Array) -> onnx.ModelProto:
    nodes = [helper.make_node("Gather", ["table", "ids"], ["y"])]
    inputs = [helper.make_tensor_value_info("ids", TensorProto.INT64, None)]
    outputs = [helper.make_tensor_value_info("y", TensorProto.FLOAT, None)]
    tensors = [numpy_helper.from_array(table, "table")]
    return modelled(helper.make_graph(nodes, "looking up", inputs, outputs, tensors))


def modelled(graph: onnx.GraphProto) -> onnx.ModelProto:
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)


def run(model: onnx.ModelProto, **inputs: NDArray[np.generic]) -> list[Array]:
    session = onnxruntime.InferenceSession(
        model.SerializeToString(), providers=["CPUExecutionProvider"]
    )
    return [np.asarray(each) for each in session.run(None, inputs)]


def cosines(one: Array, other: Array) -> Array:
    lengths = np.linalg.norm(one, axis=-1) * np.linalg.norm(other, axis=-1)
    return np.asarray((one * other).sum(axis=-1) / lengths)


def kinds(model: onnx.ModelProto) -> list[str]:
    return [node.op_type for node in model.graph.node]


def test_a_large_matrix_is_multiplied_in_8_bits_with_nearly_the_same_result() -> None:
    weights, tokens = numbers(64, 96), numbers(2, 5, 64, seed=1)
    model = quantize(multiplying(weights))
    assert "MatMulIntegerToFloat" in kinds(model)
    assert "MatMul" not in kinds(model)
    [found] = run(model, x=tokens)
    assert found.shape == (2, 5, 96)
    assert (cosines(found, tokens @ weights) > 0.999).all()


@given(st.integers(0, 1000), st.floats(-3, 3))
@settings(max_examples=30)
def test_the_scale_of_a_token_does_not_change_how_well_it_is_kept(seed: int, power: float) -> None:
    weights = numbers(64, 96)
    tokens = np.asarray(numbers(3, 64, seed=seed) * 10**power, np.float32)
    [found] = run(quantize(multiplying(weights)), x=tokens)
    assert (cosines(found, tokens @ weights) > 0.998).all()


def test_a_token_is_kept_the_same_whatever_stands_beside_it() -> None:
    model = quantize(multiplying(numbers(64, 96)))
    token = numbers(1, 64, seed=1)
    [alone] = run(model, x=token)
    for scale in (0.001, 1, 1000):
        beside = np.concatenate([token, numbers(4, 64, seed=2) * np.float32(scale)])
        [found] = run(model, x=beside)
        np.testing.assert_array_equal(found[:1], alone)


def test_a_token_of_zeros_gives_zeros() -> None:
    [found] = run(quantize(multiplying(numbers(64, 96))), x=np.zeros((1, 64), np.float32))
    assert (found == 0).all()


def test_weights_take_seven_bits_and_a_scale_a_column() -> None:
    weights = numbers(64, 96) * np.linspace(0.01, 100, 96, dtype=np.float32)
    tensors = {tensor.name: tensor for tensor in quantize(multiplying(weights)).graph.initializer}
    small = numpy_helper.to_array(tensors["w0/small"]).astype(int)
    assert np.abs(small).max(axis=0).tolist() == [64] * 96
    scales = numpy_helper.to_array(tensors["w0/scale"])
    np.testing.assert_allclose(scales, np.abs(weights).max(axis=0) / 64, rtol=1e-6)
    assert "w0" not in tensors


def test_matrices_that_multiply_one_input_share_its_quantised_form() -> None:
    one, other, tokens = numbers(64, 96), numbers(64, 48, seed=3), numbers(5, 64, seed=1)
    model = quantize(multiplying(one, other))
    assert kinds(model).count("QuantizeLinear") == 1
    found = run(model, x=tokens)
    for result, weights in zip(found, (one, other), strict=True):
        assert (cosines(result, tokens @ weights) > 0.999).all()


@pytest.mark.parametrize("shape", [(31, 96), (64, 31), (1, 1)])
def test_a_small_matrix_stays_as_it_is(shape: tuple[int, int]) -> None:
    weights, tokens = numbers(*shape), numbers(5, shape[0], seed=1)
    model = quantize(multiplying(weights))
    assert kinds(model) == ["MatMul"]
    np.testing.assert_array_equal(run(model, x=tokens)[0], run(multiplying(weights), x=tokens)[0])


def test_a_large_table_keeps_its_rows_to_a_step_of_their_largest_number() -> None:
    table = numbers(1000, 48) * np.linspace(0.01, 9, 1000, dtype=np.float32)[:, np.newaxis]
    model = quantize(looking_up(table))
    ids = np.array([[0, 5, 999]])
    [found] = run(model, ids=ids)
    steps = np.abs(table[ids]).max(axis=-1, keepdims=True) / 127
    assert (np.abs(found - table[ids]) <= steps * 0.51).all()
    sizes = len(model.SerializeToString()), len(looking_up(table).SerializeToString())
    assert sizes[0] < sizes[1] / 3


def test_a_small_table_stays_as_it_is() -> None:
    table = numbers(999, 48)
    model = quantize(looking_up(table))
    assert kinds(model) == ["Gather"]
    np.testing.assert_array_equal(run(model, ids=np.array([3]))[0], table[[3]])


def test_the_graph_that_is_quantised_stays_as_it_is() -> None:
    model = multiplying(numbers(64, 96))
    before = model.SerializeToString()
    quantize(model)
    assert model.SerializeToString() == before
