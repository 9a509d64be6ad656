import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from index.keys import (
    blocks_of,
    first_key,
    first_keys,
    no_keys,
    number_of,
    numbers_of,
    place_of,
    places_of,
)

NUMBERS = st.integers(1, 2**38)
PLACES = st.integers(0, 2**24 - 1)


@given(NUMBERS, PLACES)
def test_a_key_tells_the_article_of_its_passage(number: int, place: int) -> None:
    key = first_key(number) + place
    assert number_of(key) == number
    assert place_of(key) == place
    assert places_of(np.array([key], dtype=np.int64)).tolist() == [place]
    assert numbers_of(np.array([key], dtype=np.int64)).tolist() == [number]


@given(NUMBERS, PLACES)
def test_all_keys_of_an_article_come_before_those_of_the_next(number: int, place: int) -> None:
    assert first_key(number) + place < first_key(number + 1)


def test_the_passages_of_an_article_count_on_from_its_first_key() -> None:
    assert first_key(3) == 3 * 2**24
    assert numbers_of(np.arange(first_key(3), first_key(3) + 5)).tolist() == [3] * 5


def test_no_passage_has_no_key() -> None:
    assert no_keys().shape == (0,)
    assert no_keys().dtype == np.int64


@given(NUMBERS, PLACES)
def test_a_block_is_a_run_of_thirty_two_places_of_one_article(number: int, place: int) -> None:
    keys = np.array([first_key(number) + place], dtype=np.int64)
    [first] = first_keys(blocks_of(keys)).tolist()
    assert first == first_key(number) + place // 32 * 32
    assert first_keys(blocks_of(keys) + 1).tolist() == [first + 32]
    assert number_of(first) == number
