import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from index.embed import PassageText, Vectors
from index.encoders.files import ENCODER, read_exported
from index.encoders.onnx import OnnxEncoder, longest_first

FIRST, SECOND = "The lamp burned whale oil.", "Two keepers lived in the tower."
PASSAGE = PassageText("Lighthouse\n", f"{FIRST} {SECOND}", ((0, 26), (27, 58)))
QUESTIONS = [
    *("What fuel did it use?", "Who?", "Łódź \N{FERRY}", "", "Where did the keepers live? " * 30),
    *("The ferry.", "the ferry", "ZEPPELIN 1937", "Who was living in the tower by the sea?"),
]


@pytest.fixture(scope="module")
def graph(exported_data: Path) -> OnnxEncoder:
    """The default model, its weights in 8 bits."""
    exported = read_exported(exported_data / ENCODER)
    assert exported is not None
    assert exported.runs == "ONNX Runtime, 8 bits"
    return OnnxEncoder(exported_data / ENCODER, exported)


@pytest.fixture(scope="module")
def alone(graph: OnnxEncoder) -> Vectors:
    """The vectors of QUESTIONS, each encoded alone."""
    return np.vstack([graph.encode_queries([question]) for question in QUESTIONS])


def test_all_vectors_have_length_one(graph: OnnxEncoder) -> None:
    [made] = graph.encode_passages([PASSAGE])
    assert made.passage.shape == (384,)
    assert made.sentences.shape == (2, 384)
    for vector in (made.passage, *made.sentences, *graph.encode_queries(QUESTIONS)):
        assert np.linalg.norm(vector) == pytest.approx(1, abs=1e-5)
        assert vector.dtype == np.float32


@given(st.lists(st.integers(0, len(QUESTIONS) - 1), min_size=1, max_size=12))
@settings(max_examples=15)
def test_a_questions_vector_does_not_depend_on_those_beside_it(
    graph: OnnxEncoder, alone: Vectors, chosen: list[int]
) -> None:
    together = graph.encode_queries([QUESTIONS[number] for number in chosen])
    np.testing.assert_allclose(together, alone[chosen], atol=2e-5)


def test_a_passages_vectors_do_not_depend_on_those_beside_it(graph: OnnxEncoder) -> None:
    others = [
        PassageText("", f"{PASSAGE.text} " * 12, ((0, 26),)),
        PassageText("Owls\n", "Hoot.", ()),
        PassageText("", "One. Two. Three.", ((0, 4), (5, 9), (10, 16))),
    ]
    [expected] = graph.encode_passages([PASSAGE])
    for beside in (others, others[:1], others[1:], [PASSAGE] * 40):
        [*_, found] = graph.encode_passages([*beside, PASSAGE])
        np.testing.assert_allclose(found.passage, expected.passage, atol=2e-5)
        np.testing.assert_allclose(found.sentences, expected.sentences, atol=2e-5)


def test_vectors_come_in_the_order_of_the_texts(graph: OnnxEncoder) -> None:
    texts = ["The ferry left. " * number for number in (3, 40, 1, 9)]
    passages = [PassageText("", text, ((0, len(text)),)) for text in texts]
    for passage, found in zip(passages, graph.encode_passages(passages), strict=True):
        [expected] = graph.encode_passages([passage])
        np.testing.assert_allclose(found.passage, expected.passage, atol=2e-5)


def test_the_sentence_that_answers_lies_nearest_to_the_question(graph: OnnxEncoder) -> None:
    [made] = graph.encode_passages([PASSAGE])
    for question, nearest in (("What fuel did it use?", 0), ("Who was living there?", 1)):
        [query] = graph.encode_queries([question])
        assert int((made.sentences @ query).argmax()) == nearest


def test_a_sentence_past_the_models_longest_input_is_read_on_apart(graph: OnnxEncoder) -> None:
    text = f"{FIRST} " + "word " * 400 + SECOND
    unread = (len(text) - len(SECOND), len(text))
    [long] = graph.encode_passages([PassageText("", text, ((0, 26), unread))])
    [apart] = graph.encode_passages([PassageText("", SECOND, ((0, len(SECOND)),))])
    np.testing.assert_allclose(long.sentences[1], apart.sentences[0], atol=1e-5)
    assert (long.sentences[0] != long.passage).any()


def test_nothing_has_no_vectors(graph: OnnxEncoder) -> None:
    assert graph.encode_passages([]) == []
    assert graph.encode_queries([]).shape == (0, 384)
    [without] = graph.encode_passages([PassageText("", FIRST, ())])
    assert without.sentences.shape == (0, 384)


def test_several_threads_can_encode_at_once(graph: OnnxEncoder, alone: Vectors) -> None:
    with ThreadPoolExecutor(4) as pool:
        rows = list(pool.map(lambda question: graph.encode_queries([question]), QUESTIONS * 4))
    np.testing.assert_array_equal(np.vstack(rows), np.vstack([alone] * 4))


LENGTHS = st.lists(st.integers(0, 60), max_size=40)


@given(LENGTHS, st.integers(1, 100))
def test_every_text_stands_in_one_batch_of_few_tokens_or_alone(
    lengths: list[int], most: int
) -> None:
    batches = list(longest_first(lengths, most))
    assert sorted(place for batch in batches for place in batch) == list(range(len(lengths)))
    for batch in batches:
        padded = len(batch) * max(lengths[place] for place in batch)
        assert padded <= most or len(batch) == 1


@given(st.lists(st.integers(1, 60), max_size=40), st.integers(1, 100))
def test_batches_come_longest_first_and_are_as_large_as_can_be(
    lengths: list[int], most: int
) -> None:
    batches = list(longest_first(lengths, most))
    order = [lengths[place] for batch in batches for place in batch]
    assert order == sorted(lengths, reverse=True)
    for batch in batches[:-1]:
        assert (len(batch) + 1) * lengths[batch[0]] > most


def test_no_model_that_runs_is_told_to_anybody(exported_data: Path, tmp_path: Path) -> None:
    # ONNX Runtime keeps what it has to tell its makers in a file of the user's cache.
    script = (
        "import sys; from pathlib import Path; from index.encoders.files import read_exported\n"
        "from index.encoders.onnx import OnnxEncoder\n"
        "folder = Path(sys.argv[1])\n"
        "OnnxEncoder(folder, read_exported(folder)).encode_queries(['Who?'])\n"
    )
    home = {"HOME": str(tmp_path), "XDG_CACHE_HOME": str(tmp_path), "PATH": os.environ["PATH"]}
    command = [sys.executable, "-c", script, str(exported_data / ENCODER)]
    root = Path(__file__).parent.parent
    ran = subprocess.run(command, cwd=root, env=home, capture_output=True, text=True, check=False)
    assert (ran.returncode, ran.stderr) == (0, "")
    assert list(tmp_path.iterdir()) == []
