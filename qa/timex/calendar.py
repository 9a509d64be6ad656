"""Calendar times as ranges: a day, a month, a season, a part of a year."""

import re
from dataclasses import replace
from datetime import date, datetime, time, timedelta
from functools import lru_cache
from typing import Protocol

from dateparser.date import DateDataParser

from index.english import DECADES, SEASONS, WEEKDAYS, any_of
from qa.timex.grammar import is_day, is_year
from qa.timex.ranges import Range, of_days, of_months

_DAY = timedelta(days=1)
_SECTION = re.compile(
    r"(?:the )?(?P<section>early|mid|late|(?:very )?(?:start|beginning|middle|end) of|"
    r"(?P<place>first|second|third|fourth|1st|2nd|3rd|4th|last|final) "
    r"(?P<part>half|quarter|week|(?:few )?days) of)"
    r"[ -](?P<rest>.+)"
)
_PLACES = {
    **{"first": 0, "second": 1, "third": 2, "fourth": 3},
    **{"1st": 0, "2nd": 1, "3rd": 2, "4th": 3},
}
_PART = re.compile(r"(?P<part>[qh])(?P<place>[1-4])\s+(?:of\s+)?(?P<year>\d{4})")
_WEEK = re.compile(
    r"(?:week (?P<side>of|from|beginning|commencing|starting|to|ending|up to)|"
    r"weekend of(?: \d\d?/)?) ?(?P<day>.+)"
)
_YEARS = re.compile(r"(?P<first>\d{4})(?:(?P<decade>s)|[/–-](?P<last>\d\d))")
_DECADE = re.compile(rf"['’]?(?P<digits>[2-9]0)s|(?P<word>{any_of(DECADES)})")
_DAY_ALONE = re.compile(
    rf"(?:{any_of(WEEKDAYS)},? the )?(?P<day>\d\d?)[a-z]{{2}}(?: of (?P<which>last|this) month)?"
)
# How many months back a day without a month is looked for.
_MOST_MONTHS = 24
_OF_LAST_YEAR = re.compile(r"(?P<what>[a-z]+)\.? of (?P<which>last|this) year")
_SEASON = re.compile(rf"(?P<season>{any_of(SEASONS)})\s+(?:of\s+)?(?P<year>\d{{4}})")
_NAMES_YEAR = re.compile(r"\b\d{4}\b")
# How many years back a date without a year is looked for.
_MOST_YEARS = 60


class ArchiveDays(Protocol):
    """The days that the passages of an archive are from."""

    @property
    def newest(self) -> date | None:
        """The last day."""

    def hold(self, after: date | None, before: date | None) -> bool:
        """Whether a passage is from these days, both included; None leaves a side open."""


def read_calendar(text: str, today: date, days: ArchiveDays) -> Range | None:
    """The time that lower-case text such as "28 september" or "early 2022" names, or None.

    Without a year, it is in the last year for which the archive has it, else in the last year.
    """
    found = read_section(text)
    if found is None:
        return _read_absolute(text, today, days)
    whole = _read_absolute(found["rest"], today, days)
    part = section_of(whole, found) if whole is not None else None
    names_year = _NAMES_YEAR.search(text) or _OF_LAST_YEAR.search(text)
    if part and part.start and part.start.date() > today and not names_year:
        # In early October "late October" is that of last year.
        return _section_of_last_year(found, part.start.date(), days)
    return part


def _section_of_last_year(section: re.Match[str], ahead: date, days: ArchiveDays) -> Range | None:
    before = in_year(ahead.replace(day=1), ahead.year - 1)
    whole = _read_absolute(section["rest"], before, days) if before else None
    return section_of(whole, section) if whole else None


def read_section(text: str) -> re.Match[str] | None:
    """Match text that names part of a longer time; the group `rest` names the longer time."""
    return _SECTION.fullmatch(text)


def section_of(whole: Range, section: re.Match[str]) -> Range | None:
    """The third, half, quarter, week or last days of `whole` that the section names."""
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
    """The first half, the second quarter, the last week and so on between two midnights."""
    if part == "week":
        if place in ("last", "final"):
            return Range(end - 7 * _DAY, end)
        first = start + 7 * _PLACES[place] * _DAY
        return Range(first, first + 7 * _DAY)
    count = 2 if part == "half" else 4
    months = (end.year - start.year) * 12 + end.month - start.month
    number = count - 1 if place == "last" else _PLACES[place]
    if number >= count or months % count:
        return None
    length = months // count
    return of_months(start.year, start.month + number * length, length)


@lru_cache(maxsize=4096)
def parse_date(text: str, today: date) -> tuple[date, str] | None:
    """The date, and whether the text gives a day, a month or a year."""
    found = _parser(today).get_date_data(text.replace(".", " ") if not is_day(text) else text)
    if found.date_obj is None or found.period not in ("day", "month", "year"):
        return None
    return found.date_obj.date(), found.period


