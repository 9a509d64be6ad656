"""Other ways to write what a question says, as far as the archive writes them so.

Forms are taught by the archive ("Wi-Fi", "World Health Organization (WHO)"), usual, or the owner's
synonyms; numbers are written in figures and words, words joined and split. Usual are the names and
initials of countries and bodies, by CLDR, which babel brings, and ISO 3166, and units of measure.
"""

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache, lru_cache
from itertools import pairwise

import iso3166
from babel import Locale

from index.analysis import WORD, Analyzer
from index.english import ABBREVIATIONS, FUNCTION_WORDS, WRITTEN_OUT
from index.forms.folding import folded
from index.store import Store
from qa.understand.lexicon import english
from qa.understand.numbers import numbers_in, writings

Terms = tuple[str, ...]
# So many forms of one question are looked for; each costs a look at all terms of the candidates.
_MOST = 60
_KEPT = 1024
_LETTERS_AND_DIGITS = re.compile(
    r"(?P<front>[^\W\d_]+)(?P<number>\d+)|(?P<count>\d+)(?P<unit>[^\W\d_]+)"
)
Same = Mapping[Terms, frozenset[Terms]]
_WORD = re.compile(r"[^\W\d_]+")
_IN_BRACKETS = re.compile(r"\s*\(.*?\)")
# Other initials of two letters stand for many things.
_OF_TWO_LETTERS = frozenset(("EU", "UK", "UN", "US"))
# "kilometre" and "per cent" in Britain.
_ENGLISH = ("en", "en_GB")


@dataclass(frozen=True, slots=True)
class Variant:
    """Terms that stand for those of the question from `first` up to `end`.

    `counts` says how many passages have each of the terms.
    """

    first: int
    end: int
    terms: Terms
    counts: tuple[int, ...] = ()


def _equations(groups: Iterable[Iterable[str]]) -> Same:
    """For each form of a group the others."""
    analyzer = Analyzer()
    same = defaultdict[Terms, set[Terms]](set)
    for group in groups:
        forms = {tuple(analyzer.terms(each)) for each in group} - {()}
        for form in forms if len(forms) > 1 else ():
            same[form] |= forms - {form}
    return {form: frozenset(others) for form, others in same.items()}


def _is_ambiguous(short: str) -> bool:
    """Whether it is another word in small letters: IS, ARE, MAP; not where folding marks it."""
    return short.isupper() and short.lower() in english() and folded(short) == short


@cache
def _usual() -> Same:
    return _equations(usual_forms())


def _merged(one: Same, other: Same) -> Same:
    return {**one, **other, **{form: one[form] | other[form] for form in one.keys() & other.keys()}}


