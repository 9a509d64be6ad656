"""Words that tell a time of the calendar, read: a day, a month, a season, a part of a year.

Words that count from the moment of a question, read: "two days ago", "last Friday".

What words of a question tell of time into the days or hours that it takes in.
"""

import re
from dataclasses import replace
from datetime import date, datetime, time, timedelta
from functools import lru_cache
from typing import Protocol

from dateparser.date import DateDataParser

from index.dates import clock_hour
from index.english import NUMBERS, SEASONS, WEEKDAYS, any_of
from qa.timex.grammar import Form, Told, is_day, is_year
from qa.timex.ranges import PARTS, Range, of_days, of_months, part_of

_CALENDAR_DAY = timedelta(days=1)
# On the northern half of the earth; a winter bears the year in which it begins.
_SECTION = re.compile(
    r"(?:the )?(?P<section>early|mid|late|(?:very )?(?:start|beginning|middle|end) of|"
    r"(?P<place>first|second|third|fourth|last|final) (?P<part>half|quarter|week|(?:few )?days) of)"
    r"[ -](?P<rest>.+)"
)
_PLACES = ("first", "second", "third", "fourth")
_QUARTER = re.compile(r"q(?P<quarter>[1-4])\s+(?:of\s+)?(?P<year>\d{4})")
_CALENDAR_WEEK = re.compile(
    r"week (?P<side>of|from|beginning|starting|to|ending|up to) (?P<day>.+)"
)
_YEARS = re.compile(r"(?P<first>\d{4})(?:(?P<decade>s)|[/–-](?P<last>\d\d))")
_OF_LAST_YEAR = re.compile(r"(?P<what>[a-z]+)\.? of (?P<which>last|this) year")
_SEASON = re.compile(rf"(?P<season>{any_of(SEASONS)})\s+(?:of\s+)?(?P<year>\d{{4}})")
_NAMES_YEAR = re.compile(r"\b\d{4}\b")
# No archive goes back further in years than people look for a date without one.
_MOST_YEARS = 60


class Days(Protocol):
    """The days that an archive tells of."""

    @property
    def newest(self) -> date | None:
        """The last of them."""

    def hold(self, after: date | None, before: date | None) -> bool:
        """Whether something is from these days, both included; None leaves a side open."""


def read_calendar(told: str, today: date, days: Days) -> Range | None:
    """The time that words such as "28 september" or "early 2022", in lower case, tell, or None.

    What is told without its year is of the last year in which the archive tells of it, else of the
    last.
    """
    found = read_section(told)
    if found is None:
        return _read_absolute(told, today, days)
    whole = _read_absolute(found["rest"], today, days)
    return section_of(whole, found) if whole is not None else None


def read_section(told: str) -> re.Match[str] | None:
    """The words of a part of a longer time, `rest` of them those of the longer one."""
    return _SECTION.fullmatch(told)


def section_of(whole: Range, section: re.Match[str]) -> Range | None:
    """The third, half, quarter, week or last days of a time that the words tell."""
    start, end = whole.start, whole.end
    if start is None or end is None:
        return None
    if section["part"] in ("half", "quarter", "week"):
        return _numbered(start, end, section["part"], section["place"])
    third = (end - start) // 3
    name = (section["place"] or section["section"]).removeprefix("very ")
    if name in ("early", "start of", "beginning of", "first"):
        return replace(whole, end=_midnight(start + third))
    if name in ("mid", "middle of"):
        return Range(_midnight(start + third), _midnight(end - third))
    return replace(whole, start=_midnight(end - third))


def _numbered(start: datetime, end: datetime, part: str, place: str) -> Range | None:
    """The first half, the second quarter, the last week and so on from one midnight to another."""
    if part == "week":
        if place in ("last", "final"):
            return Range(end - 7 * _CALENDAR_DAY, end)
        first = start + 7 * _PLACES.index(place) * _CALENDAR_DAY
        return Range(first, first + 7 * _CALENDAR_DAY)
    count = 2 if part == "half" else 4
    months = (end.year - start.year) * 12 + end.month - start.month
    number = count - 1 if place == "last" else _PLACES.index(place)
    if number >= count or months % count:
        return None
    length = months // count
    return of_months(start.year, start.month + number * length, length)


