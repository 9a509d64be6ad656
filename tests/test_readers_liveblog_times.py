from datetime import datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from index.dates import time_range
from index.readers.liveblog import find_entries
from index.zones import read_zone

START = datetime(2022, 12, 30, 6)


def times(text: str, published: str | None = None, updated: str | None = None) -> list[str | None]:
    return [entry.time for entry in find_entries(text, published, updated)]


def blog(*stamps: str, lead: str = "Lead.") -> str:
    return "\n".join([lead, *(f"{stamp}: Heading\nSome words of it." for stamp in stamps)])


@pytest.mark.parametrize(
    ("lead", "offset"),
    [
        ("All times are Paris time (GMT+2).", "+02:00"),
        ("All times BST", "+01:00"),
        ("(UTC-05:30)", "-05:30"),
        ("Note that times are in Eastern time.", "-04:00"),
        ("All times ET unless otherwise stated.", "-04:00"),
        ("All times are local to Kyiv.", "+03:00"),
        ("All times in this live blog are in British Summer Time", "+01:00"),
        ("All times are Europe/Berlin time", "+02:00"),
        ("(all times GMT)", "+00:00"),
    ],
)
def test_the_zone_told_in_the_lead_gives_the_offset(lead: str, offset: str) -> None:
    text = blog("9:00am", "10:00am", "11:00am", lead=lead)
    assert times(text, "2022-09-29")[0] == f"2022-09-29T09:00:00{offset}"


@pytest.mark.parametrize(
    "lead",
    [
        "(all times local)",
        "These are hard times in Paris.",
        "The times are central to the story.",
        "It begins at 3pm local time (GMT+3).",
        "All times are Atlantis time.",
        "The border closes at midnight (2100 GMT).",
    ],
)
def test_what_tells_no_zone_gives_no_offset(lead: str) -> None:
    text = blog("9:00am", "10:00am", "11:00am", lead=lead)
    assert times(text, "2022-09-29")[0] == "2022-09-29T09:00:00"


def test_a_city_has_the_offset_of_the_day_of_the_entry() -> None:
    text = blog("11pm, 29 October", "1am", "6am, 30 October", lead="All times are Paris time.")
    offsets = [time[-6:] for time in times(text, "2022-10-30") if time]
    assert offsets == ["+02:00", "+02:00", "+01:00"]


def test_a_zone_on_an_entry_counts_before_the_zone_of_the_lead() -> None:
    text = blog("9:00am BST", "10:00am BST", "11:00am BST", lead="All times are GMT.")
    assert times(text, "2022-09-29")[0] == "2022-09-29T09:00:00+01:00"


def test_clocks_of_several_zones_are_not_put_in_order() -> None:
    text = blog("9:00am BST", "10:00am GMT", "11:00am, 29 September BST")
    assert times(text, "2022-09-29") == [None, None, "2022-09-29T11:00:00+01:00"]


def test_a_clock_that_never_turns_back_is_all_of_the_day_of_publication() -> None:
    expected = [f"2022-09-29T{hour:02}:00:00" for hour in (9, 12, 22)]
    assert times(blog("9:00", "12:00", "22:00"), "2022-09-29") == expected
    assert times(blog("22:00", "12:00", "9:00"), "2022-09-29") == expected[::-1]


def test_a_clock_that_turns_back_as_often_as_days_went_by_dates_the_entries() -> None:
    text = blog("9:00", "7:00", "23:00", "20:00")
    expected = ["2022-09-29T09:00:00", "2022-09-29T07:00:00"]
    expected += ["2022-09-28T23:00:00", "2022-09-28T20:00:00"]
    assert times(text, "2022-09-28", "2022-09-29") == expected


@pytest.mark.parametrize("updated", [None, "2022-09-28", "2022-09-30"])
def test_a_clock_that_turns_back_otherwise_leaves_the_days_unknown(updated: str | None) -> None:
    assert times(blog("9:00", "7:00", "23:00", "20:00"), "2022-09-28", updated) == [None] * 4


