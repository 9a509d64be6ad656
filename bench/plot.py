"""Small charts as one SVG, written by hand: how figures grow with the size of an archive.

All axes are logarithmic and a decade is as long on each, so that charts can be compared: what
grows as fast as the archive rises by 45°, what does not grow is level.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from xml.sax.saxutils import escape

_COLUMNS = 4
# A cell and the frame in it that holds a line, in pixels.
_CELL_WIDTH, _CELL_HEIGHT = 224, 212
_FRAME_LEFT, _FRAME_TOP, _FRAME_WIDTH, _FRAME_HEIGHT = 44, 36, 140, 140
_TITLE_LEFT, _TICK = 12, 4
# What of the frame stays empty above and below a line, for the labels of its points.
_MARGIN = 18
# So many decades are shown at least: noise is not to look like growth.
_FEWEST_DECADES = 1.0
# A line that rises by less of a decade in a decade is as good as level.
_LEVEL = 0.15
# On white and on black alike; a picture is not told which of them it is shown on.
_INK, _LINE = "#768390", "#3b82f6"


@dataclass(frozen=True, slots=True)
class Chart:
    """One figure at several sizes: `points` of size and value, both above zero."""

    title: str
    points: tuple[tuple[float, float], ...]


@dataclass(frozen=True, slots=True)
class _Axes:
    """Where sizes and values lie in a cell; `middle` is the logarithm in the frame's middle."""

    decade: float
    x_middle: float
    y_middle: float

    def x(self, size: float) -> float:
        return _FRAME_LEFT + _FRAME_WIDTH / 2 + (math.log10(size) - self.x_middle) * self.decade

    def y(self, value: float) -> float:
        return _FRAME_TOP + _FRAME_HEIGHT / 2 - (math.log10(value) - self.y_middle) * self.decade

    def decades(self) -> list[float]:
        """Powers of ten in the frame."""
        half = _FRAME_HEIGHT / 2 / self.decade
        first, last = math.ceil(self.y_middle - half), math.floor(self.y_middle + half)
        return [10.0**power for power in range(first, last + 1)]


def draw(title: str, charts: Sequence[Chart]) -> str:
    """The charts side by side, some in a row. Each must have a point."""
    decade = _decade(charts)
    rows = math.ceil(len(charts) / _COLUMNS)
    width, height = min(len(charts), _COLUMNS) * _CELL_WIDTH, rows * _CELL_HEIGHT
    cells = [
        f'<g transform="translate({place % _COLUMNS * _CELL_WIDTH} '
        f'{place // _COLUMNS * _CELL_HEIGHT})">\n{_cell(chart, decade)}\n</g>'
        for place, chart in enumerate(charts)
    ]
    head = (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" '
        f'width="{width}" height="{height}" role="img" font-family="system-ui, sans-serif" '
        f'font-size="11" fill="{_INK}">\n<title>{escape(title)}</title>'
    )
    return "\n".join([head, *cells, "</svg>", ""])


def short(value: float) -> str:
    """Three digits, for people.

    >>> [short(value) for value in (8.25, 120.4, 25_340, 1_000_000)]
    ['8.25', '120', '25.3k', '1M']
    """
    rounded = float(f"{value:.3g}")
    for unit, sign in ((1e6, "M"), (1e3, "k")):
        # Below ten thousand all digits are as short.
        if rounded >= max(unit, 1e4):
            return f"{rounded / unit:g}{sign}"
    return f"{rounded:g}"


def _decade(charts: Sequence[Chart]) -> float:
    """Pixels of a decade, so that every line fits into its frame."""
    wide = max(_span([size for size, _ in chart.points]) for chart in charts)
    high = max(_span([value for _, value in chart.points]) for chart in charts)
    return min(_FRAME_WIDTH / wide, (_FRAME_HEIGHT - 2 * _MARGIN) / high)


def _span(values: Sequence[float]) -> float:
    return max(math.log10(max(values) / min(values)), _FEWEST_DECADES)


def _middle(values: Sequence[float]) -> float:
    return (math.log10(max(values)) + math.log10(min(values))) / 2


def _cell(chart: Chart, decade: float) -> str:
    points = sorted(chart.points)
    sizes, values = [size for size, _ in points], [value for _, value in points]
    axes = _Axes(decade, _middle(sizes), _middle(values))
    line = " ".join(f"{axes.x(size):.1f},{axes.y(value):.1f}" for size, value in points)
    drawn = [
        f'<text x="{_TITLE_LEFT}" y="16" font-size="12" font-weight="600">'
        f"{escape(chart.title)}</text>",
        *_marks(axes, sizes),
        f'<polyline points="{line}" fill="none" stroke="{_LINE}" stroke-width="2"/>',
    ]
    for place, (size, value) in enumerate(points):
        drawn.append(_point(axes.x(size), axes.y(value), short(value), _slope(points, place)))
    return "\n".join(drawn)


def _marks(axes: _Axes, sizes: Sequence[float]) -> list[str]:
    """Both axes, with the powers of ten on one and the sizes on the other."""
    # No lines across: they would strike the labels of points through.
    bottom, right = _FRAME_TOP + _FRAME_HEIGHT, _FRAME_LEFT + _FRAME_WIDTH
    values, places = axes.decades(), [axes.x(size) for size in sizes]
    ticks = [f"M{_FRAME_LEFT} {axes.y(value):.1f}h-{_TICK}" for value in values]
    ticks += [f"M{x:.1f} {bottom}v{_TICK}" for x in places]
    return [
        f'<path d="M{_FRAME_LEFT} {_FRAME_TOP}V{bottom}H{right}{"".join(ticks)}" fill="none" '
        f'stroke="{_INK}" stroke-opacity=".6"/>',
        *(_text(_FRAME_LEFT - 7, axes.y(value) + 4, short(value), "end") for value in values),
        *(
            _text(x, bottom + 17, short(size), "middle")
            for x, size in zip(places, sizes, strict=True)
        ),
    ]


def _point(x: float, y: float, label: str, slope: float) -> str:
    """A dot and its label, on the side that its line leaves free."""
    dot = f'<circle cx="{x:.1f}" cy="{y:.1f}" r="3" fill="{_LINE}"/>'
    if slope > _LEVEL:
        return dot + _text(x + 5, y + 14, label, "start")
    if slope < -_LEVEL:
        return dot + _text(x + 5, y - 6, label, "start")
    return dot + _text(x, y - 9, label, "middle")


def _slope(points: Sequence[tuple[float, float]], place: int) -> float:
    """The steepest of the lines that meet in a point, in decades a decade; 0 without lines."""
    slopes = [
        math.log10(after[1] / before[1]) / math.log10(after[0] / before[0])
        for before, after in pairwise(points[max(place - 1, 0) : place + 2])
        if after[0] > before[0]
    ]
    return max(slopes, key=abs, default=0.0)


def _text(x: float, y: float, words: str, anchor: str) -> str:
    return f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}">{escape(words)}</text>'
