"""Clock, day and zone in the lines of a live blog.

A line opens an entry, `10:42pm, September 28: Heading`, or says in the lead which zone the times
are in, `All times are Paris time (GMT+2)`.
"""

import re
from dataclasses import dataclass
from datetime import date, time, tzinfo

from index.dates import clock_hour, day_of, read_moment, read_month
from index.english import WEEKDAYS
from index.zones import ABBREVIATIONS, read_zone

_WEEKDAY = r"(?:mon|tues?|wed(?:nes)?|thur?s?|fri|sat(?:ur)?|sun)(?:day|\.)?"
_CLOCK = (
    r"(?P<hour>\d{1,2})(?:(?P<mark>[:.h])(?P<minute>[0-5]\d)(?!\d))?"
    r"(?:\s?(?P<half>[ap])\.?\s?m\b\.?)?(?:\s[Uu]hr\b)?"
)
_ZONE = (
    r"(?:\s?[\[(]?(?P<zone>(?-i:(?:UTC|GMT)\s?[+\-\u2212\u2013]\d{1,2}(?::?[0-5]\d)?"
    rf"|(?:{'|'.join(ABBREVIATIONS)})\b|[A-Z]\w+(?:\s[A-Z]\w+)?\s[Tt]ime\b)|local\stime\b)[\])]?)?"
)
_DAY_WORDS = (
    rf"(?:(?P<weekday{{0}}>{_WEEKDAY}),?\s)?"
    r"(?:(?P<day{0}>\d{{1,2}})(?:st|nd|rd|th|\.)?\s(?:of\s|de\s)?(?P<month{0}>[^\W\d_]{{3,12}})\.?"
    r"|(?P<month_first{0}>[^\W\d_]{{3,12}})\.?\s(?P<day_last{0}>\d{{1,2}})(?:st|nd|rd|th)?(?!\d|[:.]\d))"
    r"(?:,?\s(?P<year{0}>\d{{4}})(?!\d))?"
)
_DAY_FIGURES = (
    r"(?P<figures{0}>\d{{4}}[-/]\d{{1,2}}[-/]\d{{1,2}}|\d{{1,2}}[./]\d{{1,2}}[./]\d{{4}})"
)
_LONE_WEEKDAY = rf"(?P<lone_weekday{{0}}>{_WEEKDAY})\b"
_DAY = rf"(?:{_DAY_WORDS}|{_DAY_FIGURES}|{_LONE_WEEKDAY})"
_JOIN = r"(?:\s?[,|\u2013\u2014-]\s?|\s)"
_DAY_BEFORE = rf"(?:{_DAY.format('_before')}(?:{_JOIN}|T)(?:at\s)?)?"
_LATE_ZONE = _ZONE.replace("<zone>", "<late_zone>")
_DAY_AFTER = rf"(?:{_JOIN}(?:on\s)?{_DAY.format('_after')}{_LATE_ZONE})?"
_OPENING = r"\s*(?:[-*•]\s+)?(?P<bracket>[\[(]?)"
_CLOSING = r"(?P<closed>[\])]?)\s*(?P<separator>[:|•·»\u2013\u2014-](?!\d))?\s*"
# The second is for `21:45 - 12 people rescued`, where what looks like a day is not one.
_LINES = [
    re.compile(_OPENING + before + rf"(?P<clock>{_CLOCK}{_ZONE})" + after + _CLOSING, re.IGNORECASE)
    for before, after in ((_DAY_BEFORE, _DAY_AFTER), ("", ""))
]
_DAY_LINE = re.compile(r"\W*" + _DAY.format("_before") + r"\W*", re.IGNORECASE)
_RANGE = re.compile(r"(?:to\s)?\d{1,2}(?:[:.h]\d\d|\s?[ap]\.?m)", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class PartialDate:
    """A day as far as stated: `September 28` has no year, `Saturday` only `weekday` (0-6)."""

    year: int | None = None
    month: int | None = None
    day: int | None = None
    weekday: int | None = None


@dataclass(frozen=True, slots=True)
class Stamp:
    """What a time line states; `rest` is where in the line the words after it begin.

    `firm`: punctuation or the line's end sets the time apart from what follows, as prose never
    does. `halved`: with am or pm. `twelve`: the hour could be in either half of the day.
    `has_zone` without `zone`: the line names an unknown zone.
    """

    clock: str
    time: time
    rest: int
    firm: bool
    halved: bool
    twelve: bool
    day: PartialDate | None = None
    zone: tzinfo | None = None
    has_zone: bool = False


def read_stamp(line: str) -> Stamp | None:
    """The stamp that `line` begins with, or None.

    >>> read_stamp("9:45pm: Biden speaks").clock
    '9:45pm'
    """
    stamps = (_stamp(line, form.match(line)) for form in _LINES)
    return next((stamp for stamp in stamps if stamp), None)


def _stamp(line: str, parts: re.Match[str] | None) -> Stamp | None:
    if parts is None or not (parts["mark"] or parts["half"]):
        return None
    clock, days = _clock(parts), _days(parts)
    if clock is None or days is None or bool(parts["bracket"]) != bool(parts["closed"]):
        return None
    rest = line[parts.end() :]
    set_apart = bool(parts["separator"] or parts["closed"] or not rest)
    if _RANGE.match(rest) or not (set_apart or _opens_a_sentence(parts, rest)):
        return None
    zone = parts["zone"] or parts.groupdict().get("late_zone")
    return Stamp(
        clock=parts["clock"].strip(),
        time=clock,
        rest=parts.end(),
        firm=set_apart,
        halved=parts["half"] is not None,
        twelve=parts["half"] is None and not parts["hour"].startswith("0") and clock.hour <= 12,
        day=days[0] if days else None,
        zone=read_zone(zone) if zone else None,
        has_zone=bool(zone),
    )


def read_day_line(line: str) -> PartialDate | None:
    """The day that a separate line names for the entries below it, or None."""
    parts = _DAY_LINE.fullmatch(line) if len(line) <= 60 else None
    if parts is None or parts["lone_weekday_before"]:
        return None
    return _day_at(parts, "_before")


def _opens_a_sentence(parts: re.Match[str], rest: str) -> bool:
    """`9:45 p.m. Parmalee kicked off`: without punctuation only a capital rules out prose."""
    return parts["mark"] != "." and rest[0].isupper() and parts.end() > parts.end("clock")


def _clock(parts: re.Match[str]) -> time | None:
    hour = clock_hour(int(parts["hour"]), parts["half"])
    return None if hour is None else time(hour, int(parts["minute"] or 0))


def _days(parts: re.Match[str]) -> list[PartialDate] | None:
    """The day before or after the clock; None if what looked like a day is not one."""
    days = [_day_at(parts, side) for side in ("_before", "_after") if _has_day(parts, side)]
    return None if None in days else [day for day in days if day]


def _has_day(parts: re.Match[str], side: str) -> bool:
    groups = parts.groupdict()
    return any(groups.get(name + side) for name in ("day", "day_last", "figures", "lone_weekday"))


def _day_at(parts: re.Match[str], side: str) -> PartialDate | None:
    if parts["figures" + side]:
        return _from_figures(parts["figures" + side])
    weekday = parts["lone_weekday" + side] or parts["weekday" + side]
    number = next((n for n, name in enumerate(WEEKDAYS) if _begins(name, weekday)), None)
    if parts["lone_weekday" + side]:
        return PartialDate(weekday=number)
    month = read_month(parts["month" + side] or parts["month_first" + side])
    if month is None:
        return None
    year = parts["year" + side]
    day = int(parts["day" + side] or parts["day_last" + side])
    return PartialDate(int(year) if year else None, month, day, number)


def _begins(name: str, weekday: str | None) -> bool:
    return weekday is not None and name.startswith(weekday[:3].lower())


def _from_figures(figures: str) -> PartialDate:
    """`03/04/2022` is a day, but nobody can know which: then all its parts are None."""
    moment: date | None = read_moment(figures)
    if moment is None:
        return PartialDate()
    day = day_of(moment)
    return PartialDate(day.year, day.month, day.day)


_OFFSET = r"(?:UTC|GMT)\s?[+\-\u2212\u2013]\s?\d{1,2}(?::?[0-5]\d)?(?!\d)"
_NOTE = re.compile(
    r"(?:\ball\s+times\b|\btimes\s+(?:are|given|listed|shown|quoted|stated|expressed|below|here)\b)"
    r"[:,]?\s+(?:(?:are|is|in|given|listed|shown|quoted|stated|expressed|displayed|below"
    r"|here|as|at|the|this|on|page|article|live|blog|post|local|to|of|for|and|dates)\b[:,]?\s+)*"
    r"\(?(?P<phrase>[^\W\d_][\w+\-\u2212\u2013:]*(?:[ /][^\W\d_]\w*){0,3})(?P<after>[^\n.;]{0,60})",
    re.IGNORECASE,
)
_IN_PARENTHESES = re.compile(rf"\((?P<offset>{_OFFSET})\)")
_ANY_OFFSET = re.compile(_OFFSET)
_NOTED_CLOCK = re.compile(r"\d{1,2}(?:[:.]\d\d|\s?[ap]\.?m)", re.IGNORECASE)


def find_zone(lead: str) -> tzinfo | None:
    """The zone that `lead`, the text above the first entry, gives for all entries, or None.

    >>> find_zone("All times are Paris time (GMT+2).")
    datetime.timezone(datetime.timedelta(seconds=7200))
    """
    for note in _NOTE.finditer(lead):
        offset = _ANY_OFFSET.search(note["phrase"] + note["after"])
        zone = read_zone(offset[0]) if offset else _named_zone(note["phrase"])
        if zone:
            return zone
    return _lone_offset(lead)


def _named_zone(phrase: str) -> tzinfo | None:
    """The longest run of opening words that names a zone: `ET unless stated` is ET.

    In lower case only before `time`: times that "are central to the story" name no zone.
    """
    words = phrase.split(" ")
    for count in range(len(words), 0, -1):
        name = " ".join(words[:count])
        zone = read_zone(name) if name[0].isupper() or name.endswith(" time") else None
        if zone:
            return zone
    return None


def _lone_offset(lead: str) -> tzinfo | None:
    """`(UTC-05:30)` by itself; in a sentence with a clock time it is that time's zone only."""
    for found in _IN_PARENTHESES.finditer(lead):
        sentence = re.split(r"[.!?]\s|\n", lead[: found.start()])[-1]
        if not _NOTED_CLOCK.search(sentence):
            return read_zone(found["offset"])
    return None
