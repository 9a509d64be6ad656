"""The table of how well questions are understood, and how its parts are chosen."""

import argparse

import pytest

from bench.results import Figure
from bench.understanding import markdown, read_parts


def test_a_figure_is_a_line_with_what_was_asked_for() -> None:
    table = markdown([Figure("news", "hit@1", "0.80", "0.75"), Figure("news", "hit@5", "0.95")])
    assert table.splitlines()[2:] == [
        "| news | hit@1 | 0.80 | 0.75 |",
        "| news | hit@5 | 0.95 |  |",
    ]


def test_an_unknown_part_is_refused_with_those_there_are() -> None:
    with pytest.raises(argparse.ArgumentTypeError, match="'tides': choose of dates, followups"):
        read_parts("dates,tides")
