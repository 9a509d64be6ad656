from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest

from index.article import Entry, Passage
from index.embed import (
    PassageText,
    PassageVectors,
    count_read,
    front_of,
    passage_text,
    read_to_the_end,
    token_members,
    unit,
)
from index.errors import ModelError
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


@pytest.mark.parametrize("number", [np.nan, np.inf])
def test_a_vector_that_is_no_number_is_never_stored_nor_searched_by(number: float) -> None:
    with pytest.raises(ModelError, match=r"NaN or infinite numbers.*build it again"):
        unit(np.array([[1.0, 2.0], [number, 0.0]]))


def test_long_vectors_of_16_bits_become_unit_vectors_too() -> None:
    found = unit(np.full((1, 4), 300, np.float16))
    np.testing.assert_array_equal(found, np.full((1, 4), 1 / 2, np.float32))
    assert found.dtype == np.float32


def test_a_token_is_of_the_sentence_in_which_it_ends_with_or_without_the_space_before() -> None:
    passage = PassageText("", "Yes. No.", ((0, 4), (5, 8)))
    for start_of_no in (4, 5):
        # The first and the last stand for no text; the one before "No" is the space alone.
        spans = np.array([(0, 0), (0, 3), (3, 4), (4, 5), (start_of_no, 7), (7, 8), (0, 0)])
        expected = [[0, 1, 1, 0, 0, 0, 0], [0, 0, 0, 0, 1, 1, 0]]
        np.testing.assert_array_equal(token_members(passage, spans), np.array(expected, bool))


def test_a_sentence_is_read_where_all_its_tokens_are() -> None:
    passage = PassageText("", "Yes. No.", ((0, 4), (5, 8)))
    spans = np.array([(0, 0), (0, 3), (3, 4), (5, 7), (0, 0)])
    assert count_read(passage, spans, longest=5) == 1
    assert count_read(passage, spans, longest=6) == 2
    assert count_read(passage, spans, longest=0) == 2


def one_at_once(passages: Sequence[PassageText]) -> list[tuple[PassageVectors, int]]:
    """A model that reads one sentence; its numbers are the lengths of front and text."""
    return [
        (
            PassageVectors(
                np.array([len(each.front), len(each.text)], np.float32),
                np.array([(len(each.front), len(each.text))] * len(each.sentences), np.float32),
            ),
            1,
        )
        for each in passages
    ]


def test_passages_are_read_sentence_by_sentence_to_the_end() -> None:
    count = 2000
    long = PassageText("On\n", "ab." * count, tuple((3 * n, 3 * n + 3) for n in range(count)))
    short = PassageText("", "One.", ((0, 4),))
    first, second = read_to_the_end([long, short], one_at_once)
    assert first.passage.tolist() == [3, 3 * count]
    assert first.sentences.tolist() == [[3, 3 * (count - n)] for n in range(count)]
    assert second.sentences.tolist() == [[0, 4]]


@pytest.mark.parametrize("front", ["On\n", ""])
def test_a_sentence_of_which_nothing_fits_is_read_once_more_without_the_front(front: str) -> None:
    def nothing(passages: Sequence[PassageText]) -> list[tuple[PassageVectors, int]]:
        return [(vectors, 0) for vectors, _ in one_at_once(passages)]

    [made] = read_to_the_end([PassageText(front, "One.", ((0, 4),))], nothing)
    assert made.sentences.tolist() == [[0, 4]]
    assert made.passage.tolist() == [len(front), 4]


def test_what_is_left_of_a_passage_keeps_its_sentences() -> None:
    text = PassageText("Owls\n", "Hoot. Hush.", ((0, 5), (6, 11)))
    assert text.without(1) == PassageText("Owls\n", "Hush.", ((0, 5),))
    assert text.without(0) == PassageText("", text.text, text.sentences)
