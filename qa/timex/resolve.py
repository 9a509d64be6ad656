"""Resolves a time expression, asked at a moment, to a range: "by May", "two days ago"."""

import re
from datetime import date, datetime, time, timedelta

from index.dates import clock_hour
from index.english import NUMBERS, SEASONS, WEEKDAYS, any_of
from qa.timex.calendar import (
    ArchiveDays,
    in_year,
    parse_date,
    read_calendar,
    read_section,
    section_of,
)
from qa.timex.grammar import Form, TimeExpression, is_relative
from qa.timex.ranges import PARTS, Range, of_days, of_months, part_of

_DAY = timedelta(days=1)
_WEEK = timedelta(days=7)
_HOUR = timedelta(hours=1)
_CLOCK = re.compile(
    r"(?P<hour>\d{1,2})(?:[:.](?P<minute>\d\d))?\s?(?:(?P<half>[ap])\.?m\.?|o['’]clock)?"
)
_HAS_A_YEAR = re.compile(r"\b\d{4}\b")
# "28", "the 28th", "Monday, the 28th"
_DAY_OF_MONTH = re.compile(
    rf"(?:(?:{any_of(WEEKDAYS)},? )?the )?\d{{1,2}}(?:st|nd|rd|th)?", re.IGNORECASE
)
# A clock time that is not a bound, and "two hours ago", include half an hour before and after.
_ABOUT = timedelta(minutes=30)
# Other words for a bound; words that are not here mean themselves.
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
_BEFORE_LAST = re.compile(r"the (?P<what>week|weekend|month|year) before last")
_NEAR = re.compile(r"(?:the )?(?P<which>this|this past|last|past|previous) (?P<what>[a-z]+)")
_WHOLE = re.compile(r"(?P<which>last|this|the) (?P<what>week|month|year)")
# In days; approximate for months and longer.
_LENGTHS = {"day": 1, "week": 7, "fortnight": 14, "month": 30, "year": 365, "decade": 3652}


def resolve(expression: TimeExpression, now: datetime, days: ArchiveDays) -> Range | None:
    """The range that a time expression means at `now`, or None if it cannot be read."""
    parts, form = expression.parts, expression.form
    if form in (Form.BETWEEN, Form.DAYS, Form.MONTHS, Form.SEVERAL):
        one = read_range(with_year_of(parts["one"], parts["other"]), now, days)
        other = read_range(parts["other"], now, days)
        if one is None or other is None:
            return None
        if form is Form.SEVERAL:
            return one.or_(other)
        return _begun_before(Range(one.start, other.end), parts["one"])
    if "season" in parts:
        season = last_begun(SEASONS[parts["season"].lower()], 3, now.date(), ended=False)
        return Range(season.start, None) if season and "since" in parts else season
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
        return time.moved(_DAY if parts["beside"].lower() == "after" else -_DAY)
    if "part" in parts:
        return part_of(time, parts["part"])
    if form is Form.BOUND:
        # "News from June" is from June only, "fighting from June" is since June.
        if parts["bound"].lower() == "from" and _NEWS.search(expression.before):
            return time
        return _bounded(time, _bound(parts["bound"]), parts["time"])
    if parts.get("lead", "").lower() == "since":
        return _bounded(time, "since", parts["time"])
    return time


def _begun_before(span: Range, words: str) -> Range:
    """The same; from a cycle before where it would end before the time of these words begins.

    "November to February 2021" begins in 2020, "28 to 3 January" in December, "Monday to Friday",
    of the last Friday, in its week.
    """
    is_fixed = _HAS_A_YEAR.search(words) or is_relative(words)
    if span.start is None or not span.is_empty or is_fixed:
        return span
    if words.lower() in WEEKDAYS:
        return Range(span.start - _WEEK, span.end)
    if _DAY_OF_MONTH.fullmatch(words):
        month = _months_back(1, span.start.date())
        return Range(month.start, span.end) if month else span
    first = in_year(span.start.date(), span.start.year - 1)
    return Range(datetime.combine(first, span.start.time()), span.end) if first else span


def _between_clocks(one: str, other: str, day: Range) -> Range | None:
    first, last = read_clock(one, day), read_clock(other, day)
    if first is None or last is None:
        return None
    # "Between 10pm and midnight"
    return Range(first, last if last > first else last + _DAY)


def _by_clock(day: Range, bound: str, clock: str) -> Range | None:
    """From the day's start to a clock time, from that to the day's end, or around it."""
    moment = read_clock(clock, day)
    if moment is None:
        return None
    if bound in ("since", "after"):
        return Range(moment, day.end)
    if bound in ("before", "by"):
        return Range(day.start, moment)
    return Range(moment - _ABOUT, moment + _ABOUT)


def _bound(words: str) -> str:
    """ "before", "by", "since", "after", or the words themselves if they are not a bound."""
    said = " ".join(words.lower().split())
    return _BOUNDS.get(said, said)


def _bounded(time: Range, bound: str, words: str) -> Range:
    """Up to a time or from it on; "before the end of May" includes May."""
    if bound == "before":
        return Range(None, time.end if _END_OF.match(words) else time.start)
    if bound == "after":
        return Range(time.start if _START_OF.match(words) else time.end, None)
    return Range(time.start, None) if bound == "since" else Range(None, time.end)


def read_range(words: str, now: datetime, days: ArchiveDays) -> Range | None:
    """The time that words such as "28 September" or "last month" name, or None.

    Without a year, it is in the last year for which the archive has it, else in the last year.
    Relative times count from `now`, which is midnight if only a day is known.
    """
    text = " ".join(words.lower().split())
    return read_relative(text, now, days) or read_calendar(
        text.removeprefix("the "), now.date(), days
    )


def read_clock(words: str, day: Range) -> datetime | None:
    """The moment of a clock time such as "9pm" or "noon" on a day, or None."""
    if day.start is None or day.end is None or day.end - day.start != _DAY:
        return None
    text = words.lower()
    if text in ("noon", "midday", "midnight"):
        return day.start + timedelta(hours=0 if text == "midnight" else 12)
    parts = _CLOCK.fullmatch(text)
    hour = clock_hour(int(parts["hour"]), parts["half"]) if parts else None
    if parts is None or hour is None:
        return None
    return day.start + timedelta(hours=hour, minutes=int(parts["minute"] or 0))


def with_year_of(words: str, other: str) -> str:
    """The start of "3 to 5 May 2022" or "June to August 2022", with month and year of the end."""
    if re.fullmatch(r"\d{1,2}(?:st|nd|rd|th)?", words):
        return re.sub(r"\d{1,2}(?:st|nd|rd|th)?(?!\d)", words, other, count=1)
    year = _HAS_A_YEAR.search(other)
    return f"{words} {year[0]}" if year and not _HAS_A_YEAR.search(words) else words


def read_relative(text: str, now: datetime, days: ArchiveDays) -> Range | None:
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
    if found := _BEFORE_LAST.fullmatch(text):
        if found["what"] == "weekend":
            return _near("last", "weekend", now - _WEEK)
        return _ago("two", found["what"], now)
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


def _last_weekday(name: str, today: date, days: ArchiveDays) -> date:
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
