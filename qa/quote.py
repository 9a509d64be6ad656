"""The sentence of a passage that answers: its span in the article."""

import math
import re
from collections.abc import Iterator, Sequence
from operator import mul

import numpy as np
from numpy.typing import NDArray

from index.analysis import WORD, Analyzer, words
from index.article import Passage, Span
from index.english import DEMONSTRATIVES, FUNCTION_WORDS, PRONOUNS
from index.sentences import count_words
from qa.rank.features import SentenceMatches
from qa.understand.query import Query, offers

# How much a sentence's words, and the kind of thing in it, count beside its vector. With the right
# passage given, the sentence of 2,833 SQuAD questions holds the answer in 0.76 by vector, 0.86 with
# words, 0.87 with words weighed within the passage, 0.874 with the kind of thing asked for, 0.88
# with words of similar meaning. Weights fitted to SQuAD itself gain 0.002.
_COVERAGE = 0.5
_PHRASE = 0.3
_OFFERS = 0.15
# A sentence that asks is quoted only where none that says something fits at all, and what only
# repeats the question, where there is nothing else.
_ASKS, _REPEATS = 0.5, 1.0
# What all the article is about need not be said again where it is answered.
_IN_FRONT = 0.2
# A quote grows to the sentence before only while it stays easy to take in.
_LONGEST_QUOTE = 60
_FINISHED = re.compile(r"""[.!?…][»”’"')\]]*$""")
_ANALYZER = Analyzer()
# A sentence that opens with one of these says of whom or what only in the sentence before.
_POINTS_BACK = PRONOUNS | DEMONSTRATIVES


def best_sentence(query: Query, matches: SentenceMatches, passage: Passage) -> int:
    """The place of the sentence that fits best, the first of equals."""
    scores = _by_terms(query, matches)
    best = -math.inf, 0
    # What the best of the others say is read, until none that is left can be better.
    for place in sorted(range(len(scores)), key=lambda place: -scores[place]):
        if scores[place] + _OFFERS < best[0]:
            break
        said = passage.words(passage.sentences[place])
        best = max(best, (scores[place] + _by_text(query, said), -place))
    return -best[1]


def score_sentences(
    query: Query, matches: SentenceMatches, passage: Passage
) -> NDArray[np.float64]:
    """How well each sentence answers, by its own words alone, shape (sentences,)."""
    said = (passage.words(span) for span in passage.sentences)
    scores = zip(_by_terms(query, matches), said, strict=True)
    return np.array([score + _by_text(query, each) for score, each in scores], dtype=np.float64)


def _by_terms(query: Query, matches: SentenceMatches) -> list[float]:
    """The score of each sentence by what it has of the question."""
    # Plain numbers: arrays of a few sentences and words cost more to call than to compute.
    terms, front = matches.terms.tolist(), matches.front.tolist()
    if not terms:
        return []
    of_terms = zip(query.weights.tolist(), front, _telling(terms), strict=True)
    weights = [
        weight * (1.0 - (1.0 - _IN_FRONT) * in_front) * telling
        for weight, in_front, telling in of_terms
    ]
    of_pairs = zip(query.pair_weights.tolist(), query.pairs.tolist(), strict=True)
    pair_weights = [
        weight * (_IN_FRONT if front[one] == front[other] == 1 else 1.0)
        for weight, (one, other) in of_pairs
    ]
    by_sentence = zip(
        matches.cosine.tolist(),
        _shares(weights, terms),
        _shares(pair_weights, matches.pairs.tolist()),
        matches.asks.tolist(),
        strict=True,
    )
    return [
        cosine + _COVERAGE * covered + _PHRASE * phrase - _ASKS * asks
        for cosine, covered, phrase, asks in by_sentence
    ]


def _by_text(query: Query, sentence: str) -> float:
    """What its text adds: the kind of thing that is asked for, or nothing but what was asked."""
    offered = query.kind is not None and offers(sentence, query.kind, query.text)
    return _OFFERS * offered - _REPEATS * _repeats(query, sentence)


def _telling(terms: Sequence[Sequence[float]]) -> Iterator[float]:
    """How well each term tells the sentences of the passage apart: little if many hold it."""
    return (math.log(1 + len(terms) / max(sum(holding), 1)) for holding in zip(*terms, strict=True))


def _shares(weights: Sequence[float], present: Sequence[Sequence[float]]) -> list[float]:
    """The share of the weight that is present in each sentence; 0 if nothing has weight."""
    total = sum(weights) or 1.0
    return [sum(map(mul, weights, each)) / total for each in present]


def _repeats(query: Query, sentence: str) -> bool:
    """Whether a heading, or another line without a full stop, has no word that was not asked."""
    return not _FINISHED.search(sentence) and set(query.terms).issuperset(_content(sentence))


def _content(text: str) -> list[str]:
    told = (word for word in words(text) if word not in FUNCTION_WORDS)
    return _ANALYZER.terms(" ".join(told))


def quote_at(passage: Passage, place: int) -> Span:
    """The span of the sentence at this place, with the one before that it may point back to."""
    start, end = passage.sentences[place]
    if place == 0 or not _points_back(passage.words((start, end))):
        return start, end
    before, ended = passage.sentences[place - 1]
    # What is no part of the story may stand between.
    if passage.words((ended, start)).strip():
        return start, end
    # What ends without a full stop is a heading or an item of a list: it says of nobody anything.
    if not _FINISHED.search(passage.words((before, ended))):
        return start, end
    if count_words(passage.words((before, end))) > _LONGEST_QUOTE:
        return start, end
    return before, end


def _points_back(sentence: str) -> bool:
    # The first word without its quotation marks, brackets and `'s`.
    # As it stands, not as it is searched: a capital "IT" opens a sentence like any other.
    opening = WORD.search(sentence)
    return opening is not None and opening[0].lower() in _POINTS_BACK
