"""Bar charts over time, as numbers that a template draws as SVG."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Literal

BARS = 30
WIDTH, HEIGHT = 600, 120
_GAP = 3

Tone = Literal["good", "bad"]


@dataclass(frozen=True, slots=True)
class Series:
    """Counts by ISO day; `name` is what they count, in the reader's language, `tone` its colour."""

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
    """A range of days, and the count of each series in it."""

    first: str
    last: str
    counts: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Plot:
    """Stacked bars, the same as a table, and the height of the highest stack."""

    series: tuple[Series, ...]
    slots: tuple[Slot, ...]
    bars: tuple[Bar, ...]
    highest: int

    @property
    def totals(self) -> tuple[int, ...]:
        """The total of each series."""
        return tuple(map(sum, zip(*(slot.counts for slot in self.slots), strict=True)))


def plot(series: Sequence[Series], today: date, days: int) -> Plot:
    """The last `days` days, divided evenly among 30 bars; the last bar ends today."""
    step = max(days // BARS, 1)
    slots = tuple(_slots(series, today, step))
    highest = max(sum(slot.counts) for slot in slots)
    bars = tuple(
        bar
        for place, slot in enumerate(slots)
        for bar in _stack(place, series, slot.counts, highest)
    )
    return Plot(tuple(series), slots, bars, highest)


def plot_all(series: Series) -> Plot:
    """All days with counts, from the first to the last, divided evenly among 30 bars."""
    days = [date.fromisoformat(day) for day in series.days]
    if not days:
        return plot([series], date.today(), BARS)
    step = -(-((max(days) - min(days)).days + 1) // BARS)
    return plot([series], max(days), step * BARS)


def _slots(series: Sequence[Series], today: date, step: int) -> Iterator[Slot]:
    counts = [[0] * len(series) for _ in range(BARS)]
    for number, each in enumerate(series):
        for day, count in each.days.items():
            ago = (today - date.fromisoformat(day)).days // step
            if 0 <= ago < BARS:
                counts[ago][number] += count
    for ago in range(BARS - 1, -1, -1):
        last = today.toordinal() - step * ago
        yield Slot(_day(last - step + 1), _day(last), tuple(counts[ago]))


def _day(ordinal: int) -> str:
    """The ISO day; not before the first day of year 1."""
    return date.fromordinal(max(ordinal, 1)).isoformat()


def _stack(place: int, series: Sequence[Series], counts: Sequence[int], highest: int) -> list[Bar]:
    width, bars, reached = WIDTH / BARS, [], float(HEIGHT)
    for each, count in zip(series, counts, strict=True):
        if count:
            height = round(count / highest * HEIGHT, 2)
            reached = round(reached - height, 2)
            x = round(place * width + _GAP / 2, 2)
            bars.append(Bar(x, reached, round(width - _GAP, 2), height, each.tone))
    return bars
