"""A store without the articles that nobody may read yet."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from index.analysis import Codes
from index.article import Article
from index.dates import begun_everywhere
from index.embed import Vectors
from index.forms.taught import Form
from index.keys import Keys
from index.period import Days, Selection
from index.store import Embargo, Listed, Located, PassageRows, PassageTerms, Store, StoreInfo

Clock = Callable[[], datetime]


def utc_now() -> datetime:
    """The moment it is."""
    return datetime.now(UTC)


def without_embargoed(store: Store, clock: Clock = utc_now) -> Store:
    """The store as it may be read at each moment: itself, where nothing in it has an embargo."""
    return EmbargoedStore(store, clock) if store.embargoes() else store


def held_back(store: Store) -> frozenset[int]:
    """Numbers of the articles that nobody may read yet."""
    return store.held if isinstance(store, EmbargoedStore) else frozenset()


@dataclass(frozen=True, slots=True)
class _Held:
    """The articles under an embargo until `until`, when the first of them can be read."""

    embargoes: tuple[Embargo, ...]
    until: datetime | None

    @property
    def numbers(self) -> frozenset[int]:
        return frozenset(each.number for each in self.embargoes)


class EmbargoedStore:
    """A store that finds an article from the end of its embargo on. Thread-safe.

    Until then the article counts in figures of the whole, such as `info.counts`; no word of it, nor
    its title, source or address, comes out. Keys must be those that its own searches found.
    """

    def __init__(self, store: Store, clock: Clock) -> None:
        self._store, self._clock = store, clock
        self._held_back = self._held_at(clock())
        self._hidden_sources = lru_cache(1)(self._find_hidden_sources)

    @property
    def info(self) -> StoreInfo:
        """What it holds and how it was made."""
        return self._store.info

    @property
    def days(self) -> Days:
        """The days that its passages are from."""
        return self._store.days

    @property
    def mean_article_terms(self) -> float:
        """Mean number of terms per article, titles and headings of passages included."""
        return self._store.mean_article_terms

    def nearest(self, query: Vectors, limit: int, selection: Selection) -> Keys:
        """Keys of up to `limit` passages of the selection by cosine, best first."""
        return self._store.nearest(query, limit, self._allowed(selection))

    def bm25(self, terms: Iterable[str], limit: int, selection: Selection) -> Keys:
        """Keys of up to `limit` passages of the selection by BM25, best first."""
        return self._store.bm25(terms, limit, self._allowed(selection))

    def document_frequency(self, terms: Sequence[str]) -> NDArray[np.int64]:
        """How many passages contain each term."""
        return self._store.document_frequency(terms)

    def spellings(self) -> Sequence[tuple[str, int]]:
        """Every word in lower case, and how many passages that all may read spell it so."""
        return self._store.spellings()

    def forms(self) -> Sequence[Form]:
        """Every short or joined form that a passage which all may read teaches."""
        return self._store.forms()

    def rows(self, keys: Keys) -> PassageRows:
        """The rows of passages, in the order of `PassageRows.keys`."""
        return self._store.rows(keys)

    def around(self, keys: Keys) -> PassageTerms:
        """The passages around those of the keys."""
        return self._store.around(keys)

    def times(self, keys: Keys) -> NDArray[np.float64]:
        """When passages are from; see `Store.times`."""
        return self._store.times(keys)

    def word_vectors(self, codes: Codes) -> Vectors:
        """The unit vectors of words by their codes; zeros for unknown ones."""
        return self._store.word_vectors(codes)

    def locate(self, key: int) -> Located:
        """The passage of a key, with its article. Raises DamagedError as the store does."""
        return self._store.locate(key)

    def located(self, keys: Sequence[int]) -> Sequence[Located]:
        """The passages of several keys, in their order. Raises DamagedError as the store does."""
        return self._store.located(keys)

    def article(self, article_id: str) -> Article | None:
        """The article of this id, or None."""
        return self._readable(self._store.article(article_id))

    def article_numbered(self, number: int) -> Article | None:
        """The article of this number, or None."""
        return self._readable(self._store.article_numbered(number))

    def articles_at(self, url: str | None) -> tuple[int, ...]:
        """Numbers of the articles with this address, latest first."""
        held = self._held.numbers
        return tuple(each for each in self._store.articles_at(url) if each not in held)

    def listed(self) -> Iterator[Listed]:
        """Every article without its text, last added first."""
        held = self._held.numbers
        return (each for each in self._store.listed() if each.number not in held)

    def passage_count(self, number: int) -> int:
        """How many passages the article of this number has."""
        return self._store.passage_count(number)

    def titles(self) -> Iterator[str]:
        """Titles of articles, newest first."""
        held = {
            article.title
            for article in map(self._store.article_numbered, self._held.numbers)
            if article
        }
        return (each for each in self._store.titles() if each not in held)

    def sources(self) -> list[str]:
        """The names of all sources, in alphabetical order."""
        hidden = self._hidden_sources(self._held)
        return [each for each in self._store.sources() if each not in hidden]

    def embargoes(self) -> Sequence[Embargo]:
        """Those that are over."""
        held = self._held.numbers
        return [each for each in self._store.embargoes() if each.number not in held]

    def close(self) -> None:
        """Close what is open."""
        self._store.close()

    @property
    def held(self) -> frozenset[int]:
        """Numbers of the articles that nobody may read yet."""
        return self._held.numbers

    @property
    def _held(self) -> _Held:
        until = self._held_back.until
        if until is not None and until <= self._clock():
            self._held_back = self._held_at(self._clock())
        return self._held_back

    def _held_at(self, now: datetime) -> _Held:
        ends = {each: begun_everywhere(each.until) for each in self._store.embargoes()}
        held = {each: end for each, end in ends.items() if end > now}
        return _Held(tuple(held), min(held.values(), default=None))

    def _allowed(self, selection: Selection) -> Selection:
        held = self._held.numbers
        return replace(selection, without=selection.without | held) if held else selection

    def _readable(self, article: Article | None) -> Article | None:
        if article is None or article.embargo is None:
            return article
        return article if begun_everywhere(article.embargo) <= self._clock() else None

    def _find_hidden_sources(self, held: _Held) -> frozenset[str]:
        """Sources of which nothing can be read: no passage of them is left to be found."""
        any_vector = np.zeros(self.info.model.dimension, np.float32)
        return frozenset(
            source
            for source in {each.source for each in held.embargoes if each.source}
            if not len(self.nearest(any_vector, 1, Selection(source=source)))
        )
