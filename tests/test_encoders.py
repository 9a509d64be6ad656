import json
import logging
import shutil
import subprocess
import sys
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from sentence_transformers.sentence_transformer.modules import (
    Dense,
    Pooling,
    StaticEmbedding,
    Transformer,
)

from index.build import build
from index.embed import PassageText, PassageVectors, Vectors
from index.encoders import ModelEncoder
from index.encoders.export import TRUSTED, export_graph, mean_cosine
from index.encoders.files import ENCODER, GRAPH, RECORD, TOKENIZER, read_exported
from index.encoders.graph import Traced
from index.encoders.transformer import TransformerEncoder
from index.errors import IndexRefusedError, ModelError
from index.store import verify
from index.store.local import open_local
from index.store.manifest import read_manifest
from tests.conftest import write_sources
from tests.fakes import HashEncoder, no_progress
from tests.models import HIDDEN, save_model, tiny_bert

ROOT = Path(__file__).parent.parent
TEXTS = ["The lamp burned whale oil. Two keepers lived in the tower.", "It rained. It was 1962."]
PASSAGES = [
    PassageText("Lighthouse\n", TEXTS[0], ((0, 26), (27, 58))),
    PassageText("", TEXTS[1], ((0, 10), (11, 23))),
    PassageText("", "a long one. " * 40, ((0, 11), (12, 23))),
]
QUESTIONS = ["What fuel did it use?", "who"]


@pytest.fixture(scope="module")
def tiny(tmp_path_factory: pytest.TempPathFactory) -> Transformer:
    return tiny_bert(tmp_path_factory.mktemp("bert"))


@pytest.fixture(scope="module")
def mine(tmp_path_factory: pytest.TempPathFactory, tiny: Transformer) -> str:
    """A model with prompts, by its folder."""
    folder = tmp_path_factory.mktemp("models") / "mine"
    return save_model(folder, tiny, Pooling(HIDDEN), query="query: ", passage="passage: ")


@pytest.fixture(scope="module")
def kept(tmp_path_factory: pytest.TempPathFactory, mine: str) -> Path:
    """A data folder that has the export of `mine`, and nothing else."""
    data = tmp_path_factory.mktemp("kept") / "data"
    ModelEncoder(data, mine).encode_passages(PASSAGES)
    return data


@pytest.fixture
def data(kept: Path, tmp_path: Path) -> Path:
    """A copy of it, to change."""
    return Path(shutil.copytree(kept, tmp_path / "data"))


def names_in(data: Path) -> set[str]:
    return {path.relative_to(data).as_posix() for path in data.rglob("*") if path.is_file()}


def stats_of(data: Path) -> list[tuple[str, int, int]]:
    stats = {path: path.stat() for path in sorted(data.rglob("*"))}
    return [(str(path), stat.st_ino, stat.st_mtime_ns) for path, stat in stats.items()]


def runs(data: Path) -> str:
    exported = read_exported(data / ENCODER)
    assert exported is not None
    return exported.runs


def refuse(*_: object) -> None:
    raise AssertionError("the model was loaded or exported again")


