"""What an encoder is, and what it reads: passages with their title and heading in front."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from index.article import Passage, Span

Vectors = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class PassageText:
    """What the encoder reads: what stands in front, the passage, its sentences' spans in it."""

    front: str
    text: str
    sentences: tuple[Span, ...]


@dataclass(frozen=True, slots=True)
class PassageVectors:
    """Unit vectors: `passage` of shape (dimension,), `sentences` of (sentences, dimension)."""

    passage: Vectors
    sentences: Vectors


@dataclass(frozen=True, slots=True)
class Model:
    """Which model made vectors: two models with one `digest` make the same ones."""

    name: str
    digest: str
    dimension: int


class Encoder(Protocol):
    """Questions and passages into unit vectors of one space."""

    @property
    def model(self) -> Model:
        """Which model it runs."""

    def encode_queries(self, texts: Sequence[str]) -> Vectors:
        """The vectors of questions, shape (questions, dimension)."""

    def encode_passages(self, passages: Sequence[PassageText]) -> list[PassageVectors]:
        """The vectors of each passage, in the order given."""


def unit(vectors: NDArray[Any]) -> Vectors:
    """Scaled to length one along the last axis, so that inner products are cosines."""
    lengths = np.linalg.norm(vectors, axis=-1, keepdims=True)
    return np.asarray(vectors / np.maximum(lengths, 1e-12), dtype=np.float32)


def front_of(subject: str | None, passage: Passage) -> str:
    """Subject (`index.subject`) and heading, a line each: often it is said only there."""
    heading = passage.entry.heading if passage.entry else ""
    return "".join(f"{words}\n" for words in (subject, heading) if words)


def passage_text(subject: str | None, passage: Passage) -> PassageText:
    """The passage as it is embedded, with subject and heading in front."""
    sentences = tuple((s - passage.start, e - passage.start) for s, e in passage.sentences)
    return PassageText(front_of(subject, passage), passage.text, sentences)
