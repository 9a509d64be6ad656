"""Words that count from the moment of a question, read: "two days ago", "last Friday"."""

import re
from datetime import date, timedelta

from qa.calendar_times import SEASONS, Days, parse_date
from qa.ranges import PARTS, Range, of_days, of_months, part_of

_DAY = timedelta(days=1)
_WEEK = timedelta(days=7)
_NUMBERS = {
    **{"a": 1, "an": 1, "one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "seven": 7},
    **{"eight": 8, "nine": 9, "ten": 10, "eleven": 11, "twelve": 12},
    **{"a couple of": 2, "a few": 3, "several": 7},
}
_WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_COUNTED = re.compile(r"(?:the )?(?:last|past|previous) (?P<count>.+) (?P<unit>[a-z]+?)s?")
_AGO = re.compile(r"(?P<count>.+) (?P<unit>[a-z]+?)s? ago")
_NEAR = re.compile(r"(?P<which>this|last|past|previous) (?P<what>[a-z]+)")


def read_relative(told: str, today: date, days: Days) -> Range | None:
    """The time that such words, in lower case, tell of `today`, or None where they are others."""
    near = {"today": 0, "yesterday": 1, "the day before yesterday": 2, "day before yesterday": 2}
    if told in near:
        return of_days(today - near[told] * _DAY)
    if told in ("tonight", "last night"):
        return part_of(of_days(today - (told == "last night") * _DAY), "night")
    if told in _WEEKDAYS:
        return of_days(_last_weekday(told, today, days))
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
        return of_days(today - number * _DAY)
    if unit == "week":
        monday = _monday(today) - number * _WEEK
        return of_days(monday, monday + 6 * _DAY)
    if unit == "month":
        return of_months(today.year, today.month - number, 1)
    return of_months(today.year - number, 1, 12)


def _back(count: str, unit: str, today: date) -> Range | None:
    """The last so many days, today included."""
    number = _number(count)
    if number is None or unit == "hour":
        return None
    length = {"day": 1, "week": 7, "month": 30, "year": 365}[unit] * number
    return of_days(today - length * _DAY, today)


def _near(which: str, what: str, today: date) -> Range | None:
    back = which != "this"
    if what in PARTS:
        return part_of(of_days(today), what)
    if what == "week":
        # On a Monday people still call this week what happened on Saturday.
        monday = _monday(today)
        if back:
            return of_days(monday - _WEEK, monday - _DAY)
        return of_days(min(monday, today - 6 * _DAY), today)
    if what == "weekend":
        saturday = _monday(today) + 5 * _DAY
        saturday -= (back or saturday > today) * _WEEK
        return of_days(saturday, saturday + _DAY)
    if what == "day":
        return of_days(today - _DAY, today)
    if what == "month":
        return (
            of_months(today.year, today.month - 1, 1)
            if back
            else of_days(today.replace(day=1), today)
        )
    if what == "year":
        return of_months(today.year - 1, 1, 12) if back else of_days(date(today.year, 1, 1), today)
    if what in _WEEKDAYS:
        # "Last Friday" said on a Friday is a week ago.
        return of_days(_weekday_before(what, today - back * _DAY))
    if what in SEASONS:
        return _last_begun(SEASONS[what], 3, today, ended=back)
    read = parse_date(what, today)
    return _last_begun(read[0].month, 1, today, ended=back) if read else None


def _last_begun(month: int, count: int, today: date, *, ended: bool) -> Range | None:
    """The last run of months from this one on that has begun, or ended."""
    for year in (today.year, today.year - 1, today.year - 2):
        found = of_months(year, month, count)
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


def _monday(day: date) -> date:
    return day - day.weekday() * _DAY


def _number(told: str) -> int | None:
    return int(told) if told.isdigit() else _NUMBERS.get(told)
