"""A question as search uses it: its terms and their weights, its names, the kind of answer."""

import math
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import Enum
from functools import lru_cache
from itertools import pairwise
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from index.analysis import Analyzer, Codes, content_words, names, term_codes, words
from index.embed import Vectors
from index.english import MONTHS, NUMBERS, SEASONS, TENS, WEEKDAYS, any_of
from index.forms.folding import CAPITALS
from index.store import Store
from qa.answer import Understood
from qa.stages import lap
from qa.understand.forms import Forms, Variant

_NUMBER_WORDS = (
    f"{any_of((*NUMBERS, *TENS))}|dozen|hundred|thousand|million|billion|trillion|half|third|"
    "quarter|twice|double|per ?cent"
)
# "Fall" is a verb more count than a season.
_TIMES = (
    f"{any_of((*MONTHS, *WEEKDAYS, *(name for name in SEASONS if name != 'fall')))}|"
    "century|morning|evening|night|noon|midnight|today|yesterday"
)


class Kind(Enum):
    """A kind of answer, and how it looks in a sentence."""

    NUMBER = rf"\d[\d,.]*|\b(?:{_NUMBER_WORDS})s?\b"
    TIME = rf"\b1\d{{3}}s?\b|\b20\d\ds?\b|\b(?:{_TIMES})\b|\b\d\d?(?:[:.]\d\d)? ?[ap]\.?m\b"
    # A capitalised word inside a sentence: a person, an organisation, a place.
    NAME = r"(?<![.!?] )(?<!^)\b(?-i:[A-Z])[\w'’-]+"


_ASKED = (
    (
        Kind.NUMBER,
        r"\bhow (many|much|long|old|far|large|tall|big|high|count|heavy|deep|fast|wide|hot|cold|"
        r"strong|short|few|\w+er)\b|\bper ?cent|\b(what|which) (number|age|amount|share|percentage|"
        r"proportion|fraction|price|cost|size|population|magnitude)\b",
    ),
    (Kind.TIME, r"\bwhen\b|\b(what|which) (\w+ )?(year|date|day|month|century|decade|time)\b"),
    (
        Kind.NAME,
        r"\b(who|whom|whose|where)\b|\b(what|which) (\w+ )?(person|man|woman|people|scientist|"
        r"president|leader|king|queen|general|author|company|organi[sz]ation|team|country|city|"
        r"state|place|town|region|river|continent)\b",
    ),
)
# Longer phrases are numbers in words, of which each stands in many passages.
_LONGEST_SOUGHT = 4
_MARKS = ".,;:?!'’\"“”()"
# The country in small letters: nobody writes the pronoun so.
_COUNTRY = re.compile(r"\bu\.s\.?(?:a\.?)?(?!\.?\w)|(?<=\bthe )usa?\b", re.ASCII)
_SIGNS = {kind: re.compile(kind.value, re.IGNORECASE) for kind in Kind}
_QUESTIONS = tuple((kind, re.compile(asked, re.IGNORECASE)) for kind, asked in _ASKED)


def kind_asked(question: str) -> Kind | None:
    """The kind of thing the question asks for, or None if unclear.

    >>> kind_asked("How far away was it heard?").name
    'NUMBER'
    """
    return next((kind for kind, asked in _QUESTIONS if asked.search(question)), None)


def offers(sentence: str, kind: Kind, question: str) -> bool:
    """Whether the sentence has something of the kind that is not in the question.

    >>> offers("The eruption of 1883 killed 36,417.", Kind.NUMBER, "How many died in 1883?")
    True
    """
    asked = _said(question)
    found = (match[0].lower().strip(_MARKS) for match in _SIGNS[kind].finditer(sentence))
    return any(each not in asked for each in found)


def holds(text: str, kind: Kind) -> bool:
    """Whether the text has something of the kind."""
    return bool(_SIGNS[kind].search(text))


# A question is compared with many sentences.
@lru_cache(maxsize=64)
def _said(question: str) -> frozenset[str]:
    return frozenset(word.strip(_MARKS) for word in question.lower().split())


class QueryEncoder(Protocol):
    """Questions and words into unit vectors."""

    def encode_queries(self, texts: Sequence[str]) -> Vectors:
        """The vectors, shape (texts, dimension)."""


@dataclass(frozen=True, slots=True)
class Phrase:
    """Terms that count as those of a question at these places where they stand side by side.

    `counts` says how many passages have each term.
    """

    terms: tuple[str, ...]
    codes: Codes
    places: tuple[int, ...]
    counts: tuple[int, ...]

    @property
    def rarest(self) -> str:
        """Where the phrase stands, this term does too, and in the fewest other passages."""
        return min(zip(self.counts, self.terms, strict=True))[1]


@dataclass(frozen=True, slots=True)
class Query:
    """A question as search uses it.

    `terms` are its terms, each once, and `codes` their codes; `weights` are the inverse document
    frequencies of content terms, 0 for the others. `word_vectors` has a row for each term, zeros
    if no other word may match it. `pairs` are places in `terms` of neighbouring terms, at least
    one a content term, shape (pairs, 2), weighted by their content terms. `names` is True for
    terms of names, `unknown` for terms that are nowhere in the archive; `kind` is what it asks
    for, if that is clear. `phrases` are other ways to write some of its terms.
    """

    text: str
    vector: Vectors
    terms: tuple[str, ...]
    codes: Codes
    weights: NDArray[np.float64]
    word_vectors: Vectors
    pairs: NDArray[np.int64]
    pair_weights: NDArray[np.float64]
    names: NDArray[np.bool_]
    unknown: NDArray[np.bool_]
    kind: Kind | None
    phrases: tuple[Phrase, ...] = ()

    @property
    def content_terms(self) -> list[str]:
        """The terms that carry meaning."""
        return [term for term, weight in zip(self.terms, self.weights, strict=True) if weight > 0]

    @property
    def sought_terms(self) -> list[str]:
        """Those, and the rarest term of each short phrase that counts as one of them."""
        others = (
            each.rarest
            for each in self.phrases
            if len(each.terms) <= _LONGEST_SOUGHT and self.weights[list(each.places)].any()
        )
        return list(dict.fromkeys((*self.content_terms, *others)))


