"""Dates in digits alone: "12/10/2022" is 12 October to some and December 10 to others."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import date

from index.analysis import Analyzer
from index.english import MONTH_PATTERN, MONTHS
from index.period import EVERYTHING
from index.settings import DateOrder
from index.store import Store
from qa.timex.grammar import TimeExpression

_DIGITS = re.compile(
    r"(?<![\d-])(?P<one>\d{1,2})(?P<sign>[/.-])(?P<two>\d{1,2})(?P=sign)(?P<year>\d{4}|\d\d)(?!\d)"
)
_DAY = r"(?:3[01]|[12]\d|0?[1-9])(?:st|nd|rd|th)?"
_DAY_FIRST = re.compile(rf"\b{_DAY} (?:of )?{MONTH_PATTERN}\b", re.IGNORECASE)
_MONTH_FIRST = re.compile(rf"\b{MONTH_PATTERN}\.? {_DAY}\b", re.IGNORECASE)
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
            name: _DIGITS.sub(lambda found: _iso(found, month_first=month_first), part)
            for name, part in expression.parts.items()
        }
    except ValueError:  # there is no such day
        return None
    return replace(expression, parts=parts)


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
