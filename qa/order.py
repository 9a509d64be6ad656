"""The order of citations in time, reports that differ in a number, and the days with matches."""

import re
from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from index.analysis import Analyzer, content_words, words
from index.article import Article, Passage, Span
from index.english import MONTH_PATTERN, NUMBERS
from index.keys import number_of
from index.period import Moments
from index.store import Store
from qa.answer import Order, Understood
from qa.cite import QuotedSentence
from qa.rank.matching import Flags, Floats, share
from qa.search import Ranking
from qa.timex.extract import AskedTime, Lean

# Not in a date, a clock time, a score or the name of a model: those do not count anything.
_NUMBER = re.compile(
    r"(?<![\w.,/:$€£-])(?P<digits>\d{1,3}(?:,\d{3})+|\d+)(?![\w/:%]|[.,-]\d)|\b(?P<word>"
    + "|".join(NUMBERS)
    + r")\b",
    re.IGNORECASE,
)
_YEARS = range(1000, 2100)
_MARK = re.compile(r"[^\w\s'’-]")
_HOW_MANY = re.compile(r"\bhow many (?:(?:more|other|of the) )?(?P<unit>[a-z]+)", re.IGNORECASE)
_TOLL = re.compile(r"\b(?:toll|casualties|fatalities)\b", re.IGNORECASE)
# People, and the dead, are counted under many names.
_PEOPLE = "people person persons men women children civilians soldiers".split()
_DEAD = "dead killed died deaths death toll casualties victims fatalities".split()
# Words about the time of the report are not part of what is counted.
_OF_TIME = frozenset("latest recent recently newest currently far date now present".split())
# A number counts what the next two content words name.
_NAMED = 2
# A bound that the other number keeps is no other report. "At least" is how tolls are told.
_OPEN_ABOVE = re.compile(r"\b(?:more than|over|above|exceed\w*)\s+$", re.IGNORECASE)
_OPEN_BELOW = re.compile(
    r"\b(?:fewer than|less than|under|below|up to|as many as)\s+$", re.IGNORECASE
)
_ABOUT = re.compile(
    r"\b(?:nearly|almost|about|around|some|roughly|approximately)\s+$", re.IGNORECASE
)
_ROUGHLY = 0.1
# "In May" and "in June" are two things.
_TIME = re.compile(rf"\b(?:{MONTH_PATTERN}|1\d{{3}}|20\d\d)\b", re.IGNORECASE)
# Smaller numbers are exact; larger ones may be rounded in one report and not in another.
_ROUNDED = 100
_ANALYZER = Analyzer()
# How many of the best are looked at: later ones only share a word.
_LOOKED_AT = 60
# A passage that scores far below the best only shares a word with the question.
_AS_FITTING = 0.5
# An article with less of the question's terms, by weight, is about something else.
_MOST_OF_IT = 0.5


@dataclass(frozen=True, slots=True)
class Ordered:
    """Quotes in order, and whether reports from different times differ in a number."""

    quoted: tuple[QuotedSentence, ...]
    order: Order
    reports_differ: bool


def in_time(chosen: Sequence[QuotedSentence], asked: AskedTime, understood: Understood) -> Ordered:
    """Oldest first for a course of events; newest first for the latest, or if reports differ.

    Quotes without a time come last, in their order.
    """
    if not chosen:
        return Ordered((), "best", reports_differ=False)
    if _reports_differ(chosen, understood):
        return Ordered(_sorted(chosen, newest=True), "newest_first", reports_differ=True)
    if asked.is_course:
        return Ordered(_sorted(chosen, newest=False), "oldest_first", reports_differ=False)
    if asked.lean is Lean.NEWER and len(chosen) > 1:
        return Ordered(_sorted(chosen, newest=True), "newest_first", reports_differ=False)
    return Ordered(tuple(chosen), "best", reports_differ=False)


