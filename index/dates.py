"""Dates as people and feeds write them -> ISO 8601, and ISO 8601 -> the time it covers."""

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta, timezone
from functools import lru_cache

from index.english import MONTHS
from index.zones import read_zone, with_plain_offset

_NUMBERS = (
    {name: number for number, name in enumerate(MONTHS, start=1)}
    | {name[:3]: number for number, name in enumerate(MONTHS, start=1)}
    | {"sept": 9}
)
_YEAR = re.compile(r"(?<!\d)[12]\d{3}(?!\d)")
_ORDERED_DIGITS = re.compile(r"\d{1,2}[-/.]\d{1,2}[-/.]\d{4}|\d{4}-\d\d-\d\d")


def read_month(word: str) -> int | None:
    """1 to 12 for a month's name, in full or shortened; None for any other word.

    >>> read_month("Sept.")
    9
    """
    name = word.rstrip(".").lower()
    return _NUMBERS.get(name) or _foreign_month(name)


def read_foreign_date(text: str) -> datetime | None:
    """A date in the words of a language, with day, month and year; else None."""
    if len(text) > 60 or not _YEAR.search(text) or _ORDERED_DIGITS.search(text):
        return None
    if not any(character.isalpha() for character in text):
        return None
    return _parse(text)


# The most written ones, Ukrainian and Arabic among them: to load the words of all 200 takes four
# seconds, which the first text that is no date would cost.
_LANGUAGES = 60


@lru_cache(maxsize=4096)
def _foreign_month(name: str) -> int | None:
    if len(name) < 3 or not name.isalpha():
        return None
    moment = _parse(f"15 {name} 2021")
    return moment.month if moment and (moment.year, moment.day) == (2021, 15) else None


@lru_cache(maxsize=4096)
def _parse(text: str) -> datetime | None:
    # It takes a tenth of a second to import, and most archives have no such dates.
    import dateparser
    from dateparser.data.languages_info import language_order

    return dateparser.parse(
        text,
        languages=language_order[:_LANGUAGES],
        settings={"REQUIRE_PARTS": ["year", "month", "day"], "PARSERS": ["absolute-time"]},
    )


EXAMPLES = "2022-09-29, 2022-09-29T21:13:00+02:00 or September 29, 2022"
# Day and month, or month and day.
_TWO_WAYS = re.compile(r"(?:0?[1-9]|1[0-2])([-/.])(?:0?[1-9]|1[0-2])\1\d{4}\b", re.ASCII)

_LONGEST = 80
# Outside these years `end` of a range or a step over midnight could leave the calendar.
_FIRST_YEAR, _LAST_YEAR = 1000, 9998
# A page that tells no other time than that of its fetching, give or take, was dated by a program.
_AT_ONCE = timedelta(minutes=2)
# Where each day begins last.
_LAST_ZONE = timezone(-timedelta(hours=12))

_WEEKDAY = r"(?:[^\W\d_]{2,9}\.?,?\s)?"
_CLOCK = (
    r"(?P<hour>\d{1,2})(?:(?P<colon>:)(?P<minute>\d\d)(?::(?P<second>\d\d)(?:[.,]\d{1,9})?)?)?"
    r"(?:\s?(?P<half>[ap])\.?m\b\.?)?"
)
_TAIL = (
    r"(?:(?:T|,?\s(?:at\s)?)" + _CLOCK + r"(?:\s?\(?(?P<zone>Z|[A-Z]{2,5}|(?:UTC|GMT)?\s?"
    r"[+-]\d\d?(?::?\d\d)?)\)?)?)?"
)
_FORMS = [
    re.compile(form + _TAIL, re.ASCII | re.IGNORECASE)
    for form in (
        r"(?P<year>\d{4})(?P<mark>[-/.])(?P<month>\d{1,2})(?P=mark)(?P<day>\d{1,2})",
        r"(?P<year>\d{4})(?P<month>\d\d)(?P<day>\d\d)",
        r"(?P<one>\d{1,2})(?P<mark>[-/.])(?P<two>\d{1,2})(?P=mark)(?P<year>\d{4})",
        _WEEKDAY + r"(?P<day>\d{1,2})(?:st|nd|rd|th)?[\s-](?:of\s)?(?P<name>[a-z]{3,9})\.?,?[\s-]"
        r"(?P<year>\d{4})",
        _WEEKDAY + r"(?P<name>[a-z]{3,9})\.?\s(?P<day>\d{1,2})(?:st|nd|rd|th)?,?\s(?P<year>\d{4})",
    )
]
_COMPACT_TIME = re.compile(r"(\d{8}T\d\d)(\d\d)(\d\d)?(Z|[+-]\d\d:?\d\d)?", re.ASCII)
_PART = re.compile(r"(?P<year>\d{4})(?:-(?:0[1-9]|1[0-2]))?", re.ASCII)
_HAS_TIME = re.compile(r"\d\s?[:.h]\s?\d\d(?!\d)")
_RANGE = re.compile(
    r"(?P<year>\d{4})(?:(?P<mark>[-/])(?P<month>\d{1,2})(?:(?P=mark)(?P<day>\d{1,2})"
    r"(?:[T ](?P<hour>\d\d):(?P<minute>\d\d)(?::(?P<second>\d\d)(?:[.,]\d{1,9})?)?"
    r"(?P<zone>Z|[+-]\d\d:?\d\d)?)?)?)?",
    re.ASCII,
)


