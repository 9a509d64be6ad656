from datetime import UTC, date, datetime, timedelta, timezone
from email.utils import format_datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from index.dates import DateError, read_date, read_date_or_part, time_range

DAYS = st.dates(min_value=date(1000, 1, 1), max_value=date(9998, 12, 31))
OFFSETS = st.integers(-14 * 4, 14 * 4).map(lambda n: timezone(timedelta(minutes=15 * n)))
MOMENTS = st.datetimes(
    min_value=datetime(1900, 1, 2), max_value=datetime(2200, 1, 1), timezones=OFFSETS
).map(lambda moment: moment.replace(microsecond=0))


@pytest.mark.parametrize(
    "text",
    [
        "2022-09-29",
        "2022/09/29",
        "2022-9-29",
        "20220929",
        " 2022-09-29\n",
        "September 29, 2022",
        "Sept. 29th 2022",
        "29 Sept. 2022",
        "29th of September 2022",
        "Thursday, 29 September 2022",
        "29/09/2022",
        "09/29/2022",
        "29.09.2022",
        "29 septembre 2022",
        "29. September 2022",
        "29 de septiembre de 2022",
        "29 сентября 2022",
        "2022年9月29日",
    ],
)
def test_a_day_is_read_however_it_is_written(text: str) -> None:
    assert read_date(text) == "2022-09-29"


@pytest.mark.parametrize(
    ("text", "iso"),
    [
        ("2022-09-29T21:13", "2022-09-29T21:13:00"),
        ("2022-09-29 21:13:05 UTC", "2022-09-29T21:13:05+00:00"),
        ("2022-09-29T21:13:05.123Z", "2022-09-29T21:13:05+00:00"),
        ("20220929T211305+0200", "2022-09-29T21:13:05+02:00"),
        ("Thu, 29 Sep 2022 21:13:00 GMT", "2022-09-29T21:13:00+00:00"),
        ("September 29, 2022 at 9:13 p.m. EDT", "2022-09-29T21:13:00-04:00"),
        ("Sept 29, 2022, 9 pm ET", "2022-09-29T21:00:00-04:00"),
        ("29 January 2022 12:05 am ET", "2022-01-29T00:05:00-05:00"),
        ("jeudi 29 septembre 2022 à 21h13", "2022-09-29T21:13:00"),
    ],
)
def test_a_time_is_kept_with_the_offset_that_is_told(text: str, iso: str) -> None:
    assert read_date(text) == iso


def test_a_zone_that_could_be_several_gives_no_offset() -> None:
    assert read_date("29 September 2022 21:13 IST") == "2022-09-29T21:13:00"


@pytest.mark.parametrize(
    "text",
    [
        *("", "yesterday", "2 days ago", "29 September", "September 2022", "2022", "2022-09"),
        *("03/04/2022", "3.4.2022", "2022-02-30", "31 September 2022", "31 septembre 2022"),
        *("2022-13-01", "2022-09-29T25:00", "2022-09-29T21:60", "0000-01-01", "1664480000"),
        *("15 people 2021", "Story of 12 men in 2022", "2022-09/29", "29 September 2022 " * 9),
    ],
)
def test_what_is_no_date_or_could_be_two_is_none(text: str) -> None:
    assert read_date(text) is None


@pytest.mark.parametrize(
    ("text", "iso"), [("13/04/2022", "2022-04-13"), ("4/4/2022", "2022-04-04")]
)
def test_figures_that_allow_one_reading_only_are_a_date(text: str, iso: str) -> None:
    assert read_date(text) == iso


@given(DAYS)
def test_every_day_is_read_back_from_each_form(day: date) -> None:
    year = f"{day.year:04}"
    forms = [
        day.isoformat(),
        f"{year}/{day.month}/{day.day}",
        f"{year}{day.month:02}{day.day:02}",
        f"{day:%B} {day.day}, {year}",
        f"{day.day} {day:%b}. {year}",
        f"{day:%A}, {day.day} {day:%B} {year}",
    ]
    assert {read_date(form) for form in forms} == {day.isoformat()}


