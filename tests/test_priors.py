"""How much the time of a passage counts for it."""

from datetime import UTC, datetime

import numpy as np
from numpy.typing import NDArray

from index.keys import Keys, first_key
from qa.rank.priors import NewestOrOldest, Recency
from qa.rank.weights import TIME
from qa.timex.extract import Lean

NOW = datetime(2022, 9, 30, tzinfo=UTC)
DAY = 86_400.0
FOCUSED = 0.9


def aged(*days: float) -> tuple[Keys, NDArray[np.float64]]:
    """Keys of passages so many days old, each the first of its article, and when they are from."""
    keys = np.array([first_key(number) for number in range(1, len(days) + 1)])
    return keys, NOW.timestamp() - np.array(days) * DAY


def recency(*days: float, focus: float = FOCUSED) -> list[float]:
    keys, times = aged(*days)
    scores = Recency(NOW)(keys, np.full(len(days), focus), times)
    return [round(score, 2) for score in scores.tolist()]


def test_all_of_the_last_days_counts_about_the_same_and_what_is_old_nothing() -> None:
    today, days, week, month, unknown = recency(0, 3, 5, 30, np.nan)
    assert today == TIME.recent
    assert today - week < 0.1 * TIME.recent
    assert today >= days >= week
    assert (month, unknown) == (0, 0)


def test_the_date_of_a_digest_speaks_little_for_it() -> None:
    assert recency(0, focus=0.3)[0] < 0.1 * recency(0)[0]


def test_the_newest_or_the_oldest_counts_most_whatever_its_age() -> None:
    keys, times = aged(4000, 3000, 2000, np.nan)
    newer = NewestOrOldest(Lean.NEWER)(keys, np.ones(4), times)
    older = NewestOrOldest(Lean.OLDER)(keys, np.ones(4), times)
    assert newer.tolist() == [0, TIME.lean / 2, TIME.lean, TIME.lean / 2]
    assert older.tolist() == [TIME.lean, TIME.lean / 2, 0, TIME.lean / 2]


def test_nothing_leans_where_all_is_from_one_day() -> None:
    keys, times = aged(10, 10, np.nan)
    assert NewestOrOldest(Lean.NEWER)(keys, np.ones(3), times).tolist() == [0, 0, 0]