def moments_of(quoted: Iterable[QuotedSentence], most: int) -> list[QuotedSentence]:
    """Up to `most`, in order, each from a different live blog entry or passage."""
    found: dict[tuple[str, int], QuotedSentence] = {}
    for each in quoted:
        passage = each.located.passage
        start = passage.entry.start if passage.entry else passage.start
        found.setdefault((passage.article_id, start), each)
        if len(found) == most:
            break
    return list(found.values())


def _reports_differ(chosen: Sequence[QuotedSentence], understood: Understood) -> bool:
    question, carried = understood.whole or understood.text, " ".join(understood.carried)
    return any(
        _are_apart(one.located.when, other.located.when)
        and _name_the_same(carried, _quote(one), _quote(other))
        and differ(question, _quote(one), _quote(other))
        for place, one in enumerate(chosen)
        for other in chosen[place + 1 :]
    )


def _quote(quoted: QuotedSentence) -> str:
    return quoted.located.passage.words(quoted.span)


def _are_apart(one: Moments, other: Moments) -> bool:
    """Whether one is certainly earlier than the other."""
    if not (one.is_known and other.is_known):
        return False
    first, then = sorted((one, other), key=_first)
    return first.latest - first.utc_offset <= _first(then)


def _first(when: Moments) -> int:
    return when.earliest - when.utc_offset


def _sorted(chosen: Sequence[QuotedSentence], *, newest: bool) -> tuple[QuotedSentence, ...]:
    """By time; at the same time, in order of the article."""
    known = [each for each in chosen if each.located.when.is_known]
    unknown = [each for each in chosen if not each.located.when.is_known]
    in_order = sorted(known, key=lambda each: (_first(each.located.when), each.span[0]))
    return (*(reversed(in_order) if newest else in_order), *unknown)


def differ(question: str, one: str, other: str) -> bool:
    """Whether two quotes give different numbers for what the question counts.

    Each must have the question's words and one number of what it counts, which is not in the other
    quote, not a rounding of the other number nor a bound that it keeps. Quotes of other months or
    years tell of other things. `tests/reports.jsonl` has cases.

    >>> differ("How many men died?", "There 12 men died.", "There 31 men died.")
    True
    """
    unit = _unit(question)
    if unit is None or not (_is_about(question, one) and _is_about(question, other)):
        return False
    first, second = _asked(unit, one), _asked(unit, other)
    if first is None or second is None or first.may_be(second) or _are_of_other_times(one, other):
        return False
    return first.value not in _numbers(other) and second.value not in _numbers(one)


def _name_the_same(carried: str, one: str, other: str) -> bool:
    """Whether both name the same of what a follow-up carries over; if it does, anything of it.

    All of it, no quote need: "What happened in Varna?" is asked in more words than it is told.

    >>> _name_the_same("happened in Varna", "Three died in Varna.", "In Varna, five died.")
    True
    """
    topic = _stems(content_words(carried.lower()))
    first, second = topic & _stems(words(one)), topic & _stems(words(other))
    return first == second and (bool(first) or not topic)


def _are_of_other_times(one: str, other: str) -> bool:
    """Whether both name months or years, and none that is the other's."""
    times = [
        # A month is named in full or by its first three letters.
        {word if word.isdigit() else word[:3].lower() for word in _TIME.findall(quote)}
        for quote in (one, other)
    ]
    return all(times) and times[0].isdisjoint(times[1])


@dataclass(frozen=True, slots=True)
class _Count:
    """A number that counts something, and the words before it."""

    value: int
    before: str

    def may_be(self, other: "_Count") -> bool:
        """Whether both may tell of the same number."""
        return _is_rounding(self.value, other.value) or self._allows(other) or other._allows(self)

    def _allows(self, other: "_Count") -> bool:
        if _OPEN_ABOVE.search(self.before):
            return other.value >= self.value
        if _OPEN_BELOW.search(self.before):
            return other.value <= self.value
        near = abs(self.value - other.value) <= _ROUGHLY * max(self.value, other.value)
        return near and _ABOUT.search(self.before) is not None


