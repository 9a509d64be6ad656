"""What a question says of time: `timex.jsonl` is the specification of `qa.timex`.

A line has a `question` and the moment `now` that it is asked at, of an archive of `days`, or of
every day; `order` is that of dates in digits. `range` is what bounds it, as first and last moment,
null where nothing does; `lean` which end of time counts more; `course` whether a course of events
is asked for; `phrase` are the words that bound it and `shown` what people see of them; `rest` is
the question without them. `other` is what people see of the time with day and month the other way
round, `unread` what looks like a time and is none.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from index.dates import time_range
from qa.timex.extract import read_asked_time

GIVEN = ("question", "now", "days", "order")
ROWS = [
    json.loads(line)
    for line in (Path(__file__).parent / "timex.jsonl").read_text("utf-8").splitlines()
]


@dataclass(frozen=True)
class Archive:
    """An archive of these days; of every day up to 5 October 2022 where none are given."""

    days: frozenset[date] | None = None

    @property
    def newest(self) -> date | None:
        return date(2022, 10, 5) if self.days is None else max(self.days, default=None)

    def hold(self, after: date | None, before: date | None) -> bool:
        return self.days is None or any(
            (after is None or day >= after) and (before is None or day <= before)
            for day in self.days
        )


def archive_of(row: Mapping[str, Any]) -> Archive:
    days = row.get("days")
    return Archive(None if days is None else frozenset(map(date.fromisoformat, days)))


def read(row: Mapping[str, Any]) -> dict[str, Any]:
    """What is read from the question, under the names of the table."""
    asked = read_asked_time(row["question"], row["now"], archive_of(row), row.get("order", "auto"))
    when = asked.when
    is_bounded = when is not None and when.is_exact
    return {
        "range": [when.after, when.before] if when is not None and is_bounded else None,
        "lean": asked.lean.value if asked.lean is not None else None,
        "course": asked.is_course,
        "phrase": asked.phrase,
        "shown": when.text if when is not None else None,
        "rest": asked.rest,
        "other": when.other.text if when is not None and when.other is not None else None,
        "unread": asked.unread,
    }


@pytest.mark.parametrize("row", ROWS, ids=[row["question"] for row in ROWS])
def test_a_time_is_read_as_the_table_says(row: Mapping[str, Any]) -> None:
    told = {name: value for name, value in row.items() if name not in GIVEN}
    found = read(row)
    assert {name: found[name] for name in told} == told


@given(st.text(max_size=60) | st.from_regex(r"(on|in|since|after) \w+ \d{1,4}( \d{4})?\?"))
def test_no_question_makes_it_raise_and_what_it_finds_is_a_period(text: str) -> None:
    asked = read_asked_time(text, "2022-10-05T12:00:00Z", Archive(frozenset({date(2022, 9, 28)})))
    if asked.range is None:
        return
    assert asked.phrase in text
    when = asked.when
    assert when is not None
    if when.after and when.before:
        assert time_range(when.after).start < time_range(when.before).end
