"""Articles that the house never cites for a topic: no search for it finds them."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from index.analysis import Analyzer
from index.build.rules.model import NeverCited
from index.period import Selection
from index.store import Store

_Terms = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Topic:
    """The terms of each name of a topic, and the numbers of the articles not cited for it."""

    names: tuple[_Terms, ...]
    articles: frozenset[int]


class NeverCitedFor:
    """The articles of one store that are not cited, by topic. Thread-safe."""

    def __init__(self, rules: Sequence[NeverCited], store: Store) -> None:
        """Looks once through the list of all articles."""
        self._analyzer = Analyzer()
        found: list[set[int]] = [set() for _ in rules]
        for listed in store.listed():
            for rule, numbers in zip(rules, found, strict=True):
                if rule.fits(listed):
                    numbers.add(listed.number)
        self._topics = [
            _Topic(tuple(tuple(self._analyzer.terms(name)) for name in rule.topic), frozenset(all_))
            for rule, all_ in zip(rules, found, strict=True)
            if all_
        ]

    def allowed(self, selection: Selection, *worded: str) -> Selection:
        """The selection without what is not cited for a question, given in several wordings.

        A question is about a topic if all words of one of its names stand in it, side by side.
        """
        if not self._topics:
            return selection
        said = [self._analyzer.terms(each) for each in worded]
        barred = frozenset[int]().union(
            *(each.articles for each in self._topics if _mentions(said, each.names))
        )
        return replace(selection, without=selection.without | barred) if barred else selection


def _mentions(said: Iterable[Sequence[str]], names: Iterable[_Terms]) -> bool:
    return any(_holds(terms, name) for terms in said for name in names)


def _holds(terms: Sequence[str], name: _Terms) -> bool:
    places = range(len(terms) - len(name) + 1)
    return bool(name) and any(tuple(terms[at : at + len(name)]) == name for at in places)