def test_publication_late_in_the_evening_counts_by_the_clock_of_the_blog() -> None:
    text = blog("9:00am", "10:00am", "11:00am", lead="All times are Paris time.")
    assert (times(text, "2022-09-29T23:30:00Z")[0] or "").startswith("2022-09-30T09:00")


@pytest.mark.parametrize(
    ("stamp", "published", "day"),
    [
        ("31 December, 10:00", "2023-01-01", "2022-12-31"),
        ("1 January, 10:00", "2022-12-31", "2023-01-01"),
        ("29 February, 10:00", "2023-06-01", "2024-02-29"),
        ("Saturday, 10:00", "2022-06-24", "2022-06-25"),
    ],
)
def test_a_day_without_a_year_is_the_one_nearest_to_publication(
    stamp: str, published: str, day: str
) -> None:
    assert times(blog(stamp, "11:00", "12:00"), published)[0] == f"{day}T10:00:00"


@pytest.mark.parametrize("stamp", ["10:00, 31 September", "10:00, 03/04/2022"])
def test_a_day_that_cannot_be_known_is_not_replaced_by_another(stamp: str) -> None:
    assert times(blog("9:00", stamp, "11:00"), "2022-09-29") == [None] * 3


def test_dated_entries_that_disagree_leave_what_lies_between_unknown() -> None:
    text = blog("10:00, 30 September", "8:00", "21:00, 28 September")
    assert times(text, "2022-09-30") == ["2022-09-30T10:00:00", None, "2022-09-28T21:00:00"]


def test_a_line_that_names_the_day_dates_the_entries_under_it_and_belongs_to_none() -> None:
    text = (
        "Lead.\n\nThursday, January 7, 2021\n\n7:30 a.m.\n\nOne.\n\n"
        "January 6, 2021\n\n7:00 a.m.\n\nTwo.\n\n6:00 a.m.\n\nThree."
    )
    found = find_entries(text, "2022-07-10", None)
    assert [entry.time for entry in found] == [
        *("2021-01-07T07:30:00", "2021-01-06T07:00:00", "2021-01-06T06:00:00")
    ]
    assert text[found[0].start : found[0].end] == "7:30 a.m.\n\nOne."


def test_a_bare_clock_among_am_and_pm_could_be_of_either_half_and_has_no_time() -> None:
    text = blog("5:30 p.m.", "4:20", "3:45 p.m.", "2:00 p.m.")
    expected = ["2022-06-04T17:30:00", None, "2022-06-04T15:45:00", "2022-06-04T14:00:00"]
    assert times(text, "2022-06-04") == expected


def test_an_offset_of_odd_seconds_is_left_out() -> None:
    text = blog("9:00", "10:00", "11:00", lead="All times are Moscow time.")
    assert times(text, "1917-01-05")[0] == "1917-01-05T09:00:00"


@pytest.mark.parametrize(
    ("stamps", "days"),
    [
        (("10:00, 5 May 0999", "9:00", "8:00"), [None] * 3),
        (("10:00, 5 May 9999", "9:00", "8:00"), [None] * 3),
        (("1:00", "23:00", "20:00, 31 December 9998"), [None, "9998-12-31", "9998-12-31"]),
        (("1:00, 1 January 1000", "23:00", "20:00"), ["1000-01-01", None, None]),
    ],
)
def test_an_entry_past_the_years_that_dates_are_kept_in_has_no_time(
    stamps: tuple[str, ...], days: list[str | None]
) -> None:
    assert [time and time[:10] for time in times(blog(*stamps))] == days


