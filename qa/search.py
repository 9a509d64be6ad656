"""A question to ranked passages: vectors and BM25 propose, all features together rank."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from index.analysis import Analyzer, Codes
from index.embed import passage_text
from index.keys import Keys
from index.period import Selection
from index.split import subject_of
from index.store import Store
from qa.answer import Hit, Question, Understood
from qa.rank.features import FEATURES, Matches, SentenceMatches, look_closer, match
from qa.rank.priors import Prior
from qa.rank.rerank import RERANKED, Reranker, rerank
from qa.rank.weights import CARRIED, RANKING
from qa.rules import NeverCitedFor
from qa.understand.followup import understand
from qa.understand.forms import Forms
from qa.understand.query import Query, QueryEncoder, read_query

# Each of vectors and words proposes this many passages, and as many of all are looked into.
_PROPOSED = 100
# Of so many, words of similar meaning are looked for too.
_PROMISING = 24
# The usual constant of reciprocal-rank fusion.
_DAMPING = 60
# A passage without a word of the question and with no nearer a vector is no result at all.
_UNRELATED = 0.15
_SENTENCE_COSINE = FEATURES.index("sentence_cosine")


@dataclass(frozen=True, slots=True)
class Candidate:
    """A passage that may answer, its place in the matches, its features and its score."""

    place: int
    key: int
    features: NDArray[np.float64]
    score: float
    matches: Matches

    @property
    def sentences(self) -> SentenceMatches:
        """What of the question is in each of its sentences."""
        return self.matches.sentences(self.place)


@dataclass(frozen=True, slots=True)
class Ranking:
    """A question and the passages that have to do with it.

    `order` are the places of candidates in `keys` and `matches`, the best first.
    """

    query: Query
    keys: Keys
    matches: Matches
    scores: NDArray[np.float64]
    order: NDArray[np.int64]

    def best_keys(self, limit: int) -> list[int]:
        """The keys of up to `limit` candidates, best first, without looking into them."""
        keys: list[int] = self.keys[self.order[:limit]].tolist()
        return keys

    def headed(self, codes: Codes, limit: int) -> list[int]:
        """Of the best keys, those in whose title or heading all terms of these codes stand."""
        texts, sought = self.matches.texts, set(codes.tolist())
        keys: list[int] = []
        for place in self.order[:limit].tolist():
            front = int(self.matches.first[place])
            first, count = int(texts.starts[front]), int(texts.counts[front])
            if sought.issubset(texts.terms[first : first + count].tolist()):
                keys.append(int(self.keys[place]))
        return keys

    def best(self, limit: int | None = None) -> Iterator[Candidate]:
        """Candidates, best first; all, or up to `limit`."""
        for place in self.order[:limit].tolist():
            yield Candidate(
                place=place,
                key=int(self.keys[place]),
                features=self.matches.features[place],
                score=float(self.scores[place]),
                matches=self.matches,
            )


class Searcher:
    """Searches one store of the index."""

    def __init__(
        self,
        store: Store,
        encoder: QueryEncoder,
        reranker: Reranker | None = None,
        carried: float = CARRIED,
        synonyms: Iterable[Iterable[str]] = (),
        never_cited: NeverCitedFor | None = None,
    ) -> None:
        """`carried` is the part of its weight that a word of an earlier question has.

        `synonyms` are groups of words that mean the same here; `never_cited` tells which articles
        are not looked for.
        """
        self._store = store
        self._encoder = encoder
        self._reranker = reranker
        self._carried = carried
        self._analyzer = Analyzer()
        self._forms = Forms(store, synonyms)
        self._never_cited = never_cited

    def search(self, question: Question) -> list[Hit]:
        """Up to `question.k` passages, best first; fewer where fewer have to do with it."""
        return [
            Hit(self._store.locate(candidate.key).passage, candidate.score)
            for candidate in self.rank(question).best(question.k)
        ]

    def rank(
        self,
        question: Question,
        among: Selection | None = None,
        prior: Prior | None = None,
        wording: Understood | None = None,
    ) -> Ranking:
        """All candidates that the question's filters let through, or that are `among` others.

        `wording` is what is searched for where that is not what `understand` says.
        """
        store = self._store
        wording = wording or understand(question)
        query = read_query(
            wording, self._encoder, self._analyzer, store, self._carried, self._forms
        )
        selection = on_page(question, question.selection if among is None else among, store)
        selection = self.allowed(selection, question.text, wording.worded)
        keys = self._propose(query, max(_PROPOSED, question.k), selection)
        matches = match(query, store.rows(keys), store)
        added = self._added(prior, matches)
        promising = np.argsort(-(matches.features @ RANKING.weights + added), kind="stable")
        matches = look_closer(query, matches, promising[:_PROMISING], store)
        scores = matches.features @ RANKING.weights + added
        order = np.argsort(-scores, kind="stable")
        order = order[_are_related(matches)[order]]
        return self._rerank(Ranking(query, matches.rows.keys, matches, scores, order))

    def allowed(self, selection: Selection, *worded: str) -> Selection:
        """The selection without what is never cited for what is asked, in several wordings."""
        return self._never_cited.allowed(selection, *worded) if self._never_cited else selection

    def _added(self, prior: Prior | None, matches: Matches) -> NDArray[np.float64]:
        """What the prior adds to each score."""
        keys = matches.rows.keys
        if prior is None:
            return np.zeros(len(keys))
        return prior(keys, matches.focus, self._store.times(keys))

    def _rerank(self, ranking: Ranking) -> Ranking:
        """The best candidates ranked anew where there is a reranker; the others behind them."""
        best = ranking.best_keys(RERANKED)
        if self._reranker is None or not best:
            return ranking
        given = self._reranker.scores(ranking.query.text, [self._read(key) for key in best])
        order, scores = rerank(ranking.order, ranking.scores, given)
        return replace(ranking, scores=scores, order=order)

    def _read(self, key: int) -> str:
        """A passage as models read it, with title and heading in front."""
        located = self._store.locate(key)
        return passage_text(subject_of(located.article), located.passage).whole

    def _propose(self, query: Query, limit: int, selection: Selection) -> Keys:
        """Keys of up to `limit` candidates, each once."""
        by_words = self._store.bm25(query.sought_terms, limit, selection)
        by_vector = self._store.nearest(query.vector, limit, selection)
        return fused(by_words, by_vector)[:limit]


def fused(*rankings: Keys) -> Keys:
    """All keys of several rankings by reciprocal-rank fusion (Cormack et al., 2009), best first."""
    keys, place = np.unique(np.concatenate(rankings), return_inverse=True)
    ranks = np.concatenate([np.arange(len(ranking)) for ranking in rankings])
    scores = np.bincount(place, weights=1 / (_DAMPING + 1 + ranks), minlength=len(keys))
    return keys[np.argsort(-scores, kind="stable")]


def _are_related(matches: Matches) -> NDArray[np.bool_]:
    return matches.related | (matches.features[:, _SENTENCE_COSINE] >= _UNRELATED)


def page_article(question: Question, store: Store) -> str | None:
    """The id of the article whose address is that of the page, or None."""
    numbers = store.articles_at(question.page_url)
    article = store.article_numbered(numbers[0]) if numbers else None
    return article.id if article else None


def on_page(question: Question, selection: Selection, store: Store) -> Selection:
    """The selection, narrowed to the page's article where the question asks for that.

    Of a page that is no article there is nothing to be found.
    """
    if question.within != "page":
        return selection
    return replace(selection, articles=frozenset(store.articles_at(question.page_url)))