@lru_cache(maxsize=4096)
def parse_date(told: str, today: date) -> tuple[date, str] | None:
    """The date and whether it is a day, a month or a year that is told."""
    found = _parser(today).get_date_data(told.replace(".", " ") if not is_day(told) else told)
    if found.date_obj is None or found.period not in ("day", "month", "year"):
        return None
    return found.date_obj.date(), found.period


def _read_absolute(words: str, today: date, days: Days) -> Range | None:
    told = words.removeprefix("the ")
    if found := _SEASON.fullmatch(told):
        return of_months(int(found["year"]), SEASONS[found["season"]], 3)
    if found := _QUARTER.fullmatch(told):
        return of_months(int(found["year"]), 3 * int(found["quarter"]) - 2, 3)
    if found := _YEARS.fullmatch(told):
        return _years(found)
    if found := _CALENDAR_WEEK.fullmatch(told):
        return _week(found["side"], _read_absolute(found["day"], today, days))
    if found := _OF_LAST_YEAR.fullmatch(told):
        year = today.year - (found["which"] == "last")
        return _read_absolute(f"{found['what']} {year}", today, days)
    if is_year(told):
        return of_months(int(told), 1, 12)
    read = parse_date(told, today)
    if read is None:
        return None
    day, period = read
    if _NAMES_YEAR.search(told):
        return _covering(day, period)
    return _of_the_last_year(day, period, today, days)


def _years(found: re.Match[str]) -> Range | None:
    """A decade, or the years of "2021/22"."""
    first = int(found["first"])
    if found["decade"]:
        return of_months(first, 1, 120)
    last = first - first % 100 + int(found["last"])
    return of_months(first, 1, 12 * (last - first + 1)) if last > first else None


def _week(side: str, day: Range | None) -> Range | None:
    """The week from a day on, or up to it."""
    if day is None or day.start is None or day.end is None:
        return None
    if side in ("to", "ending", "up to"):
        return Range(day.end - 7 * _CALENDAR_DAY, day.end)
    return Range(day.start, day.start + 7 * _CALENDAR_DAY)


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
        each.start.date() if each.start else None,
        (each.end - _CALENDAR_DAY).date() if each.end else None,
    )


def _covering(day: date | None, period: str) -> Range | None:
    if day is None:
        return None
    if period == "month":
        return of_months(day.year, day.month, 1)
    if period == "year":
        return of_months(day.year, 1, 12)
    return of_days(day)


def _in_year(day: date, year: int) -> date | None:
    try:
        return day.replace(year=year)
    except ValueError:  # 29 February
        return None


def _midnight(moment: datetime) -> datetime:
    return datetime.combine(moment.date(), time.min)


@lru_cache(maxsize=8)
def _parser(today: date) -> DateDataParser:
    settings = {
        "RELATIVE_BASE": datetime.combine(today, time(12)),
        "PREFER_DATES_FROM": "past",
        "DATE_ORDER": "DMY",
        "PARSERS": ["absolute-time"],
    }
    return DateDataParser(languages=["en"], settings=settings)


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
# "In the past week" is the last seven days, "last week" that of the calendar.
_ROLLING = re.compile(rf"(?:(?:the|this|these) (?:last|past)|past) {_UNIT}")
_NEAR = re.compile(r"(?:the )?(?P<which>this|this past|last|past|previous) (?P<what>[a-z]+)")
_WHOLE = re.compile(r"(?P<which>last|this|the) (?P<what>week|month|year)")
# In days; of what is longer than a week, about.
_LENGTHS = {"day": 1, "week": 7, "fortnight": 14, "month": 30, "year": 365, "decade": 3652}
# "Two hours ago" takes in half an hour before and behind.
_ABOUT = _HOUR / 2


