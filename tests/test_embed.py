from pathlib import Path

import numpy as np
import pytest

from index.article import Entry, Passage
from index.embed import PassageText, front_of, passage_text, unit
from tests.fakes import HashEncoder

ENTRY = Entry(0, 40, None, "Mayor speaks", "9:45pm", 10)
PASSAGE = Passage("blog", 10, 26, "It rains. It is.", ((10, 19), (20, 26)), ENTRY)
PLAIN = Passage("plain", 10, 26, "It rains. It is.", ((10, 19), (20, 26)))


@pytest.mark.parametrize(
    ("title", "passage", "front"),
    [
        ("Live", PASSAGE, "Live\nMayor speaks\n"),
        (None, PASSAGE, "Mayor speaks\n"),
        ("Live", PLAIN, "Live\n"),
        (None, PLAIN, ""),
        ("", PLAIN, ""),
    ],
)
def test_title_and_heading_stand_in_front_of_a_passage_a_line_each(
    title: str | None, passage: Passage, front: str
) -> None:
    assert front_of(title, passage) == front


def test_the_encoder_reads_sentences_by_their_place_in_the_passage() -> None:
    text = passage_text("Live", PASSAGE)
    assert text == PassageText("Live\nMayor speaks\n", "It rains. It is.", ((0, 9), (10, 16)))
    assert [text.text[start:end] for start, end in text.sentences] == ["It rains.", "It is."]


def test_the_encoder_of_the_tests_makes_unit_vectors_that_lie_near_for_shared_words() -> None:
    encoder = HashEncoder()
    text = PassageText("Ships\n", "The ferry left. Nobody spoke.", ((0, 15), (16, 29)))
    [made] = encoder.encode_passages([text])
    np.testing.assert_allclose(np.linalg.norm(made.sentences, axis=1), [1, 1], atol=1e-6)
    assert int((made.sentences @ encoder.encode_query("when did the FERRY leave")).argmax()) == 0
    assert int((made.sentences @ encoder.encode_query("who spoke?")).argmax()) == 1
    assert np.linalg.norm(encoder.encode_query("")) == pytest.approx(1)


def test_vectors_are_scaled_to_length_one_and_a_zero_one_stays() -> None:
    rows = unit(np.array([[3.0, 4.0], [0.0, 0.0]]))
    assert rows.dtype == np.float32
    np.testing.assert_allclose(rows, np.array([[3 / 5, 4 / 5], [0, 0]]), atol=1e-7)
    np.testing.assert_allclose(unit(np.array([0.0, -2.0])), np.array([0, -1]))


def test_only_the_command_line_knows_of_the_environment() -> None:
    """The house's rule: only `app.py` and the two `__main__.py` read the environment."""
    for path in sorted((Path(__file__).parent.parent / "index").rglob("*.py")):
        if path.name != "__main__.py":
            assert "os.environ" not in path.read_text(encoding="utf-8"), path
