from datetime import date, datetime
from pathlib import Path

import numpy as np
import pytest

from index.article import Article, Entry
from index.dates import time_range
from index.period import (
    EVERYTHING,
    NEVER_EARLY,
    NEVER_LATE,
    Moments,
    Period,
    Selection,
    bound_of,
    moments,
)
from index.store.columns import NO_SOURCE, Columns, mask
from tests.archives import build_records, open_index


def seconds(iso: str) -> int:
    """Of a clock's time, as if it were UTC."""
    return int(datetime.fromisoformat(f"{iso}+00:00").timestamp())


def dated(published: str | None, entry_time: str | None = None) -> Moments:
    entry = Entry(0, 4, entry_time, "") if entry_time else None
    return moments(Article("a", "Text", published=published), entry)


def columns_of(*passages: Moments, source: int = NO_SOURCE) -> Columns:
    """Of passages of which nothing is told but their times and source."""
    count = len(passages)
    ints, longs = np.zeros(count, np.int32), np.zeros(count, np.int64)
    return Columns(
        keys=longs,
        spans=np.zeros((count, 3), np.int32),
        earliest=np.array([each.earliest for each in passages], np.int64),
        latest=np.array([each.latest for each in passages], np.int64),
        utc_offset=np.array([each.utc_offset for each in passages], np.int32),
        source=np.full(count, source, np.int32),
        first_row=longs,
        row_count=ints,
        first_term=longs,
        term_count=ints,
        row_spans=np.zeros((0, 2), np.uint16),
        row_terms=np.zeros(0, np.int32),
        row_asks=np.zeros(0, np.bool_),
        terms=np.zeros(0, np.uint32),
        vectors=np.zeros((0, 4), np.int8),
    )


def period(after: str | None = None, before: str | None = None) -> Period:
    return Period(time_range(after) if after else None, time_range(before) if before else None)


def lies_in(moment: Moments, after: str | None = None, before: str | None = None) -> bool:
    [inside] = mask(Selection(period(after, before)), columns_of(moment), None).tolist()
    return bool(inside)


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
    assert dated(None) == Moments(NEVER_EARLY, NEVER_LATE, 0)
    assert not dated(None).is_known
    assert dated("2022").is_known


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


def test_each_passage_is_told_apart_from_the_others() -> None:
    columns = columns_of(dated("2022-09-29"), dated(None), dated("1962"), dated("2023"))
    inside = mask(Selection(period(after="2022")), columns, None)
    assert inside.tolist() == [True, False, False, True]


@pytest.mark.parametrize(
    ("asked", "number", "held", "inside"),
    [
        (None, None, 3, True),
        ("S", 3, 3, True),
        ("S", 3, 4, False),
        ("S", 3, NO_SOURCE, False),
        ("unknown", None, 3, False),
        ("unknown", None, NO_SOURCE, False),
    ],
)
def test_a_passage_is_of_a_source_by_its_number(
    asked: str | None, number: int | None, held: int, inside: bool
) -> None:
    columns = columns_of(dated("2022"), source=held)
    assert mask(Selection(source=asked), columns, number).tolist() == [inside]


def test_a_passage_of_a_selection_is_of_its_period_and_of_its_source() -> None:
    columns = columns_of(dated("2022"), dated("1962"), source=3)
    assert mask(Selection(period(after="2000"), "S"), columns, 3).tolist() == [True, False]


@pytest.mark.parametrize(("articles", "inside"), [({0, 7}, True), ({1}, False), (set(), False)])
def test_a_passage_is_of_an_article_by_its_number(articles: set[int], inside: bool) -> None:
    columns = columns_of(dated("2022"))
    chosen = Selection(articles=frozenset(articles))
    assert not chosen.is_everything
    assert mask(chosen, columns, None).tolist() == [inside]


def test_everything_is_selected_where_nothing_is_asked_for() -> None:
    assert EVERYTHING.is_everything
    assert not Selection(source="S").is_everything
    assert not Selection(period(before="2022")).is_everything
    assert mask(EVERYTHING, columns_of(dated(None), dated("2022")), None).tolist() == [True, True]


def test_the_bounds_of_a_period_are_of_utc_only_where_an_offset_is_told() -> None:
    local, zoned = period("2022-09-29T21:13"), period("2022-09-29T21:13:00+02:00")
    assert local.earliest is not None
    assert zoned.earliest is not None
    assert (local.earliest.seconds, local.earliest.is_utc) == (seconds("2022-09-29T21:13"), False)
    assert (zoned.earliest.seconds, zoned.earliest.is_utc) == (seconds("2022-09-29T19:13"), True)
    assert local.latest is None


def test_a_second_period_bounds_too() -> None:
    columns = columns_of(dated("2022-09-28"), dated("2022-09-29"), dated("2022-09-30"))
    selection = Selection(period("2022-09-29"), within=Period(before=time_range("2022-09-29")))
    assert mask(selection, columns, None).tolist() == [False, True, False]
    assert not selection.is_everything


def test_what_was_not_known_by_a_moment_is_left_out_and_the_undated_stays() -> None:
    columns = columns_of(
        dated("2022-09-29", "2022-09-29T21:13+02:00"), dated("2022-09-30"), dated(None)
    )
    by = bound_of(datetime.fromisoformat("2022-09-29T19:13:00+00:00"))
    assert mask(Selection(known_by=by), columns, None).tolist() == [True, False, True]
    earlier = bound_of(datetime.fromisoformat("2022-09-29T19:12:00+00:00"))
    assert mask(Selection(known_by=earlier), columns, None).tolist() == [False, False, True]


def test_days_are_those_of_dated_passages(tmp_path: Path) -> None:
    records = [
        {"_id": "day", "text": "The dam held.", "published": "2022-09-28"},
        {"_id": "month", "text": "The dam broke.", "published": "2022-06"},
        {"_id": "never", "text": "The dam was built."},
    ]
    days = open_index(build_records(tmp_path / "data", records)).snapshot.days
    assert days.newest == date(2022, 9, 28)
    assert days.hold(date(2022, 9, 28), date(2022, 9, 28))
    assert days.hold(date(2022, 6, 1), date(2022, 6, 30))
    # A day of that month is not sure to be the one.
    assert not days.hold(date(2022, 6, 10), date(2022, 6, 20))
    assert not days.hold(date(2022, 9, 29), None)
    assert days.hold(None, date(2022, 7, 1))


def test_an_archive_without_dates_tells_of_no_day(tmp_path: Path) -> None:
    records = [{"_id": "never", "text": "The dam was built."}]
    days = open_index(build_records(tmp_path / "data", records)).snapshot.days
    assert days.newest is None
    assert not days.hold(None, None)
