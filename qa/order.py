"""Citations in order of time, where a course of events is asked for or reports differ.

Numbers in sentences, with what they count, so that reports which differ are noticed.

On which days the passages that match a question were told.
"""

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from index.analysis import FUNCTION_WORDS, Analyzer, content_words, names, words
from index.article import Article, Passage
from index.period import Moments, moments
from index.store import Store
from qa.answer import Order
from qa.cite import Told
from qa.search import Ranking
from qa.timex.extract import AskedTime, Lean
from qa.understand.query import Kind, kind_asked

_WORDS = {
    **{"one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "seven": 7, "eight": 8},
    **{"nine": 9, "ten": 10, "eleven": 11, "twelve": 12, "thirteen": 13, "fourteen": 14},
    **{"fifteen": 15, "sixteen": 16, "seventeen": 17, "eighteen": 18, "nineteen": 19},
    **{"twenty": 20, "thirty": 30, "forty": 40, "fifty": 50, "sixty": 60, "seventy": 70},
    **{"eighty": 80, "ninety": 90, "hundred": 100},
    **{"first": 1, "second": 2, "third": 3, "fourth": 4, "fifth": 5, "sixth": 6},
}
_SCALES = {"hundred": 1e2, "thousand": 1e3, "million": 1e6, "billion": 1e9, "trillion": 1e12}
_NUMBER = re.compile(
    r"(?<![\w.,/:-])(?P<money>[$€£]\s?)?(?P<digits>\d{1,3}(?:,\d{3})+(?:\.\d+)?|\d+(?:\.\d+)?)"
    r"(?:\s?(?P<short>bn|m|k)\b)?(?![\d/:]|-\d)|\b(?P<word>" + "|".join(_WORDS) + r")\b",
    re.IGNORECASE,
)
_SHORT = {"bn": 1e9, "m": 1e6, "k": 1e3}
_NEXT = re.compile(r"[\s-]*(%|[A-Za-z]+)")
_MONEY = re.compile(r"(?:dollars?|euros?|pounds?|roubles?|rubles?|yen|yuan)\b", re.IGNORECASE)
_PERCENT = re.compile(r"(?:%|per ?cent|percent)", re.IGNORECASE)
# "30 September", "3 pm" and years count nothing.
_NO_UNIT = re.compile(
    r"(?:january|february|march|april|may|june|july|august|september|october|november|december|"
    r"am|pm|st|nd|rd|th)$",
    re.IGNORECASE,
)
_HOW_MANY = re.compile(r"\bhow many (?:(?:more|other|of the) )?(?P<unit>[a-z]+)", re.IGNORECASE)
# People, and those who died, are counted under many names.
_PEOPLE = "people person persons men women children civilians soldiers".split()
_DEAD = "dead killed died deaths death toll casualties victims fatalities".split()
# What a question says of the time of the report is no part of what is counted.
_OF_TIME = frozenset("latest recent recently newest currently far date now present".split())
# A number counts what the next two words that carry meaning name.
_NAMED = 2
_COVERS = 0.75
_ANALYZER = Analyzer()


@dataclass(frozen=True, slots=True)
class Figure:
    """A number and what it counts: stems of the words behind it, or a sign such as "%"."""

    value: float
    units: frozenset[str]
    digits: int


def read_figures(sentence: str) -> Iterator[Figure]:
    """The numbers of a sentence that count something; dates, years and times do not.

    >>> [figure.value for figure in read_figures("On 30 September 16 missiles killed 23 people.")]
    [16.0, 23.0]
    """
    for found in _NUMBER.finditer(sentence):
        value, digits = _value(found)
        rest = sentence[found.end() :]
        units = set[str]()
        if found["money"]:
            units.add("$")
        while len(units - {"$", "%"}) < _NAMED and (following := _NEXT.match(rest)):
            word = following[1].lower()
            if word in _SCALES and not units - {"$"}:
                value *= _SCALES[word]
            elif _PERCENT.match(word):
                units.add("%")
            elif _MONEY.match(word):
                units.add("$")
            elif word not in FUNCTION_WORDS or word == "of":
                if _NO_UNIT.match(word):
                    break
                units.update(_ANALYZER.terms(word))
            rest = rest[following.end() :]
        is_year = (
            not found["money"] and digits == 4 and 1000 <= value <= 2100 and "," not in found[0]
        )
        if units and not is_year:
            yield Figure(value, frozenset(units), digits)


def differ(question: str, quotes: Sequence[str]) -> bool:
    """Whether each quote gives one number for what the question counts, and they are not one.

    A quote counts only if it has most of what the question is about. Numbers that one may be a
    rounding of the other do not differ.
    """
    found = [figure for quote in quotes if (figure := _asked(question, quote)) is not None]
    return any(
        not _same(one, other) for place, one in enumerate(found) for other in found[place + 1 :]
    )


def _asked(question: str, quote: str) -> Figure | None:
    """The one number in the quote that the question asks for, or None."""
    unit = _unit(question)
    if unit is None or not _is_about(question, quote):
        return None
    fitting = [figure for figure in read_figures(quote) if figure.units & unit]
    values = {figure.value for figure in fitting}
    return fitting[0] if len(values) == 1 else None


def _unit(question: str) -> frozenset[str] | None:
    """What is counted: the noun behind "how many", else money or a share; None if no number is."""
    lowered = question.lower()
    if found := _HOW_MANY.search(lowered):
        return _stems([found["unit"]]) | (
            _stems(_DEAD) if found["unit"] in _PEOPLE else frozenset()
        )
    if re.search(r"\b(?:toll|casualties|fatalities)\b", lowered):
        return _stems(_PEOPLE) | _stems(_DEAD)
    if re.search(r"\bper ?cent|%|\bpercentage|\bshare\b|\bproportion", lowered):
        return frozenset({"%"})
    if kind_asked(question) is Kind.NUMBER and re.search(
        r"\bhow much\b|\b(?:cost|price|amount)\b", lowered
    ):
        return frozenset({"$"})
    return None


def _stems(words: Iterable[str]) -> frozenset[str]:
    """All names of what is counted under several."""
    told = set(words)
    for group in (_PEOPLE, _DEAD):
        if told & set(group):
            told |= set(group)
    return frozenset(stem for word in told for stem in _ANALYZER.terms(word))


def _is_about(question: str, quote: str) -> bool:
    """Whether it has all that the question names, and nearly all of its words."""
    said = _stems(words(quote))
    named = {stem for name in names(question) for stem in _ANALYZER.terms(name)}
    asked = [_stems([word]) for word in content_words(question.lower()) if word not in _OF_TIME]
    return named <= said and sum(bool(each & said) for each in asked) >= _COVERS * len(asked)


def _value(found: re.Match[str]) -> tuple[float, int]:
    if found["word"]:
        return float(_WORDS[found["word"].lower()]), 2
    digits = found["digits"].replace(",", "")
    scale = _SHORT[found["short"].lower()] if found["short"] else 1.0
    return float(digits) * scale, len(digits.replace(".", ""))


def _same(one: Figure, other: Figure) -> bool:
    """Whether they are equal as far as the rounder of the two is told."""
    if one.value == other.value:
        return True
    told = [_significant(figure.value) for figure in (one, other)]
    kept = min(told)
    if kept < 1 or min(one.value, other.value) < 100:
        return False
    return f"{one.value:.{kept - 1}e}" == f"{other.value:.{kept - 1}e}"


def _significant(value: float) -> int:
    """How many digits stand before the zeros at the end.

    >>> _significant(1100000.0), _significant(1036.0)
    (2, 4)
    """
    digits = f"{value:.9g}".split("e")[0].replace(".", "")
    return len(digits.strip("0")) or 1


@dataclass(frozen=True, slots=True)
class Ordered:
    """What is told, in an order, and whether reports of different times differ in a number."""

    told: tuple[Told, ...]
    order: Order
    reports_differ: bool


def in_time(chosen: Sequence[Told], asked: AskedTime, question: str) -> Ordered:
    """Oldest first for a course of events; newest first for the latest, or where reports differ.

    Of what has no time nothing is known: it stays behind, in its order. Nothing has no order.
    """
    if not chosen:
        return Ordered((), "best", reports_differ=False)
    if _reports_differ(chosen, question):
        return Ordered(_sorted(chosen, newest=True), "newest_first", reports_differ=True)
    if asked.is_course:
        return Ordered(_sorted(chosen, newest=False), "oldest_first", reports_differ=False)
    if asked.lean is Lean.NEWER and len(chosen) > 1:
        return Ordered(_sorted(chosen, newest=True), "newest_first", reports_differ=False)
    return Ordered(tuple(chosen), "best", reports_differ=False)


def moments_of(told: Iterable[Told], most: int) -> list[Told]:
    """Up to so many, in their order, each of another entry of a live blog or passage."""
    found: dict[tuple[str, int], Told] = {}
    for each in told:
        passage = each.located.passage
        start = passage.entry.start if passage.entry else passage.start
        found.setdefault((passage.article_id, start), each)
        if len(found) == most:
            break
    return list(found.values())


def _reports_differ(chosen: Sequence[Told], question: str) -> bool:
    return any(
        _are_apart(_when(one), _when(other)) and differ(question, (_quote(one), _quote(other)))
        for place, one in enumerate(chosen)
        for other in chosen[place + 1 :]
    )


def _quote(told: Told) -> str:
    """What is quoted, with what the passage stands under."""
    return told.located.passage.words(told.span)


def _when(told: Told) -> Moments:
    return moments(told.located.article, told.located.passage.entry)


def _are_apart(one: Moments, other: Moments) -> bool:
    """Whether one is surely earlier than the other."""
    if not (one.is_known and other.is_known):
        return False
    first, then = sorted((one, other), key=_first)
    return first.latest - first.utc_offset <= _first(then)


def _first(when: Moments) -> int:
    return when.earliest - when.utc_offset


def _sorted(chosen: Sequence[Told], *, newest: bool) -> tuple[Told, ...]:
    """By time; what was told at the same time, in its order in the article."""
    known = [each for each in chosen if _when(each).is_known]
    unknown = [each for each in chosen if not _when(each).is_known]
    in_order = sorted(known, key=lambda each: (_first(_when(each)), each.span[0]))
    return (*(reversed(in_order) if newest else in_order), *unknown)


# So many of the best are looked at: further ones only share a word.
_LOOKED_AT = 60
# A passage far less fitting than the best only shares a word with the question.
_AS_FITTING = 0.5


def days(snapshot: Store, ranking: Ranking) -> tuple[tuple[str, int], ...]:
    """ISO days, oldest first, each with how many passages of it match; without undated ones."""
    located = (snapshot.locate(key) for key in _matching(ranking))
    told = (day_of(each.article, each.passage) for each in located)
    return counted(day for day in told if day is not None)


def counted(told: Iterable[str]) -> tuple[tuple[str, int], ...]:
    """Each day with how often it is told, oldest first."""
    return tuple(sorted(Counter(told).items()))


def day_of(article: Article, passage: Passage) -> str | None:
    """The day of a passage, where it is known to the day.

    The entry's own in a live blog, else that of the publication.
    """
    when = (passage.entry.time if passage.entry else None) or article.published or ""
    day = when[:10]
    is_day = len(day) == 10 and day[4] == day[7] == "-"
    return day if is_day else None


def _matching(ranking: Ranking) -> list[int]:
    found = list(ranking.best(_LOOKED_AT))
    if not found:
        return []
    scores = [candidate.score for candidate in found]
    least = scores[0] - _AS_FITTING * (scores[0] - min(scores))
    return [
        each.key
        for each in found
        if each.score >= least and bool(ranking.matches.related[each.place])
    ]
