"""Scores of tokens into readings of sentences, and windows shared out over the cores."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from qa.read.onnx import shared_out
from qa.read.reader import LONGEST_SPAN, UNREAD, read_sentences

# `[CLS] q [SEP] One two. Three four.` with one token a word; the window's text begins at `One`.
OFFSETS = [None, None, None, (0, 3), (4, 7), (9, 14), (15, 19)]
SENTENCES = ((0, 8), (9, 20))


def logits(*values: float) -> np.ndarray:
    return np.array(values, np.float32)


def test_the_words_are_the_best_span_inside_the_sentence() -> None:
    starts, ends = logits(0, 0, 0, 1, 5, 0, 3), logits(0, 0, 0, 0, 5, 0, 4)
    first, second = read_sentences(starts, ends, OFFSETS, SENTENCES)
    assert (first.words, second.words) == ((4, 7), (15, 19))
    assert first.log_odds > second.log_odds


def test_log_odds_sum_all_spans_of_the_sentence_against_nothing() -> None:
    starts, ends = logits(2, 0, 0, 1, 1, 0, 0), logits(1, 0, 0, 0, 1, 0, 0)
    first, second = read_sentences(starts, ends, OFFSETS, SENTENCES)
    spans = [1 + 0, 1 + 1, 1 + 1]
    assert first.log_odds == pytest.approx(math.log(sum(map(math.exp, spans))) - (2 + 1))
    assert second.log_odds == pytest.approx(math.log(3) - (2 + 1), abs=1e-5)


def test_no_span_reaches_from_one_sentence_into_the_next() -> None:
    starts, ends = logits(0, 0, 0, 0, 9, 0, 0), logits(0, 0, 0, 0, 0, 9, 0)
    first, second = read_sentences(starts, ends, OFFSETS, SENTENCES)
    assert (first.words, second.words) == ((4, 7), (9, 14))


def test_no_span_is_longer_than_the_longest() -> None:
    offsets = [None, *((2 * at, 2 * at + 1) for at in range(50))]
    starts, ends = np.zeros(51, np.float32), np.zeros(51, np.float32)
    starts[1], ends[50] = 9, 9
    [reading] = read_sentences(starts, ends, offsets, ((0, 100),))
    assert reading.words is not None
    assert reading.words[1] - reading.words[0] <= 2 * LONGEST_SPAN


def test_a_sentence_without_a_token_is_not_read() -> None:
    offsets = [None, (0, 3)]
    first, second = read_sentences(logits(0, 1), logits(0, 1), offsets, ((0, 5), (6, 9)))
    assert first.words == (0, 3)
    assert second == UNREAD
    assert read_sentences(logits(0), logits(0), [None], ((0, 5),)) == [UNREAD]


@given(st.lists(st.integers(1, 128), max_size=20), st.integers(1, 8))
def test_each_window_is_read_once_and_no_core_has_much_more(lengths: list[int], cores: int) -> None:
    batches = list(shared_out(lengths, cores))
    assert sorted(place for batch in batches for place in batch) == list(range(len(lengths)))
    assert len(batches) <= cores
    for batch in batches:
        assert sum(lengths[place] for place in batch) <= sum(lengths) / cores + max(lengths)
