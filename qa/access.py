"""Who may read what: the one place that decides, between the index and all that shows it.

An article under an embargo is found by nobody yet. One for members is found and cited, and shown to
others only as it begins, whatever is asked: of what answers, many questions would gather the whole.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from index.analysis import Codes
from index.article import VISIBILITIES, Article, Passage
from index.dates import begun_everywhere
from index.embed import Vectors
from index.forms.taught import Form
from index.keys import Keys
from index.period import Days, Selection
from index.store import Embargo, Listed, Located, PassageRows, PassageTerms, Store, StoreInfo
from qa.answer import Answer, AnsweredPart, Citation, Hit
from qa.typeahead import Matched

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


DEFAULT_SNIPPET = 200

_is_member: ContextVar[bool] = ContextVar("is a member", default=False)


@contextmanager
def as_member() -> Iterator[None]:
    """In the block, and in threads it starts work in, everything is read by a member."""
    token = _is_member.set(True)
    try:
        yield
    finally:
        _is_member.reset(token)


@dataclass(frozen=True, slots=True)
class Snippets:
    """What the reader who is served may read. Others than members read `length` characters."""

    length: int = DEFAULT_SNIPPET

    def article(self, article: Article | None) -> Article | None:
        """The article, or how it begins."""
        if article is None or _may_read(article):
            return article
        return article.excerpt(self.length)

    def answer(self, answer: Answer) -> Answer:
        """The answer; an article that may not be read is cited once, with how it begins."""
        cited = (*answer.citations, *answer.nearest)
        if all(_may_read(each.article) for each in cited):
            return answer
        citations, places = self._citations(answer.citations)
        nearest, _ = self._citations(answer.nearest)
        parts = tuple(_renumbered(part, places) for part in answer.parts)
        return replace(answer, citations=citations, nearest=nearest, parts=parts)

    def hits(self, hits: Iterable[Hit], find: Callable[[str], Article | None]) -> list[Hit]:
        """The passages; of an article that may not be read only how it begins, once.

        `find` gives the article of an id.
        """
        shown: dict[str, Hit] = {}
        for hit in hits:
            article = find(hit.passage.article_id)
            if article is None:
                continue
            passage = hit.passage if _may_read(article) else beginning(article.excerpt(self.length))
            shown.setdefault(passage.id, replace(hit, passage=passage))
        return list(shown.values())

    def matched(self, matched: Matched) -> Matched:
        """What is offered while a question is typed: no passage of what may not be read.

        Else each word that is typed would tell whether the article has it.
        """
        if all(_may_read(each.article) for each in matched.passages):
            return matched
        passages = tuple(each for each in matched.passages if _may_read(each.article))
        return replace(matched, passages=passages)

    def _citations(
        self, citations: Sequence[Citation]
    ) -> tuple[tuple[Citation, ...], Mapping[int, int]]:
        """The citations, each once, and their numbers by the numbers that they had."""
        shown: dict[tuple[str, int, int], Citation] = {}
        places: dict[int, int] = {}
        for each in citations:
            cited = each if _may_read(each.article) else self._excerpt(each)
            place = (cited.article.id, *cited.quote_span)
            held = shown.setdefault(place, replace(cited, number=len(shown) + 1))
            places[each.number] = held.number
        return tuple(shown.values()), places

    def _excerpt(self, citation: Citation) -> Citation:
        article = citation.article.excerpt(self.length)
        passage = beginning(article)
        return Citation(
            number=citation.number,
            passage=passage,
            article=article,
            quote=passage.text,
            quote_start=passage.start,
            quote_end=passage.end,
            score=citation.score,
        )


def _renumbered(part: AnsweredPart, places: Mapping[int, int]) -> AnsweredPart:
    return replace(part, numbers=tuple(dict.fromkeys(places[each] for each in part.numbers)))


def _may_read(article: Article) -> bool:
    return article.visibility == "public" or _is_member.get()


def as_closed_as(former: Article, present: Article) -> Article:
    """A former version, for those alone who may read the present one, and might then read it."""
    visibility = max(former.visibility, present.visibility, key=VISIBILITIES.index)
    return replace(former, visibility=visibility)


def beginning(article: Article) -> Passage:
    """All of an excerpt as one passage."""
    end = len(article.text)
    return Passage(article.id, 0, end, article.text, ((0, end),))
