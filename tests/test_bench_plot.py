"""The plot of bench/scale.py: small charts as SVG."""

from xml.etree import ElementTree

import pytest

from bench.plot import Chart, draw, short

SVG = "{http://www.w3.org/2000/svg}"
SIZES = (10_000.0, 100_000.0, 1_000_000.0)


def lines_of(*charts: Chart) -> list[list[tuple[float, float]]]:
    """The points of each chart's line, in pixels; y grows downwards."""
    drawn = ElementTree.fromstring(draw("figures", charts))
    lines = (line.attrib["points"].split() for line in drawn.iter(f"{SVG}polyline"))
    return [[(float(x), float(y)) for x, y in (pair.split(",") for pair in line)] for line in lines]


def line_of(*values: float) -> list[tuple[float, float]]:
    [line] = lines_of(chart("a figure", *values))
    return line


def chart(title: str, *values: float) -> Chart:
    return Chart(title, tuple(zip(SIZES, values, strict=False)))


def test_what_grows_as_fast_as_the_archive_rises_by_45_degrees() -> None:
    (x, y), *_, (right, top) = line_of(50, 500, 5000)

    assert y - top == pytest.approx(right - x, abs=0.2)


def test_what_does_not_grow_is_level() -> None:
    assert len({y for _, y in line_of(7, 7, 7)}) == 1


def test_a_decade_is_as_long_in_every_chart() -> None:
    slow, fast = lines_of(chart("slow", 1, 10), chart("fast", 1, 1000))

    assert 3 * rise(slow) == pytest.approx(rise(fast), abs=0.5)


def rise(line: list[tuple[float, float]]) -> float:
    (_, bottom), (_, top) = line
    return bottom - top


def test_a_line_that_rises_by_many_decades_stays_below_its_title() -> None:
    assert min(y for _, y in line_of(1, 100, 1_000_000)) > 30


def test_points_are_in_the_order_of_their_sizes() -> None:
    turned = Chart("a figure", ((1000.0, 3.0), (100.0, 1.0)))
    straight = Chart("a figure", ((100.0, 1.0), (1000.0, 3.0)))

    assert draw("figures", [turned]) == draw("figures", [straight])


def test_one_size_alone_can_be_drawn() -> None:
    assert len(line_of(42)) == 1


def test_words_of_titles_are_no_markup() -> None:
    drawn = ElementTree.fromstring(draw("a < b & c", [chart("<x>", 1, 2, 3)]))

    assert drawn.findtext(f"{SVG}title") == "a < b & c"
    assert "<x>" in {text.text for text in drawn.iter(f"{SVG}text")}


def test_every_point_is_labelled_with_its_value() -> None:
    drawn = ElementTree.fromstring(draw("figures", [chart("a figure", 52, 520, 5200)]))

    labels = {text.text for text in drawn.iter(f"{SVG}text")}

    assert {"52", "520", "5200", "10k", "100k", "1M"} <= labels


@pytest.mark.parametrize(
    ("value", "told"),
    [
        (0.0512, "0.0512"),
        (8.25, "8.25"),
        (9876, "9880"),
        (9999, "10k"),
        (25_340, "25.3k"),
        (5.2e6, "5.2M"),
    ],
)
def test_values_are_told_in_three_digits(value: float, told: str) -> None:
    assert short(value) == told
