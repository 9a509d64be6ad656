"""Vectors of single words, to find words that mean about the same.

A segment has the vectors of its own terms, so that it depends on no other: the codes in order in
one file, the vectors at 4 bits per number in the other. Numbers have none: no number means about
the same as another.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from index.analysis import Analyzer, Codes, term_code, words
from index.embed import Vectors
from index.store.columns import mapped

Packed = NDArray[np.uint8]

CODES, VECTORS = "words.bin", "word_vectors.bin"
# A term that an archive has only once is usually a name or a typo.
_FEWEST = 2
# Sixteen steps from -7.5 to 7.5.
_STEPS = 7.5
_BLOCK = 4_000_000


class Vocabulary:
    """The words of one segment. `codes` are in order; `vectors` has a row for each."""

    def __init__(self, codes: Codes, vectors: Packed) -> None:
        self.codes = codes
        self.vectors = vectors

    def __len__(self) -> int:
        return len(self.codes)

    def find(self, codes: Codes) -> tuple[NDArray[np.int64], NDArray[np.bool_]]:
        """The place of each code, and whether it is known at all."""
        if not len(self):
            return np.zeros(len(codes), np.int64), np.zeros(len(codes), np.bool_)
        places = np.minimum(np.searchsorted(self.codes, codes), len(self) - 1)
        return places, self.codes[places] == codes


@dataclass(frozen=True, slots=True)
class EarlierWords:
    """What an index has before a segment is added: its vocabularies, and whether it holds a term.

    With it, a word that two builds add once each gets a vector, as if one build had added both.
    """

    vocabularies: Sequence[Vocabulary] = ()
    holds: Callable[[str], bool] | None = None


def open_vocabulary(folder: Path, dimension: int) -> Vocabulary:
    """Map what `write_vocabulary` wrote. Raises ValueError if the files do not match."""
    codes: Codes = mapped(folder / CODES, np.uint32).astype(np.uint32, copy=False)
    flat: Packed = mapped(folder / VECTORS, np.uint8).astype(np.uint8, copy=False)
    vectors = flat.reshape(-1, _width(dimension))
    if len(codes) != len(vectors):
        raise ValueError(f"{len(vectors)} vectors for {len(codes)} words in {folder}")
    return Vocabulary(codes, vectors)


def word_vectors(vocabularies: Sequence[Vocabulary], codes: Codes, dimension: int) -> Vectors:
    """The unit vectors of words, shape (codes, dimension); zeros for those in no vocabulary."""
    found, packed = _find(vocabularies, codes, _width(dimension))
    vectors = unpack(packed, dimension)
    vectors[~found] = 0
    return vectors


def joined(vocabularies: Sequence[Vocabulary], dimension: int) -> Vocabulary:
    """The words of several as one; the first that has a word gives its vector."""
    codes = np.unique(np.concatenate([np.zeros(0, np.uint32), *(v.codes for v in vocabularies)]))
    return Vocabulary(codes, _find(vocabularies, codes, _width(dimension))[1])


def pack(vectors: Vectors) -> Packed:
    """Each number in 4 bits, two per byte, shape (rows, half the dimension, rounded up)."""
    width = _width(vectors.shape[1])
    largest = np.abs(vectors).max(axis=1, keepdims=True, initial=1e-12)
    steps = np.rint(vectors / largest * _STEPS - 0.5) + (_STEPS + 0.5)
    nibbles = np.zeros((len(vectors), 2 * width), np.uint8)
    nibbles[:, : vectors.shape[1]] = steps
    return np.asarray(nibbles[:, :width] | nibbles[:, width:] << 4, dtype=np.uint8)


def unpack(packed: Packed, dimension: int) -> Vectors:
    """The unit vectors that `pack` packed."""
    width = packed.shape[1]
    vectors = np.empty((len(packed), dimension), np.float32)
    vectors[:, :width] = packed & 15
    vectors[:, width:] = (packed >> 4)[:, : dimension - width]
    vectors -= np.float32(_STEPS)
    vectors *= (1 / np.sqrt(np.vecdot(vectors, vectors)))[:, np.newaxis]
    return vectors


def write_vocabulary(
    folder: Path,
    terms: Codes,
    texts: Iterable[str],
    before: EarlierWords,
    encode: Callable[[list[str]], Vectors],
) -> None:
    """Write the vectors of the terms that occur again, in `texts` or those `before` them.

    `terms` are the codes of all terms of the texts. The shortest word of a term stands for it.
    Known vectors are not made again.
    """
    codes, counts = _counted(terms)
    is_known = _are_known(before.vocabularies, codes)
    # Without an earlier index, a word that occurs once needs no vector.
    is_missing = ~is_known & ((counts >= _FEWEST) | (before.holds is not None))
    missing = dict(zip(codes[is_missing].tolist(), counts[is_missing].tolist(), strict=True))
    shortest = _shortest_words(texts, missing, before.holds) if missing else {}
    made = _encoded(shortest, encode)
    codes = codes[is_known | made.find(codes)[1]]
    _, packed = _find((made, *before.vocabularies), codes, made.vectors.shape[1])
    (folder / CODES).write_bytes(codes.tobytes())
    (folder / VECTORS).write_bytes(packed.tobytes())


def _counted(terms: Codes) -> tuple[Codes, NDArray[np.int64]]:
    """Each code once, in order, and how often it occurs; counted a block at a time."""
    blocks = [
        np.unique(terms[first : first + _BLOCK], return_counts=True)
        for first in range(0, len(terms), _BLOCK)
    ]
    if not blocks:
        return np.zeros(0, np.uint32), np.zeros(0, np.int64)
    codes, places = np.unique(np.concatenate([each for each, _ in blocks]), return_inverse=True)
    counts = np.bincount(places, weights=np.concatenate([each for _, each in blocks]))
    return codes.astype(np.uint32), counts.astype(np.int64)


def _are_known(vocabularies: Sequence[Vocabulary], codes: Codes) -> NDArray[np.bool_]:
    known = [vocabulary.find(codes)[1] for vocabulary in vocabularies]
    return np.logical_or.reduce(known) if known else np.zeros(len(codes), np.bool_)


def _find(
    vocabularies: Sequence[Vocabulary], codes: Codes, width: int
) -> tuple[NDArray[np.bool_], Packed]:
    """Which codes are known, and their packed vectors; the first that has one gives it."""
    found, packed = np.zeros(len(codes), np.bool_), np.zeros((len(codes), width), np.uint8)
    for vocabulary in reversed(vocabularies):
        places, here = vocabulary.find(codes)
        packed[here] = vocabulary.vectors[places[here]]
        found |= here
    return found, packed


def _shortest_words(
    texts: Iterable[str], missing: Mapping[int, int], holds: Callable[[str], bool] | None
) -> dict[int, str]:
    """The shortest word of each missing code that occurs again.

    Of several, the first in the alphabet; numbers do not count. `missing` says how often each
    code occurs.
    """
    analyzer, seen = Analyzer(), set[str]()
    shortest: dict[int, str] = {}
    for text in texts:
        new = set(words(text)) - seen
        seen |= new
        for word in new:
            terms = analyzer.terms(word)
            if len(terms) != 1 or word.isdigit():
                continue
            code = term_code(terms[0])
            count = missing.get(code, 0)
            if count >= _FEWEST or (count and holds is not None and holds(terms[0])):
                rival = shortest.get(code, word)
                shortest[code] = min(rival, word, key=lambda each: (len(each), each))
    return shortest


def _encoded(by_code: Mapping[int, str], encode: Callable[[list[str]], Vectors]) -> Vocabulary:
    codes = np.array(sorted(by_code), np.uint32)
    return Vocabulary(codes, pack(encode([by_code[code] for code in codes.tolist()])))


def _width(dimension: int) -> int:
    return (dimension + 1) // 2
