"""What an encoder is, and what it reads: passages with title and heading in front."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from index.article import Passage, Span
from index.errors import ModelError

Vectors = NDArray[np.float32]
Integers = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class PassageText:
    """What the encoder reads: title and heading, the passage, and its sentences' spans in it."""

    front: str
    text: str
    sentences: tuple[Span, ...]

    @property
    def whole(self) -> str:
        """Everything the encoder reads."""
        return self.front + self.text

    def without(self, read: int) -> "PassageText":
        r"""What is left to read after the first `read` sentences.

        If none was read, the front is dropped: it took up the room.

        >>> PassageText("Owls\n", "Hoot. Hush.", ((0, 5), (6, 11))).without(1)
        PassageText(front='Owls\n', text='Hush.', sentences=((0, 5),))
        """
        left = self.sentences[read:]
        start = left[0][0]
        spans = tuple((first - start, last - start) for first, last in left)
        return PassageText(self.front if read else "", self.text[start:], spans)


@dataclass(frozen=True, slots=True)
class PassageVectors:
    """Unit vectors: `passage` of shape (dimension,), `sentences` of (sentences, dimension)."""

    passage: Vectors
    sentences: Vectors


@dataclass(frozen=True, slots=True)
class Model:
    """Which model made the vectors: models with the same `digest` make the same vectors."""

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
    """Scale to length one along the last axis, so that inner products are cosines.

    Raises ModelError for what is no number: stores would take it, and find by it at random.
    """
    # 16-bit numbers lack the precision to be squared and summed.
    rows = np.asarray(vectors, np.float32)
    lengths = np.linalg.norm(rows, axis=-1, keepdims=True)
    if not np.isfinite(lengths).all():
        raise ModelError(
            "the model gives vectors with NaN or infinite numbers: remove the folder of the index "
            "and build it again with python -m index build, or set another FOOTNOTE_MODEL"
        )
    return np.asarray(rows / np.maximum(lengths, 1e-12), dtype=np.float32)


def token_members(passage: PassageText, spans: Integers) -> NDArray[np.bool_]:
    """Which tokens belong to which sentence, shape (sentences, tokens).

    `spans`, shape (tokens, 2), are in the passage's text. A token belongs to the sentence that it
    ends in: many tokenizers begin a word's token with the space before it.
    """
    starts, ends = spans[:, 0], spans[:, 1]
    sentences: Integers = np.array(passage.sentences, np.int64).reshape(-1, 2)
    return (ends > sentences[:, :1]) & (ends <= sentences[:, 1:]) & (ends > starts)


def count_read(passage: PassageText, spans: Integers, longest: int) -> int:
    """How many sentences fit whole in the tokens read, at most `longest` (0: no limit)."""
    if not longest or len(spans) < longest:
        return len(passage.sentences)
    return sum(last <= spans[:, 1].max() for _, last in passage.sentences)


def read_to_the_end(
    passages: Sequence[PassageText],
    read_once: Callable[[Sequence[PassageText]], list[tuple[PassageVectors, int]]],
) -> list[PassageVectors]:
    """The vectors of passages of any length, from a model that reads only so many tokens.

    `read_once` gives a passage's vectors and how many of its sentences were read whole. The rest
    is then read as a passage of its own, for the vectors of its sentences. A sentence longer than
    the model can read gets the vector of its beginning.
    """
    wholes: dict[int, Vectors] = {}
    rows: list[list[Vectors]] = [[] for _ in passages]
    left = dict(enumerate(passages))
    while left:
        made = read_once(list(left.values()))
        rest: dict[int, PassageText] = {}
        for (place, passage), (vectors, read) in zip(left.items(), made, strict=True):
            wholes.setdefault(place, vectors.passage)
            # With no front left to drop, the first sentence will never be read any better.
            done = read if passage.front else max(read, 1)
            rows[place].append(vectors.sentences[:done])
            if done < len(passage.sentences):
                rest[place] = passage.without(done)
        left = rest
    return [PassageVectors(wholes[place], np.vstack(each)) for place, each in enumerate(rows)]


def front_of(subject: str | None, passage: Passage) -> str:
    """Subject (`index.split`) and heading, a line each: often only they name the topic."""
    heading = passage.entry.heading if passage.entry else ""
    return "".join(f"{words}\n" for words in (subject, heading) if words)


def passage_text(subject: str | None, passage: Passage) -> PassageText:
    """The passage as it is embedded, with subject and heading in front."""
    sentences = tuple((s - passage.start, e - passage.start) for s, e in passage.sentences)
    return PassageText(front_of(subject, passage), passage.text, sentences)