class DateError(ValueError):
    """A value that should be a date and is not."""


@dataclass(frozen=True, slots=True)
class TimeRange:
    """From `start` up to, not including, `end`; both aware if the offset is known."""

    start: datetime
    end: datetime


def read_date(text: str) -> str | None:
    """A date as people and feeds write it -> ISO 8601, with time and offset if given.

    None if it is not a date, has no year, is relative, or could be read two ways.

    >>> read_date("Thu, 29 Sep 2022 21:13:00 +0200")
    '2022-09-29T21:13:00+02:00'
    """
    moment = read_moment(text)
    return moment.isoformat() if moment else None


def read_date_or_part(text: str) -> str | None:
    """Like `read_date`, but also takes an ISO year or year and month, kept as they are.

    >>> read_date_or_part("2022-09")
    '2022-09'
    """
    part = _PART.fullmatch(text.strip())
    if part:
        return part[0] if _FIRST_YEAR <= int(part["year"]) <= _LAST_YEAR else None
    return read_date(text)


def read_moment(text: str) -> date | datetime | None:
    """Like `read_date`, but returns a datetime if a time is given, else a date."""
    words = _COMPACT_TIME.sub(_spread, " ".join(text.split()))
    if len(words) > _LONGEST or not words:
        return None
    for form in _FORMS:
        parts = form.fullmatch(words)
        if parts and ("name" not in form.groupindex or read_month(parts["name"])):
            return _moment(parts.groupdict())
    return _foreign_moment(words)


def is_epoch(iso: str) -> bool:
    """Whether it is the moment that programs count from; the day alone may be that of an article.

    >>> is_epoch("1969-12-31T19:00:00-05:00"), is_epoch("1970-01-01")
    (True, False)
    """
    moment = read_moment(iso)
    if not isinstance(moment, datetime):
        return False
    return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp() == 0


def is_at(told: str, fetched: str) -> bool:
    """Whether a date with time and offset is that of fetching, of a program that wrote the page.

    >>> is_at("2026-03-05T10:00:07+01:00", "2026-03-05T09:00:09+00:00")
    True
    """
    moments = (read_moment(told), read_moment(fetched))
    one, other = (each if isinstance(each, datetime) and each.tzinfo else None for each in moments)
    return one is not None and other is not None and abs(one - other) <= _AT_ONCE


def no_date(text: str) -> str:
    """Why a text is no date, for a message that says how to write one.

    >>> no_date("soon"), no_date("03/04/2024")
    ("'soon' is not a date", "'03/04/2024' could be either of two dates")
    """
    reason = "could be either of two dates" if _TWO_WAYS.match(text.strip()) else "is not a date"
    return f"{text[:_LONGEST]!r} {reason}"


def day_of(moment: date | datetime) -> date:
    """The day alone."""
    return moment.date() if isinstance(moment, datetime) else moment


def is_covered(day: date) -> bool:
    """Whether `time_range` covers the year of `day`."""
    return _FIRST_YEAR <= day.year <= _LAST_YEAR


def begun_everywhere(iso: str) -> datetime:
    """The moment at which `iso` begins; without an offset, when it has begun in every time zone.

    Raises DateError as `time_range` does.

    >>> begun_everywhere("2026-12-01").isoformat()
    '2026-12-01T00:00:00-12:00'
    """
    start = time_range(iso).start
    return start if start.tzinfo else start.replace(tzinfo=_LAST_ZONE)


