"""Resolves a time expression, asked at a moment, to a range."""

import re
from datetime import datetime, timedelta

from index.dates import clock_hour
from index.english import SEASONS
from qa.timex.calendar import Days, read_calendar
from qa.timex.grammar import Form, TimeExpression
from qa.timex.ranges import Range, part_of
from qa.timex.relative import last_begun, read_relative

_DAY = timedelta(days=1)
_CLOCK = re.compile(
    r"(?P<hour>\d{1,2})(?:[:.](?P<minute>\d\d))?\s?(?:(?P<half>[ap])\.?m\.?|o['’]clock)?"
)
_HAS_A_YEAR = re.compile(r"\b\d{4}\b")
# A clock time that is not a bound includes half an hour before and after.
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


def resolve(expression: TimeExpression, now: datetime, days: Days) -> Range | None:
    """The range that a time expression means at `now`, or None if it cannot be read."""
    parts, form = expression.parts, expression.form
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


def read_range(words: str, now: datetime, days: Days) -> Range | None:
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
