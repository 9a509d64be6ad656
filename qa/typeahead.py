"""What an archive has for a question that is still being typed: articles and passages, no model.

Titles are compared by the beginnings of their words, passages by BM25, in which the last word
counts as the commonest words that begin with it.
"""

from bisect import bisect
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import accumulate, chain, islice

from index.analysis import Analyzer, content_words, words
from index.article import Article, Passage, Span
from index.period import EVERYTHING, Selection
from index.store import Store
from index.store.base import Listed
from qa.understand.lexicon import fold
from qa.understand.spelling import Speller

# Fewer letters begin too many words.
SHORTEST = 3
_MOST_ARTICLES, _MOST_PASSAGES = 4, 4
# So many passages are looked through for the best of different articles.
_LOOKED_AT = 12
_COMPLETIONS = 8


Allowed = Callable[[Selection, str], Selection]


def allow_all(selection: Selection, _: str) -> Selection:
    """What is allowed where no article is kept from any topic."""
    return selection


@dataclass(frozen=True, slots=True)
class PassageMatch:
    """A passage, and the span of its sentence with the rarest of the words."""

    article: Article
    passage: Passage
    sentence: Span


@dataclass(frozen=True, slots=True)
class Matched:
    """Articles by their titles, and passages, the best first."""

    articles: tuple[Listed, ...] = ()
    passages: tuple[PassageMatch, ...] = ()


class Typeahead:
    """Matches what is typed with one store. Thread-safe."""

    def __init__(self, store: Store, speller: Speller, allowed: Allowed = allow_all) -> None:
        """`allowed` narrows a selection to what may be found for a text."""
        self._store, self._speller, self._allowed = store, speller, allowed
        self._analyzer = Analyzer()

    def match(self, text: str) -> Matched:
        """What matches the text as it is typed; where nothing does, as it may be meant."""
        if len(text.strip()) < SHORTEST:
            return Matched()
        found = self._match(text)
        if found != Matched():
            return found
        spelling = self._speller.read(text)
        return self._match(spelling.text) if spelling else found

    def _match(self, text: str) -> Matched:
        typed = [fold(word) for word in words(text)]
        selection = self._allowed(EVERYTHING, text)
        found = self._titles.beginning(typed)
        titled = (each for each in found if each.number not in selection.without)
        articles = tuple(islice(titled, _MOST_ARTICLES))
        return Matched(articles, tuple(self._passages(text, selection)))

    @cached_property
    def _titles(self) -> "_Titles":
        return _Titles(each for each in self._store.listed() if each.title)

    def _passages(self, text: str, selection: Selection) -> Iterator[PassageMatch]:
        """The best passages of different articles, with every word or the beginning of one."""
        wanted = self._wanted(text)
        terms = [term for each in wanted for term in each]
        seen: set[str] = set()
        for key in self._store.bm25(terms, _LOOKED_AT, selection).tolist():
            located = self._store.locate(key)
            title = located.article.title or ""
            have = set(self._analyzer.terms(f"{title} {located.passage.text}"))
            is_whole = all(have.intersection(each) for each in wanted)
            if not is_whole or located.article.id in seen:
                continue
            seen.add(located.article.id)
            sentence = self._sentence(located.passage, wanted)
            yield PassageMatch(located.article, located.passage, sentence)
            if len(seen) == _MOST_PASSAGES:
                return

    def _wanted(self, text: str) -> list[set[str]]:
        """For each word that carries meaning the terms that stand for it."""
        typed = content_words(text)
        wanted = [set(self._analyzer.terms(word)) for word in typed]
        is_open = bool(text) and text[-1].isalnum()
        if typed and is_open:
            completed = self._speller.beginning(typed[-1], _COMPLETIONS)
            wanted[-1] |= set(self._analyzer.terms(" ".join(completed)))
        return [each for each in wanted if each]

    def _sentence(self, passage: Passage, wanted: Sequence[set[str]]) -> Span:
        """The sentence with the rarest words, those that are typed in full before the last."""
        last = wanted[-1] if len(wanted) > 1 else set[str]()
        terms = list(dict.fromkeys(term for each in wanted for term in each))
        counts = self._store.document_frequency(terms).tolist()
        weights = {term: 1 / max(count, 1) for term, count in zip(terms, counts, strict=True)}

        def weight(span: Span) -> tuple[float, float]:
            text = passage.text[span[0] - passage.start : span[1] - passage.start]
            found = weights.keys() & set(self._analyzer.terms(text))
            return sum(weights[term] for term in found - last), sum(
                weights[term] for term in found & last
            )

        return max(passage.sentences, key=weight)


class _Titles:
    """The titles of an archive as lines of one text, which is searched faster than each alone.

    A line is a title's words, folded, with a space in front of each.
    """

    def __init__(self, listed: Iterable[Listed]) -> None:
        self._listed = list(listed)
        lines = [_spaced(words(each.title or "")) for each in self._listed]
        self._text = "".join(f"\n{line}" for line in lines) + "\n"
        self._starts = list(accumulate((len(line) + 1 for line in lines), initial=1))

    def beginning(self, typed: Sequence[str]) -> Iterator[Listed]:
        """Articles whose titles have a word that begins as each word that was typed.

        What is typed from the title's first word on is most likely meant, and comes first.
        """
        if not typed:
            return
        longest, *others = sorted((f" {word}" for word in typed), key=len, reverse=True)
        begun = self._having(f"\n{_spaced(typed)}")
        having = (place for place in self._having(longest) if self._has(place, others))
        seen: set[int] = set()
        for place in chain(begun, having):
            if place not in seen:
                seen.add(place)
                yield self._listed[place]

    def _having(self, text: str) -> Iterator[int]:
        """The places of the titles that have it, each once."""
        at = self._text.find(text)
        while at >= 0:
            place = bisect(self._starts, at + text.startswith("\n")) - 1
            yield place
            at = self._text.find(text, self._starts[place + 1] - 1)

    def _has(self, place: int, beginnings: Sequence[str]) -> bool:
        """Whether a title has each of them."""
        start, end = self._starts[place], self._starts[place + 1]
        return all(self._text.find(each, start, end) >= 0 for each in beginnings)


def _spaced(title: Sequence[str]) -> str:
    return "".join(f" {fold(word)}" for word in title)