def _read_absolute(words: str, today: date, days: ArchiveDays) -> Range | None:
    text = words.removeprefix("the ")
    if found := _SEASON.fullmatch(text):
        return of_months(int(found["year"]), SEASONS[found["season"]], 3)
    if found := _PART.fullmatch(text):
        months = 3 if found["part"] == "q" else 6
        return of_months(int(found["year"]), months * (int(found["place"]) - 1) + 1, months)
    if found := _YEARS.fullmatch(text):
        return _years(found)
    if found := _DECADE.fullmatch(text):
        return _decade(int(found["digits"] or DECADES[found["word"]]), today, days)
    if found := _DAY_ALONE.fullmatch(text):
        return _day_alone(int(found["day"]), found["which"], today, days)
    if found := _WEEK.fullmatch(text):
        return _week_of(found, today, days)
    if found := _OF_LAST_YEAR.fullmatch(text):
        year = today.year - (found["which"] == "last")
        return _read_absolute(f"{found['what']} {year}", today, days)
    if is_year(text):
        return of_months(int(text), 1, 12)
    read = parse_date(text.replace(" the ", " "), today)
    if read is None:
        return None
    day, period = read
    if _NAMES_YEAR.search(text):
        return _covering(day, period)
    return _of_the_last_year(day, period, today, days)


def _years(found: re.Match[str]) -> Range | None:
    """A decade, or the years of "2021/22"."""
    first = int(found["first"])
    if found["decade"]:
        return of_months(first, 1, 120)
    last = first - first % 100 + int(found["last"])
    return of_months(first, 1, 12 * (last - first + 1)) if last > first else None


def _decade(first: int, today: date, days: ArchiveDays) -> Range | None:
    """The last decade of that name in which the archive has something, else the last begun."""
    latest = today.year - (today.year - first) % 100
    found = [each for year in (latest, latest - 100) if (each := of_months(year, 1, 120))]
    return next((each for each in found if _is_held(each, days)), found[0] if found else None)


def _day_alone(number: int, which: str | None, today: date, days: ArchiveDays) -> Range | None:
    """That day of the last month for which the archive has it, else of the last month with it."""
    if which is not None:
        return _day_of(number, today, int(which == "last"))
    # An archive may have ended long ago.
    last = min(today, days.newest or today)
    back = (_day_of(number, last, months) for months in range(_MOST_MONTHS))
    found = [each for each in back if each and each.start and each.start.date() <= last]
    return next((each for each in found if _is_held(each, days)), found[0] if found else None)


def _day_of(number: int, today: date, months_back: int) -> Range | None:
    month = of_months(today.year, today.month - months_back, 1)
    if month is None or month.start is None:
        return None
    try:
        return of_days(month.start.date().replace(day=number))
    except ValueError:  # 31 February
        return None


def _week_of(found: re.Match[str], today: date, days: ArchiveDays) -> Range | None:
    """A week by its day; without a year in the last year for which the archive has any of it."""
    day = _read_absolute(found["day"], today, days)
    week = _week(found["side"], day)
    if week is None or _NAMES_YEAR.search(found["day"]) or day is None or day.start is None:
        return week
    years = (in_year(day.start.date(), today.year - back) for back in range(_MOST_YEARS))
    weeks = (_week(found["side"], of_days(each)) for each in years if each and each <= today)
    return next((each for each in weeks if each and _is_held(each, days)), week)


def _week(side: str | None, day: Range | None) -> Range | None:
    """The week from a day on, or up to it; without a side the weekend nearest to it."""
    if day is None or day.start is None or day.end is None:
        return None
    if side is None:
        # From two days after its Saturday on, three days before the next, that one is nearer.
        saturday = day.start + ((8 - day.start.weekday()) % 7 - 3) * _DAY
        return Range(saturday, saturday + 2 * _DAY)
    if side in ("to", "ending", "up to"):
        return Range(day.end - 7 * _DAY, day.end)
    return Range(day.start, day.start + 7 * _DAY)


def _of_the_last_year(day: date, period: str, today: date, days: ArchiveDays) -> Range | None:
    """In the last year for which the archive has something, else in the last year."""
    found = [
        each
        for year in range(today.year, today.year - _MOST_YEARS, -1)
        if (each := _covering(in_year(day, year), period)) and each.start
        if each.start.date() <= today
    ]
    held = (each for each in found if _is_held(each, days))
    return next(held, found[0] if found else None)


def _is_held(each: Range, days: ArchiveDays) -> bool:
    return days.hold(
        each.start.date() if each.start else None,
        (each.end - _DAY).date() if each.end else None,
    )


def _covering(day: date | None, period: str) -> Range | None:
    if day is None:
        return None
    if period == "month":
        return of_months(day.year, day.month, 1)
    if period == "year":
        return of_months(day.year, 1, 12)
    return of_days(day)


def in_year(day: date, year: int) -> date | None:
    """The same day of another year; None where that has no 29 February."""
    try:
        return day.replace(year=year)
    except ValueError:
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
