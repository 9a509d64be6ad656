"""Short forms that need no teaching: of countries and bodies, and of units of measure.

Names are those of CLDR, which babel brings, and of ISO 3166.
"""

import re
from collections.abc import Iterator
from functools import cache

import iso3166
from babel import Locale

from index.english import ABBREVIATIONS, FUNCTION_WORDS
from qa.understand.lexicon import english

_WORD = re.compile(r"[^\W\d_]+")
_IN_BRACKETS = re.compile(r"\s*\(.*?\)")
# Other initials of two letters stand for many things.
_OF_TWO_LETTERS = frozenset(("EU", "UK", "UN", "US"))
# "kilometre" and "per cent" in Britain.
_ENGLISH = ("en", "en_GB")


@cache
def usual_forms() -> tuple[frozenset[str], ...]:
    """Groups of forms that mean the same, such as US, USA, United States; km, kilometers.

    A country or body goes by the initials of its name where these are no word.
    """
    return tuple(each for each in (*_territories(), *_units()) if len(each) > 1)


def _territories() -> Iterator[frozenset[str]]:
    countries = {country.alpha2: country for country in iso3166.countries}
    for code, name in Locale("en").territories.items():
        country = countries.get(code)
        names = {name, *((country.name, country.apolitical_name) if country else ())}
        # "Korea, Republic of" is an entry of a list.
        said = {_IN_BRACKETS.sub("", each) for each in names if "," not in each}
        yield frozenset(said | {short for each in said if _is_usual(short := _initials(each))})


def _initials(name: str) -> str:
    """Of all words with a capital.

    >>> _initials("United States of America")
    'USA'
    """
    return "".join(word[0] for word in _WORD.findall(name) if word[0].isupper())


def _is_usual(initials: str) -> bool:
    if len(initials) < 3:
        return initials in _OF_TWO_LETTERS
    return initials.lower() not in english()


def _units() -> Iterator[frozenset[str]]:
    """Their names and signs, but for those that stand for much else as well."""
    other = ABBREVIATIONS | FUNCTION_WORDS
    patterns = [Locale.parse(each)._data["unit_patterns"] for each in _ENGLISH]
    for unit in patterns[0]:
        forms = {
            of_language[unit][width][number].replace("{0}", "").strip()
            for of_language in patterns
            for width in ("short", "long")
            for number in ("one", "other")
            if number in of_language[unit].get(width, ())
        }
        yield frozenset(each for each in forms if len(each) > 1 and each not in other)
