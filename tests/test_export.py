from pathlib import Path

import numpy as np
import onnx
import pytest
import torch
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
    onnx.save(export_graph(original), home / GRAPH)
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


def test_a_model_with_more_numbers_than_a_graph_holds_is_refused_before_it_is_exported(
    tmp_path: Path, tiny: Transformer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("index.encoders.export._MOST_BYTES", 1000)
    original = TransformerEncoder(save_model(tmp_path / "m", tiny, Pooling(HIDDEN)))
    with pytest.raises(ModelError, match="is too large for one graph of 2 GiB"):
        export_graph(original)
