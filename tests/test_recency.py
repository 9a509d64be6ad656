"""How much the time of a passage counts for it."""

from datetime import UTC, datetime

import numpy as np
from numpy.typing import NDArray

from index.keys import Keys, first_key
from qa.rank.priors import Leaning, Recency
from qa.rank.weights import TIME
from qa.timex.extract import Lean

NOW = datetime(2022, 9, 30, tzinfo=UTC)
DAY = 86_400.0
FOCUSED = 0.9


class Aged:
    """Passages so many days old, each the first of its article."""

    def __init__(self, *days: float) -> None:
        self.days = np.array(days)

    def times(self, keys: Keys) -> NDArray[np.float64]:
        return np.asarray(NOW.timestamp() - self.days * DAY)

    @property
    def keys(self) -> Keys:
        return np.array([first_key(number) for number in range(1, len(self.days) + 1)])


def recency(aged: Aged, focus: float = FOCUSED) -> list[float]:
    scores = Recency(aged, NOW)(aged.keys, np.full(len(aged.days), focus))
    return [round(score, 2) for score in scores.tolist()]


def test_all_of_the_last_days_counts_about_the_same_and_what_is_old_nothing() -> None:
    today, days, week, month, unknown = recency(Aged(0, 3, 5, 30, np.nan))
    assert today == TIME.recent
    assert today - week < 0.1 * TIME.recent
    assert today >= days >= week
    assert (month, unknown) == (0, 0)


def test_the_date_of_a_digest_speaks_little_for_it() -> None:
    assert recency(Aged(0), focus=0.3)[0] < 0.1 * recency(Aged(0))[0]


def test_the_newest_or_the_oldest_counts_most_whatever_its_age() -> None:
    aged = Aged(4000, 3000, 2000, np.nan)
    focus = np.ones(4)
    newer = Leaning(aged, Lean.NEWER)(aged.keys, focus)
    older = Leaning(aged, Lean.OLDER)(aged.keys, focus)
    assert newer.tolist() == [0, TIME.lean / 2, TIME.lean, TIME.lean / 2]
    assert older.tolist() == [TIME.lean, TIME.lean / 2, 0, TIME.lean / 2]


def test_nothing_leans_where_all_is_from_one_day() -> None:
    aged = Aged(10, 10, np.nan)
    assert Leaning(aged, Lean.NEWER)(aged.keys, np.ones(3)).tolist() == [0, 0, 0]
