"""Words that tell a time into the days or hours that they take in, however they tell it."""

import re
from datetime import date, datetime, timedelta

from index.dates import clock_hour
from qa.calendar_times import Days, read_calendar
from qa.ranges import Range
from qa.relative_times import read_relative

_DAY = timedelta(days=1)
_CLOCK = re.compile(r"(?P<hour>\d{1,2})(?:[:.](?P<minute>\d\d))?\s?(?:(?P<half>[ap])\.?m\.?)?")
_HAS_YEAR = re.compile(r"\b\d{4}\b")


def read_range(words: str, today: date, days: Days) -> Range | None:
    """The time that words such as "28 September" or "last month" tell, or None.

    What is told without its year is of the last year in which the archive tells of it, else of the
    last. What counts from now counts from `today`.
    """
    told = " ".join(words.lower().split()).removeprefix("the ")
    return read_relative(told, today, days) or read_calendar(told, today, days)


def read_clock(words: str, day: Range) -> datetime | None:
    """The moment of a clock time such as "9pm" or "noon" on a day, None where there is none."""
    if day.start is None or day.end is None or day.end - day.start != _DAY:
        return None
    told = words.lower()
    if told in ("noon", "midday", "midnight"):
        return day.start + timedelta(hours=0 if told == "midnight" else 12)
    parts = _CLOCK.fullmatch(told)
    hour = clock_hour(int(parts["hour"]), parts["half"]) if parts else None
    if parts is None or hour is None:
        return None
    return day.start + timedelta(hours=hour, minutes=int(parts["minute"] or 0))


def with_year_of(words: str, other: str) -> str:
    """The first end of "3 to 5 May 2022" or "June to August 2022", told as fully as the other."""
    if re.fullmatch(r"\d{1,2}(?:st|nd|rd|th)?", words):
        return re.sub(r"\d{1,2}(?:st|nd|rd|th)?(?!\d)", words, other, count=1)
    year = _HAS_YEAR.search(other)
    return f"{words} {year[0]}" if year and not _HAS_YEAR.search(words) else words
