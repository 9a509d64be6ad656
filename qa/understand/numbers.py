"""Numbers in a question, and the ways to write each: "1.25 million" is 1,250,000 as well."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from itertools import product

from index.article import Span
from index.english import NUMBERS, TENS, any_of

_TEN = {word: 10 * number for number, word in enumerate(("twenty", *TENS), start=2)}
_SMALL = {word: number for word, number in NUMBERS.items() if number < 20}
_SPELT = {number: word for word, number in (_SMALL | _TEN).items()}
_SCALES = {"thousand": 10**3, "million": 10**6, "billion": 10**9, "trillion": 10**12}
# As they stand behind figures; those of one letter only without a space between.
_SHORT_SCALES = {"thousand": "k", "million": "m mn", "billion": "b bn", "trillion": "tn"}
_SIZES = _SCALES | {
    short: _SCALES[word] for word, each in _SHORT_SCALES.items() for short in each.split()
}
_PARTS = {"half": Fraction(1, 2), "quarter": Fraction(1, 4), "quarters": Fraction(3, 4)}
_PART_WORDS = {
    Fraction(1, 2): "a half",
    Fraction(1, 4): "a quarter",
    Fraction(3, 4): "three quarters",
}

_SCALE = any_of(_SCALES)
_BELOW_100 = f"(?:{any_of(_TEN)}(?:[ -]{any_of(list(_SMALL)[:9])})?|{any_of(_SMALL)})\\b"
_HUNDREDS = f"(?:a|{any_of(_SMALL)})[ -]hundred(?:(?: and)?[ -]{_BELOW_100})?"
_BELOW_1000 = f"(?:{_HUNDREDS}|{_BELOW_100})"
_WHOLE = (
    f"(?:(?:{_BELOW_1000}|a)[ -]{_SCALE}(?:,?(?: and)? {_BELOW_1000}(?:[ -]{_SCALE})?)*|"
    f"{_BELOW_1000})"
)
_PART = "(?:a |one |three )?(?:half|quarters?)"
_NUMBER = re.compile(
    rf"(?<![\w.,])(?P<figures>\d{{1,3}}(?:[, ]\d{{3}})+(?:\.\d+)?(?![\d])|\d+(?:\.\d+)?)"
    rf"(?:(?P<glued>bn?|k|mn?|tn)|[ -](?P<scale>bn|mn|tn|{_SCALE}))?(?!\w)|"
    rf"\b(?P<share>{_PART})(?: of)? an? (?P<of>{_SCALE})\b|"
    rf"\b(?P<words>{_WHOLE})(?: and (?P<part>{_PART}))?(?: (?P<times>{_SCALE}))?\b",
    re.IGNORECASE,
)
_STEP = re.compile(r"[^\W\d_]+")
# One of these is in every number, and in few questions.
_SIGNS = re.compile(
    rf"\d|\b{any_of((*_SMALL, *_TEN, 'hundred', *_SCALES, 'half', 'quarter'))}", re.IGNORECASE
)
_FIRST_YEAR, _LAST_YEAR = 1100, 2099
_MOST = 10**15


@dataclass(frozen=True, slots=True)
class Number:
    """A number of a text, and where in it its figures and words stand."""

    value: Fraction
    span: Span


def numbers_in(text: str) -> Iterator[Number]:
    """The numbers from two up, in order; "one" is more often a pronoun.

    >>> [int(each.value) for each in numbers_in("Were 36,417 or one and a half million there?")]
    [36417, 1500000]
    """
    for found in _NUMBER.finditer(text) if _SIGNS.search(text) else ():
        value = _value(found)
        if 2 <= value < _MOST:
            yield Number(value, found.span())


def writings(value: Fraction) -> list[str]:
    """The ways to write a number, each once; none for what may be a year.

    >>> writings(Fraction(12_000))
    ['12000', '12,000', 'twelve thousand', '12 thousand', '12k']
    """
    return [] if may_be_year(value) else list(dict.fromkeys(_written(value)))


def may_be_year(value: Fraction) -> bool:
    """Whether a number may be that of a year, which nobody spells out."""
    return value.denominator == 1 and _FIRST_YEAR <= value <= _LAST_YEAR


def _written(value: Fraction) -> Iterator[str]:
    if value.denominator == 1:
        yield str(value)
        if value >= 1000:
            yield f"{int(value):,}"
        yield from _spelt(int(value))
    for word, size in _SCALES.items():
        yield from _scaled(value / size, word)


def _value(found: re.Match[str]) -> Fraction:
    size = _SIZES.get((found["glued"] or found["scale"] or found["times"] or "").lower(), 1)
    if found["figures"]:
        return Fraction(re.sub("[, ]", "", found["figures"])) * size
    if found["share"]:
        return _part(found["share"]) * _SCALES[found["of"].lower()]
    part = _part(found["part"]) if found["part"] else 0
    return (_count(found["words"]) + part) * size


def _part(words: str) -> Fraction:
    return _PARTS[words.lower().split()[-1]]


def _count(words: str) -> Fraction:
    """What whole number the words are."""
    total, current = 0, 0
    for word in _STEP.findall(words.lower()):
        if word in _SCALES:
            total, current = total + max(current, 1) * _SCALES[word], 0
        elif word == "hundred":
            current = max(current, 1) * 100
        else:
            current += _SMALL.get(word, 0) or _TEN.get(word, 0)
    return Fraction(total + current)


def _scaled(count: Fraction, word: str) -> Iterator[str]:
    """The number as so many thousand, million and so on, where that is short."""
    whole, part = divmod(count, 1)
    if count >= 1000 or (count * 100).denominator != 1 or not (whole or part in _PART_WORDS):
        return
    said = next(_spelt(int(whole)), "one")
    if not part:
        yield from (f"{said} {word}", *([f"a {word}"] if whole == 1 else []))
    elif part in _PART_WORDS:
        shared = _PART_WORDS[part]
        yield f"{said} and {shared} {word}" if whole else f"{shared} of a {word}"
    if count == Fraction(1, 2):
        yield f"half a {word}"
    figures = f"{float(count):.2f}".rstrip("0").rstrip(".")
    yield f"{figures} {word}"
    for short in _SHORT_SCALES[word].split():
        yield f"{figures}{short}"
        if len(short) > 1:
            yield f"{figures} {short}"


def _spelt(number: int) -> Iterator[str]:
    """The number in words, with and without "and"; nothing for long ones, and for 0 and 1."""
    if not 1 < number < 10**6:
        return
    thousands, rest = divmod(number, 1000)
    fronts = [f"{each} thousand" for each in _below_1000(thousands)] or [""]
    tails = [*_below_1000(rest)] or [""]
    if thousands and 0 < rest < 100:
        tails.append(f"and {tails[0]}")
    for front, tail in product(fronts, tails):
        yield f"{front} {tail}".strip()


def _below_1000(number: int) -> list[str]:
    hundreds, rest = divmod(number, 100)
    tail = _SPELT.get(rest) or "-".join(
        _SPELT[each] for each in (rest - rest % 10, rest % 10) if each
    )
    if not hundreds:
        return [tail] if tail else []
    front = f"{_SPELT[hundreds]} hundred"
    return [f"{front} and {tail}", f"{front} {tail}"] if tail else [front]
