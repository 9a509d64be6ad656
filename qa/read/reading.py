"""The most promising sentences of a ranking, each with its neighbours, read with the question."""

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import islice
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from index.article import Passage, Span
from index.embed import front_of
from index.split import subject_of
from index.store import Located, Store
from qa.quote import score_sentences
from qa.rank.weights import PROMISE, QUOTED
from qa.read.numbered import (
    as_written,
    item_asked,
    item_place,
    lack_amounts,
    list_asked,
    name_another,
)
from qa.search import Candidate, Ranking

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


# What is read of all windows together, in characters: about 550 tokens with titles and questions.
# Of 180 questions on news, 0.91 have their answer in that; in 1,600 characters 0.84 have, in 2,600
# 0.93, in the first six passages as a whole 0.96.
MOST_READ = 2_000
# A window past this is cut into two; a model reads 128 tokens at most.
_LONGEST = 400
# What a title and the question cost beside each window.
_FRONT = 100


@dataclass(frozen=True, slots=True)
class Promising:
    """A passage with how promising each of its sentences is, higher is better."""

    located: Located
    sentences: Sequence[float]


@dataclass(frozen=True, slots=True)
class Excerpt:
    """A run of sentences of a passage, `first` to `last`, as a window to be read."""

    located: Located
    first: int
    last: int

    @property
    def start(self) -> int:
        """Where its text begins in the article."""
        return self.located.passage.sentences[self.first][0]

    @property
    def window(self) -> Window:
        """What is read: the article's text as it stands there, with what stands in front."""
        article, passage = self.located.article, self.located.passage
        spans = passage.sentences[self.first : self.last + 1]
        start = self.start
        return Window(
            title=" . ".join(_front(self.located).splitlines()),
            text=article.text[start : spans[-1][1]],
            sentences=tuple((first - start, last - start) for first, last in spans),
        )


def excerpts(passages: Sequence[Promising], most: int = MOST_READ) -> list[Excerpt]:
    """The most promising sentences with those beside them, until `most` characters are taken.

    The best is always taken. Sentences that stand together are read together.
    """
    taken: dict[int, set[int]] = {}
    left = most
    for place, sentence in _best_first(passages):
        own = taken.setdefault(place, set())
        spans = passages[place].located.passage.sentences
        if passages[place].sentences[sentence] == _NEVER:
            continue
        near = range(max(sentence - 1, 0), min(sentence + 2, len(spans)))
        new = {at for at in near if passages[place].sentences[at] != _NEVER} - own
        cost = sum(spans[at][1] - spans[at][0] for at in new) + (0 if own else _FRONT)
        if sentence in own:
            continue
        if cost > left and left < most:
            break
        own |= new
        left -= cost
    return [
        Excerpt(passages[place].located, first, last)
        for place, own in taken.items()
        for first, last in _runs(sorted(own), passages[place].located.passage.sentences)
    ]


def _best_first(passages: Sequence[Promising]) -> Iterator[tuple[int, int]]:
    scored = [
        (score, -place, -sentence)
        for place, passage in enumerate(passages)
        for sentence, score in enumerate(passage.sentences)
    ]
    for _, place, sentence in sorted(scored, reverse=True):
        yield -place, -sentence


def _runs(own: Sequence[int], spans: Sequence[tuple[int, int]]) -> Iterator[tuple[int, int]]:
    """First and last of sentences that stand together, cut where a window would be too long."""
    first = last = own[0] if own else 0
    for at in own[1:]:
        if at != last + 1 or spans[at][1] - spans[first][0] > _LONGEST:
            yield first, last
            first = at
        last = at
    if own:
        yield first, last


# Sentences of so many passages may be read.
_PASSAGES = 6
# What a passage's place in the ranking takes from each of its sentences.
_LATER = 0.07


