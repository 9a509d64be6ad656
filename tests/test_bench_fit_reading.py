"""What is fitted to readings: signals of each question, and what thresholds trade."""

import re
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from bench.fit_reading import (
    Reading,
    Signals,
    collect,
    fit,
    fit_promise,
    held_out,
    report,
    signals_of,
)
from bench.news import OFF_ARCHIVE, NewsQuestion
from qa.answerability import FEATURES
from qa.ask import Asker
from qa.read.reading import ReadSentence
from qa.search import Searcher
from tests.archives import open_index
from tests.fakes import HashEncoder, WordReader

KEEPER = NewsQuestion(
    text="Who was the last keeper of the lighthouse?",
    kind="plain",
    is_answerable=True,
    article="lighthouse",
    answers=("Jonas Field",),
    sentence="The last keeper, Jonas Field, left in 1978.",
    date=None,
)
NEAR = replace(KEEPER, text="Who built the lighthouse?", is_answerable=False, answers=())
OFF = replace(NEAR, text="Which quarks do gluons bind?", kind=OFF_ARCHIVE, article=None)


def made(count: int = 3000) -> Signals:
    """A reading that tells answers, and a search that does not; three questions an article."""
    random = np.random.default_rng(1)
    is_right = random.random(count) < 0.4
    reading = random.normal(np.where(is_right, 2.0, -2.0), 2.0)
    is_answerable = is_right | (random.random(count) < 0.05)
    is_off_archive = ~is_answerable & (random.random(count) < 0.3)
    return Signals(
        values=np.column_stack([random.normal(size=count), reading]),
        is_right=is_right,
        is_answerable=is_answerable,
        is_off_archive=is_off_archive,
        groups=np.arange(count) // 3,
        sets=np.zeros(count, np.int64),
    )


def test_each_question_is_read_once_and_its_first_quote_checked(read_only_data: Path) -> None:
    opened = open_index(read_only_data)
    reader = WordReader({"Jonas Field": 3.0})
    asker = Asker(opened.snapshot, Searcher(opened.snapshot, HashEncoder()), reader=reader)
    readings = collect([KEEPER, NEAR, OFF], asker, opened.snapshot)
    assert [question for question, _ in reader.asked][:2] == [KEEPER.text, NEAR.text]
    signals = signals_of([readings], promise=0.0)
    assert len(reader.asked) == len(readings) == len(signals.values)
    assert signals.is_right.tolist()[:2] == [True, False]
    assert signals.is_answerable.tolist()[:2] == [True, False]
    assert signals.values[:2, 1].tolist() == [6.5, 6.5]
    assert (signals.values[2:, 1] == 0).all()
    # Both are on one article.
    assert len(set(signals.groups[:2].tolist())) == 1


def test_without_a_reader_nothing_is_read(read_only_data: Path) -> None:
    opened = open_index(read_only_data)
    assert collect([KEEPER, NEAR], opened.asker, opened.snapshot) == []


def sentence(log_odds: float, promise: float) -> ReadSentence:
    # Of which passage it is makes no difference.
    return ReadSentence(None, 0, promise, log_odds, None)  # type: ignore[arg-type]


def test_promise_counts_as_much_as_first_quotes_gain_by_it() -> None:
    found = np.full(len(FEATURES), 0.5)
    # The right one of two promises 1 more and was read as 2 less likely: from 2 on it is first.
    reading = Reading(KEEPER, (sentence(-2.0, 0.0), sentence(-4.0, 1.0)), (False, True), found)
    # Here the right one promises 1 less and was read as 4 likelier: up to 4 it is first.
    other = Reading(KEEPER, (sentence(-2.0, 0.0), sentence(-6.0, 1.0)), (True, False), found)
    assert fit_promise([[reading], [other]]) == pytest.approx(3.0, abs=0.25)


def test_sets_count_alike_whatever_their_size_and_the_first_as_three() -> None:
    weights = replace(made(6), sets=np.array([0, 0, 0, 0, 1, 1])).weights
    assert weights.mean() == pytest.approx(1)
    assert weights[:4].sum() == pytest.approx(3 * weights[4:].sum())


def test_what_tells_has_weight_and_what_does_not_has_little() -> None:
    signals = made()
    search, reading = fit(replace(signals, is_answerable=signals.is_right)).weights
    # Two normal distributions of one spread: log-odds grow by their distance over its square.
    assert reading == pytest.approx((2.0 - -2.0) / 2.0**2, abs=0.15)
    assert abs(search) < 0.15


def test_chances_are_of_fits_that_have_not_seen_the_article() -> None:
    signals = made()
    chances = held_out(signals)
    assert chances.shape == signals.is_right.shape
    assert ((chances > 0) & (chances < 1)).all()
    # What is drawn by lot cannot be learnt of other articles, however well it is of the same.
    lot = np.random.default_rng(2).random(3000) < 0.5
    by_lot = held_out(replace(signals, is_answerable=lot))
    assert np.corrcoef(by_lot, lot)[0, 1] < 0.2


def test_the_report_tells_what_each_threshold_trades() -> None:
    lines = report(made(), ["made"]).splitlines()
    assert lines[0] == "made: 3000 questions for which something was read"
    areas = [float(line.split()[-1]) for line in lines if line.startswith("AUROC")]
    assert all(0.8 < area < 1 for area in areas)
    rows = [line for line in lines if re.match(r"\| \d", line)]
    assert len(rows) == 19
    shares = np.array([[float(cell) for cell in row.strip("| ").split(" | ")] for row in rows])
    assert (np.diff(shares[:, 1:3], axis=0) <= 0).all()
    assert (np.diff(shares[:, 3:], axis=0) >= 0).all()
    assert (shares[:, 2] <= shares[:, 1]).all()
