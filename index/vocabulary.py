"""Vectors of single words, by which one word is found to mean about the same as another.

A segment has those of its own terms, so that it stands alone: the codes in their order in one
file, the vectors in 4 bits a number in the other. Words of digits have none: no number means
about the same as another.
"""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from index.embed import Vectors
from index.lexical import Analyzer, term_code

Codes = NDArray[np.uint32]
Packed = NDArray[np.uint8]

CODES, VECTORS = "words.bin", "word_vectors.bin"
# A term that an archive holds once is most often a name or a slip of the pen.
_LEAST = 2
# Sixteen steps from -7.5 to 7.5.
_STEPS = 7.5
_BLOCK = 4_000_000
_WORD = re.compile(r"[^\W_]+")


def _nothing(term: str) -> bool:
    return False


class Vocabulary:
    """The words of one segment. `codes` are in order; `vectors` has a row for each."""

    def __init__(self, codes: Codes, vectors: Packed) -> None:
        self.codes = codes
        self.vectors = vectors

    def __len__(self) -> int:
        return len(self.codes)

    def find(self, codes: Codes) -> tuple[NDArray[np.int64], NDArray[np.bool_]]:
        """The place of each code, and whether it is there at all."""
        if not len(self):
            return np.zeros(len(codes), np.int64), np.zeros(len(codes), np.bool_)
        places = np.minimum(np.searchsorted(self.codes, codes), len(self) - 1)
        return places, self.codes[places] == codes


@dataclass(frozen=True, slots=True)
class Before:
    """What an index has before a segment is added: its vocabularies, and whether it holds a term.

    So a word that each of two builds adds once has a vector, as if one build had added both.
    """

    vocabularies: Sequence[Vocabulary] = ()
    holds: Callable[[str], bool] = _nothing


def open_vocabulary(folder: Path, dimension: int) -> Vocabulary:
    """Map what `write_vocabulary` wrote. Raises ValueError where the files do not fit."""
    codes: Codes = np.frombuffer(_map(folder / CODES), np.uint32)
    vectors: Packed = _map(folder / VECTORS).reshape(-1, _width(dimension))
    if len(codes) != len(vectors):
        raise ValueError(f"{len(vectors)} vectors of {len(codes)} words in {folder}")
    return Vocabulary(codes, vectors)


def word_vectors(vocabularies: Sequence[Vocabulary], codes: Codes, dimension: int) -> Vectors:
    """The unit vectors of words, shape (codes, dimension); zeros for those in no vocabulary."""
    found = _are_known(codes, vocabularies)
    vectors = np.zeros((len(codes), dimension), np.float32)
    if found.any():
        vectors[found] = unpack(_packed_vectors(vocabularies, codes[found]), dimension)
    return vectors


def pack(vectors: Vectors) -> Packed:
    """Each number in 4 bits, two a byte, shape (rows, half of the dimension, rounded up)."""
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
    vectors /= np.sqrt(np.einsum("ij,ij->i", vectors, vectors))[:, np.newaxis]
    return vectors


def write_vocabulary(
    folder: Path,
    terms: Codes,
    texts: Iterable[str],
    before: Before,
    encode: Callable[[list[str]], Vectors],
) -> None:
    """Write the vectors of the terms that `texts` or others `before` them repeat.

    `terms` are the codes of all terms of the texts. Of the words of one term the shortest speaks
    for it. What is known before is not made again.
    """
    codes, counts = _counted(terms)
    is_known = _are_known(codes, before.vocabularies)
    missing = dict(zip(codes[~is_known].tolist(), counts[~is_known].tolist(), strict=True))
    words = _shortest_words(texts, missing, before.holds) if missing else {}
    made = _encoded(words, encode)
    codes = codes[is_known | made.find(codes)[1]]
    (folder / CODES).write_bytes(codes.tobytes())
    (folder / VECTORS).write_bytes(_packed_vectors((made, *before.vocabularies), codes).tobytes())


def _counted(terms: Codes) -> tuple[Codes, NDArray[np.int64]]:
    """Each code once, in order, and how often it stands there; a block at a time."""
    blocks = [
        np.unique(terms[first : first + _BLOCK], return_counts=True)
        for first in range(0, len(terms), _BLOCK)
    ]
    if not blocks:
        return np.zeros(0, np.uint32), np.zeros(0, np.int64)
    codes, places = np.unique(np.concatenate([each for each, _ in blocks]), return_inverse=True)
    counts = np.bincount(places, weights=np.concatenate([each for _, each in blocks]))
    return codes.astype(np.uint32), counts.astype(np.int64)


def _are_known(codes: Codes, vocabularies: Sequence[Vocabulary]) -> NDArray[np.bool_]:
    found = np.zeros(len(codes), np.bool_)
    for vocabulary in vocabularies:
        found |= vocabulary.find(codes)[1]
    return found


def _packed_vectors(vocabularies: Sequence[Vocabulary], codes: Codes) -> Packed:
    """The packed vectors of codes that are known; the first vocabulary that has one gives it."""
    packed = np.zeros((len(codes), vocabularies[0].vectors.shape[1]), np.uint8)
    for vocabulary in reversed(vocabularies):
        places, here = vocabulary.find(codes)
        packed[here] = vocabulary.vectors[places[here]]
    return packed


def _shortest_words(
    texts: Iterable[str], missing: Mapping[int, int], holds: Callable[[str], bool]
) -> dict[int, str]:
    """For each code that is missing, and repeats, the shortest word that has it.

    Of several the first by the alphabet; digits are no words. `missing` has how often each is
    there.
    """
    analyzer, seen = Analyzer(), set[str]()
    shortest: dict[int, str] = {}
    for text in texts:
        new = set(_WORD.findall(text.lower())) - seen
        seen |= new
        for word in new:
            terms = analyzer.terms(word)
            if len(terms) != 1 or word.isdigit():
                continue
            code = term_code(terms[0])
            count = missing.get(code, 0)
            if count >= _LEAST or (count and holds(terms[0])):
                rival = shortest.get(code, word)
                shortest[code] = min(rival, word, key=lambda each: (len(each), each))
    return shortest


def _encoded(words: Mapping[int, str], encode: Callable[[list[str]], Vectors]) -> Vocabulary:
    codes = np.array(sorted(words), np.uint32)
    return Vocabulary(codes, pack(encode([words[code] for code in codes.tolist()])))


def _width(dimension: int) -> int:
    return (dimension + 1) // 2


def _map(path: Path) -> NDArray[np.uint8]:
    """The plain view of its bytes; an empty file cannot be mapped."""
    if not path.stat().st_size:
        return np.zeros(0, np.uint8)
    return np.asarray(np.memmap(path, dtype=np.uint8, mode="r"))
