"""A question to ranked passages: vectors and words propose, all evidence together ranks."""

from dataclasses import dataclass

import numpy as np

from index.catalogue import StoredPassage
from index.dates import time_range
from index.embed import Encoder
from index.lexical import Analyzer
from index.period import Period
from index.store import Snapshot
from index.vectors import Keys
from qa.answer import Hit, Question
from qa.evidence import Evidence, Query, best_sentence_cosine, read_query, weigh_passage
from qa.weights import RANKING

# Each of vectors and words proposes this many passages.
_PROPOSED = 100
# Reading a passage's words costs time; below this place by vectors and BM25 none has won yet.
_READ_CLOSELY = 60
# A passage without a word of the question and with no nearer a vector is no result at all.
_UNRELATED = 0.15


@dataclass(frozen=True, slots=True)
class Candidate:
    """A passage that may answer, the evidence for it, and its place in the ranking."""

    stored: StoredPassage
    evidence: Evidence
    score: float


@dataclass(frozen=True, slots=True)
class Ranking:
    """The question as it was understood and its candidates, best first."""

    query: Query
    candidates: tuple[Candidate, ...]


class Searcher:
    """Searches one snapshot of the index."""

    def __init__(self, snapshot: Snapshot, encoder: Encoder) -> None:
        self._snapshot = snapshot
        self._encoder = encoder
        self._analyzer = Analyzer()

    def search(self, question: Question) -> list[Hit]:
        """Up to `question.k` passages, best first; fewer where fewer have to do with it."""
        ranking = self.rank(question)
        return [
            Hit(candidate.stored.worded.passage, candidate.score)
            for candidate in ranking.candidates[: question.k]
        ]

    def rank(self, question: Question) -> Ranking:
        """All candidates that the question's filters let through."""
        vector = self._encoder.encode_query(question.text)
        query = read_query(question.text, vector, self._analyzer, self._snapshot.lexical)
        among = self._among(question)
        proposed = self._propose(query, max(_PROPOSED, question.k), among)
        candidates = sorted(self._weigh(query, proposed), key=lambda c: c.score, reverse=True)
        return Ranking(query, tuple(c for c in candidates if _is_related(c.evidence)))

    def _among(self, question: Question) -> Keys | None:
        if question.after is None and question.before is None and question.source is None:
            return None
        period = Period(
            after=time_range(question.after) if question.after else None,
            before=time_range(question.before) if question.before else None,
        )
        return self._snapshot.catalogue.keys_in(period, question.source)

    def _propose(self, query: Query, limit: int, among: Keys | None) -> dict[int, float]:
        """Keys of candidates, each with its BM25 score."""
        lexical, terms = self._snapshot.lexical, list(query.weights)
        scores = {match.key: match.score for match in lexical.search(terms, limit, among)}
        near = self._snapshot.vectors.nearest(query.vector, limit, among)
        missing = [int(key) for key in near if int(key) not in scores]
        scores |= dict.fromkeys(missing, 0.0)
        scores |= {m.key: m.score for m in lexical.search(terms, len(missing), missing)}
        return scores

    def _weigh(self, query: Query, proposed: dict[int, float]) -> list[Candidate]:
        keys = list(proposed)
        if not keys:
            return []
        stored = self._snapshot.catalogue.passages(keys)
        vectors = self._snapshot.vectors.vectors(np.array(keys, dtype=np.int64))
        cosines = dict(zip(keys, (vectors @ query.vector).tolist(), strict=True))
        rough = {key: _rough(query, stored[key], cosines[key], proposed[key]) for key in keys}
        closest = sorted(keys, key=lambda key: _score(rough[key]), reverse=True)[:_READ_CLOSELY]
        close = {
            key: weigh_passage(query, stored[key], cosines[key], proposed[key], self._analyzer)
            for key in closest
        }
        evidence = rough | close
        return [Candidate(stored[key], evidence[key], _score(evidence[key])) for key in keys]


def _rough(query: Query, stored: StoredPassage, cosine: float, bm25: float) -> Evidence:
    """The evidence that costs no reading of words."""
    return Evidence(
        passage_cosine=cosine,
        sentence_cosine=best_sentence_cosine(query, stored),
        bm25=bm25 / 10,
        sentence_coverage=0.0,
        coverage=0.0,
        phrase=0.0,
        missing_name=float(bool(query.names)),
    )


def _score(evidence: Evidence) -> float:
    return float(evidence.values() @ RANKING.weights)


def _is_related(evidence: Evidence) -> bool:
    return evidence.bm25 > 0 or evidence.sentence_cosine >= _UNRELATED
