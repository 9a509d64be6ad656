"""The most promising sentences of a ranking, read with the question."""

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import islice

from index.article import Span
from index.store import Located, Store
from qa.quote import score_sentences
from qa.rank.weights import PROMISE
from qa.read.reader import Reader, SentenceReading
from qa.read.windows import Excerpt, Promising, excerpts
from qa.search import Candidate, Ranking

# Sentences of so many passages may be read.
_PASSAGES = 6
# What a passage's place in the ranking takes from each of its sentences.
_LATER = 0.04


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
    return sorted(found, key=lambda each: -each.score)


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
