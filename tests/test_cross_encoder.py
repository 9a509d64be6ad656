"""The reranker that runs a model: tiny ones, made here, from the setting to the answer."""

import json
import socket
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest
import uvicorn
from fastapi import FastAPI
from sentence_transformers import CrossEncoder
from sentence_transformers.sentence_transformer.modules import Pooling
from starlette.testclient import TestClient

import app
from index.errors import ModelError
from index.settings import describe_settings
from qa.__main__ import main
from qa.live import LiveIndex
from qa.rank.cross_encoder import CrossEncoderReranker
from qa.rank.rerank import Scores, load_reranker
from tests.fakes import HashEncoder
from tests.models import HIDDEN, save_model, tiny_bert, tiny_cross_encoder

QUESTION = "Who was the last keeper of the lighthouse?"
PASSAGES = [
    "Lighthouse\nThe last keeper, Jonas Field, left in 1978.",
    "It rained.",
    "The dam on the river Tessel holds ninety million cubic metres of water. " * 3,
]


@pytest.fixture(scope="module")
def pairs(tmp_path_factory: pytest.TempPathFactory) -> str:
    """A CrossEncoder that gives one score, by its folder."""
    return tiny_cross_encoder(tmp_path_factory.mktemp("models") / "pairs")


@pytest.fixture(scope="module")
def reranker(pairs: str) -> CrossEncoderReranker:
    return CrossEncoderReranker(pairs)


@pytest.fixture(scope="module")
def expected(pairs: str) -> Scores:
    """The scores of PASSAGES, each alone."""
    plain = CrossEncoder(pairs, local_files_only=True)
    alone = [plain.predict([(QUESTION, passage)])[0] for passage in PASSAGES]
    return np.array(alone, dtype=np.float64)


@pytest.fixture
def set_reranker(monkeypatch: pytest.MonkeyPatch, read_only_data: Path) -> Callable[[str], None]:
    """Sets the reranker of the small archive's index, and nothing else."""
    for name, _, _ in describe_settings():
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("FOOTNOTE_DATA", str(read_only_data))
    monkeypatch.setenv("FOOTNOTE_PORT", "0")
    # What is served can be looked at in this process only.
    monkeypatch.setenv("FOOTNOTE_WORKERS", "1")
    monkeypatch.setenv("GRADIO_ANALYTICS_ENABLED", "False")
    monkeypatch.setattr("index.encoders.ModelEncoder", lambda data, name: HashEncoder())
    return lambda name: monkeypatch.setenv("FOOTNOTE_RERANKER", name)


def test_scores_are_the_models_own_for_question_and_passage(
    reranker: CrossEncoderReranker, expected: Scores
) -> None:
    scores = reranker.scores(QUESTION, PASSAGES)
    assert scores.shape == (3,)
    assert scores.dtype == np.float64
    np.testing.assert_allclose(scores, expected, atol=1e-5)
    assert len(set(scores.round(3))) == 3


def test_more_passages_than_a_batch_are_scored_in_their_order(
    reranker: CrossEncoderReranker, expected: Scores
) -> None:
    scores = reranker.scores(QUESTION, PASSAGES * 20)
    np.testing.assert_allclose(scores, np.tile(expected, 20), atol=1e-5)


def test_many_threads_share_one_model(reranker: CrossEncoderReranker, expected: Scores) -> None:
    ready = threading.Barrier(8, timeout=30)

    def score(_: int) -> Scores:
        ready.wait()
        return reranker.scores(QUESTION, PASSAGES)

    with ThreadPoolExecutor(8) as threads:
        for scores in threads.map(score, range(8)):
            np.testing.assert_allclose(scores, expected, atol=1e-5)


def test_loading_and_scoring_print_nothing_and_write_nothing(
    pairs: str, capfd: pytest.CaptureFixture[str]
) -> None:
    before = sorted((path, path.stat().st_mtime_ns) for path in Path(pairs).rglob("*"))
    CrossEncoderReranker(pairs).scores(QUESTION, PASSAGES)
    assert capfd.readouterr() == ("", "")
    assert sorted((path, path.stat().st_mtime_ns) for path in Path(pairs).rglob("*")) == before


@pytest.mark.parametrize("form", ["pairs", "pairs-bare"])
def test_a_model_in_a_folder_is_loaded_without_a_request(
    pairs: str, form: str, asked_for: list[object], monkeypatch: pytest.MonkeyPatch
) -> None:
    # Seen from here, the folder might as well be the hub name of a model.
    home = Path(pairs).parent
    monkeypatch.chdir(home.parent)
    CrossEncoderReranker(f"{home.name}/{form}")
    assert asked_for == []


@pytest.mark.parametrize("name", ["cross-encoder/tiny", "tiny"])
def test_a_model_downloaded_before_is_loaded_from_the_cache_without_a_request(
    pairs: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    asked_for: list[object],
    name: str,
) -> None:
    repository = tmp_path / "models--cross-encoder--tiny"
    (repository / "refs").mkdir(parents=True)
    (repository / "refs" / "main").write_text("abc123")
    (repository / "snapshots").mkdir()
    (repository / "snapshots" / "abc123").symlink_to(pairs, target_is_directory=True)
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_CACHE", str(tmp_path))
    assert load_reranker(name) is not None
    assert asked_for == []