@given(
    st.lists(
        st.builds(
            "{:02}:30{}{}".format,
            st.integers(0, 23),
            st.sampled_from(["", " ET", " BST"]),
            st.sampled_from(["", "", ", 31 December 9998", ", 1 January 1000", ", Friday"])
            | st.integers(0, 9999).map(", 3 March {:04}".format),
        ),
        min_size=3,
        max_size=6,
    ),
    st.sampled_from([None, "1000-01-01", "9998-12-31", "1860-03-03T10:00:00Z", "2022", "2022-03"]),
    st.sampled_from(["Lead.", "All times are Moscow time.", "All times are Manila time."]),
)
def test_the_time_of_every_entry_has_a_time_range(
    stamps: list[str], published: str | None, lead: str
) -> None:
    for time in times(blog(*stamps, lead=lead), published):
        assert time is None or time_range(time).end > time_range(time).start


@pytest.mark.parametrize(
    ("stamps", "published", "days"),
    [
        (
            ("12:15am", "11:50pm", "12:30pm", "12:05am", "11:58pm, September 28"),
            29,
            "30 29 29 29 28",
        ),
        (("September 28, 10:42pm", "11:30pm", "1:00am"), 29, "28 28 29"),
        (
            ("10:00, 28 September", "9:00", "10:00, 29 September", "9:30", "8:00, 28 September"),
            29,
            "28 None 29 None 28",
        ),
        (("10:00, September 28", "9:00", "11:00, September 28"), 28, "28 None 28"),
    ],
)
def test_where_clocks_tie_publication_tells_the_order_and_else_newest_is_first(
    stamps: tuple[str, ...], published: int, days: str
) -> None:
    found = times(blog(*stamps), f"2022-09-{published}")
    assert [str(time and time[8:10]) for time in found] == days.split()


def test_a_tie_over_new_year_is_told_by_publication() -> None:
    assert times(blog("2:30am, January 1", "11:30pm", "9:45pm"), "2022-12-31") == [
        *("2023-01-01T02:30:00", "2022-12-31T23:30:00", "2022-12-31T21:45:00")
    ]


@pytest.mark.parametrize(
    "stamps",
    [
        ("9:00", "8:00", "7:00"),
        ("9:00, Friday", "8:00", "7:00"),
        ("9:00, January 1", "8:00", "7:00, December 31"),
        ("2:30am, January 1", "11:30pm", "9:45pm"),
    ],
)
def test_a_year_alone_dates_no_entry_that_it_leaves_open(stamps: tuple[str, ...]) -> None:
    assert times(blog(*stamps), "2022") == [None] * 3


def test_a_year_alone_is_the_year_of_a_dated_entry() -> None:
    text = blog("9:00, May 3", "8:00", "7:00")
    assert times(text, "2022")[1] == times(text, "2022-05")[1] == "2022-05-03T08:00:00"
    assert times(text, "2022-06") == [None] * 3


def test_noon_and_midnight_are_told_apart() -> None:
    assert times(blog("12:05am", "12:00pm", "12:30pm"), "2022-09-29") == [
        *("2022-09-29T00:05:00", "2022-09-29T12:00:00", "2022-09-29T12:30:00")
    ]


def test_a_zone_further_than_any_place_on_earth_is_none() -> None:
    assert read_zone("UTC+15") is None
    assert read_zone("UTC+14") is not None
    assert read_zone("GMT\N{MINUS SIGN}3") == timezone(timedelta(hours=-3))


@given(st.lists(st.integers(1, 20 * 60), min_size=3, max_size=12), st.booleans())
def test_entries_less_than_a_day_apart_are_all_dated_from_one_that_tells_its_day(
    gaps: list[int], newest_first: bool
) -> None:
    from_start = [timedelta(minutes=sum(gaps[: n + 1])) for n in range(len(gaps))]
    moments = [START + gap for gap in from_start]
    shown = moments[::-1] if newest_first else moments
    stamps = [f"{moment:%H:%M}" for moment in shown]
    stamps[0] = f"{shown[0]:%d %B %Y, %H:%M}"
    stamps[-1] = f"{shown[-1]:%d %B %Y, %H:%M}"
    found = times(blog(*stamps))
    assert [time for time in found if time] == [
        moment.isoformat() for moment, time in zip(shown, found, strict=True) if time
    ]
    if moments[0].date() != moments[-1].date():
        assert None not in found