def time_range(iso: str) -> TimeRange:
    """The year, month, day, minute or second that `iso` names.

    Raises DateError, which quotes `iso`, if it is none of these.

    >>> time_range("2022-02").end
    datetime.datetime(2022, 3, 1, 0, 0)
    """
    parts = _RANGE.fullmatch(iso.strip())
    if parts is None or not _FIRST_YEAR <= int(parts["year"]) <= _LAST_YEAR:
        raise _no_range(iso)
    zone = read_zone(parts["zone"]) if parts["zone"] else None
    if parts["zone"] and zone is None:
        raise _no_range(iso)
    try:
        day = datetime(int(parts["year"]), int(parts["month"] or 1), int(parts["day"] or 1))
        start = day.replace(
            hour=int(parts["hour"] or 0),
            minute=int(parts["minute"] or 0),
            second=int(parts["second"] or 0),
            tzinfo=zone,
        )
    except ValueError as error:
        raise _no_range(iso) from error
    return TimeRange(start, _end(start, parts.groupdict()))


def _no_range(iso: str) -> DateError:
    return DateError(
        f"{no_date(iso)}: write it as 2022, 2022-09, 2022-09-29 or 2022-09-29T21:13+02:00"
    )


def _end(start: datetime, parts: dict[str, str | None]) -> datetime:
    if not parts["month"]:
        return start.replace(year=start.year + 1)
    if not parts["day"]:
        return (start + timedelta(days=31)).replace(day=1)
    if not parts["hour"]:
        return start + timedelta(days=1)
    return start + (timedelta(seconds=1) if parts["second"] else timedelta(minutes=1))


def _spread(parts: re.Match[str]) -> str:
    """`20220929T211300Z` -> `20220929T21:13:00Z`, so that one pattern reads the rest."""
    clock = ":".join(part for part in parts.group(1, 2, 3) if part)
    return clock + (parts[4] or "")


def _moment(parts: dict[str, str | None]) -> date | datetime | None:
    year = int(parts["year"] or 0)
    numbers = _month_and_day(parts)
    if numbers is None or not _FIRST_YEAR <= year <= _LAST_YEAR:
        return None
    try:
        day = date(year, *numbers)
        return _with_time(day, parts) if parts["hour"] else day
    except ValueError:
        # No such day or time: 2022-02-30, 25:00.
        return None


def _month_and_day(parts: dict[str, str | None]) -> tuple[int, int] | None:
    if parts.get("one"):
        return _unambiguous(int(parts["one"] or 0), int(parts["two"] or 0))
    month = read_month(parts["name"] or "") if parts.get("name") else int(parts["month"] or 0)
    return (month, int(parts["day"] or 0)) if month else None


def _unambiguous(one: int, two: int) -> tuple[int, int] | None:
    """Month and day if only one order of the two makes sense, or both are the same."""
    if one == two or one > 12:
        return two, one
    return (one, two) if two > 12 else None


def _with_time(day: date, parts: dict[str, str | None]) -> datetime | None:
    hour = clock_hour(int(parts["hour"] or 0), parts["half"])
    if hour is None or not (parts["colon"] or parts["half"]):
        return None
    zone = read_zone(parts["zone"].upper()) if parts["zone"] else None
    minute, second = int(parts["minute"] or 0), int(parts["second"] or 0)
    return with_plain_offset(
        datetime(day.year, day.month, day.day, hour, minute, second, tzinfo=zone)
    )


def clock_hour(hour: int, half: str | None) -> int | None:
    """0 to 23 for an hour and the `a` or `p` of its am or pm; None if there is no such hour.

    >>> clock_hour(12, "a"), clock_hour(12, "p"), clock_hour(9, "p")
    (0, 12, 21)
    """
    if hour > 23 or (half in ("a", "A") and hour > 12):
        return None
    if half is None or hour > 12:
        return hour
    return hour % 12 + (12 if half in ("p", "P") else 0)


def _foreign_moment(words: str) -> date | datetime | None:
    moment = read_foreign_date(words)
    if moment is None or not is_covered(moment):
        return None
    return with_plain_offset(moment) if _HAS_TIME.search(words) else moment.date()