@given(MOMENTS)
def test_every_moment_is_read_back_from_iso_and_from_rfc_822(moment: datetime) -> None:
    assert read_date(moment.isoformat()) == moment.isoformat()
    assert read_date(format_datetime(moment)) == moment.isoformat()
    assert read_date(moment.strftime("%Y-%m-%dT%H:%M:%S.000%z")) == moment.isoformat()


@given(st.text(alphabet=st.characters(codec="utf-8"), max_size=30))
def test_whatever_is_read_as_a_date_is_iso(text: str) -> None:
    iso = read_date(text)
    assert iso is None or datetime.fromisoformat(iso).year >= 1000


@pytest.mark.parametrize(
    ("iso", "start", "end"),
    [
        ("2022", datetime(2022, 1, 1), datetime(2023, 1, 1)),
        ("2022-02", datetime(2022, 2, 1), datetime(2022, 3, 1)),
        ("2022-12", datetime(2022, 12, 1), datetime(2023, 1, 1)),
        ("2022-09-29", datetime(2022, 9, 29), datetime(2022, 9, 30)),
        ("2022/09/29", datetime(2022, 9, 29), datetime(2022, 9, 30)),
        ("2022-09-29T23:59", datetime(2022, 9, 29, 23, 59), datetime(2022, 9, 30)),
        (
            "2022-09-29T21:13:05",
            datetime(2022, 9, 29, 21, 13, 5),
            datetime(2022, 9, 29, 21, 13, 6),
        ),
    ],
)
def test_a_time_range_is_as_long_as_its_value_is_exact(
    iso: str, start: datetime, end: datetime
) -> None:
    covered = time_range(iso)
    assert (covered.start, covered.end) == (start, end)


def test_a_time_range_is_aware_where_an_offset_is_told() -> None:
    covered = time_range("2022-09-29T21:13:00+02:00")
    assert covered.start == datetime(2022, 9, 29, 19, 13, tzinfo=UTC)
    assert covered.end - covered.start == timedelta(seconds=1)


@given(MOMENTS)
def test_what_read_date_gives_always_has_a_time_range(moment: datetime) -> None:
    assert time_range(read_date(moment.isoformat()) or "").start == moment
    assert time_range(moment.date().isoformat()).end > time_range(moment.date().isoformat()).start


@given(
    st.datetimes(min_value=datetime(1, 1, 1), max_value=datetime(9999, 12, 31)),
    st.sampled_from(["", "Z", "ET", "PT", "GMT", "UTC", "CET", "+14:00", "-12:30", "+15:00"]),
    st.sampled_from(["{0:%B} {0.day}, {1} {0:%H:%M} {2}", "{1}-{0:%m-%d}T{0:%H:%M:%S}{2}", "{1}"]),
)
def test_whatever_is_read_as_a_date_has_a_time_range(day: datetime, zone: str, form: str) -> None:
    iso = read_date_or_part(form.format(day, f"{day.year:04}", zone))
    assert iso is None or time_range(iso).start < time_range(iso).end


def test_an_offset_of_odd_seconds_is_left_out() -> None:
    assert read_date("January 5, 1860 10:00 ET") == "1860-01-05T10:00:00"
    assert time_range("1860-01-05T10:00:00").start == datetime(1860, 1, 5, 10)


@pytest.mark.parametrize("text", ["2022", "2022-09", "1000", "9998-12"])
def test_a_year_or_a_month_alone_is_kept_as_part_of_a_date(text: str) -> None:
    assert read_date_or_part(f" {text}\n") == text


@pytest.mark.parametrize("text", ["2022-13", "2022-9", "0999", "9999", "22", "2022/09", "in 2022"])
def test_what_is_no_iso_year_or_month_is_no_part_of_a_date(text: str) -> None:
    assert read_date_or_part(text) is None


@pytest.mark.parametrize("text", ["", "soon", "2022-02-30", "2022-13", "9999", "2022-09-29T24:00"])
def test_a_time_range_of_no_date_quotes_it_and_shows_an_example(text: str) -> None:
    with pytest.raises(DateError, match="2022-09-29") as raised:
        time_range(text)
    assert repr(text) in str(raised.value)


def test_a_time_range_with_an_offset_that_no_clock_has_is_refused() -> None:
    with pytest.raises(DateError, match=r"\+25:00"):
        time_range("2022-09-29T21:13+25:00")