def read_query(
    understood: Understood,
    encoder: QueryEncoder,
    analyzer: Analyzer,
    store: Store,
    carried: float = 1.0,
    forms: Forms | None = None,
) -> Query:
    """Weight the terms of a question by how rare they are in the archive.

    The weight is BM25's inverse document frequency, ln(1 + (N - n + 0.5) / (n + 0.5)), times
    `carried` for words carried over from earlier questions. A term that is written otherwise, too,
    is as common as its commonest form.
    """
    text, own_text = _capitalised(understood.worded), _capitalised(understood.text)
    said = analyzer.terms(text)
    terms = tuple(dict.fromkeys(said))
    codes = term_codes(terms)
    phrases = _phrases(forms.variants(text) if forms else (), said, terms)
    holding = _count(terms, phrases, store)
    content = set(analyzer.terms(" ".join(content_words(text)))) or set(terms)
    # Capitals of "WHO" may but stress it.
    content -= {each for each in CAPITALS if each in terms and not holding[terms.index(each)]}
    total = store.info.counts.passages
    weights = np.array(
        [
            _rarity(count, total) if term in content else 0.0
            for term, count in zip(terms, holding.tolist(), strict=True)
        ]
    )
    if own_text != text:
        own = set(analyzer.terms(own_text))
        weights *= [1.0 if term in own else carried for term in terms]
    pairs, pair_weights = _pairs(said, terms, weights)
    named = {term for name in names(own_text) for term in analyzer.terms(name)}
    vector, word_vectors = _encode(text, terms, codes, weights, encoder, analyzer, store)
    return Query(
        text=text,
        vector=vector,
        terms=terms,
        codes=codes,
        weights=weights,
        word_vectors=word_vectors,
        pairs=pairs,
        pair_weights=pair_weights,
        names=np.array([term in named & content for term in terms], dtype=np.bool_),
        unknown=holding == 0,
        kind=kind_asked(understood.whole or understood.text),
        phrases=phrases,
    )


def _capitalised(text: str) -> str:
    """The text with the United States in capitals.

    >>> _capitalised("Did the us tell us of the u.s. fleet and the us's, not of the u.s.s.r.?")
    "Did the US tell us of the U.S. fleet and the US's, not of the u.s.s.r.?"
    """
    return _COUNTRY.sub(lambda found: found[0].upper(), text)


def _phrases(
    variants: Iterable[Variant], said: Sequence[str], terms: Sequence[str]
) -> tuple[Phrase, ...]:
    places = {term: place for place, term in enumerate(terms)}
    return tuple(
        Phrase(
            each.terms,
            term_codes(each.terms),
            tuple(places[term] for term in said[each.first : each.end]),
            each.counts,
        )
        for each in variants
    )


def _count(terms: Sequence[str], phrases: Sequence[Phrase], store: Store) -> NDArray[np.int64]:
    """How many passages have each term, or at least what may count as it."""
    holding = store.document_frequency(terms)
    for phrase in phrases:
        places = list(phrase.places)
        holding[places] = np.maximum(holding[places], min(phrase.counts))
    return holding


def _encode(
    text: str,
    terms: Sequence[str],
    codes: Codes,
    weights: NDArray[np.float64],
    encoder: QueryEncoder,
    analyzer: Analyzer,
    store: Store,
) -> tuple[Vectors, Vectors]:
    """The vector of the question, and one for each of its words that other words may match.

    Words that the archive knows have their vectors there; the others are encoded in the same batch.
    """
    is_exact = [term.isdigit() or term in CAPITALS for term in terms]
    is_soft = (weights > 0) & ~np.array(is_exact, dtype=np.bool_)
    vectors = store.word_vectors(codes)
    vectors[~is_soft] = 0
    unknown = np.flatnonzero(is_soft & ~vectors.any(axis=1))
    # Most questions have no word that the archive does not know.
    spelled = words(text) if len(unknown) else []
    said = {term: word for word in spelled for term in analyzer.terms(word)}
    # What only the analyzer takes for a word, such as a letter in a circle, is encoded as it is.
    missing = [said.get(terms[place], terms[place]) for place in unknown.tolist()]
    lap("search")
    encoded = encoder.encode_queries([text, *missing])
    lap("encode")
    vectors[unknown] = encoded[1:]
    return encoded[0], vectors


def _rarity(count: int, total: int) -> float:
    holding = min(count, total)
    return math.log(1 + (total - holding + 0.5) / (holding + 0.5))


def _pairs(
    said: Sequence[str], terms: Sequence[str], weights: NDArray[np.float64]
) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    places = {term: place for place, term in enumerate(terms)}
    pairs = dict.fromkeys((places[one], places[other]) for one, other in pairwise(said))
    of_terms = weights.tolist()
    weighted = [(one, other) for one, other in pairs if of_terms[one] + of_terms[other] > 0]
    found = np.array(weighted, dtype=np.int64).reshape(-1, 2)
    return found, weights[found].sum(axis=1)
