"""A grammar of time expressions, as regular expressions.

Dates in digits alone are read by a rule of their own: "12/10/2022" is 12 October to some and
December 10 to others.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import date
from enum import Enum

from index.analysis import Analyzer
from index.english import DECADES, MONTH_PATTERN, MONTHS, NUMBERS, SEASONS, WEEKDAYS, any_of
from index.period import EVERYTHING
from index.settings import DateOrder
from index.store import Store

_MONTH = rf"{MONTH_PATTERN}\b\.?"
_YEAR = r"(?:1\d{3}|20\d\d)(?![\d-])"
_DAY = r"(?:3[01]|[12]\d|0?[1-9])(?:st|nd|rd|th)?(?!\d|:\d|[.,]\d)"
_WEEKDAY = any_of(WEEKDAYS)
_SEASON = any_of(SEASONS)
_COUNT = (
    rf"(?:\d{{1,3}}|an?|{any_of(NUMBERS)}|(?:a )?dozen|"
    r"(?:a )?couple of|(?:a )?few|several|half an?)"
)
_UNIT = r"(?:hour|day|week|fortnight|month|year|decade)s?"
_CLOCK = (
    r"(?:(?:[01]?\d|2[0-3])(?:[:.][0-5]\d)?\s?[ap]\.?m\b\.?|(?:[01]?\d|2[0-3])(?::[0-5]\d|"
    r"\s?o['’]clock)|noon|midday|midnight)"
)
_PART = r"(?:morning|afternoon|evening|night|(?:early|small) hours)"
_ORDINAL = r"(?:first|second|third|fourth|1st|2nd|3rd|4th)"
_SECTION = (
    rf"(?:(?:the )?(?:early|mid|late|(?:very )?(?:start|beginning|middle|end) of|"
    rf"{_ORDINAL} (?:half|quarter) of|(?:{_ORDINAL}|last|final) week of|"
    r"(?:first|last|final) (?:few )?days of)[ -])"
)

# A calendar day, in every way that people write it.
_DATE = (
    rf"(?:\d{{4}}-\d\d(?:-\d\d)?|\d{{1,2}}[/.-]\d{{1,2}}[/.-](?:\d{{4}}|\d\d)(?!\d)|"
    rf"\d{{4}}[/.-]\d{{1,2}}[/.-]\d{{1,2}}(?!\d)|(?:0?[1-9]|1[0-2])/(?:1[5-9]|20)\d\d(?![\d-])|"
    rf"(?:{_WEEKDAY},?\s+)?(?:the\s+)?{_DAY}\s+(?:of\s+)?{_MONTH}(?:,?\s+{_YEAR})?|"
    rf"(?:{_WEEKDAY},?\s+)?{_MONTH}\s+(?:the\s+)?{_DAY}(?:,?\s+{_YEAR})?)"
)
_DECADE = rf"(?:['’]?[2-9]0s|{any_of(DECADES)})"
_YEARS = rf"(?:(?:1\d|20)\d0s|{_DECADE}|{_YEAR}[/–-]\d\d(?!\d)|{_YEAR})"
# "On the 5th", "on Monday the 5th", and nothing of which it is the fifth.
_DAY_ALONE = (
    rf"(?:{_WEEKDAY},? )?the (?:3[01]|[12]\d|0?[1-9])(?:st|nd|rd|th)"
    r"(?:(?= *(?:[?.!,;]|$)| (?:and|or|to|until)\b)|"
    r" of (?:last|this) month)"
)
_WEEK_OF = (
    r"the (?:week (?:of|from|beginning|commencing|starting|to|ending|up to) |"
    r"weekend of (?:\d\d?/)?)"
)
_LONGER = (
    rf"(?:{_SECTION}?(?:{_MONTH}(?:,?\s+(?:of\s+)?(?:{_YEAR}|(?:last|this) year))?|"
    rf"(?:the )?{_YEARS})|{_SEASON}\s+(?:of\s+)?(?:{_YEAR}|(?:last|this) year)|"
    rf"(?:q[1-4]|h[12])\s+(?:of\s+)?{_YEAR}|"
    rf"{_WEEK_OF}(?:{_DATE}|{_DAY_ALONE}))"
)
_RELATIVE = (
    rf"(?:the day before yesterday|yesterday|(?:earlier )?today|tonight|last night|"
    rf"overnight(?=[?.!,]|$)|{_COUNT} {_UNIT} ago(?: today)?|this time last (?:week|month|year)|"
    r"the (?:week|weekend|month|year) before last|"
    rf"{_SECTION}(?:last|this|the) (?:week|month|year)|"
    rf"(?:(?:the|this|these) )?(?:last|past|previous) (?:{_COUNT} )?{_UNIT}(?!\s+of\b)|"
    rf"(?:earlier )?this (?:week|month|year|{_PART})|"
    rf"(?:this|(?:this )?past|last) (?:weekend|{_WEEKDAY}|{_SEASON}|{_MONTH}))"
)
# A time of any length.
_TIME = rf"(?:{_RELATIVE}|{_DATE}|{_LONGER}|{_DAY_ALONE}|{_WEEKDAY})"
# "The day before yesterday" is one day.
_BOUND = (
    r"(?<!day )(?:not before|(?:no|not) (?:later|earlier) than|(?:earlier|later) than|prior to|"
    r"up until|starting(?: from| on| in)?|before|until|till|up to|as of|as from|by|since|after|"
    r"from)"
)
_LEAD = r"(?:on|in|during|over|within|throughout|from|of|at|around|about)"
_ONWARDS = r"(?:\s+(?:onwards?|on)\b(?!\s+(?:the|an?|\w+day)\b))?"


class Form(Enum):
    """The forms that a time expression can take; the first that fits counts."""

    BETWEEN_CLOCKS = (
        rf"(?:between|from)\s+(?P<one>{_CLOCK})\s+(?:and|to|until)\s+(?P<other>{_CLOCK})"
        rf",?\s+(?:on\s+)?(?P<time>{_TIME})"
    )
    CLOCKS_BETWEEN = (
        rf"(?:on\s+)?(?P<time>{_TIME}),?\s+(?:between|from)\s+(?P<one>{_CLOCK})\s+"
        rf"(?:and|to|until)\s+(?P<other>{_CLOCK})"
    )
    BETWEEN = (
        rf"(?:between|from)\s+(?P<one>{_TIME}|{_DAY}|{_SEASON})\s*(?:and|to|until|till|through|[-–])\s*"
        rf"(?P<other>{_TIME})"
    )
    SEVERAL = (
        rf"(?P<lead>{_LEAD})\s+(?P<one>{_TIME}|{_DAY})(?:\s*,\s*(?:{_TIME}|{_DAY}))*,?\s+"
        rf"(?:and|or)\s+(?:(?:on|in|during)\s+)?(?P<other>{_TIME})"
    )
    DAYS = rf"(?:(?:on|from)\s+)?(?P<one>{_DAY}|{_DATE})\s?[-–]\s?(?P<other>{_DATE})"
    MONTHS = (
        rf"(?:{_LEAD}\s+)?(?P<one>{_MONTH}(?:\s+\d{{4}})?)\s?[-–/]\s?"
        rf"(?P<other>{_MONTH}(?:\s+{_YEAR})?)"
    )
    CLOCK = (
        rf"(?P<bound>{_BOUND}|at|around|about)\s+(?:around\s+|about\s+)?(?P<clock>{_CLOCK}),?\s+"
        rf"(?:on\s+)?(?P<time>{_TIME})"
    )
    CLOCK_AFTER = (
        rf"(?:on\s+)?(?P<time>{_TIME}),?\s+(?P<bound>{_BOUND}|at|around)\s+(?P<clock>{_CLOCK})"
    )
    DAY_BESIDE = rf"(?:on\s+)?the\s+day\s+(?P<beside>before|after)\s+(?P<time>{_DATE}|{_WEEKDAY})"
    PART_OF = rf"(?:(?:in|on|during)\s+)?the\s+(?P<part>{_PART})\s+of\s+(?P<time>{_TIME})"
    PART = (
        rf"(?:(?P<lead>{_LEAD})\s+)?(?P<time>yesterday|{_DATE}|(?:last\s+)?{_WEEKDAY})\s+"
        rf"(?P<part>{_PART})"
    )
    END_OF_DAY = rf"(?P<part>early|late)\s+(?:on\s+)?(?P<time>{_DATE}|{_WEEKDAY}|yesterday)"
    SEASON = (
        rf"(?P<lead>in|during|over|throughout|since|from)\s+the\s+"
        rf"(?P<time>{_SEASON}\s+of\s+(?:{_YEAR}|last year))"
    )
    DEFINITE = (
        r"(?P<lead>at|over|on|since)\s+the\s+(?P<time>weekend)(?!\s+(?:of|before)\b)|"
        rf"(?:over\s+the|(?P<since>since)(?:\s+the)?)\s+(?P<season>{_SEASON})(?!\s+(?:of\b|\d))"
        r"(?!(?<=fall)\s+(?:in|from)\b)"
    )
    BOUND = rf"(?P<bound>{_BOUND})\s+(?P<time>{_TIME}){_ONWARDS}"
    # Regulation 10/2011 and version 2022.5.9 are no times.
    PLAIN = rf"(?:(?P<lead>{_LEAD})\s+|(?!\d\d?/\d{{4}}|\d{{4}}\.\d))(?P<time>{_TIME})"


@dataclass(frozen=True, slots=True)
class TimeExpression:
    """A time expression `text[start:end]`; `parts` are the named groups of its form."""

    form: Form
    start: int
    end: int
    parts: dict[str, str]
    text: str

    @property
    def words(self) -> str:
        """The words of the expression."""
        return self.text[self.start : self.end]

    @property
    def before(self) -> str:
        """The text before it."""
        return self.text[: self.start]

    @property
    def after(self) -> str:
        """The text after it."""
        return self.text[self.end :]


_FORMS = {form: re.compile(rf"(?<![\w-]){form.value}(?!\w)", re.IGNORECASE) for form in Form}
# Checked first, because it is fast: most questions mention no time.
_ANY = re.compile(
    rf"\b(?:\d{{4}}|\d0s|\d\d?(?:st|nd|rd|th)\b|\d\d?[/.-]\d|{any_of(DECADES)}|today|tonight|yesterday|overnight|ago|night|last|past|previous|this|week|month|"
    rf"year|over|since|{_WEEKDAY}|{_MONTH})",
    re.IGNORECASE,
)
_DATE_ALONE = re.compile(rf"(?:{_DATE})\b", re.IGNORECASE)
_WEEK_ALONE = re.compile(rf"{_WEEK_OF}(?:{_DATE}|{_DAY_ALONE})", re.IGNORECASE)
_RELATIVE_ALONE = re.compile(_RELATIVE, re.IGNORECASE)
_YEARS_ALONE = re.compile(rf"(?:the )?{_YEARS}", re.IGNORECASE)


def find_times(text: str) -> Iterator[TimeExpression]:
    """The time expressions, in text order; of two that overlap, the one whose form comes first."""
    if not _ANY.search(text):
        return
    taken: list[TimeExpression] = []
    for form, pattern in _FORMS.items():
        for found in pattern.finditer(text):
            if all(found.end() <= each.start or each.end <= found.start() for each in taken):
                parts = {name: part for name, part in found.groupdict().items() if part}
                taken.append(TimeExpression(form, found.start(), found.end(), parts, text))
    yield from sorted(taken, key=lambda each: each.start)


def is_day(words: str) -> bool:
    """Whether the words name a calendar day, with or without its year."""
    return _DATE_ALONE.fullmatch(words) is not None


def is_week(words: str) -> bool:
    """Whether the words name a week by a day of it.

    >>> is_week("the week of 12 September")
    True
    """
    return _WEEK_ALONE.fullmatch(words) is not None


def is_relative(words: str) -> bool:
    """Whether the words count from when the question is asked."""
    return _RELATIVE_ALONE.fullmatch(words) is not None


def is_year(words: str) -> bool:
    """Whether the words are a year or a decade and nothing else."""
    return _YEARS_ALONE.fullmatch(words) is not None


# A year wherever it stands, in a question or in an article.
YEAR = re.compile(r"(?<!\d)(?:1\d{3}|20\d\d)(?!\d)")
_DIGITS = re.compile(
    r"(?<![\d-])(?P<one>\d{1,2})(?P<sign>[/.-])(?P<two>\d{1,2})(?P=sign)(?P<year>\d{4}|\d\d)(?!\d)"
)
# "2022/5/10" and "5/2022" can be read in one way only.
_YEAR_FIRST = re.compile(r"(?<![\d-])(\d{4})([/.-])(\d{1,2})\2(\d{1,2})(?!\d)")
_MONTH_AND_YEAR = re.compile(r"(?<![\d/])(0?[1-9]|1[0-2])/(\d{4})(?!\d)")
_DAY_NUMBER = r"(?:3[01]|[12]\d|0?[1-9])(?:st|nd|rd|th)?"
_DAY_FIRST = re.compile(rf"\b{_DAY_NUMBER} (?:of )?{MONTH_PATTERN}\b", re.IGNORECASE)
_MONTH_FIRST = re.compile(rf"\b{MONTH_PATTERN}\.? {_DAY_NUMBER}\b", re.IGNORECASE)
# An archive writes one order where it writes it so many times as often as the other.
_CLEARLY = 4
# So many passages tell in which order the archive writes day and month.
_READ_FOR_DATES = 100
# Years in two digits are of this century up to here.
_LAST_OF_THIS_CENTURY = 68


def order_of(texts: Iterable[str]) -> DateOrder:
    """Which of day and month stands first in the dates of some texts.

    >>> order_of(["It sank on 14 April 1912.", "She sailed on 2 May."])
    'day'
    """
    day, month = 0, 0
    for text in texts:
        day += len(_DAY_FIRST.findall(text))
        month += len(_MONTH_FIRST.findall(text))
    if day > _CLEARLY * month:
        return "day"
    return "month" if month > _CLEARLY * day else "auto"


def written_order(store: Store) -> DateOrder:
    """Which of day and month stands first in the dates of an archive."""
    months = Analyzer().terms(" ".join(MONTHS))
    dated = store.bm25(months, _READ_FOR_DATES, EVERYTHING)
    return order_of(each.passage.text for each in store.located(dated.tolist()))


def holds_digits(text: str) -> bool:
    """Whether a date in digits is in the text."""
    return _DIGITS.search(text) is not None


def in_iso(expression: TimeExpression, order: DateOrder) -> Iterator[TimeExpression]:
    """The expression with its dates in digits as ISO 8601, the likelier order first.

    One where the order is known, or only one makes sense; none where neither does.
    """
    firsts = {"day": (False,), "month": (True,), "auto": (False, True)}[order]
    found = [_with_iso(expression, month_first=first) for first in firsts]
    if None in found and order != "auto":
        # What makes no sense in the order of the archive is written in the other.
        found = [_with_iso(expression, month_first=not firsts[0])]
    seen = list[TimeExpression]()
    for each in found:
        if each is not None and each not in seen:
            seen.append(each)
    return iter(seen)


def _with_iso(expression: TimeExpression, *, month_first: bool) -> TimeExpression | None:
    try:
        parts = {
            name: _in_iso(part, month_first=month_first) for name, part in expression.parts.items()
        }
    except ValueError:  # there is no such day
        return None
    return replace(expression, parts=parts)


def _in_iso(words: str, *, month_first: bool) -> str:
    """The words with their dates in digits as ISO 8601. Raises ValueError if there is no such day.

    >>> _in_iso("2022/5/10", month_first=True), _in_iso("5/2022", month_first=False)
    ('2022-05-10', 'may 2022')
    """
    words = _YEAR_FIRST.sub(lambda found: date(*map(int, found.group(1, 3, 4))).isoformat(), words)
    words = _MONTH_AND_YEAR.sub(lambda found: f"{MONTHS[int(found[1]) - 1]} {found[2]}", words)
    return _DIGITS.sub(lambda found: _iso(found, month_first=month_first), words)


def _iso(found: re.Match[str], *, month_first: bool) -> str:
    # With full stops, the day is first wherever that is written.
    is_month_first = month_first and found["sign"] != "."
    one, two = int(found["one"]), int(found["two"])
    day, month = (two, one) if is_month_first else (one, two)
    return date(_year(found["year"]), month, day).isoformat()


def _year(digits: str) -> int:
    if len(digits) == 4:
        return int(digits)
    return int(digits) + (2000 if int(digits) <= _LAST_OF_THIS_CENTURY else 1900)