@pytest.fixture
def no_original(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever loads the original or exports it fails."""
    monkeypatch.setattr("index.encoders.transformer.TransformerEncoder", refuse)
    monkeypatch.setattr("index.encoders.export.export_checked", refuse)


def noisy(graph: Traced) -> Traced:
    """A graph of the same form whose vectors are those of no model."""
    random = np.random.default_rng(0)
    changed = {
        name: random.normal(size=each.shape).astype(np.float32)
        for name, each in graph.weights.items()
        if each.ndim == 2 and each.dtype == np.float32
    }
    return replace(graph, weights={**graph.weights, **changed})


def test_the_default_model_is_exported_at_the_first_build_and_checked(exported_data: Path) -> None:
    manifest, exported = read_manifest(exported_data), read_exported(exported_data / ENCODER)
    assert exported is not None
    assert manifest.runs == exported.runs == "ONNX Runtime, 8 bits"
    assert exported.cosine is not None
    assert TRUSTED <= exported.cosine <= 1
    assert exported.model == manifest.model == TransformerEncoder().model
    files = {f"{ENCODER}/{name}" for name in (GRAPH, TOKENIZER, RECORD)}
    assert files <= {file.path for file in manifest.files}
    assert list(verify(exported_data)) == []


def test_the_export_has_the_vectors_of_the_original(exported_data: Path) -> None:
    graph, original = ModelEncoder(exported_data), TransformerEncoder()
    for found, expected in zip(
        graph.encode_passages(PASSAGES), original.encode_passages(PASSAGES), strict=True
    ):
        assert float(found.passage @ expected.passage) > 0.98
        assert ((found.sentences * expected.sentences).sum(axis=1) > 0.97).all()
    assert mean_cosine(graph, original, PASSAGES) > TRUSTED


def test_an_export_is_opened_again_and_built_with_without_torch_or_transformers(
    exported_data: Path, tmp_path: Path
) -> None:
    data = Path(shutil.copytree(exported_data, tmp_path / "data"))
    sources = write_sources(tmp_path / "sources")
    (sources / "new.txt").write_text("This one is new.")
    code = f"""
import sys
from pathlib import Path
from index.build import build
from index.encoders import ModelEncoder
data = Path({str(data)!r})
report = build([Path({str(sources)!r})], data, ModelEncoder(data), lambda *told: None)
print(report.embedded, ModelEncoder(data).encode_queries(["Who?"]).shape)
heavy = {{"torch", "transformers", "sentence_transformers", "onnx"}}
print(sorted(heavy & set(sys.modules)))
"""
    command = [sys.executable, "-W", "error", "-c", code]
    told = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    assert told.stdout == "1 (1, 384)\n[]\n"
    assert list(verify(data)) == []


def test_an_export_is_kept_with_the_models_digest_and_made_once(
    kept: Path, mine: str, no_original: None
) -> None:
    before = stats_of(kept)
    assert names_in(kept) == {f"{ENCODER}/{name}" for name in (GRAPH, TOKENIZER, RECORD)}
    encoder = ModelEncoder(kept, mine)
    exported = read_exported(kept / ENCODER)
    assert exported is not None
    assert encoder.model == exported.model
    assert len(encoder.encode_passages(PASSAGES)) == 3
    assert encoder.encode_queries(QUESTIONS).shape == (2, HIDDEN)
    assert stats_of(kept) == before


def test_prompts_are_honoured_through_the_graph(kept: Path, mine: str) -> None:
    exported = read_exported(kept / ENCODER)
    assert exported is not None
    assert (exported.query_prompt, exported.passage_prompt) == ("query: ", "passage: ")
    assert exported.is_graph
    assert mean_cosine(ModelEncoder(kept, mine), TransformerEncoder(mine), PASSAGES) > TRUSTED


def test_loading_an_encoder_and_asking_for_its_model_writes_nothing(
    tmp_path: Path, mine: str, capfd: pytest.CaptureFixture[str]
) -> None:
    before = stats_of(Path(mine))
    assert ModelEncoder(tmp_path / "data", mine).model == TransformerEncoder(mine).model
    assert ModelEncoder(tmp_path / "data", mine).encode_queries(QUESTIONS).shape == (2, HIDDEN)
    assert not (tmp_path / "data").exists()
    assert stats_of(Path(mine)) == before
    assert capfd.readouterr() == ("", "")


def test_where_there_is_nothing_to_encode_nothing_is_loaded(
    kept: Path, mine: str, no_original: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("index.encoders.onnx.OnnxEncoder", refuse)
    encoder = ModelEncoder(kept, mine)
    assert encoder.encode_passages([]) == []
    assert encoder.encode_queries([]).shape == (0, HIDDEN)


def test_nothing_encoded_first_does_not_keep_the_graph_from_being_used(
    tmp_path: Path, mine: str
) -> None:
    encoder = ModelEncoder(tmp_path, mine)
    encoder.encode_passages([])
    [first] = encoder.encode_passages(PASSAGES[:1])
    [again] = ModelEncoder(tmp_path, mine).encode_passages(PASSAGES[:1])
    np.testing.assert_allclose(first.passage, again.passage, atol=1e-6)


@pytest.mark.parametrize(
    ("pooling", "layers"),
    [("cls", []), ("mean", [Dense(HIDDEN, 48)]), ("cls", [Dense(HIDDEN, 48)])],
    ids=["first token", "a layer", "both"],
)
def test_models_of_other_makes_go_through_the_graph(
    tmp_path: Path, tiny: Transformer, pooling: str, layers: list[torch.nn.Module]
) -> None:
    name = save_model(tmp_path / "m", tiny, Pooling(HIDDEN, pooling), *layers)
    encoder = ModelEncoder(tmp_path / "data", name)
    made = encoder.encode_passages(PASSAGES)
    dimension = 48 if layers else HIDDEN
    assert runs(tmp_path / "data").startswith("ONNX Runtime, ")
    assert encoder.model.dimension == dimension
    assert {each.passage.shape for each in made} == {(dimension,)}
    assert mean_cosine(encoder, TransformerEncoder(name), PASSAGES) > TRUSTED


def test_a_model_of_another_dimension_builds_an_index(
    tmp_path: Path, sources: Path, mine: str
) -> None:
    encoder = ModelEncoder(tmp_path / "data", mine)
    build([sources], tmp_path / "data", encoder, no_progress)
    snapshot = open_local(tmp_path / "data", ModelEncoder(tmp_path / "data", mine).model)
    assert [segment.vectors.dimension for segment in snapshot.segments] == [HIDDEN]
    assert list(verify(tmp_path / "data")) == []
    snapshot.close()


def test_a_model_whose_8_bit_graph_misses_the_mark_falls_to_32_bits(
    tmp_path: Path, mine: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Traced, "in_8_bits", lambda graph: noisy(graph).whole())
    encoder = ModelEncoder(tmp_path, mine)
    made, original = encoder.encode_passages(PASSAGES), TransformerEncoder(mine)
    assert runs(tmp_path) == "ONNX Runtime, 32 bits"
    for found, expected in zip(made, original.encode_passages(PASSAGES), strict=True):
        np.testing.assert_allclose(found.passage, expected.passage, atol=1e-4)


@pytest.mark.parametrize("fault", ["other vectors", "an exception"])
def test_a_model_that_cannot_be_exported_well_runs_as_the_original_and_is_not_tried_again(
    tmp_path: Path,
    mine: str,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
    fault: str,
) -> None:
    calls: list[TransformerEncoder] = []

    def export(encoder: TransformerEncoder) -> Traced:
        calls.append(encoder)
        if fault == "an exception":
            raise RuntimeError("this operator\nis unknown")
        return noisy(export_graph(encoder))

    monkeypatch.setattr("index.encoders.export.export_graph", export)
    original = TransformerEncoder(mine)
    for _ in range(2):
        encoder = ModelEncoder(tmp_path, mine)
        made = encoder.encode_passages(PASSAGES)
        for found, expected in zip(made, original.encode_passages(PASSAGES), strict=True):
            np.testing.assert_array_equal(found.sentences, expected.sentences)
    assert len(calls) == 1
    assert runs(tmp_path) == "sentence-transformers"
    assert names_in(tmp_path) == {f"{ENCODER}/{RECORD}"}
    assert encoder.model == original.model
    told = [record.getMessage() for record in caplog.records if record.levelno >= logging.WARNING]
    why = "this operator" if fault == "an exception" else "its export has a mean cosine of "
    assert len(told) == 1
    assert told[0].startswith(f"{mine} is run by sentence-transformers: {why}")


def test_a_model_without_vectors_of_tokens_runs_as_the_original(
    tmp_path: Path, tiny: Transformer
) -> None:
    assert tiny.tokenizer is not None
    words = StaticEmbedding(tiny.tokenizer.backend_tokenizer, embedding_dim=16)
    name = save_model(tmp_path / "m", words)
    made = ModelEncoder(tmp_path / "data", name).encode_passages(PASSAGES)
    assert runs(tmp_path / "data") == "sentence-transformers"
    for found, expected in zip(
        made, TransformerEncoder(name).encode_passages(PASSAGES), strict=True
    ):
        np.testing.assert_array_equal(found.passage, expected.passage)


def damage_record(home: Path) -> None:
    (home / RECORD).write_text("{")


def lose_record(home: Path) -> None:
    (home / RECORD).unlink()


def change_digest(home: Path) -> None:
    record = json.loads((home / RECORD).read_text())
    record["model"]["digest"] = "sha256:ab"
    (home / RECORD).write_text(json.dumps(record))


def lose_graph(home: Path) -> None:
    (home / GRAPH).unlink()


@pytest.mark.parametrize("damage", [damage_record, lose_record, change_digest, lose_graph])
def test_a_damaged_or_foreign_encoder_folder_is_made_anew(
    data: Path, kept: Path, mine: str, damage: Callable[[Path], None]
) -> None:
    damage(data / ENCODER)
    made = ModelEncoder(data, mine).encode_passages(PASSAGES)
    expected = ModelEncoder(kept, mine).encode_passages(PASSAGES)
    for found, right in zip(made, expected, strict=True):
        np.testing.assert_allclose(found.passage, right.passage, atol=1e-6)
    assert read_exported(data / ENCODER) == read_exported(kept / ENCODER)
    assert names_in(data) == names_in(kept)


@pytest.mark.parametrize("name", [GRAPH, TOKENIZER, RECORD])
def test_a_build_over_a_published_encoder_that_is_damaged_is_refused_by_name(
    exported_data: Path, sources: Path, tmp_path: Path, name: str
) -> None:
    data = Path(shutil.copytree(exported_data, tmp_path / "data"))
    path = data / ENCODER / name
    stored = bytearray(path.read_bytes())
    stored[len(stored) // 2] ^= 1
    path.write_bytes(stored)
    with pytest.raises(IndexRefusedError, match=rf"{path} is damaged.*: remove .* and build"):
        build([sources], data, ModelEncoder(data), no_progress)


def test_what_a_killed_export_left_is_cleared(tmp_path: Path, mine: str) -> None:
    left = tmp_path / f"{ENCODER}.new"
    left.mkdir()
    (left / GRAPH).write_bytes(b"half a graph")
    ModelEncoder(tmp_path, mine).encode_passages(PASSAGES)
    assert [path.name for path in tmp_path.iterdir()] == [ENCODER]


def test_a_model_that_changed_is_another_model(data: Path, mine: str, tmp_path: Path) -> None:
    changed = Path(shutil.copytree(mine, tmp_path / "changed"))
    config = changed / "config_sentence_transformers.json"
    config.write_text(config.read_text().replace("query: ", "q: "))
    encoder = ModelEncoder(data, str(changed))
    assert encoder.model.digest != ModelEncoder(data, mine).model.digest
    encoder.encode_passages(PASSAGES)
    exported = read_exported(data / ENCODER)
    assert exported is not None
    assert (exported.model, exported.query_prompt) == (encoder.model, "q: ")


def test_the_same_model_under_another_name_takes_the_export_over(
    data: Path, mine: str, tmp_path: Path, no_original: None
) -> None:
    moved = str(shutil.copytree(mine, tmp_path / "moved"))
    encoder = ModelEncoder(data, moved)
    assert encoder.model == replace(ModelEncoder(data, mine).model, name=moved)
    assert len(encoder.encode_passages(PASSAGES)) == 3


def test_with_a_graphics_card_the_original_runs(
    kept: Path, mine: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("index.encoders._has_gpu", lambda: True)
    found, original = ModelEncoder(kept, mine), TransformerEncoder(mine)
    np.testing.assert_array_equal(
        found.encode_queries(QUESTIONS), original.encode_queries(QUESTIONS)
    )
    [made] = found.encode_passages(PASSAGES[:1])
    [expected] = original.encode_passages(PASSAGES[:1])
    np.testing.assert_array_equal(made.passage, expected.passage)


def test_a_graph_is_loaded_without_asking_torch_for_a_graphics_card(
    kept: Path, mine: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A process that has asked can be forked no more: none of its children could use the card."""
    asked: list[str] = []

    def has_gpu() -> bool:
        asked.append("torch")
        return False

    monkeypatch.setattr("index.encoders._has_gpu", has_gpu)
    encoder = ModelEncoder(kept, mine)
    encoder.load_graph()
    assert asked == []
    assert len(encoder.encode_queries(QUESTIONS)) == len(QUESTIONS)
    assert asked == ["torch"]


def test_a_model_that_cannot_be_loaded_is_refused_in_one_line(tmp_path: Path) -> None:
    encoder = ModelEncoder(tmp_path / "data", str(tmp_path / "nowhere"))
    with pytest.raises(ModelError, match=r"nowhere' cannot be loaded: .*FOOTNOTE_MODEL takes"):
        encoder.encode_passages(PASSAGES)
    assert not (tmp_path / "data").exists()


class Turned(HashEncoder):
    """Passages, sentences or questions have other vectors than those of the encoder it is."""

    def __init__(self, what: str) -> None:
        super().__init__()
        self._what = what

    def encode_queries(self, texts: Sequence[str]) -> Vectors:
        found = super().encode_queries(texts)
        return -found if self._what == "questions" else found

    def encode_passages(self, passages: Sequence[PassageText]) -> list[PassageVectors]:
        return [
            PassageVectors(
                -each.passage if self._what == "passages" else each.passage,
                -each.sentences if self._what == "sentences" else each.sentences,
            )
            for each in super().encode_passages(passages)
        ]


@pytest.mark.parametrize("what", ["passages", "sentences", "questions"])
def test_an_encoder_is_as_near_as_the_farthest_of_its_vectors(what: str) -> None:
    assert mean_cosine(HashEncoder(), HashEncoder(), PASSAGES) == pytest.approx(1)
    assert mean_cosine(HashEncoder(), Turned(what), PASSAGES) == pytest.approx(-1)


def test_passages_without_sentences_are_compared_by_what_they_have() -> None:
    bare = [replace(passage, sentences=()) for passage in PASSAGES]
    assert mean_cosine(HashEncoder(), Turned("sentences"), bare) == pytest.approx(1)
