"""What the rules of the house say of questions: what answers them, and what is never cited.

The owner ties a question and its paraphrases to a sentence of an article, or a topic to articles
that no search for it finds.
"""

import logging
import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Self

import numpy as np

from index.analysis import Analyzer, content_words, names, words
from index.build.rules.model import NeverCited, Pinned
from index.build.rules.reading import PinnedSentence, find_pinned
from index.embed import Vectors
from index.period import Selection
from index.store import Store
from qa.answer import Citation, Question
from qa.understand.query import Kind, QueryEncoder, kind_asked
from qa.understand.topic import plain

_log = logging.getLogger(__name__)

# From these cosines on, a question asks the same as another one: of the same words, and of others.
# Of tests/pinned.jsonl they take 24 of 40 paraphrases and none of 65 questions that ask something
# else in nearly the same words; of all pairs of 1,995 questions of SQuAD 12, two of them wrongly.
SAME_WORDS, OTHER_WORDS = 0.85, 0.95
# Vectors hardly tell a question from one that differs in these.
_TURNING = frozenset("after before did never no nor not until without".split())


@dataclass(frozen=True, slots=True)
class _Wording:
    """What a paraphrase has to have in common with a question, besides its meaning.

    `named` are the terms of names and numbers, `content` those that carry meaning; `turning` are
    the words that turn it into its opposite or another time, `order` is that of the names.
    """

    terms: frozenset[str]
    named: frozenset[str]
    content: frozenset[str]
    kind: Kind | None
    turning: frozenset[str]
    order: tuple[str, ...]

    @classmethod
    def of(cls, text: str, analyzer: Analyzer) -> Self:
        """That of a question."""
        named, content = " ".join(names(text)), " ".join(content_words(text))
        terms, named_terms, content_terms = map(analyzer.terms, (text, named, content))
        return cls(
            frozenset(terms),
            frozenset(named_terms),
            frozenset(content_terms),
            kind_asked(text),
            _TURNING.intersection(words(text)),
            tuple(named_terms),
        )

    def least_cosine(self, other: Self) -> float:
        """From which cosine on the other asks the same; above 1 where it cannot."""
        if not (self.named <= other.terms and other.named <= self.terms):
            return math.inf
        is_turned = set(self.order) == set(other.order) and self.order != other.order
        if is_turned or self.turning != other.turning:
            return math.inf
        is_same = self.content == other.content
        if self.kind != other.kind and (is_same or (self.kind and other.kind)):
            # "When is it closed?" and "Why is it closed?" have the same words.
            return math.inf
        return SAME_WORDS if is_same else OTHER_WORDS


class PinnedAnswers:
    """The pinned answers of one store. Thread-safe."""

    def __init__(self, rules: Iterable[Pinned], store: Store, encoder: QueryEncoder) -> None:
        """A sentence that its article does not have is refused, which is logged."""
        self._encoder = encoder
        self._analyzer = Analyzer()
        sentences = list[PinnedSentence]()
        for each in find_pinned(rules, store):
            if isinstance(each, str):
                _log.warning("a pinned answer is left out: %s", each)
            else:
                sentences.append(each)
        worded = [(text, each) for each in sentences for text in each.pinned.question]
        self._texts = [text for text, _ in worded]
        self._wordings = [_Wording.of(text, self._analyzer) for text in self._texts]
        self._answers = [_citation(each) for _, each in worded]
        # The first of two that pin one question counts.
        self._places = {plain(text): place for place, text in reversed([*enumerate(self._texts)])}

    def find(self, question: Question) -> Citation | None:
        """What is pinned to the question; None where it is narrowed, as that is to be searched."""
        if not self._texts or question.within or not question.selection.is_everything:
            return None
        place = self._places.get(plain(question.text))
        if place is None:
            place = self._like(question.text)
        return None if place is None else self._answers[place]

    def _like(self, text: str) -> int | None:
        """The place of the pinned question that this one is a paraphrase of."""
        wording = _Wording.of(text, self._analyzer)
        least = np.array([each.least_cosine(wording) for each in self._wordings])
        above = self._vectors @ self._encoder.encode_queries([text])[0] - least
        place = int(np.argmax(above))
        return place if above[place] >= 0 else None

    @cached_property
    def _vectors(self) -> Vectors:
        return self._encoder.encode_queries(self._texts)


def _citation(sentence: PinnedSentence) -> Citation:
    start, end = sentence.span
    return Citation(
        number=1,
        passage=sentence.passage,
        article=sentence.article,
        quote=sentence.article.text[start:end],
        quote_start=start,
        quote_end=end,
        score=1.0,
    )


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
