"""Plots of what happened over time, as figures of bars that a template draws as SVG."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Literal

BARS = 30
WIDTH, HEIGHT = 600, 120
_GAP = 3

Tone = Literal["good", "bad"]


@dataclass(frozen=True, slots=True)
class Series:
    """Counts by ISO day; `name` is what they count, in the reader's words, `tone` its colour."""

    name: str
    days: Mapping[str, int]
    tone: Tone = "good"


@dataclass(frozen=True, slots=True)
class Bar:
    """A rectangle of one series, in units of the drawing."""

    x: float
    y: float
    width: float
    height: float
    tone: Tone


@dataclass(frozen=True, slots=True)
class Slot:
    """A span of days, first and last, and the count of each series in it."""

    first: str
    last: str
    counts: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Plot:
    """Stacked bars, the table that says the same, and the highest stack."""

    series: tuple[Series, ...]
    slots: tuple[Slot, ...]
    bars: tuple[Bar, ...]
    highest: int

    @property
    def totals(self) -> tuple[int, ...]:
        """Of each series."""
        return tuple(map(sum, zip(*(slot.counts for slot in self.slots), strict=True)))


def plot(series: Sequence[Series], today: date, days: int) -> Plot:
    """The last `days` days, which 30 bars share evenly, the last bar ends today."""
    step = max(days // BARS, 1)
    slots = tuple(_slot(series, today - timedelta(step * ago), step) for ago in _countdown())
    highest = max(sum(slot.counts) for slot in slots)
    bars = tuple(
        bar
        for place, slot in enumerate(slots)
        for bar in _stack(place, series, slot.counts, highest)
    )
    return Plot(tuple(series), slots, bars, highest)


def plot_all(series: Series) -> Plot:
    """Every day that is counted, from the first to the last, which 30 bars share evenly."""
    days = [date.fromisoformat(day) for day in series.days]
    if not days:
        return plot([series], date.today(), BARS)
    step = -(-((max(days) - min(days)).days + 1) // BARS)
    return plot([series], max(days), step * BARS)


def _countdown() -> range:
    return range(BARS - 1, -1, -1)


def _slot(series: Sequence[Series], last: date, step: int) -> Slot:
    days = [(last - timedelta(ago)).isoformat() for ago in range(step - 1, -1, -1)]
    counts = tuple(sum(each.days.get(day, 0) for day in days) for each in series)
    return Slot(days[0], days[-1], counts)


def _stack(place: int, series: Sequence[Series], counts: Sequence[int], highest: int) -> list[Bar]:
    width, bars, reached = WIDTH / BARS, [], float(HEIGHT)
    for each, count in zip(series, counts, strict=True):
        if count:
            height = round(count / highest * HEIGHT, 2)
            reached = round(reached - height, 2)
            x = round(place * width + _GAP / 2, 2)
            bars.append(Bar(x, reached, round(width - _GAP, 2), height, each.tone))
    return bars