def refusal(name: str) -> str:
    """The one line by which it is refused, its remedy left out."""
    with pytest.raises(ModelError) as refused:
        CrossEncoderReranker(name)
    message = str(refused.value)
    start = f"reranker {name!r} cannot be used: "
    remedy = (
        " (FOOTNOTE_RERANKER takes the name of a sentence-transformers CrossEncoder that gives "
        "one score, or its folder)"
    )
    assert "\n" not in message
    assert message.startswith(start)
    assert message.endswith(remedy)
    return message.removeprefix(start).removesuffix(remedy)


def test_a_folder_that_is_not_there_is_refused(tmp_path: Path) -> None:
    assert str(tmp_path / "nowhere") in refusal(str(tmp_path / "nowhere"))


def test_a_folder_without_a_model_is_refused(tmp_path: Path) -> None:
    assert refusal(str(tmp_path))


def test_a_name_that_no_model_can_have_is_refused(caplog: pytest.LogCaptureFixture) -> None:
    assert "no such/model" in refusal("no such/model")
    assert caplog.records == []


def test_a_model_that_tells_classes_apart_is_refused(tmp_path: Path) -> None:
    told = refusal(tiny_cross_encoder(tmp_path / "classes", scores=3))
    assert told == "it gives 3 scores per passage, not one"


@pytest.mark.parametrize("form", ["saved", "bare"])
def test_an_embedding_model_is_refused_and_given_no_head_of_random_weights(
    tmp_path: Path, form: str, capfd: pytest.CaptureFixture[str]
) -> None:
    bert = tiny_bert(tmp_path / "bare")
    save_model(tmp_path / "saved", bert, Pooling(HIDDEN))
    capfd.readouterr()
    told = refusal(str(tmp_path / form))
    assert told == "it is a BertModel, which was not trained to score passages"
    assert capfd.readouterr() == ("", "")


def test_a_model_whose_scores_are_no_numbers_is_refused(
    pairs: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(CrossEncoder, "predict", lambda *_, **__: np.array([0.5, np.nan]))
    assert refusal(pairs) == "it gives [0.5, nan] as the scores of 2 passages"


def test_search_is_in_the_order_of_the_model_that_is_set(
    set_reranker: Callable[[str], None], pairs: str, capsys: pytest.CaptureFixture[str]
) -> None:
    def search() -> list[tuple[float, str]]:
        assert main(["search", QUESTION, "--json", "--k", "100"]) == 0
        out, err = capsys.readouterr()
        assert err == ""
        return [(hit["score"], hit["passage_id"]) for hit in json.loads(out)["hits"]]

    usual = search()
    set_reranker(pairs)
    anew = search()
    assert {passage for _, passage in anew} == {passage for _, passage in usual}
    assert anew != usual
    assert [score for score, _ in anew] == sorted((score for score, _ in anew), reverse=True)
    assert all(0 < score < 1 for score, _ in anew)


def test_answers_and_evaluations_use_the_model_that_is_set(
    set_reranker: Callable[[str], None],
    pairs: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    read: list[str] = []
    score = CrossEncoderReranker.scores

    def watched(reranker: CrossEncoderReranker, question: str, passages: list[str]) -> Scores:
        read.append(question)
        return score(reranker, question, passages)

    monkeypatch.setattr(CrossEncoderReranker, "scores", watched)
    set_reranker(pairs)
    judged = tmp_path / "judged.csv"
    judged.write_text("question,article id\nWho left in 1978?,lighthouse\n", encoding="utf-8")
    assert main(["ask", QUESTION]) == 0
    assert main(["evaluate", str(judged)]) == 0
    assert read == [QUESTION, "Who left in 1978?"]
    capsys.readouterr()


@pytest.mark.parametrize("arguments", [["ask", QUESTION], ["search", QUESTION]])
def test_on_the_command_line_a_wrong_reranker_is_one_line_of_error(
    set_reranker: Callable[[str], None],
    arguments: list[str],
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    set_reranker(str(tmp_path / "nowhere"))
    assert main(arguments) == 1
    out, err = capsys.readouterr()
    assert out == ""
    assert err.startswith(f"error: reranker {str(tmp_path / 'nowhere')!r} cannot be used: ")
    assert len(err.splitlines()) == 1


def test_the_server_answers_with_the_model_that_is_set_and_refuses_a_wrong_one(
    set_reranker: Callable[[str], None],
    pairs: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    loaded: list[str] = []
    load = CrossEncoderReranker.__init__

    def watched(reranker: CrossEncoderReranker, name: str) -> None:
        load(reranker, name)
        loaded.append(name)

    monkeypatch.setattr(CrossEncoderReranker, "__init__", watched)
    monkeypatch.setattr(LiveIndex, "watch", lambda live: None)

    def ask(server: uvicorn.Server, sockets: list[socket.socket]) -> None:
        assert isinstance(server.config.app, FastAPI)
        client = TestClient(server.config.app, base_url="http://localhost")
        asked = client.post("/api/ask", json={"question": QUESTION})
        assert asked.status_code == 200

    monkeypatch.setattr(uvicorn.Server, "run", ask)
    set_reranker(pairs)
    assert app.main([]) == 0
    assert loaded == [pairs]
    set_reranker(f"{pairs}/nowhere")
    capsys.readouterr()
    assert app.main([]) == 1
    assert capsys.readouterr().err.startswith(f"error: reranker {f'{pairs}/nowhere'!r} cannot")