def _asked(unit: frozenset[str], quote: str) -> _Count | None:
    """The single number in the quote that counts this, or None."""
    found = [
        _Count(value, quote[:start])
        for value, (start, end) in _numbers(quote).items()
        if not unit.isdisjoint(_stems(content_words(_MARK.split(quote[end:], 1)[0])[:_NAMED]))
    ]
    return found[0] if len(found) == 1 else None


def _numbers(quote: str) -> dict[int, Span]:
    """The numbers that may count something, and where each stands."""
    found = dict[int, Span]()
    for match in _NUMBER.finditer(quote):
        value = (
            NUMBERS[match["word"].lower()]
            if match["word"]
            else int(match["digits"].replace(",", ""))
        )
        if "," in match[0] or value not in _YEARS:
            found[value] = match.span()
    return found


def _unit(question: str) -> frozenset[str] | None:
    """What is counted: the noun after "how many", or the dead; None if nothing is."""
    if found := _HOW_MANY.search(question):
        unit = found["unit"].lower()
        return _stems([unit, *(_DEAD if unit in _PEOPLE else ())])
    return _stems([*_PEOPLE, *_DEAD]) if _TOLL.search(question) else None


def _stems(words: Iterable[str]) -> frozenset[str]:
    """The stems of the words and of their synonyms for people and the dead."""
    known = set(words)
    for group in (_PEOPLE, _DEAD):
        if known & set(group):
            known |= set(group)
    return frozenset(stem for word in known for stem in _ANALYZER.terms(word))


def _is_about(question: str, quote: str) -> bool:
    """Whether it has all words of the question that say what is counted."""
    said = _stems(words(quote))
    asked = [_stems([word]) for word in content_words(question.lower()) if word not in _OF_TIME]
    return all(each & said for each in asked)


def _is_rounding(one: int, other: int) -> bool:
    """Whether they are equal to the precision of the rounder one.

    >>> _is_rounding(1000, 1036), _is_rounding(12, 31)
    (True, False)
    """
    if one == other:
        return True
    kept = min(len(str(value).rstrip("0")) for value in (one, other))
    return min(one, other) >= _ROUNDED and f"{one:.{kept - 1}e}" == f"{other:.{kept - 1}e}"


def days(
    store: Store, ranking: Ranking, cited: Collection[str] = ()
) -> tuple[tuple[str, int], ...]:
    """ISO days, oldest first, each with how many passages of it match; without undated ones.

    Only articles count whose ids are `cited`, or that are about what is asked.
    """
    about = _articles_about(ranking)
    found = (
        day_of(each.article, each.passage)
        for each in store.located(matching(ranking))
        if each.article.id in cited or number_of(each.key) in about
    )
    return counted(day for day in found if day is not None)


def _articles_about(ranking: Ranking) -> set[int]:
    """The numbers of articles whose passages have most of the question, and of its names."""
    present = dict[int, Flags]()
    for each in ranking.best(_LOOKED_AT):
        has = (each.sentences.terms == 1).any(axis=0) | (each.sentences.front == 1)
        number = number_of(each.key)
        present[number] = has | present.get(number, has)
    weights, names = ranking.query.weights, ranking.query.names
    return {
        number
        for number, has in present.items()
        if _has_most(weights, has) and (not names.any() or _has_most(weights * names, has))
    }


def _has_most(weights: Floats, has: Flags) -> bool:
    return float(share(weights, has[np.newaxis])[0]) >= _MOST_OF_IT


def counted(found: Iterable[str]) -> tuple[tuple[str, int], ...]:
    """Each day with how often it occurs, oldest first."""
    return tuple(sorted(Counter(found).items()))


def day_of(article: Article, passage: Passage) -> str | None:
    """The day of a passage, or None if it is not known to the day.

    In a live blog the entry's, else that of publication.
    """
    when = (passage.entry.time if passage.entry else None) or article.published or ""
    day = when[:10]
    is_day = len(day) == 10 and day[4] == day[7] == "-"
    return day if is_day else None


def matching(ranking: Ranking) -> list[int]:
    """The keys of passages that have to do with what is asked, best first."""
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
