"""What bench/scale.py measures against, and what it adds and changes."""

import argparse
from pathlib import Path

import numpy as np
import pytest

from bench import freshness
from bench.freshness import Freshness, passage_ids
from bench.measure import Measured
from bench.scale_index import NEAREST, Built, Held, exact_nearest
from index.build import build
from index.period import EVERYTHING
from index.store.base import Counts
from index.store.local import open_local
from tests.fakes import HashEncoder, no_progress
from tests.needs import missing_module

try:
    from bench.scale import CHARTS, Figures, draw, read_sizes
except ModuleNotFoundError as error:
    missing_module(error)


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


def figures(passages: int) -> Figures:
    """What might be measured at that size."""
    size = float(passages)
    counts = Counts(articles=passages // 8, passages=passages, sentences=4 * passages)
    return Figures(
        built=Built(seconds=size / 100, vectors=1.0, memory=passages),
        held=Held(counts, passages, passages, (), recall=1.0, rank=1.0),
        again=[size],
        served=Measured(starts=[2.0], pages=[3.0], ms=[8.0], throughputs=[150.0], memory=passages),
        fresh=Freshness(added=[size]),
    )


def test_the_plot_has_a_chart_of_each_figure_and_is_drawn_alike_each_time(tmp_path: Path) -> None:
    for name in ("first.svg", "second.svg"):
        draw([figures(10_000), figures(100_000)], tmp_path / name)
    drawn = (tmp_path / "first.svg").read_text(encoding="utf-8")

    assert drawn == (tmp_path / "second.svg").read_text(encoding="utf-8")
    for title, _ in CHARTS:
        assert f"<!-- {title} -->" in drawn
