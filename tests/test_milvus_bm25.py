"""What words and vectors propose from Milvus: the passages that they propose from a folder."""

from contextlib import closing
from math import log
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from index.analysis import Analyzer, term_codes
from index.build import build
from index.period import EVERYTHING
from index.store import open_store
from tests.fakes import HashEncoder, no_progress
from tests.milvus import milvus_lite
from tests.needs import missing_module

try:
    from index.store.milvus import bm25
except ModuleNotFoundError as error:
    missing_module(error)

ENCODER = HashEncoder()
# More than the folder's clusters are for would take too long: both stores read all vectors here.
SHIPS, PROPOSED = 60, 10
QUESTIONS = ("Where did the ship burn?", "Which captain sailed to Bergen?", "Who saw the comet?")


def stories(folder: Path) -> Path:
    """Passages of many lengths, some with the title of another story between their sentences."""
    folder.mkdir()
    for number in range(SHIPS):
        far = "The ship sailed on past the harbour. " * (number % 13)
        more = "\n\nMore: Comet seen by captain of burning ship\n" if number % 4 == 0 else ""
        text = (
            f"Ship {number} left Bergen. {far}{more}\n\nIts captain saw it burn.{' Twice.' * 3}\n"
        )
        (folder / f"ship{number}.txt").write_text(text, "utf-8")
    return folder


def test_words_and_vectors_propose_what_they_do_in_a_folder_and_in_its_order(
    tmp_path: Path,
) -> None:
    places = (tmp_path / "data", milvus_lite(tmp_path / "lite"))
    source, proposed, counted = stories(tmp_path / "stories"), list[object](), list[object]()
    for place in places:
        build([source], place, ENCODER, no_progress)
        with closing(open_store(place, ENCODER.model)) as store:
            asked = [Analyzer().terms(question) for question in QUESTIONS]
            counted.append([store.document_frequency(terms).tolist() for terms in asked])
            proposed.append([store.bm25(terms, PROPOSED, EVERYTHING).tolist() for terms in asked])
            nearest = (
                store.nearest(ENCODER.encode_query(question), PROPOSED, EVERYTHING)
                for question in QUESTIONS
            )
            proposed.append([set(keys.tolist()) for keys in nearest])
    assert counted[0] == counted[1]
    assert proposed[:2] == proposed[2:]


def test_what_words_propose_is_the_product_of_both_sides() -> None:
    codes = term_codes(["ship", "ship", "harbour"])
    passage = bm25.passage_side(codes)
    question = bm25.question_side(term_codes(["ship", "nowhere"]), np.array([3, 0]), 10)
    [(code, rarity)] = question.items()
    usual = 1.2 * (1 - 0.75 + 0.75 * 3 / 120)
    assert rarity == pytest.approx(log(1 + (10 - 3 + 0.5) / (3 + 0.5)))
    assert passage[code] == pytest.approx(2 * (1.2 + 1) / (2 + usual))
    assert bm25.passage_side(codes[:0])


@given(
    st.lists(st.integers(1, 9), min_size=1, max_size=3_000), st.floats(1, 1_000, allow_nan=False)
)
def test_the_weights_of_a_passage_tell_its_bm25_at_any_mean_length(
    counts: list[int], mean: float
) -> None:
    passage = bm25.passage_side(np.repeat(np.arange(len(counts), dtype=np.uint32), counts))
    # Milvus keeps them at 32 bits.
    stored = {code: float(np.float32(weight)) for code, weight in passage.items()}
    length = bm25.kept_length(sum(counts))
    damping = 1.2 * (1 - 0.75 + 0.75 * length / mean)
    expected = 3.0 * (1.2 + 1) * counts[0] / (counts[0] + damping)
    found = bm25.bm25({0: 3.0, len(counts): 5.0}, stored, mean)
    # Of ten thousand words, rounding loses some.
    assert found == pytest.approx(expected, rel=1e-6 if sum(counts) < 2_000 else 0.1)


@pytest.mark.parametrize(
    ("length", "kept"),
    [(0, 0), (39, 39), (41, 40), (57, 56), (151, 144), (168, 168), (2_000, 1_944)],
)
def test_a_length_is_kept_with_four_bits(length: int, kept: int) -> None:
    assert bm25.kept_length(length) == kept
