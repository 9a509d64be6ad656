"""Measures of a ranking, worked out by hand."""

from math import log2

import pytest

from qa.evaluate.measures import hit, ndcg, recall, reciprocal_rank

FOUND = ("a", "b", "c")


def test_a_gain_is_discounted_by_its_rank_and_set_against_the_best_order() -> None:
    gained = 1 / log2(2) + 3 / log2(4)
    best = 3 / log2(2) + 2 / log2(3) + 1 / log2(4)
    assert ndcg(FOUND, {"a": 1, "c": 3, "d": 2}, depth=3) == pytest.approx(gained / best)


def test_what_lies_below_the_depth_counts_for_nothing() -> None:
    assert ndcg(FOUND, {"a": 1, "b": 1}, depth=1) == 1
    assert hit(FOUND, {"b": 1}, depth=1) == 0
    assert reciprocal_rank(FOUND, {"c": 1}, depth=2) == 0
    assert recall(FOUND, {"a": 1, "c": 1}, depth=2) == 1 / 2


def test_the_first_that_is_relevant_decides_hit_and_reciprocal_rank() -> None:
    assert hit(FOUND, {"b": 2, "c": 1}, depth=3) == 1
    assert reciprocal_rank(FOUND, {"b": 2, "c": 1}, depth=3) == 1 / 2


@pytest.mark.parametrize("measure", [ndcg, hit, reciprocal_rank, recall])
@pytest.mark.parametrize("relevance", [{}, {"a": 0}, {"a": -1}])
def test_where_nothing_is_relevant_nothing_is_gained(
    measure: type, relevance: dict[str, int]
) -> None:
    assert measure(FOUND, relevance, depth=10) == 0


def test_what_is_marked_as_wrong_takes_nothing_away() -> None:
    assert ndcg(FOUND, {"a": -1, "b": 1}, depth=3) == pytest.approx(1 / log2(3))
    assert recall(FOUND, {"a": -1, "b": 1}, depth=3) == 1
