"""What the time of a passage adds to its score: recent when asked, newest, or oldest."""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Protocol

import numpy as np

from index.keys import Keys, places_of
from qa.rank.matching import Floats
from qa.rank.weights import TIME, TimeWeights
from qa.timex.extract import Lean

_SECONDS_A_DAY = 86_400


class Prior(Protocol):
    """An addition to the scores of passages that does not depend on the question's words."""

    def __call__(self, keys: Keys, focus: Floats, times: Floats) -> Floats:
        """What to add to the score of each passage, shape (passages,).

        `focus` is that of `Matches`; `times` are in UTC seconds since 1970, NaN if unknown.
        """


@dataclass(frozen=True, slots=True)
class Recency:
    """A prior for what was new when the question was asked.

    All within about a week count the same: their words decide which report answers best. A
    digest is new whatever it reports, so its date counts only as far as it is about one thing. In
    a news article, what is new comes at the top.
    """

    asked_at: datetime
    weights: TimeWeights = TIME

    def __call__(self, keys: Keys, focus: Floats, times: Floats) -> Floats:
        """Up to `weights.recent` for each passage."""
        time = self.weights
        seconds = _utc(self.asked_at) - times
        days = np.maximum(seconds / _SECONDS_A_DAY, 0)
        fresh = np.exp(-((days / time.days) ** time.steepness))
        focused = 1 / (1 + np.exp(-(focus - time.focus) / time.focus_width))
        position = time.position * np.log1p(places_of(keys))
        return np.nan_to_num(fresh * (time.recent * focused - position))


@dataclass(frozen=True, slots=True)
class NewestOrOldest:
    """A prior for the newest, or the oldest, passages about the question.

    By the order of their days, not by age, so that it also finds the latest news of an archive
    that ended long ago.
    """

    lean: Lean
    weights: TimeWeights = TIME

    def __call__(self, keys: Keys, focus: Floats, times: Floats) -> Floats:
        """From 0 at one end to `weights.lean` at the other; an unknown time counts as half."""
        days = np.floor(times / _SECONDS_A_DAY)
        known = np.unique(days[np.isfinite(days)])
        if len(known) < 2:
            return np.zeros(len(keys))
        place = np.searchsorted(known, np.nan_to_num(days)) / (len(known) - 1)
        newer = np.where(np.isfinite(days), place, 0.5)
        return np.asarray(self.weights.lean * (newer if self.lean is Lean.NEWER else 1 - newer))


@dataclass(frozen=True, slots=True)
class Both:
    """Two priors as one."""

    one: Prior
    other: Prior

    def __call__(self, keys: Keys, focus: Floats, times: Floats) -> Floats:
        """Their sum."""
        return np.asarray(self.one(keys, focus, times) + self.other(keys, focus, times))


def time_prior(lean: Lean | None, asked_at: datetime | None, weights: TimeWeights) -> Prior | None:
    """The prior of a question with a lean, or asked at a known time; None without either."""
    leaning = NewestOrOldest(lean, weights) if lean is not None else None
    recency = Recency(asked_at, weights) if asked_at is not None else None
    return Both(leaning, recency) if leaning and recency else leaning or recency


def _utc(moment: datetime) -> float:
    """Seconds since 1970; a moment without an offset is taken as UTC."""
    return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()
