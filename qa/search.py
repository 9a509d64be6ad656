"""A question to ranked passages: vectors and words propose, all evidence together ranks.

The page that a question is asked on, where the index holds it as an article.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from index.analysis import Analyzer, term_codes
from index.dates import time_range
from index.embed import passage_text
from index.keys import Keys
from index.period import Period, Selection
from index.split import subject_of
from index.store import Store
from qa.answer import Hit, Question
from qa.nearness import beside, keys_of, nearness
from qa.rank.features import MEASURES, Matches, SentenceMatches, look_closer, match
from qa.rank.rerank import RERANKED, Reranker, rank_anew
from qa.rank.weights import FOLLOW_UP, RANKING, FollowUp
from qa.understand.followup import Understood, understand
from qa.understand.query import Query, QueryEncoder, read_query


def page_article(question: Question, snapshot: Store) -> str | None:
    """The id of the article whose address is that of the page, or None."""
    numbers = snapshot.articles_at(question.page_url)
    article = snapshot.article_numbered(numbers[0]) if numbers else None
    return article.id if article else None


def on_page(question: Question, selection: Selection, snapshot: Store) -> Selection:
    """The selection, narrowed to the page's article where the question asks for that.

    Of a page that is no article there is nothing to be found.
    """
    if question.within != "page":
        return selection
    return replace(selection, articles=frozenset(snapshot.articles_at(question.page_url)))


# Each of vectors and words proposes this many passages, and as many of all are looked into.
_PROPOSED = 100
# Of so many, words of like meaning are looked for too.
_PROMISING = 24
# The usual constant of reciprocal-rank fusion.
_DAMPING = 60
# A passage without a word of the question and with no nearer a vector is no result at all.
_UNRELATED = 0.15
_SENTENCE_COSINE = MEASURES.index("sentence_cosine")


class Prior(Protocol):
    """What speaks for passages whatever the question's words are, such as their time."""

    def __call__(self, keys: Keys, focus: NDArray[np.float64]) -> NDArray[np.float64]:
        """What to add to the score of each, shape (passages,); `focus` as in `Matches`."""


@dataclass(frozen=True, slots=True)
class Candidate:
    """A passage that may answer, its place in the matches, the evidence for it and its score."""

    place: int
    key: int
    evidence: NDArray[np.float64]
    score: float
    sentences: SentenceMatches


@dataclass(frozen=True, slots=True)
class Ranking:
    """The question as it was understood and the passages that have to do with it.

    `order` are the places of candidates in `keys` and `matches`, the best first.
    """

    understood: Understood
    query: Query
    keys: Keys
    matches: Matches
    scores: NDArray[np.float64]
    order: NDArray[np.int64]

    def best(self, limit: int | None = None) -> Iterator[Candidate]:
        """Candidates, best first; all, or up to `limit`."""
        for place in self.order[:limit].tolist():
            yield Candidate(
                place=place,
                key=int(self.keys[place]),
                evidence=self.matches.evidence[place],
                score=float(self.scores[place]),
                sentences=self.matches.sentences(place),
            )


