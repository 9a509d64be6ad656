"""Text into words, terms and codes, and which words carry meaning."""

import re
import zlib
from collections.abc import Iterable
from functools import lru_cache

import numpy as np
import tantivy
from numpy.typing import NDArray
from tantivy import Filter, TextAnalyzerBuilder, Tokenizer

from index.english import FUNCTION_WORDS

Codes = NDArray[np.uint32]

# Where a word may be broken at the end of a line: it parts no word.
SOFT_HYPHEN = "\N{SOFT HYPHEN}"
WORD = re.compile(r"[^\W_]+")
_LONGEST_TERM = 60


class Analyzer:
    """Text into the terms that BM25 counts: lower case, accents folded, stemmed.

    >>> Analyzer().terms("Fourth LEAKS found")
    ['fourth', 'leak', 'found']
    """

    def __init__(self) -> None:
        self._analyzer = text_analyzer()

    def terms(self, text: str) -> list[str]:
        """The terms in text order, repeats included."""
        return list(self._analyzer.analyze(unbroken(text)))


def words(text: str) -> list[str]:
    """The words in lower case, without punctuation.

    >>> words("Who's on Apollo-11?")
    ['who', 's', 'on', 'apollo', '11']
    """
    return WORD.findall(unbroken(text).lower())


def unbroken(text: str) -> str:
    """The text without soft hyphens, as it is searched.

    >>> unbroken("an exam\u00adple")
    'an example'
    """
    return text.replace(SOFT_HYPHEN, "")


@lru_cache(maxsize=1_000_000)
def term_code(term: str) -> int:
    """A 32-bit number for a term; two terms of one archive hardly ever share one."""
    return zlib.crc32(term.encode())


def term_codes(terms: Iterable[str]) -> Codes:
    """The codes of terms, in their order."""
    return np.array([term_code(term) for term in terms], dtype=np.uint32)


def names(text: str) -> list[str]:
    """Words that name a particular person, place, thing or number.

    Capitalised words, except the first, and numbers. If every word is capitalised, capitals mean
    nothing.

    >>> names("When did Katla erupt in 1918?")
    ['Katla', '1918']
    """
    found = WORD.findall(text)
    lettered = [word for word in found if word[0].isalpha()]
    if all(word[0].isupper() for word in lettered):
        return [word for word in found if word[0].isdigit()]
    return [
        word
        for place, word in enumerate(found)
        if word[0].isdigit() or (place and word[0].isupper() and word.lower() not in FUNCTION_WORDS)
    ]


def content_words(text: str) -> list[str]:
    """The words that are not function words, in order."""
    return [word for word in words(text) if word not in FUNCTION_WORDS]


def text_analyzer() -> tantivy.TextAnalyzer:
    """The chain that makes terms; the BM25 index must use the same one."""
    return (
        TextAnalyzerBuilder(Tokenizer.simple())
        .filter(Filter.remove_long(_LONGEST_TERM))
        .filter(Filter.lowercase())
        .filter(Filter.ascii_fold())
        .filter(Filter.stemmer("English"))
        .build()
    )


def spelling_analyzer() -> tantivy.TextAnalyzer:
    """The chain that leaves words as they are spelt, in lower case."""
    return (
        TextAnalyzerBuilder(Tokenizer.simple())
        .filter(Filter.remove_long(_LONGEST_TERM))
        .filter(Filter.lowercase())
        .build()
    )
