"""Dates that need a dictionary: month names, and whole dates in other languages."""

import re
from datetime import datetime
from functools import lru_cache

import dateparser

_ENGLISH = (
    *("january", "february", "march", "april", "may", "june", "july", "august", "september"),
    *("october", "november", "december"),
)
_NUMBERS = (
    {name: number for number, name in enumerate(_ENGLISH, start=1)}
    | {name[:3]: number for number, name in enumerate(_ENGLISH, start=1)}
    | {"sept": 9}
)
_YEAR = re.compile(r"(?<!\d)[12]\d{3}(?!\d)")
_ORDERED_DIGITS = re.compile(r"\d{1,2}[-/.]\d{1,2}[-/.]\d{4}")


def read_month(word: str) -> int | None:
    """1 to 12 for a month's name, in full or shortened; None for any other word.

    >>> read_month("Sept.")
    9
    """
    name = word.rstrip(".").lower()
    return _NUMBERS.get(name) or _foreign_month(name)


def read_foreign_date(text: str) -> datetime | None:
    """A date told in words of any language, day, month and year all given; else None."""
    if len(text) > 60 or not _YEAR.search(text) or _ORDERED_DIGITS.search(text):
        return None
    if not any(character.isalpha() for character in text):
        return None
    return _parse(text)


@lru_cache(maxsize=4096)
def _foreign_month(name: str) -> int | None:
    if len(name) < 3 or not name.isalpha():
        return None
    moment = _parse(f"15 {name} 2021")
    return moment.month if moment and (moment.year, moment.day) == (2021, 15) else None


@lru_cache(maxsize=4096)
def _parse(text: str) -> datetime | None:
    return dateparser.parse(
        text,
        settings={"REQUIRE_PARTS": ["year", "month", "day"], "PARSERS": ["absolute-time"]},
    )
