"""Which days an archive tells of."""

from datetime import date
from pathlib import Path

from tests.archives import build_records, open_index


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
