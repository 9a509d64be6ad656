"""How well a passage fits a question: plain measures, of about the same size."""

import math
from collections import Counter
from dataclasses import dataclass
from itertools import pairwise
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from index.catalogue import StoredPassage
from index.embed import Vectors, front_of
from index.lexical import Analyzer, LexicalIndex
from qa.kinds import Kind, kind_asked, offers
from qa.terms import content_words, names

Pair = tuple[str, str]
_IN_FRONT = 0.2
_Item = TypeVar("_Item", str, Pair)


@dataclass(frozen=True, slots=True)
class Query:
    """A question as search uses it.

    `weights` are the content terms with their inverse document frequency; `pairs` are
    neighbouring terms of which one at least is a content term, weighted by those; `names` are
    the terms of what the question calls by name; `kind` is what it asks for, if that can be told.
    """

    text: str
    vector: Vectors
    weights: dict[str, float]
    pairs: dict[Pair, float]
    names: frozenset[str]
    kind: Kind | None


@dataclass(frozen=True, slots=True)
class Evidence:
    """What speaks for a passage. Cosines of vectors; BM25 divided by ten; shares of weight.

    `sentence_coverage` is the share of the question's terms, by weight, in its best sentence and
    what stands in front, `coverage` in the whole passage, `phrase` the share of its pairs.
    `missing_name` is 1 where the passage leaves out something that the question names.
    """

    passage_cosine: float
    sentence_cosine: float
    bm25: float
    sentence_coverage: float
    coverage: float
    phrase: float
    missing_name: float

    def values(self) -> NDArray[np.float64]:
        """In the order of the fields, shape (7,)."""
        return np.array(
            [
                self.passage_cosine,
                self.sentence_cosine,
                self.bm25,
                self.sentence_coverage,
                self.coverage,
                self.phrase,
                self.missing_name,
            ]
        )


@dataclass(frozen=True, slots=True)
class SentenceEvidence:
    """What speaks for each sentence of a passage, arrays of shape (sentences,).

    `coverage` and `phrase` are shares of weight; `offers` is 1 where the sentence holds the kind
    of thing that the question asks for.
    """

    cosine: NDArray[np.float32]
    coverage: NDArray[np.float64]
    phrase: NDArray[np.float64]
    offers: NDArray[np.float64]


def read_query(text: str, vector: Vectors, analyzer: Analyzer, lexical: LexicalIndex) -> Query:
    """Weigh the terms of a question by how rare they are in the archive.

    The weight is BM25's inverse document frequency, ln(1 + (N - n + 0.5) / (n + 0.5)).
    """
    terms = analyzer.terms(text)
    content = set(analyzer.terms(" ".join(content_words(text)))) or set(terms)
    weights = {term: _rarity(term, lexical) for term in dict.fromkeys(terms) if term in content}
    pairs = {
        pair: weight
        for pair in pairwise(terms)
        if (weight := sum(weights.get(term, 0.0) for term in pair)) > 0
    }
    named = frozenset(term for name in names(text) for term in analyzer.terms(name))
    return Query(text, vector, weights, pairs, named, kind_asked(text))


def _rarity(term: str, lexical: LexicalIndex) -> float:
    total = len(lexical)
    holding = min(lexical.document_frequency(term), total)
    return math.log(1 + (total - holding + 0.5) / (holding + 0.5))


def weigh_sentences(query: Query, stored: StoredPassage, analyzer: Analyzer) -> SentenceEvidence:
    """The evidence for each sentence by its own words alone."""
    terms = _sentence_terms(stored, analyzer)
    front = set(analyzer.terms(front_of(stored.worded.title, stored.worded.passage)))
    weights = _local_weights(query, terms, front)
    pairs = {
        pair: weight * (_IN_FRONT if front.issuperset(pair) else 1)
        for pair, weight in query.pairs.items()
    }
    kind = query.kind
    return SentenceEvidence(
        cosine=stored.sentence_vectors @ query.vector,
        coverage=np.array([_share(weights, set(one)) for one in terms]),
        phrase=np.array([_share(pairs, set(pairwise(one))) for one in terms]),
        offers=np.array(
            [kind is not None and offers(one, kind, query.text) for one in _sentences(stored)],
            dtype=np.float64,
        ),
    )


def _local_weights(query: Query, sentences: list[list[str]], front: set[str]) -> dict[str, float]:
    """The weights as they tell the sentences of one passage apart.

    A term that many of them hold tells little, and so does one of the title or heading: what all
    the article is about need not be said again where it is answered.
    """
    holding = Counter(term for terms in sentences for term in set(terms))
    return {
        term: weight
        * math.log(1 + len(sentences) / max(1, holding[term]))
        * (_IN_FRONT if term in front else 1)
        for term, weight in query.weights.items()
    }


def weigh_passage(
    query: Query, stored: StoredPassage, cosine: float, bm25: float, analyzer: Analyzer
) -> Evidence:
    """The evidence for a passage."""
    worded = stored.worded
    front = set(analyzer.terms(front_of(worded.title, worded.passage)))
    sentences = _sentence_terms(stored, analyzer)
    everything = front.union(*sentences)
    pairs = {pair for terms in sentences for pair in pairwise(terms)}
    return Evidence(
        passage_cosine=cosine,
        sentence_cosine=best_sentence_cosine(query, stored),
        bm25=bm25 / 10,
        sentence_coverage=max(_share(query.weights, front.union(terms)) for terms in sentences),
        coverage=_share(query.weights, everything),
        phrase=_share(query.pairs, pairs),
        missing_name=float(not query.names <= everything),
    )


def best_sentence_cosine(query: Query, stored: StoredPassage) -> float:
    """The cosine of the question and the nearest sentence."""
    return float((stored.sentence_vectors @ query.vector).max())


def _sentence_terms(stored: StoredPassage, analyzer: Analyzer) -> list[list[str]]:
    return [analyzer.terms(sentence) for sentence in _sentences(stored)]


def _sentences(stored: StoredPassage) -> list[str]:
    passage = stored.worded.passage
    return [passage.words(span) for span in passage.sentences]


def _share(weights: dict[_Item, float], present: set[_Item]) -> float:
    total = sum(weights.values())
    if total == 0:
        return 0.0
    return sum(weight for item, weight in weights.items() if item in present) / total