def read_relative(told: str, now: datetime, days: Days) -> Range | None:
    """The time that such words, in lower case, tell at `now`, or None where they are others."""
    today, told = now.date(), told.removeprefix("earlier ")
    near = {"today": 0, "yesterday": 1, "the day before yesterday": 2}
    if told in near:
        return of_days(today - near[told] * _DAY)
    if told in ("tonight", "last night", "overnight"):
        return part_of(of_days(today - (told != "tonight") * _DAY), "night")
    if told in WEEKDAYS:
        return of_days(_last_weekday(told, today, days))
    if found := _AGO.fullmatch(told):
        return _ago(found["count"], found["unit"], now, is_day=bool(found["is_day"]))
    if found := _SAME_TIME.fullmatch(told):
        return _ago("a", found["unit"], now)
    if found := _ROLLING.fullmatch(told):
        return _back("one", found["unit"], now)
    if found := _COUNTED.fullmatch(told):
        return _back(found["count"], found["unit"], now)
    if found := _NEAR.fullmatch(told):
        return _near(found["which"], found["what"], now)
    if (section := read_section(told)) and (found := _WHOLE.fullmatch(section["rest"])):
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
    """The last so many hours, or days with today included, up to the end of today."""
    number, today = _number(count), now.date()
    if number is None:
        return None
    if unit == "hour":
        return Range(now - number * _HOUR, datetime.combine(today + _DAY, time.min))
    if unit in ("month", "year", "decade") and number > 1:
        return _months_back(number * {"month": 1, "year": 12, "decade": 120}[unit], today)
    return of_days(today - _LENGTHS[unit] * number * _DAY, today)


def _months_back(count: int, today: date) -> Range | None:
    """From the same day so many months before; of a shorter month, from its last."""
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
        # On a Monday people still call this week what happened on Saturday.
        return of_days(min(_monday(today), today - 6 * _DAY), today)
    if what in ("week", "month", "year"):
        whole = _calendar(what, back, today)
        return whole if back else _up_to(whole, today)
    if what == "weekend":
        saturday = _monday(today) + 5 * _DAY
        saturday -= (back or saturday > today) * _WEEK
        return of_days(saturday, saturday + _DAY)
    if what in ("hour", "day", "fortnight", "decade"):
        # The previous day is that before another one.
        return _back("one", what, now) if which != "previous" else None
    if what in WEEKDAYS:
        # "Last Friday" said on a Friday is a week ago.
        return of_days(_weekday_before(what, today - back * _DAY))
    if what in SEASONS:
        return last_begun(SEASONS[what], 3, today, ended=back)
    read = parse_date(what, today)
    return last_begun(read[0].month, 1, today, ended=back) if read else None


def _calendar(what: str, back: bool, today: date) -> Range | None:
    """The week, month or year of the calendar that is now, or the one before."""
    if what == "week":
        monday = _monday(today) - back * _WEEK
        return of_days(monday, monday + 6 * _DAY)
    if what == "month":
        return of_months(today.year, today.month - back, 1)
    return of_months(today.year - back, 1, 12)


def _section_of(whole: Range | None, section: re.Match[str], today: date) -> Range | None:
    """A part of it; what has begun ends today at the latest."""
    part = section_of(whole, section) if whole else None
    return _up_to(part, today)


def _up_to(whole: Range | None, today: date) -> Range | None:
    end = datetime.combine(today + _DAY, time.min)
    return Range(whole.start, min(whole.end or end, end)) if whole else None


def last_begun(month: int, count: int, today: date, *, ended: bool) -> Range | None:
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
    return day - ((day.weekday() - WEEKDAYS.index(name)) % 7) * _DAY


def _monday(day: date) -> date:
    return day - day.weekday() * _DAY


def _number(told: str) -> int | None:
    return int(told) if told.isdigit() else _COUNTS.get(told)


_RANGE_DAY = timedelta(days=1)
_CLOCK = re.compile(
    r"(?P<hour>\d{1,2})(?:[:.](?P<minute>\d\d))?\s?(?:(?P<half>[ap])\.?m\.?|o['’]clock)?"
)
_HAS_A_YEAR = re.compile(r"\b\d{4}\b")
# A clock time that is no bound takes in half an hour before and behind.
_RANGE_ABOUT = timedelta(minutes=30)
# What other words for a bound mean; what is not here stands for itself.
_BOUNDS = {
    **dict.fromkeys(("prior to", "earlier than"), "before"),
    **dict.fromkeys(("until", "till", "up to", "up until", "as of"), "by"),
    **dict.fromkeys(("no later than", "not later than"), "by"),
    **dict.fromkeys(("from", "as from", "not before", "no earlier than"), "since"),
    **dict.fromkeys(("not earlier than", "starting", "starting from"), "since"),
    **dict.fromkeys(("starting on", "starting in"), "since"),
    "later than": "after",
}
_NEWS = re.compile(
    r"\b(?:news|articles?|reports?|entr(?:y|ies)|posts?|stor(?:y|ies)|coverage|headlines?|pieces?|"
    r"everything|anything|something)\b",
    re.IGNORECASE,
)
_END_OF = re.compile(r"(?:the )?(?:very )?end of\b", re.IGNORECASE)
_START_OF = re.compile(r"(?:the )?(?:very )?(?:start|beginning) of\b", re.IGNORECASE)