class Forms:
    """The forms of one store. Thread-safe."""

    def __init__(self, store: Store, synonyms: Iterable[Iterable[str]] = ()) -> None:
        """`synonyms` are groups of words that mean the same, the owner's own."""
        self._store = store
        self._analyzer = Analyzer()
        self._in_capitals = defaultdict[str, set[Terms]](set)
        taught = list[Iterable[str]]()
        for short, long in store.forms():
            if _is_ambiguous(short):
                self._in_capitals[short].add(tuple(self._analyzer.terms(long)))
            else:
                taught.append((short, long))
        self._same = _merged(_usual(), _equations((*taught, *synonyms)))
        # How long the longest is that begins with a term.
        self._longest = defaultdict[str, int](int)
        for form in self._same:
            self._longest[form[0]] = max(self._longest[form[0]], len(form))
        # One question is searched several times.
        self.variants = lru_cache(_KEPT)(self._variants)

    def _variants(self, text: str) -> tuple[Variant, ...]:
        """What else may stand in an article for the terms of the text, each once.

        A variant has only terms that the archive has.
        """
        text = folded(text)
        said = self._analyzer.terms(text)
        spelt = WORD.findall(text)
        # Where a word has other terms than one, places would differ.
        spelt = spelt if len(spelt) == len(said) else []
        found = dict.fromkeys(
            each
            for each in (
                *self._of_numbers(text),
                *self._equal(said),
                *self._spelt_out(spelt),
                *self._regrouped([word.lower() for word in spelt], said),
            )
            if each.terms != tuple(said[each.first : each.end])
        )
        return tuple(self._held(list(found))[:_MOST])

    def _equal(self, said: Sequence[str]) -> Iterator[Variant]:
        """The same by another name."""
        for first, term in enumerate(said):
            longest = self._longest.get(term, 0)
            for end in range(first + 1, min(first + longest, len(said)) + 1):
                for terms in self._same.get(tuple(said[first:end]), ()):
                    yield Variant(first, end, terms)

    def _of_numbers(self, text: str) -> Iterator[Variant]:
        """The same numbers, with and without a unit."""
        for number in numbers_in(text):
            first, end = (len(self._analyzer.terms(text[:at])) for at in number.span)
            for writing in writings(number.value):
                yield Variant(first, end, tuple(self._analyzer.terms(writing)))

    def _spelt_out(self, spelt: Sequence[str]) -> Iterator[Variant]:
        """What a short form stands for that in small letters is another word."""
        if "".join(spelt).isupper():
            return
        for place, word in enumerate(spelt):
            for terms in self._in_capitals.get(word.removesuffix("s"), ()):
                yield Variant(place, place + 1, terms)

    def _regrouped(self, spelt: Sequence[str], said: Sequence[str]) -> Iterator[Variant]:
        """Neighbours as one word, and letters and digits as two."""
        for place, word in enumerate(spelt):
            if parts := _LETTERS_AND_DIGITS.fullmatch(word):
                yield from self._apart(place, [each for each in parts.groups() if each])
        joined = dict[int, str]()
        for place, (one, other) in enumerate(pairwise(spelt)):
            if one.isdigit():
                yield from self._with_unit(place, one, other, said[place + 1])
            # Function words are no halves of words, unless a number stands beside them.
            elif other.isdigit() or FUNCTION_WORDS.isdisjoint((one, other)):
                joined[place] = one + other
        for place, terms in zip(joined, self._terms_of(list(joined.values())), strict=True):
            yield Variant(place, place + 2, terms)

    def _apart(self, place: int, parts: Sequence[str]) -> Iterator[Variant]:
        front, back = (tuple(self._analyzer.terms(each)) for each in parts)
        for other in (back, *self._same.get(back, ())):
            yield Variant(place, place + 1, (*front, *other))

    def _with_unit(self, place: int, number: str, word: str, term: str) -> Iterator[Variant]:
        """A number and the sign of its unit as one word."""
        units = (each[0] for each in self._same.get((term,), ()) if len(each) == 1)
        for unit in (word, *units):
            yield Variant(place, place + 2, (f"{number}{unit}",))

    def _terms_of(self, words: Sequence[str]) -> list[Terms]:
        """The terms of each word, taken all at once: that costs hardly more than one."""
        terms = self._analyzer.terms(" ".join(words))
        if len(terms) == len(words):
            return [(term,) for term in terms]
        return [tuple(self._analyzer.terms(word)) for word in words]

    def _held(self, variants: Sequence[Variant]) -> list[Variant]:
        """Those of which the archive has every term."""
        terms = list(dict.fromkeys(term for each in variants for term in each.terms))
        counts = dict(zip(terms, self._store.document_frequency(terms).tolist(), strict=True))
        # Two words may be too long to be a term as one.
        held = (each for each in variants if each.terms and all(map(counts.get, each.terms)))
        return [replace(each, counts=tuple(counts[term] for term in each.terms)) for each in held]


@cache
def usual_forms() -> tuple[frozenset[str], ...]:
    """Groups of forms that mean the same, such as US, USA, United States; km, kilometers.

    A country or body goes by the initials of its name where these are no word.
    """
    return tuple(each for each in (*_territories(), *_units(), *_written_out()) if len(each) > 1)


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


def _written_out() -> Iterator[frozenset[str]]:
    yield from map(frozenset, WRITTEN_OUT.items())


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
