"""Words that tell a time into the days or hours that they take in. dateparser reads the dates."""

import re
from dataclasses import dataclass, replace
from datetime import MAXYEAR, date, datetime, time, timedelta
from functools import lru_cache
from typing import Protocol

from dateparser.date import DateDataParser

from index.dates import clock_hour
from qa.time_words import is_day, is_year

_DAY = timedelta(days=1)
_WEEK = timedelta(days=7)
# The parts of a day, from one hour to another; a night ends on the next day.
_PARTS = {"morning": (5, 12), "afternoon": (12, 18), "evening": (18, 24), "night": (18, 30)}
# On the northern half of the earth; a winter bears the year in which it begins.
_SEASONS = {"spring": 3, "summer": 6, "autumn": 9, "fall": 9, "winter": 12}
_NUMBERS = {
    **{"a": 1, "an": 1, "one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "seven": 7},
    **{"eight": 8, "nine": 9, "ten": 10, "eleven": 11, "twelve": 12},
    **{"a couple of": 2, "a few": 3, "several": 7},
}
_WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_COUNTED = re.compile(r"(?:the )?(?:last|past|previous) (?P<count>.+) (?P<unit>[a-z]+?)s?")
_AGO = re.compile(r"(?P<count>.+) (?P<unit>[a-z]+?)s? ago")
_SECTION = re.compile(
    r"(?:the )?(?P<section>early|mid|late|(?:start|beginning|middle|end) of)[ -](?P<rest>.+)"
)
_NEAR = re.compile(r"(?P<which>this|last|past|previous) (?P<what>[a-z]+)")
_SEASON = re.compile(r"(?P<season>spring|summer|autumn|fall|winter)\s+(?:of\s+)?(?P<year>\d{4})")
_CLOCK = re.compile(r"(?P<hour>\d{1,2})(?:[:.](?P<minute>\d\d))?\s?(?:(?P<half>[ap])\.?m\.?)?")
_HAS_YEAR = re.compile(r"\b\d{4}\b")
# No archive goes back further in years than people look for a date without one.
_MOST_YEARS = 60


@dataclass(frozen=True, slots=True)
class Range:
    """From `start` to before `end`, by the clock of each place. An open side is None."""

    start: datetime | None
    end: datetime | None

    @property
    def is_empty(self) -> bool:
        """Whether nothing lies inside."""
        return self.start is not None and self.end is not None and self.start >= self.end

    @property
    def is_of_days(self) -> bool:
        """Whether it takes in whole days."""
        return all(side is None or side.time() == time.min for side in (self.start, self.end))

    def and_(self, other: "Range") -> "Range":
        """What lies in both."""
        return Range(
            max((each for each in (self.start, other.start) if each), default=None),
            min((each for each in (self.end, other.end) if each), default=None),
        )


class Days(Protocol):
    """The days that an archive tells of."""

    @property
    def newest(self) -> date | None:
        """The last of them."""

    def hold(self, after: date | None, before: date | None) -> bool:
        """Whether something is from these days, both included; None leaves a side open."""


def read_range(words: str, today: date, days: Days) -> Range | None:
    """The time that words such as "28 September" or "last month" tell, or None.

    What is told without its year is of the last year in which the archive tells of it, else of the
    last. What counts from now counts from `today`.
    """
    told = " ".join(words.lower().split()).removeprefix("the ")
    return _read_relative(told, today, days) or _read_section(told, today, days)


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


def part_of(day: Range, part: str) -> Range | None:
    """The morning, afternoon, evening or night of a day."""
    if day.start is None or day.end is None or day.end - day.start != _DAY:
        return None
    first, last = _PARTS[part.lower()]
    return Range(day.start + timedelta(hours=first), day.start + timedelta(hours=last))


def with_year_of(words: str, other: str) -> str:
    """The first end of "3 to 5 May 2022" or "June to August 2022", told as fully as the other."""
    if re.fullmatch(r"\d{1,2}(?:st|nd|rd|th)?", words):
        return re.sub(r"\d{1,2}(?:st|nd|rd|th)?(?!\d)", words, other, count=1)
    year = _HAS_YEAR.search(other)
    return f"{words} {year[0]}" if year and not _HAS_YEAR.search(words) else words


def _read_relative(told: str, today: date, days: Days) -> Range | None:
    near = {"today": 0, "yesterday": 1, "the day before yesterday": 2, "day before yesterday": 2}
    if told in near:
        return _days(today - near[told] * _DAY)
    if told in ("tonight", "last night"):
        return part_of(_days(today - (told == "last night") * _DAY), "night")
    if told in _WEEKDAYS:
        return _days(_last_weekday(told, today, days))
    if found := _AGO.fullmatch(told):
        return _ago(found["count"], found["unit"], today)
    if found := _COUNTED.fullmatch(told):
        return _back(found["count"], found["unit"], today)
    if found := _NEAR.fullmatch(told):
        return _near(found["which"], found["what"], today)
    return None


def _ago(count: str, unit: str, today: date) -> Range | None:
    number = _number(count)
    if number is None or unit == "hour":
        return None
    if unit == "day":
        return _days(today - number * _DAY)
    if unit == "week":
        monday = _monday(today) - number * _WEEK
        return _days(monday, monday + 6 * _DAY)
    if unit == "month":
        return _months(today.year, today.month - number, 1)
    return _months(today.year - number, 1, 12)


def _back(count: str, unit: str, today: date) -> Range | None:
    """The last so many days, today included."""
    number = _number(count)
    if number is None or unit == "hour":
        return None
    length = {"day": 1, "week": 7, "month": 30, "year": 365}[unit] * number
    return _days(today - length * _DAY, today)


def _near(which: str, what: str, today: date) -> Range | None:
    back = which != "this"
    if what in _PARTS:
        return part_of(_days(today), what)
    if what == "week":
        # On a Monday people still call this week what happened on Saturday.
        monday = _monday(today)
        if back:
            return _days(monday - _WEEK, monday - _DAY)
        return _days(min(monday, today - 6 * _DAY), today)
    if what == "weekend":
        saturday = _monday(today) + 5 * _DAY
        saturday -= (back or saturday > today) * _WEEK
        return _days(saturday, saturday + _DAY)
    if what == "day":
        return _days(today - _DAY, today)
    if what == "month":
        return (
            _months(today.year, today.month - 1, 1) if back else _days(today.replace(day=1), today)
        )
    if what == "year":
        return _months(today.year - 1, 1, 12) if back else _days(date(today.year, 1, 1), today)
    if what in _WEEKDAYS:
        # "Last Friday" said on a Friday is a week ago.
        return _days(_weekday_before(what, today - back * _DAY))
    if what in _SEASONS:
        return _last_begun(_SEASONS[what], 3, today, ended=back)
    read = _parse(what, today)
    return _last_begun(read[0].month, 1, today, ended=back) if read else None


def _last_begun(month: int, count: int, today: date, *, ended: bool) -> Range | None:
    """The last run of months from this one on that has begun, or ended."""
    for year in (today.year, today.year - 1, today.year - 2):
        found = _months(year, month, count)
        if found is None or found.start is None or found.end is None:
            return None
        if (found.end if ended else found.start).date() <= today:
            return found
    return None


def _last_weekday(name: str, today: date, days: Days) -> date:
    """The last, today included; of an archive that ended before it, the last before its end."""
    last = _weekday_before(name, today)
    if days.newest is None or days.newest >= last:
        return last
    ended = _weekday_before(name, days.newest)
    return ended if days.hold(ended, ended) else last


def _weekday_before(name: str, day: date) -> date:
    return day - ((day.weekday() - _WEEKDAYS.index(name)) % 7) * _DAY


def _read_section(told: str, today: date, days: Days) -> Range | None:
    found = _SECTION.fullmatch(told)
    if found is None:
        return _read_absolute(told, today, days)
    whole = _read_absolute(found["rest"], today, days)
    if whole is None or whole.start is None or whole.end is None:
        return None
    third = (whole.end - whole.start) // 3
    if found["section"] in ("early", "start of", "beginning of"):
        return replace(whole, end=_midnight(whole.start + third))
    if found["section"] in ("mid", "middle of"):
        return Range(_midnight(whole.start + third), _midnight(whole.end - third))
    return replace(whole, start=_midnight(whole.end - third))


def _read_absolute(told: str, today: date, days: Days) -> Range | None:
    if found := _SEASON.fullmatch(told):
        return _months(int(found["year"]), _SEASONS[found["season"]], 3)
    if is_year(told):
        return _months(int(told), 1, 12)
    read = _parse(told, today)
    if read is None:
        return None
    day, period = read
    if _HAS_YEAR.search(told):
        return _covering(day, period)
    return _of_the_last_year(day, period, today, days)


def _of_the_last_year(day: date, period: str, today: date, days: Days) -> Range | None:
    """In the last year in which the archive has something of it, else in the last at all."""
    found = [
        each
        for year in range(today.year, today.year - _MOST_YEARS, -1)
        if (each := _covering(_in_year(day, year), period)) and each.start
        if each.start.date() <= today
    ]
    held = (each for each in found if _is_held(each, days))
    return next(held, found[0] if found else None)


def _is_held(each: Range, days: Days) -> bool:
    return days.hold(
        each.start.date() if each.start else None, (each.end - _DAY).date() if each.end else None
    )


def _covering(day: date | None, period: str) -> Range | None:
    if day is None:
        return None
    if period == "month":
        return _months(day.year, day.month, 1)
    if period == "year":
        return _months(day.year, 1, 12)
    return _days(day)


def _in_year(day: date, year: int) -> date | None:
    try:
        return day.replace(year=year)
    except ValueError:  # 29 February
        return None


def _days(first: date, last: date | None = None) -> Range:
    start = datetime.combine(first, time.min)
    return Range(start, datetime.combine((last or first) + _DAY, time.min))


def _months(year: int, month: int, count: int) -> Range | None:
    """So many months from one on; months before January are of the year before."""
    first = year * 12 + month - 1
    years = (first // 12, (first + count) // 12)
    if not all(1 <= each < MAXYEAR for each in years):
        return None
    return Range(
        datetime(years[0], first % 12 + 1, 1), datetime(years[1], (first + count) % 12 + 1, 1)
    )


def _monday(day: date) -> date:
    return day - day.weekday() * _DAY


def _midnight(moment: datetime) -> datetime:
    return datetime.combine(moment.date(), time.min)


def _number(told: str) -> int | None:
    return int(told) if told.isdigit() else _NUMBERS.get(told)


@lru_cache(maxsize=4096)
def _parse(told: str, today: date) -> tuple[date, str] | None:
    """The date and whether it is a day, a month or a year that is told."""
    found = _parser(today).get_date_data(told.replace(".", " ") if not is_day(told) else told)
    if found.date_obj is None or found.period not in ("day", "month", "year"):
        return None
    return found.date_obj.date(), found.period


@lru_cache(maxsize=8)
def _parser(today: date) -> DateDataParser:
    settings = {
        "RELATIVE_BASE": datetime.combine(today, time(12)),
        "PREFER_DATES_FROM": "past",
        "DATE_ORDER": "DMY",
        "PARSERS": ["absolute-time"],
    }
    return DateDataParser(languages=["en"], settings=settings)