@dataclass(frozen=True, slots=True)
class ReadSentence:
    """A sentence of a candidate, by its place there, as it was read.

    `promise` is what made it worth reading: how well its words fit, or those of the sentence that
    it goes on from, less for a later passage. `log_odds` are of its answering; `answer` are the
    words that do, in the article.
    """

    candidate: Candidate
    place: int
    promise: float
    log_odds: float
    answer: Span | None

    @property
    def score(self) -> float:
        """Log-odds of its answering by both: reading and searching err about different sentences.

        The reader's own count where the sentence promises 1, as one does that fits well.
        """
        return self.log_odds + PROMISE * (self.promise - 1.0)

    @property
    def preference(self) -> float:
        """The higher, the rather it is quoted first."""
        return QUOTED.preference(self.log_odds, self.promise)


def read_ranking(reader: Reader, ranking: Ranking, store: Store) -> list[ReadSentence]:
    """The sentences that were read, the one to quote first."""
    candidates = {each.key: each for each in islice(ranking.best(_PASSAGES), _PASSAGES)}
    located = store.located(list(candidates))
    texts = [each.passage.text for each in located]
    question = as_written(ranking.query.text, texts)
    # The title of an article names what is in it, too.
    lacking = lack_amounts(question, [f"{_front(each)}{each.passage.text}" for each in located])
    both = zip(candidates.values(), located, strict=True)
    promising = {
        candidate.key: _promising(ranking, question, candidate, at, each)
        for at, (candidate, each) in enumerate(both)
        if not lacking[at]
    }
    number = item_asked(question)
    listing = {key: each for key, each in promising.items() if number and _lists(number, each)}
    if listing and (whole := list_asked(question)):
        # A reader finds the list and does not count.
        question, promising = whole, listing
    chosen = excerpts(list(promising.values()))
    if not chosen:
        return []
    readings = reader.read(question, [each.window for each in chosen])
    found = [
        _sentence(candidates, promising, excerpt, at, reading)
        for excerpt, of_window in zip(chosen, readings, strict=True)
        for at, reading in enumerate(of_window)
    ]
    if number is not None:
        answers = {(each.candidate.key, each.place): each.answer for each in found}
        found = [
            _nth(number, each, promising[each.candidate.key].located.passage, answers)
            for each in found
        ]
    return sorted(found, key=lambda each: -each.preference)


def _front(located: Located) -> str:
    return front_of(subject_of(located.article), located.passage)


def _lists(number: int, promising: Promising) -> bool:
    """Whether the passage has a list with that item."""
    passage = promising.located.passage
    sentences = [passage.words(each) for each in passage.sentences]
    return any(item_place(number, sentences, at) is not None for at in range(len(sentences)))


def _promising(
    ranking: Ranking, question: str, candidate: Candidate, at: int, located: Located
) -> Promising:
    passage = located.passage
    scores = score_sentences(ranking.query, candidate.sentences, passage)
    others = name_another(question, [passage.words(each) for each in passage.sentences])
    return Promising(
        located,
        [
            _NEVER if is_other else score - _LATER * at
            for score, is_other in zip(scores.tolist(), others, strict=True)
        ],
    )


def _sentence(
    candidates: Mapping[int, Candidate],
    promising: Mapping[int, Promising],
    excerpt: Excerpt,
    at: int,
    reading: SentenceReading,
) -> ReadSentence:
    start, place, key = excerpt.start, excerpt.first + at, excerpt.located.key
    words = reading.words
    answer = (start + words[0], start + words[1]) if words else None
    # What it is about may stand in the sentence before.
    promise = max(promising[key].sentences[max(place - 1, 0) : place + 1])
    return ReadSentence(candidates[key], place, promise, reading.log_odds, answer)


# What a sentence promises that is not read.
_NEVER = -math.inf


def _nth(
    number: int,
    read: ReadSentence,
    passage: Passage,
    answers: Mapping[tuple[int, int], Span | None],
) -> ReadSentence:
    """That item of a list, where another item of it was read, or what announces it.

    `answers` are the words that answer, by candidate and place.
    """
    sentences = [passage.words(each) for each in passage.sentences]
    place = item_place(number, sentences, read.place)
    if place is None or place == read.place:
        return read
    return replace(read, place=place, answer=answers.get((read.candidate.key, place)))
