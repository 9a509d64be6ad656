import sqlite3
from datetime import datetime

import pytest

from index.article import Article, Entry
from index.dates import time_range
from index.period import Moments, Period, moments


def seconds(iso: str) -> int:
    """Of a clock's time, as if it were UTC."""
    return int(datetime.fromisoformat(f"{iso}+00:00").timestamp())


def dated(published: str | None, entry_time: str | None = None) -> Moments:
    entry = Entry(0, 4, entry_time, "") if entry_time else None
    return moments(Article("a", "Text", published=published), entry)


def lies_in(moment: Moments, after: str | None = None, before: str | None = None) -> bool:
    """Asked of SQLite, which is what evaluates the condition."""
    condition, bound = Period(
        time_range(after) if after else None, time_range(before) if before else None
    ).condition()
    row = "SELECT ? AS earliest, ? AS latest, ? AS utc_offset"
    sql = f"SELECT count(*) FROM ({row}) p WHERE {condition}"
    values = [moment.earliest, moment.latest, moment.utc_offset, *bound]
    return bool(sqlite3.connect(":memory:").execute(sql, values).fetchone()[0])


def test_a_day_lasts_from_its_first_second_up_to_the_next_days() -> None:
    assert dated("2022-09-29") == Moments(
        seconds("2022-09-29T00:00:00"), seconds("2022-09-30T00:00:00"), 0
    )


def test_a_time_with_its_offset_is_kept_by_the_clock_of_the_place() -> None:
    assert dated("2022-09-29T21:13:00+02:00") == Moments(
        seconds("2022-09-29T21:13:00"), seconds("2022-09-29T21:13:01"), 2 * 3600
    )


def test_an_entrys_own_time_counts_before_the_date_of_publication() -> None:
    assert dated("2022-09-29", "2022-09-28T22:42:00").earliest == seconds("2022-09-28T22:42:00")


def test_an_entry_without_a_time_is_of_the_date_of_publication() -> None:
    blog = Article("a", "Text", published="2022-09-29")
    assert moments(blog, Entry(0, 4, None, "")) == dated("2022-09-29")


def test_an_article_without_a_date_has_no_moments() -> None:
    assert dated(None) == Moments(None, None, None)


@pytest.mark.parametrize(
    ("published", "after", "before", "inside"),
    [
        ("2022-09-29", "2022-09-29", "2022-09-29", True),
        ("2022-09-29", "2022", "2022", True),
        ("2022-09-29", "2022-09-30", None, False),
        ("2022-09-29", None, "2022-09-28", False),
        ("2022-09-29", "2022-09-29T12:00", None, False),
        ("2022-09", "2022-09-15", None, False),
        ("2022-09", "2022-09", "2022-09", True),
        ("2022-09-29T21:13:00+02:00", "2022-09-29T21:13", "2022-09-29T21:13", True),
        ("2022-09-29T21:13:00+02:00", "2022-09-29T19:13Z", "2022-09-29T19:13Z", True),
        ("2022-09-29T21:13:00+02:00", "2022-09-29T19:14Z", None, False),
        ("2022-09-30T00:30:00+02:00", "2022-09-30", None, True),
        ("2022-09-30T00:30:00+02:00", "2022-09-30T00:00Z", None, False),
        ("1914-07-28", None, "1918", True),
        ("2022-09-29", None, None, True),
    ],
)
def test_a_passage_lies_in_a_period_when_all_the_time_it_may_be_from_does(
    published: str, after: str | None, before: str | None, inside: bool
) -> None:
    assert lies_in(dated(published), after, before) is inside


def test_a_passage_of_unknown_time_lies_in_no_period_but_the_open_one() -> None:
    assert not lies_in(dated(None), after="1000")
    assert not lies_in(dated(None), before="9998")
    assert lies_in(dated(None))
