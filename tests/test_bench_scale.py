"""What bench/scale.py measures against, and what it adds and changes."""

import argparse
from pathlib import Path

import numpy as np
import pytest

from bench import freshness
from bench.freshness import passage_ids
from bench.scale import read_sizes
from bench.scale_held import NEAREST, exact_nearest
from index.build import build
from index.period import EVERYTHING
from index.store.local import open_local
from tests.fakes import HashEncoder, no_progress


def test_the_exactly_nearest_are_found_over_all_segments(
    data: Path, tmp_path: Path, encoder: HashEncoder
) -> None:
    later = tmp_path / "later.txt"
    later.write_text("The lamp of the harbour was lit again on Friday.")
    build([later], data, encoder, no_progress)
    snapshot = open_local(data)
    assert len(snapshot.segments) == 2
    questions = encoder.encode_queries(["Who lit the lamp?", "When was the strike?"])

    nearest = exact_nearest(snapshot, questions)

    assert nearest.shape == (2, NEAREST)
    for question, keys in zip(questions, nearest, strict=True):
        found = snapshot.nearest(question, NEAREST, EVERYTHING)
        assert set(keys[keys >= 0].tolist()) == set(found.tolist())
        assert np.count_nonzero(keys >= 0) == len(snapshot)


def test_the_changed_article_has_passages_of_its_own(tmp_path: Path) -> None:
    article = tmp_path / "lighthouse.txt"
    article.write_text(freshness.ADDED)
    before = passage_ids(article)
    article.write_text(freshness.CHANGED)

    after = passage_ids(article)

    assert before
    assert after
    assert before.isdisjoint(after)


def test_sizes_are_measured_from_the_smallest_on() -> None:
    assert read_sizes("2000,500") == [500, 2000]


@pytest.mark.parametrize("told", ["0,10", "-5"])
def test_a_size_below_one_is_refused(told: str) -> None:
    with pytest.raises(argparse.ArgumentTypeError, match="below 1"):
        read_sizes(told)
