"""What a reader is: windows of sentences in, how likely each sentence answers and by which words.

A reader gives each token of a window a score as the first and one as the last of the words that
answer, and "nothing here answers" the scores of the first token of all (Devlin et al., 2019, as
for SQuAD 2). Over all spans together that is a distribution:

    p(i, j)  ∝  exp(start_i + end_j),      p(nothing)  ∝  exp(start_0 + end_0)

so that a sentence answers with the sum over the spans inside it.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from index.article import Span

Floats = NDArray[np.float32]
# Words that answer are few; longer spans are never the best, and cost time.
LONGEST_SPAN = 30
_NOTHING = np.float32(-1e9)


@dataclass(frozen=True, slots=True)
class Window:
    """Neighbouring sentences of an article as they are read: `sentences` are spans in `text`."""

    title: str
    text: str
    sentences: tuple[Span, ...]


@dataclass(frozen=True, slots=True)
class SentenceReading:
    """How likely one sentence of a window answers, and the words that do.

    `log_odds` are of its answering against nothing in the window answering; `words` is the span
    in the window's text, inside the sentence; None where no span of tokens lies in it.
    """

    log_odds: float
    words: Span | None


class Reader(Protocol):
    """Reads windows for a question. Safe to share by threads."""

    def read(self, question: str, windows: Sequence[Window]) -> list[list[SentenceReading]]:
        """One list a window, one reading a sentence, in their order."""


UNREAD = SentenceReading(float("-inf"), None)


def read_sentences(
    starts: Floats, ends: Floats, offsets: Sequence[Span | None], sentences: Sequence[Span]
) -> list[SentenceReading]:
    """The readings of a window's sentences from the scores of its tokens, shape (tokens,).

    `offsets` are the tokens' spans in the window's text, None for those of question, title and
    signs that no text holds. A token is of the sentence that it begins in; what stands between
    sentences is of none.
    """
    places = np.array([at for at, span in enumerate(offsets) if span is not None], np.int64)
    if not len(places) or not len(sentences):
        return [UNREAD for _ in sentences]
    spans = np.array([offsets[at] for at in places.tolist()], np.int64)
    of_sentence = _of_sentences(spans[:, 0], np.array(sentences, np.int64).reshape(-1, 2))
    scores = _span_scores(starts[places], ends[places], of_sentence)
    nothing = float(starts[0] + ends[0])
    return [
        _reading(scores, np.flatnonzero(of_sentence == place), spans, end, nothing)
        for place, (_, end) in enumerate(sentences)
    ]


def _of_sentences(starts: NDArray[np.int64], sentences: NDArray[np.int64]) -> NDArray[np.int64]:
    """The place of the sentence in which each token starts, -1 where it is in none."""
    places = np.searchsorted(sentences[:, 0], starts, "right") - 1
    return np.where(starts < sentences[places, 1], places, -1)


def _span_scores(starts: Floats, ends: Floats, of_sentence: NDArray[np.int64]) -> Floats:
    """Scores of spans by first token and length - 1, shape (tokens, LONGEST_SPAN)."""
    last = np.arange(len(starts))[:, np.newaxis] + np.arange(LONGEST_SPAN)
    inside = last < len(starts)
    last = np.minimum(last, len(starts) - 1)
    inside &= of_sentence[last] == of_sentence[:, np.newaxis]
    return np.where(inside, starts[:, np.newaxis] + ends[last], _NOTHING)


def _reading(
    scores: Floats, own: NDArray[np.int64], spans: NDArray[np.int64], end: int, nothing: float
) -> SentenceReading:
    if not len(own):
        return UNREAD
    rows = scores[own]
    best = int(rows.argmax())
    first, length = own[best // LONGEST_SPAN], best % LONGEST_SPAN
    top = float(rows.flat[best])
    total = top + float(np.log(np.exp(rows - top).sum()))
    words = int(spans[first, 0]), min(int(spans[first + length, 1]), end)
    return SentenceReading(total - nothing, words)
