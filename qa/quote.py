"""The sentence of a passage that answers: its span in the article."""

import re

import numpy as np
from numpy.typing import NDArray

from index.analysis import WORD, Analyzer, words
from index.article import Passage, Span
from index.english import DEMONSTRATIVES, FUNCTION_WORDS, PRONOUNS
from index.sentences import count_words
from qa.rank.features import SentenceMatches
from qa.rank.matching import share
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


def find_quote(query: Query, matches: SentenceMatches, passage: Passage) -> Span:
    """The span of the sentence that fits best, or of it and the one that it points back to."""
    return quote_at(passage, best_sentence(query, matches, passage))


def best_sentence(query: Query, matches: SentenceMatches, passage: Passage) -> int:
    """The place of the sentence that fits best."""
    return int(np.argmax(score_sentences(query, matches, passage)))


def score_sentences(
    query: Query, matches: SentenceMatches, passage: Passage
) -> NDArray[np.float64]:
    """How well each sentence answers, by its own words alone, shape (sentences,)."""
    front = 1.0 - (1.0 - _IN_FRONT) * matches.front
    pairs_in_front = (matches.front[query.pairs] == 1).all(axis=1)
    pair_weights = query.pair_weights * np.where(pairs_in_front, _IN_FRONT, 1.0)
    return np.asarray(
        matches.cosine
        + _COVERAGE * share(query.weights * front * _telling(matches.terms), matches.terms)
        + _PHRASE * share(pair_weights, matches.pairs)
        + _OFFERS * _offers(query, passage)
        - _ASKS * matches.asks
        - _REPEATS * _repeats(query, passage),
        dtype=np.float64,
    )


def _telling(terms: NDArray[np.float64]) -> NDArray[np.float64]:
    """How well each term tells the sentences of the passage apart: little if many hold it."""
    holding = np.maximum(terms.sum(axis=0), 1)
    return np.asarray(np.log(1 + len(terms) / holding), dtype=np.float64)


def _offers(query: Query, passage: Passage) -> NDArray[np.float64]:
    """1 where a sentence holds the kind of thing that the question asks for."""
    kind = query.kind
    if kind is None:
        return np.zeros(len(passage.sentences))
    said = (passage.words(span) for span in passage.sentences)
    return np.array([offers(words_of, kind, query.text) for words_of in said], dtype=np.float64)


def _repeats(query: Query, passage: Passage) -> NDArray[np.float64]:
    """1 where a heading, or another line without a full stop, has no word that was not asked."""
    asked = frozenset(query.terms)
    said = (passage.words(span) for span in passage.sentences)
    return np.array(
        [not _FINISHED.search(each) and asked.issuperset(_content(each)) for each in said],
        dtype=np.float64,
    )


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
