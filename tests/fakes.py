"""An encoder that runs no model, and wrappers that watch or stop an encoder."""

import hashlib
import re
from collections.abc import Mapping, Sequence
from functools import lru_cache

import numpy as np

from index.embed import Encoder, Model, PassageText, PassageVectors, Vectors
from qa.read.reading import SentenceReading, Window

DIMENSION = 64

# The log-odds of a sentence without any of a reader's words.
UNLIKELY = -8.0
_WORD = re.compile(r"\w+")
# Words such as "the" and "is" stand in every text and tell little.
_SHORT, _SHORT_WEIGHT = 3, 0.25


class HashEncoder:
    """Hashes words, so that texts which share words have vectors that lie near each other."""

    def __init__(self, name: str = "hash") -> None:
        self._model = Model(name, f"sha256:{hashlib.sha256(name.encode()).hexdigest()}", DIMENSION)

    @property
    def model(self) -> Model:
        """Two of one name make the same vectors."""
        return self._model

    def encode_query(self, text: str) -> Vectors:
        """The normalised sum of the vectors of its words, shape (64,)."""
        return _vector(text)

    def encode_queries(self, texts: Sequence[str]) -> Vectors:
        """The vectors of questions, shape (questions, 64)."""
        vectors = [_vector(text) for text in texts]
        return np.array(vectors, dtype=np.float32).reshape(-1, DIMENSION)

    def encode_passages(self, passages: Sequence[PassageText]) -> list[PassageVectors]:
        """A passage with its front, and each sentence alone."""
        return [_vectors(passage) for passage in passages]


class CountingEncoder:
    """Passes all on to another encoder and remembers the passages that it was given."""

    def __init__(self, encoder: Encoder) -> None:
        self._encoder = encoder
        self.embedded: list[PassageText] = []

    @property
    def model(self) -> Model:
        """That of the encoder inside."""
        return self._encoder.model

    def encode_queries(self, texts: Sequence[str]) -> Vectors:
        """As the encoder inside does."""
        return self._encoder.encode_queries(texts)

    def encode_passages(self, passages: Sequence[PassageText]) -> list[PassageVectors]:
        """As the encoder inside does."""
        self.embedded.extend(passages)
        return self._encoder.encode_passages(passages)


class InterruptedEncoder(CountingEncoder):
    """Encodes `calls` batches; at the next someone presses Ctrl-C."""

    def __init__(self, encoder: Encoder, calls: int) -> None:
        super().__init__(encoder)
        self._left = calls

    def encode_passages(self, passages: Sequence[PassageText]) -> list[PassageVectors]:
        """The vectors, or KeyboardInterrupt."""
        if self._left == 0:
            raise KeyboardInterrupt
        self._left -= 1
        return super().encode_passages(passages)


class WordReader:
    """Finds given words, each with its log-odds of being the answer; remembers what it read."""

    def __init__(self, odds: Mapping[str, float]) -> None:
        self._odds = odds
        self.asked: list[tuple[str, Sequence[Window]]] = []

    def read(self, question: str, windows: Sequence[Window]) -> list[list[SentenceReading]]:
        """Of each sentence the likeliest of the words, where they stand in it last."""
        self.asked.append((question, windows))
        return [
            [self._reading(window.text, *span) for span in window.sentences] for window in windows
        ]

    def _reading(self, text: str, start: int, end: int) -> SentenceReading:
        found = [(odds, text.rfind(words, start, end), words) for words, odds in self._odds.items()]
        odds, at, words = max((each for each in found if each[1] >= 0), default=(UNLIKELY, -1, ""))
        return SentenceReading(odds, (at, at + len(words)) if words else None)


def no_progress(stage: str, done: int, total: int | None) -> None:
    """Shows nothing."""


def _vectors(passage: PassageText) -> PassageVectors:
    sentences = [_vector(passage.text[start:end]) for start, end in passage.sentences]
    return PassageVectors(
        passage=_vector(passage.front + passage.text),
        sentences=np.array(sentences, dtype=np.float32).reshape(-1, DIMENSION),
    )


def _vector(text: str) -> Vectors:
    words = _WORD.findall(text.lower()) or [""]
    total = sum((_weight(word) * _word_vector(word) for word in words), np.zeros(DIMENSION))
    length = float(np.linalg.norm(total))
    # Opposite words can cancel out, which leaves no direction to scale.
    chosen = total / length if length > 1e-9 else _word_vector("") / np.sqrt(DIMENSION)
    return chosen.astype(np.float32)


def _weight(word: str) -> float:
    return _SHORT_WEIGHT if len(word) <= _SHORT else 1.0


@lru_cache(maxsize=10_000)
def _word_vector(word: str) -> np.ndarray[tuple[int, ...], np.dtype[np.float64]]:
    """A sign for each dimension, the same in every run, which Python's `hash` would not be."""
    digest = hashlib.sha256(word.encode()).digest()[: DIMENSION // 8]
    bits = np.unpackbits(np.frombuffer(digest, dtype=np.uint8))
    return bits.astype(np.float64) * 2 - 1
