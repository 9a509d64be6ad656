"""The most promising sentences of a ranking, each with its neighbours, read with the question."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice

from index.article import Span
from index.embed import front_of
from index.split import subject_of
from index.store import Located, Store
from qa.quote import score_sentences
from qa.rank.weights import PROMISE, QUOTED
from qa.read.reader import Reader, SentenceReading, Window
from qa.search import Candidate, Ranking

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
            title=" . ".join(front_of(subject_of(article), passage).splitlines()),
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
        new = {at for at in range(sentence - 1, sentence + 2) if 0 <= at < len(spans)} - own
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
    both = zip(candidates.values(), store.located(list(candidates)), strict=True)
    promising = {
        each.key: _promising(ranking, each, at, located) for at, (each, located) in enumerate(both)
    }
    chosen = excerpts(list(promising.values()))
    if not chosen:
        return []
    readings = reader.read(ranking.query.text, [each.window for each in chosen])
    found = [
        _sentence(candidates, promising, excerpt, at, reading)
        for excerpt, of_window in zip(chosen, readings, strict=True)
        for at, reading in enumerate(of_window)
    ]
    return sorted(found, key=lambda each: -each.preference)


def _promising(ranking: Ranking, candidate: Candidate, at: int, located: Located) -> Promising:
    scores = score_sentences(ranking.query, candidate.sentences, located.passage)
    return Promising(located, [score - _LATER * at for score in scores.tolist()])


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
