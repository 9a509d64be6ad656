"""The words that there are, and which of them a mistyped word may stand for."""

import unicodedata
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Sequence
from functools import cache
from importlib.resources import files

import numpy as np
from numpy.typing import NDArray
from rapidfuzz.distance import OSA
from rapidfuzz.process import cdist

_ENGLISH = "frequency_dictionary_en_82_765.txt"
# Longer ones are no words that people type.
_LONGEST = 30


class Lexicon:
    """The words of an archive or a language, each with how often it is used.

    Words are compared in lower case and without accents. Edits are letters added, dropped, changed
    and neighbours exchanged: the optimal string alignment distance.

    >>> Lexicon([("apollo", 9), ("saarbrücken", 1)]).near("Apolo", 1)
    ['apollo']
    """

    def __init__(self, spellings: Iterable[tuple[str, int]]) -> None:
        kept = (each for each in spellings if each[0].isalpha() and len(each[0]) <= _LONGEST)
        folded = sorted((fold(word), count, word) for word, count in kept if fold(word))
        self._folded = [each for each, _, _ in folded]
        self._spelt = [word for _, _, word in folded]
        self._counts = np.array([count for _, count, _ in folded], np.int64)
        self._letters = _letters(self._folded)
        self._lengths = np.array([len(word) for word in self._folded], np.int16)

    def __contains__(self, word: object) -> bool:
        if not isinstance(word, str):
            return False
        folded = fold(word)
        place = bisect_left(self._folded, folded)
        return place < len(self._folded) and self._folded[place] == folded

    def count(self, word: str) -> int:
        """How often it is used, with whatever accents.

        >>> Lexicon([("apollo", 9)]).count("Apollo")
        9
        """
        folded = fold(word)
        first, last = bisect_left(self._folded, folded), bisect_right(self._folded, folded)
        return int(self._counts[first:last].sum())

    def beginning(self, prefix: str, most: int) -> list[str]:
        """Up to `most` words that begin so, with their accents, the commonest first.

        >>> Lexicon([("apollo", 9), ("apple", 12), ("pear", 1)]).beginning("ap", 1)
        ['apple']
        """
        folded = fold(prefix)
        first = bisect_left(self._folded, folded)
        last = bisect_left(self._folded, f"{folded}\U0010ffff")
        places = first + np.argsort(-self._counts[first:last], kind="stable")[:most]
        return [self._spelt[place] for place in places.tolist()]

    def near(self, word: str, edits: int) -> list[str]:
        """Words so many edits away, with their accents, the commonest first."""
        folded = fold(word)
        if not 0 < len(folded) <= _LONGEST:
            return []
        # An edit changes the length by one and the set of letters by two at most, which rules out
        # nearly all words at once.
        is_near = np.bitwise_count(self._letters ^ _letters([folded])) <= 2 * edits
        is_near &= np.abs(self._lengths - len(folded)) <= edits
        places = np.flatnonzero(is_near)
        places = places[np.argsort(-self._counts[places], kind="stable")]
        spelt = [self._folded[place] for place in places.tolist()]
        distances = cdist([folded], spelt, scorer=OSA.distance, score_cutoff=edits)[0]
        return [self._spelt[place] for place in places[distances == edits].tolist()]


def fold(word: str) -> str:
    """The word in lower case and without accents.

    >>> fold("Saarbrücken")
    'saarbrucken'
    """
    lower = word.lower()
    if lower.isascii():
        return word if lower == word else lower
    signs = unicodedata.normalize("NFKD", lower)
    return "".join(sign for sign in signs if not unicodedata.combining(sign))


@cache
def english() -> Lexicon:
    """Some 82,800 words and names that are common in English."""
    text = files("symspellpy").joinpath(_ENGLISH).read_text(encoding="utf-8-sig")
    pairs = (line.split() for line in text.splitlines())
    return Lexicon((word, int(count)) for word, count in pairs)


def _letters(words: Sequence[str]) -> NDArray[np.uint64]:
    """The set of the letters of each word, a bit each; letters beyond ASCII share bits."""
    lengths = np.array([len(word) for word in words], np.int64)
    signs = np.frombuffer("".join(words).encode("utf-32-le"), "<u4")
    bits = np.uint64(1) << (signs.astype(np.uint64) & np.uint64(63))
    return np.bitwise_or.reduceat(bits, np.cumsum(lengths) - lengths) if words else bits
