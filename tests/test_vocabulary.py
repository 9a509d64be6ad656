"""Vectors of single words: which words have them, and what is left of a vector in 4 bits."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from index.analysis import Analyzer, term_code, term_codes
from index.embed import Vectors, unit
from index.store.vocabulary import (
    EarlierWords,
    Vocabulary,
    open_vocabulary,
    pack,
    unpack,
    word_vectors,
    write_vocabulary,
)
from tests.archives import build_records, open_index
from tests.fakes import DIMENSION, HashEncoder

TEXTS = ["The dam broke in 1931.", "Dams break. A comet in 1931."]


class Noting(HashEncoder):
    """Notes what it encodes."""

    def __init__(self) -> None:
        super().__init__()
        self.asked: list[str] = []

    def encode_queries(self, texts: Sequence[str]) -> Vectors:
        self.asked.extend(texts)
        return super().encode_queries(texts)


def codes_of(*words: str) -> list[int]:
    return [term_code(term) for word in words for term in Analyzer().terms(word)]


def write(
    folder: Path, encoder: Noting, texts: Sequence[str] = TEXTS, before: EarlierWords | None = None
) -> Vocabulary:
    folder.mkdir(exist_ok=True)
    terms = term_codes(term for text in texts for term in Analyzer().terms(text))
    write_vocabulary(folder, terms, texts, before or EarlierWords(), encoder.encode_queries)
    return open_vocabulary(folder, DIMENSION)


@given(st.integers(1, 70), st.integers(0, 5), st.integers(0, 99))
def test_four_bits_a_number_keep_the_direction(dimension: int, rows: int, seed: int) -> None:
    vectors = unit(np.random.default_rng(seed).normal(size=(rows, dimension)))
    packed = pack(vectors)
    assert packed.shape == (rows, (dimension + 1) // 2)
    cosines = np.einsum("ij,ij->i", unpack(packed, dimension), vectors)
    assert (cosines > 0.97).all()


@pytest.mark.parametrize("dimension", [383, 384, 768])
def test_vectors_as_long_as_those_of_models_keep_theirs_even_better(dimension: int) -> None:
    vectors = unit(np.random.default_rng(dimension).normal(size=(200, dimension)))
    cosines = np.einsum("ij,ij->i", unpack(pack(vectors), dimension), vectors)
    assert cosines.min() > 0.98


def test_words_that_repeat_have_a_vector_and_digits_have_none(tmp_path: Path) -> None:
    found = write(tmp_path / "v", Noting())
    assert sorted(found.codes.tolist()) == sorted(codes_of("dam", "in"))


def test_the_shortest_word_speaks_for_its_term(tmp_path: Path) -> None:
    encoder = Noting()
    write(tmp_path / "v", encoder)
    assert sorted(encoder.asked) == ["dam", "in"]


def test_what_is_known_before_is_not_encoded_again_and_keeps_its_vector(tmp_path: Path) -> None:
    first, encoder = write(tmp_path / "a", Noting()), Noting()
    other = write(tmp_path / "b", encoder, ["A dam. Comets, a comet."], EarlierWords([first]))
    assert sorted(encoder.asked) == ["a", "comet"]
    both = [vocabulary.find(term_codes(["dam"]))[0][0] for vocabulary in (first, other)]
    assert first.vectors[both[0]].tolist() == other.vectors[both[1]].tolist()


def test_a_word_said_once_has_a_vector_where_the_index_holds_it_already(tmp_path: Path) -> None:
    before = EarlierWords(holds=lambda term: term == "comet")
    found = write(tmp_path / "v", Noting(), ["A comet, a star."], before)
    assert sorted(found.codes.tolist()) == sorted(codes_of("a", "comet"))


def test_words_that_are_not_known_have_zeros(tmp_path: Path) -> None:
    found = write(tmp_path / "v", Noting())
    vectors = word_vectors([found], term_codes(["dam", "tessel"]), DIMENSION)
    assert float(vectors[0] @ HashEncoder().encode_query("dam")) == pytest.approx(1, abs=0.02)
    assert not vectors[1].any()
    assert word_vectors([], term_codes(["dam"]), DIMENSION).tolist() == [[0.0] * DIMENSION]


def test_a_vocabulary_of_nothing_can_be_written_and_read(tmp_path: Path) -> None:
    found = write(tmp_path / "v", Noting(), [])
    assert len(found) == 0
    assert not word_vectors([found], term_codes(["dam"]), DIMENSION).any()


@pytest.mark.parametrize("name", ["words.bin", "word_vectors.bin"])
def test_files_that_do_not_fit_are_refused(tmp_path: Path, name: str) -> None:
    write(tmp_path / "v", Noting())
    path = tmp_path / "v" / name
    path.write_bytes(path.read_bytes()[:-4])
    with pytest.raises(ValueError, match=r"reshape|vectors for \d words"):
        open_vocabulary(tmp_path / "v", DIMENSION)


def test_words_added_one_build_at_a_time_are_known_as_if_added_at_once(tmp_path: Path) -> None:
    records = [{"_id": str(n), "text": f"The dam{n} and the comet."} for n in range(4)]
    for count in range(1, 5):
        build_records(tmp_path / "grown", records[:count])
    build_records(tmp_path / "whole", records)
    codes = term_codes(["comet", "dam1", "the"])
    grown, whole = (open_index(tmp_path / name).snapshot for name in ("grown", "whole"))
    assert grown.word_vectors(codes).any(axis=1).tolist() == [True, False, True]
    assert np.array_equal(grown.word_vectors(codes), whole.word_vectors(codes))


def test_terms_are_counted_over_all_blocks_that_are_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = write(tmp_path / "whole", Noting())
    monkeypatch.setattr("index.store.vocabulary._BLOCK", 2)
    blocks = write(tmp_path / "blocks", Noting())
    assert blocks.codes.tolist() == whole.codes.tolist()
    assert blocks.vectors.tolist() == whole.vectors.tolist()


def test_of_words_as_short_the_first_by_the_alphabet_speaks_for_a_term(tmp_path: Path) -> None:
    encoder = Noting()
    write(tmp_path / "v", encoder, ["Flooded, the flooding floods.", "Café, cafe, flooder."])
    assert sorted(encoder.asked) == ["cafe", "floods"]


def test_codes_lie_in_order_each_once(tmp_path: Path) -> None:
    codes = write(tmp_path / "v", Noting(), ["a dam, a comet, a flood, an owl"] * 3).codes.tolist()
    assert codes == sorted(set(codes))
    assert len(codes) == len({*codes_of("a", "dam", "comet", "flood", "an", "owl")})


def test_the_first_vocabulary_that_has_a_word_gives_its_vector(tmp_path: Path) -> None:
    codes = term_codes(["dam"])
    east, north = np.eye(2, dtype=np.float32)
    one, other = (Vocabulary(codes, pack(vector[np.newaxis])) for vector in (east, north))
    for found, expected in (([one, other], east), ([other, one], north)):
        [vector] = word_vectors(found, codes, 2)
        assert float(vector @ expected) > 0.99
