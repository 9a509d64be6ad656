"""Relative times as ranges: "two days ago", "last Friday"."""

import re
from datetime import date, datetime, time, timedelta

from index.english import NUMBERS, SEASONS, WEEKDAYS
from qa.timex.calendar import Days, parse_date, read_section, section_of
from qa.timex.ranges import PARTS, Range, of_days, of_months, part_of

_DAY = timedelta(days=1)
_WEEK = timedelta(days=7)
_HOUR = timedelta(hours=1)
_COUNTS = {
    **NUMBERS,
    **{"a": 1, "an": 1, "dozen": 12, "a dozen": 12, "a couple of": 2, "couple of": 2},
    **{"a few": 3, "few": 3, "several": 7},
}
_UNIT = r"(?P<unit>hour|day|week|fortnight|month|year|decade)s?"
_COUNTED = re.compile(rf"(?:the |this |these )?(?:last|past|previous) (?P<count>.+) {_UNIT}")
_AGO = re.compile(rf"(?P<count>.+) {_UNIT} ago(?P<is_day> today)?")
_SAME_TIME = re.compile(rf"this time last {_UNIT}")
# "In the past week" is the last seven days, "last week" the calendar week.
_ROLLING = re.compile(rf"(?:(?:the|this|these) (?:last|past)|past) {_UNIT}")
_NEAR = re.compile(r"(?:the )?(?P<which>this|this past|last|past|previous) (?P<what>[a-z]+)")
_WHOLE = re.compile(r"(?P<which>last|this|the) (?P<what>week|month|year)")
# In days; approximate for months and longer.
_LENGTHS = {"day": 1, "week": 7, "fortnight": 14, "month": 30, "year": 365, "decade": 3652}
# "Two hours ago" includes half an hour before and after.
_ABOUT = _HOUR / 2


def read_relative(text: str, now: datetime, days: Days) -> Range | None:
    """The time that lower-case text names at `now`, or None if it is not a relative time."""
    today, text = now.date(), text.removeprefix("earlier ")
    near = {"today": 0, "yesterday": 1, "the day before yesterday": 2}
    if text in near:
        return of_days(today - near[text] * _DAY)
    if text in ("tonight", "last night", "overnight"):
        return part_of(of_days(today - (text != "tonight") * _DAY), "night")
    if text in WEEKDAYS:
        return of_days(_last_weekday(text, today, days))
    if found := _AGO.fullmatch(text):
        return _ago(found["count"], found["unit"], now, is_day=bool(found["is_day"]))
    if found := _SAME_TIME.fullmatch(text):
        return _ago("a", found["unit"], now)
    if found := _ROLLING.fullmatch(text):
        return _back("one", found["unit"], now)
    if found := _COUNTED.fullmatch(text):
        return _back(found["count"], found["unit"], now)
    if found := _NEAR.fullmatch(text):
        return _near(found["which"], found["what"], now)
    if (section := read_section(text)) and (found := _WHOLE.fullmatch(section["rest"])):
        return _section_of(
            _calendar(found["what"], found["which"] == "last", today), section, today
        )
    return None


def _ago(count: str, unit: str, now: datetime, *, is_day: bool = False) -> Range | None:
    if count.startswith("half a"):
        return _half_ago(unit, now)
    number = _number(count)
    if number is None:
        return None
    today = now.date()
    if unit == "hour":
        return Range(now - number * _HOUR - _ABOUT, now - number * _HOUR + _ABOUT)
    if unit in ("day", "fortnight") or is_day:
        return of_days(today - number * _LENGTHS[unit] * _DAY)
    if unit == "week":
        monday = _monday(today) - number * _WEEK
        return of_days(monday, monday + 6 * _DAY)
    if unit == "month":
        return of_months(today.year, today.month - number, 1)
    years = number * (10 if unit == "decade" else 1)
    return of_months(today.year - years, 1, 12)


