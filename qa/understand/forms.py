"""Other ways to write what a question says, as far as the archive writes them so.

Forms are taught by the archive ("Wi-Fi", "World Health Organization (WHO)"), usual, or the owner's
synonyms; numbers are written in figures and words, words joined and split.
"""

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from itertools import pairwise

from index.analysis import Analyzer, words
from index.english import FUNCTION_WORDS
from index.forms.folding import folded
from index.store import Store
from qa.understand.numbers import numbers_in, writings
from qa.understand.usual import usual_forms

Terms = tuple[str, ...]
# So many forms of one question are looked for; each costs a look at all terms of the candidates.
_MOST = 60
_KEPT = 1024
_LETTERS_AND_DIGITS = re.compile(
    r"(?P<front>[^\W\d_]+)(?P<number>\d+)|(?P<count>\d+)(?P<unit>[^\W\d_]+)"
)


@dataclass(frozen=True, slots=True)
class Variant:
    """Terms that stand for those of the question from `first` up to `end`."""

    first: int
    end: int
    terms: Terms


Same = Mapping[Terms, frozenset[Terms]]


def _equations(groups: Iterable[Iterable[str]]) -> Same:
    """For each form of a group the others."""
    analyzer = Analyzer()
    same = defaultdict[Terms, set[Terms]](set)
    for group in groups:
        forms = {tuple(analyzer.terms(each)) for each in group} - {()}
        for form in forms if len(forms) > 1 else ():
            same[form] |= forms - {form}
    return {form: frozenset(others) for form, others in same.items()}


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
        self._same = _merged(_usual(), _equations((*store.forms(), *synonyms)))
        self._longest = max(map(len, self._same), default=0)
        # One question is searched several times.
        self.variants = lru_cache(_KEPT)(self._variants)

    def _variants(self, text: str) -> tuple[Variant, ...]:
        """What else may stand in an article for the terms of the text, each once.

        A variant has only terms that the archive has.
        """
        text = folded(text)
        said = self._analyzer.terms(text)
        found = dict.fromkeys(
            each
            for each in (*self._of_numbers(text), *self._equal(said), *self._regrouped(text, said))
            if each.terms != tuple(said[each.first : each.end])
        )
        return tuple(self._held(list(found))[:_MOST])

    def _equal(self, said: Sequence[str]) -> Iterator[Variant]:
        """The same by another name."""
        for first in range(len(said)):
            for end in range(first + 1, min(first + self._longest, len(said)) + 1):
                for terms in self._same.get(tuple(said[first:end]), ()):
                    yield Variant(first, end, terms)

    def _of_numbers(self, text: str) -> Iterator[Variant]:
        """The same numbers, with and without a unit."""
        for number in numbers_in(text):
            first, end = (len(self._analyzer.terms(text[:at])) for at in number.span)
            for writing in writings(number.value):
                yield Variant(first, end, tuple(self._analyzer.terms(writing)))

    def _regrouped(self, text: str, said: Sequence[str]) -> Iterator[Variant]:
        """Neighbours as one word, and letters and digits as two."""
        spelt = words(text)
        # Where a word has other terms than one, places would differ.
        if len(spelt) != len(said):
            return
        for place, word in enumerate(spelt):
            if parts := _LETTERS_AND_DIGITS.fullmatch(word):
                yield from self._apart(place, [each for each in parts.groups() if each])
        for place, pair in enumerate(pairwise(spelt)):
            yield from self._together(place, pair, said[place + 1])

    def _apart(self, place: int, parts: Sequence[str]) -> Iterator[Variant]:
        front, back = (tuple(self._analyzer.terms(each)) for each in parts)
        for other in (back, *self._same.get(back, ())):
            yield Variant(place, place + 1, (*front, *other))

    def _together(self, place: int, pair: tuple[str, str], second: str) -> Iterator[Variant]:
        """One word of two; a number with the sign of its unit.

        Function words are no halves of words, unless a number stands beside them.
        """
        one, other = pair
        if one.isdigit():
            units = (each[0] for each in self._same.get((second,), ()) if len(each) == 1)
            for unit in (other, *units):
                yield Variant(place, place + 2, (f"{one}{unit}",))
        elif other.isdigit() or FUNCTION_WORDS.isdisjoint(pair):
            terms = tuple(self._analyzer.terms(one + other))
            yield Variant(place, place + 2, terms)

    def _held(self, variants: Sequence[Variant]) -> list[Variant]:
        """Those of which the archive has every term."""
        terms = list(dict.fromkeys(term for each in variants for term in each.terms))
        counts = self._store.document_frequency(terms).tolist()
        held = {term for term, count in zip(terms, counts, strict=True) if count}
        return [each for each in variants if held.issuperset(each.terms)]
