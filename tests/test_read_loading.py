"""Which reader a setting names: none, or a tiny model made here."""

import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from transformers import BertModel

from index.encoders.graph import Traced
from index.errors import ModelError
from index.settings import DEFAULT_READER
from qa.read import export
from qa.read.loading import FOLDER, NO_READER, PACKAGED, PACKAGED_DIGEST, checked, load_reader
from qa.read.onnx import RECORD, read_record
from qa.read.reading import Window
from tests.models import question_answerer

ROOT = Path(__file__).parent.parent
QUESTION = "Who is the last keeper?"
WINDOW = Window("Cape Orrin", "The keeper is Ida. It rains.", ((0, 18), (19, 28)))


@pytest.fixture(scope="module")
def tiny(tmp_path_factory: pytest.TempPathFactory) -> str:
    return question_answerer(tmp_path_factory.mktemp("readers") / "tiny")


def refusal(name: str, data: Path) -> str:
    """The one line by which it is refused; nothing of it is left in the data folder."""
    with pytest.raises(ModelError) as refused:
        load_reader(name, data)
    assert "\n" not in str(refused.value)
    assert not list(data.glob(f"{FOLDER}*"))
    return str(refused.value)


def odds(name: str, data: Path) -> list[float]:
    reader = load_reader(name, data)
    assert reader is not None
    return [each.log_odds for each in reader.read(QUESTION, [WINDOW])[0]]


def test_a_model_is_exported_once_and_kept_with_its_agreement(
    tiny: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, asked_for: list[object]
) -> None:
    first = odds(tiny, tmp_path)
    kept = read_record(tmp_path / FOLDER)
    assert kept is not None
    assert (kept.name, kept.runs) == (tiny, "ONNX Runtime, 8 bits")
    assert 0 <= kept.agreement <= export.TRUSTED
    monkeypatch.setattr(export, "export_reader", None)
    assert odds(tiny, tmp_path) == first
    assert [path.name for path in tmp_path.iterdir()] == [FOLDER]
    assert asked_for == []


def test_another_name_takes_the_place_of_the_one_before(tiny: str, tmp_path: Path) -> None:
    other = question_answerer(tmp_path / "other", seed=1)
    before = odds(tiny, tmp_path)
    assert odds(other, tmp_path) != before
    kept = read_record(tmp_path / FOLDER)
    assert kept is not None
    assert kept.name == other


def test_a_damaged_record_is_as_good_as_no_export(tiny: str, tmp_path: Path) -> None:
    first = odds(tiny, tmp_path)
    (tmp_path / FOLDER / RECORD).write_text('{"name": 1', encoding="utf-8")
    assert read_record(tmp_path / FOLDER) is None
    assert odds(tiny, tmp_path) == first


def test_a_model_that_8_bits_change_keeps_32(
    tiny: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(Traced, "in_8_bits", lambda graph: _disturbed(graph).whole())
    in_32 = odds(tiny, tmp_path)
    kept = read_record(tmp_path / FOLDER)
    assert kept is not None
    assert kept.runs == "ONNX Runtime, 32 bits"
    assert kept.agreement <= export.EXACT
    assert "32 bits are kept" in caplog.text
    monkeypatch.undo()
    assert odds(tiny, tmp_path / "usual") == pytest.approx(in_32, abs=0.3)


def test_a_graph_that_is_not_the_model_is_refused(
    tiny: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    graph = export._graph
    monkeypatch.setattr(export, "_graph", lambda *given: _disturbed(graph(*given)))
    told = refusal(tiny, tmp_path)
    assert told.startswith(f"reader {tiny!r} cannot be used: its graph gives other numbers")


def test_a_model_without_the_head_is_refused_by_its_name(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    name = question_answerer(tmp_path / "headless", BertModel)
    capfd.readouterr()
    told = refusal(name, tmp_path)
    assert told.startswith(f"reader {name!r} cannot be used: it was not trained to answer: ")
    assert "FOOTNOTE_READER takes" in told
    assert capfd.readouterr() == ("", "")


def test_a_folder_without_a_model_is_refused(tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    name = str(tmp_path / "empty")
    assert refusal(name, tmp_path).startswith(f"reader {name!r} cannot be used: ")


@pytest.mark.parametrize("name", ["nobody/no-such-reader", "no such/reader"])
def test_a_name_that_cannot_be_fetched_is_refused_in_one_line(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, asked_for: list[object]
) -> None:
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_OFFLINE", True)
    told = refusal(name, tmp_path)
    assert told.startswith(f"reader {name!r} cannot be used: ")
    assert "FOOTNOTE_READER takes" in told


def test_a_data_folder_that_takes_nothing_is_told_with_the_remedy(
    tiny: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(path: Path, *_: Any, **__: Any) -> None:
        raise PermissionError(13, "Permission denied", str(path))

    monkeypatch.setattr(Path, "mkdir", refuse)
    told = refusal(tiny, tmp_path)
    start = f"reader {tiny!r} cannot be kept in {str(tmp_path)!r} (Permission denied): "
    assert told.startswith(start)
    assert "FOOTNOTE_READER" in told


def test_a_kept_export_reads_without_torch(tiny: str, tmp_path: Path) -> None:
    load_reader(tiny, tmp_path)
    code = (
        "import sys, qa.live; from pathlib import Path; from qa.read.loading import load_reader; "
        "from qa.read.reading import Window; "
        f"reader = load_reader({tiny!r}, Path({str(tmp_path)!r})); "
        "print(len(reader.read('Who?', [Window('', 'It rains.', ((0, 9),))])[0])); "
        "print(sorted({'torch', 'transformers', 'sentence_transformers'} & set(sys.modules)))"
    )
    told = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert told.stdout == "1\n[]\n"


def test_footnotes_own_reader_needs_no_data_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(export, "export_reader", None)
    reader = load_reader(DEFAULT_READER, tmp_path / "nowhere")
    assert reader is not None
    text = "The mill burned down in 1904. It was rebuilt by Ida Holm."
    window = Window("The mill", text, ((0, 29), (30, 57)))
    [[burned, rebuilt]] = reader.read("Who built the mill again?", [window])
    assert rebuilt.words is not None
    assert text[slice(*rebuilt.words)] == "Ida Holm"
    assert rebuilt.log_odds > burned.log_odds


def test_weights_that_are_not_of_this_version_are_refused(tmp_path: Path) -> None:
    damaged = bytearray(PACKAGED.read_bytes())
    damaged[len(damaged) // 2] ^= 1
    (tmp_path / "weights.onnx").write_bytes(damaged)
    for graph in (tmp_path / "weights.onnx", tmp_path / "none.onnx"):
        with pytest.raises(ModelError) as raised:
            checked(graph, PACKAGED_DIGEST)
        assert str(raised.value).startswith(f"the reader's weights {str(graph)!r} are not those")
        assert "FOOTNOTE_READER=none" in str(raised.value)
    assert PACKAGED.stat().st_size <= 25_000_000


def test_none_is_no_reader_and_no_model_is_looked_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, asked_for: list[object]
) -> None:
    monkeypatch.setattr(export, "export_reader", None)
    assert load_reader(NO_READER, tmp_path / "nowhere") is None
    assert asked_for == []


def _disturbed(graph: Traced) -> Traced:
    """The same with the head's scores of first words three times as far apart."""
    changed = {
        name: each * np.float32(3)
        for name, each in graph.weights.items()
        if each.shape[-1:] == (2,)
    }
    return replace(graph, weights={**graph.weights, **changed})