def _half_ago(unit: str, now: datetime) -> Range | None:
    if unit == "hour":
        return Range(now - 2 * _ABOUT, now)
    return of_months(now.year, now.month - 6, 1) if unit == "year" else None


def _back(count: str, unit: str, now: datetime) -> Range | None:
    """The last hours, or days including today, up to the end of today."""
    number, today = _number(count), now.date()
    if number is None:
        return None
    if unit == "hour":
        return Range(now - number * _HOUR, datetime.combine(today + _DAY, time.min))
    if unit in ("month", "year", "decade") and number > 1:
        return _months_back(number * {"month": 1, "year": 12, "decade": 120}[unit], today)
    return of_days(today - _LENGTHS[unit] * number * _DAY, today)


def _months_back(count: int, today: date) -> Range | None:
    """From the same day `count` months before, or that month's last day if it is shorter."""
    month = of_months(today.year, today.month - count, 1)
    if month is None or month.start is None or month.end is None:
        return None
    first = min(month.start.date() + (today.day - 1) * _DAY, month.end.date() - _DAY)
    return of_days(first, today)


def _near(which: str, what: str, now: datetime) -> Range | None:
    back, today = which != "this", now.date()
    if what in PARTS:
        return part_of(of_days(today), what) if not back else None
    if what == "week" and not back:
        # On a Monday people still say "this week" for what happened on Saturday.
        return of_days(min(_monday(today), today - 6 * _DAY), today)
    if what in ("week", "month", "year"):
        whole = _calendar(what, back, today)
        return whole if back else _up_to(whole, today)
    if what == "weekend":
        saturday = _monday(today) + 5 * _DAY
        saturday -= (back or saturday > today) * _WEEK
        return of_days(saturday, saturday + _DAY)
    if what in ("hour", "day", "fortnight", "decade"):
        # "The previous day" is the one before another day.
        return _back("one", what, now) if which != "previous" else None
    if what in WEEKDAYS:
        # "Last Friday" said on a Friday is a week ago.
        return of_days(_weekday_before(what, today - back * _DAY))
    if what in SEASONS:
        return last_begun(SEASONS[what], 3, today, ended=back)
    read = parse_date(what, today)
    return last_begun(read[0].month, 1, today, ended=back) if read else None


def _calendar(what: str, back: bool, today: date) -> Range | None:
    """The current calendar week, month or year, or the one before."""
    if what == "week":
        monday = _monday(today) - back * _WEEK
        return of_days(monday, monday + 6 * _DAY)
    if what == "month":
        return of_months(today.year, today.month - back, 1)
    return of_months(today.year - back, 1, 12)


def _section_of(whole: Range | None, section: re.Match[str], today: date) -> Range | None:
    """A part of it, up to today at the latest."""
    part = section_of(whole, section) if whole else None
    return _up_to(part, today)


def _up_to(whole: Range | None, today: date) -> Range | None:
    end = datetime.combine(today + _DAY, time.min)
    return Range(whole.start, min(whole.end or end, end)) if whole else None


def last_begun(month: int, count: int, today: date, *, ended: bool) -> Range | None:
    """The last time that `count` months from this one on have begun, or ended."""
    for year in (today.year, today.year - 1, today.year - 2):
        found = of_months(year, month, count)
        if found is None or found.start is None or found.end is None:
            return None
        if (found.end if ended else found.start).date() <= today:
            return found
    return None


def _last_weekday(name: str, today: date, days: Days) -> date:
    """The last one, today included; in an archive that ended before it, the last in the archive."""
    last = _weekday_before(name, today)
    if days.newest is None or days.newest >= last:
        return last
    ended = _weekday_before(name, days.newest)
    return ended if days.hold(ended, ended) else last


def _weekday_before(name: str, day: date) -> date:
    return day - ((day.weekday() - WEEKDAYS.index(name)) % 7) * _DAY


def _monday(day: date) -> date:
    return day - day.weekday() * _DAY


def _number(text: str) -> int | None:
    return int(text) if text.isdigit() else _COUNTS.get(text)