class Searcher:
    """Searches one snapshot of the index."""

    def __init__(
        self,
        snapshot: Store,
        encoder: QueryEncoder,
        reranker: Reranker | None = None,
        follow_up: FollowUp = FOLLOW_UP,
    ) -> None:
        self._snapshot = snapshot
        self._encoder = encoder
        self._reranker = reranker
        self._follow_up = follow_up
        self._analyzer = Analyzer()

    def search(self, question: Question) -> list[Hit]:
        """Up to `question.k` passages, best first; fewer where fewer have to do with it."""
        return [
            Hit(self._snapshot.locate(candidate.key).passage, candidate.score)
            for candidate in self.rank(question).best(question.k)
        ]

    def understand(self, question: Question) -> Understood:
        """What is searched for: the question, with what it leaves to its history."""
        return understand(question, self._likeness)

    def rank(
        self,
        question: Question,
        among: Selection | None = None,
        prior: Prior | None = None,
        understood: Understood | None = None,
    ) -> Ranking:
        """All candidates that the question's filters let through, or that are `among` others.

        `understood` is what is searched for where that is not what `understand` says.
        """
        snapshot = self._snapshot
        understood = understood or self.understand(question)
        query = read_query(
            understood, self._encoder, self._analyzer, snapshot, self._follow_up.carried
        )
        cited = keys_of(understood.cited, snapshot)
        selection = selection_of(question) if among is None else among
        selection = on_page(question, selection, snapshot)
        keys = self._propose(query, max(_PROPOSED, question.k), selection)
        if selection.is_everything:
            keys = np.union1d(keys, beside(cited)) if len(cited) else keys
        rows = snapshot.rows(keys)
        follow_up = self._follow_up
        near = follow_up.nearness * nearness(rows.keys, cited, follow_up.again)
        matches = match(query, rows, snapshot)
        given = near + prior(rows.keys, matches.focus) if prior is not None else near
        likely = matches.evidence @ RANKING.weights + given
        promising = np.argsort(-likely, kind="stable")[:_PROMISING]
        matches = look_closer(query, matches, promising, snapshot)
        scores = matches.evidence @ RANKING.weights + given
        order = np.argsort(-scores, kind="stable")
        order = order[_are_related(matches)[order]]
        return self._rerank(Ranking(understood, query, rows.keys, matches, scores, order))

    def _likeness(self, name: str, others: Sequence[str]) -> Sequence[float]:
        """How alike names are by the vectors of their words; those that share a word are most."""
        said = [self._analyzer.terms(each) for each in (name, *others)]
        vectors = [self._snapshot.word_vectors(term_codes(terms)).sum(axis=0) for terms in said]
        lengths = [float(np.linalg.norm(vector)) or 1.0 for vector in vectors]
        return [
            float(vectors[0] @ vector) / (lengths[0] * length)
            + float(not set(said[0]).isdisjoint(terms))
            for vector, length, terms in zip(vectors[1:], lengths[1:], said[1:], strict=True)
        ]

    def _rerank(self, ranking: Ranking) -> Ranking:
        """The best candidates ranked anew where there is a reranker; the others behind them."""
        best = ranking.keys[ranking.order[:RERANKED]].tolist()
        if self._reranker is None or not best:
            return ranking
        given = self._reranker.scores(ranking.query.text, [self._read(key) for key in best])
        order, scores = rank_anew(ranking.order, ranking.scores, given)
        return replace(ranking, scores=scores, order=order)

    def _read(self, key: int) -> str:
        """A passage as models read it, with title and heading in front."""
        located = self._snapshot.locate(key)
        return passage_text(subject_of(located.article), located.passage).whole

    def _propose(self, query: Query, limit: int, selection: Selection) -> Keys:
        """Keys of up to `limit` candidates, each once."""
        by_words = self._snapshot.bm25(query.content_terms, limit, selection)
        by_vector = self._snapshot.nearest(query.vector, limit, selection)
        return fused(by_words, by_vector)[:limit]


def fused(*rankings: Keys) -> Keys:
    """All keys of several rankings by reciprocal-rank fusion (Cormack et al., 2009), best first."""
    keys, place = np.unique(np.concatenate(rankings), return_inverse=True)
    ranks = np.concatenate([np.arange(len(ranking)) for ranking in rankings])
    scores = np.bincount(place, weights=1 / (_DAMPING + 1 + ranks), minlength=len(keys))
    return keys[np.argsort(-scores, kind="stable")]


def selection_of(question: Question) -> Selection:
    """The passages that the question's filters let through."""
    period = Period(
        after=time_range(question.after) if question.after else None,
        before=time_range(question.before) if question.before else None,
    )
    return Selection(period, question.source)


def _are_related(matches: Matches) -> NDArray[np.bool_]:
    return matches.related | (matches.evidence[:, _SENTENCE_COSINE] >= _UNRELATED)