def read_told(told: Told, now: datetime, days: Days) -> Range | None:
    """The time in full that words of a question tell at `now`, or None where it cannot be read."""
    parts, form = told.parts, told.form
    if form in (Form.BETWEEN, Form.DAYS, Form.SEVERAL):
        one = read_range(with_year_of(parts["one"], parts["other"]), now, days)
        other = read_range(parts["other"], now, days)
        if one is None or other is None:
            return None
        return one.or_(other) if form is Form.SEVERAL else Range(one.start, other.end)
    if "season" in parts:
        return last_begun(SEASONS[parts["season"].lower()], 3, now.date(), ended=False)
    if form is Form.DEFINITE:
        time = read_range(f"this {parts['time']}", now, days)
    else:
        time = read_range(parts["time"], now, days)
    if time is None:
        return None
    if form in (Form.BETWEEN_CLOCKS, Form.CLOCKS_BETWEEN):
        return _between_clocks(parts["one"], parts["other"], time)
    if form in (Form.CLOCK, Form.CLOCK_AFTER):
        return _by_clock(time, _bound(parts["bound"]), parts["clock"])
    if form is Form.DAY_BESIDE:
        return time.moved(_RANGE_DAY if parts["beside"].lower() == "after" else -_RANGE_DAY)
    if "part" in parts:
        return part_of(time, parts["part"])
    if form is Form.BOUND:
        # "News from June" is of June, "fighting from June" goes on.
        if parts["bound"].lower() == "from" and _NEWS.search(told.before):
            return time
        return _bounded(time, _bound(parts["bound"]), parts["time"])
    if parts.get("lead", "").lower() == "since":
        return _bounded(time, "since", parts["time"])
    return time


def _between_clocks(one: str, other: str, day: Range) -> Range | None:
    first, last = read_clock(one, day), read_clock(other, day)
    if first is None or last is None:
        return None
    # "Between 10pm and midnight"
    return Range(first, last if last > first else last + _RANGE_DAY)


def _by_clock(day: Range, bound: str, clock: str) -> Range | None:
    """Up to a clock time of that day, or from it on to the day's end."""
    moment = read_clock(clock, day)
    if moment is None:
        return None
    if bound in ("since", "after"):
        return Range(moment, day.end)
    if bound in ("before", "by"):
        return Range(day.start, moment)
    return Range(moment - _RANGE_ABOUT, moment + _RANGE_ABOUT)


def _bound(words: str) -> str:
    """ "before", "by", "since", "after", or the words themselves where they are no bound."""
    said = " ".join(words.lower().split())
    return _BOUNDS.get(said, said)


def _bounded(time: Range, bound: str, words: str) -> Range:
    """Up to a time or from it on; "before the end of May" takes in May."""
    if bound == "before":
        return Range(None, time.end if _END_OF.match(words) else time.start)
    if bound == "after":
        return Range(time.start if _START_OF.match(words) else time.end, None)
    return Range(time.start, None) if bound == "since" else Range(None, time.end)


def read_range(words: str, now: datetime, days: Days) -> Range | None:
    """The time that words such as "28 September" or "last month" tell, or None.

    What is told without its year is of the last year in which the archive tells of it, else of the
    last. What counts from now counts from `now`, which is midnight where only a day is known.
    """
    told = " ".join(words.lower().split())
    return read_relative(told, now, days) or read_calendar(
        told.removeprefix("the "), now.date(), days
    )


def read_clock(words: str, day: Range) -> datetime | None:
    """The moment of a clock time such as "9pm" or "noon" on a day, None where there is none."""
    if day.start is None or day.end is None or day.end - day.start != _RANGE_DAY:
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
    year = _HAS_A_YEAR.search(other)
    return f"{words} {year[0]}" if year and not _HAS_A_YEAR.search(words) else words
