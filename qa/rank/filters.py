"""Filters and diversifies rankings: drop what cannot answer, mix articles and days."""

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime

import numpy as np
from numpy.typing import NDArray

from index.keys import place_of
from index.store import Located, Store
from qa.cite import Chosen
from qa.order import day_of
from qa.search import Ranking
from qa.timex.grammar import YEAR

# How many of the best are looked at; nothing after them is cited.
_LOOKED_AT = 30
# How many are diversified; fewer are shown.
_DIVERSIFIED = 24
# The year that a passage is about is in it, near it, or where its article begins.
_BEFORE, _AFTER, _OPENING = 1500, 300, 600


@dataclass(frozen=True, slots=True)
class Filtered:
    """A ranking of what may answer, and the places of the other candidates, in order."""

    kept: Ranking
    demoted: NDArray[np.int64]

    @property
    def whole(self) -> Ranking:
        """All candidates: those that may answer, then the others."""
        return replace(self.kept, order=np.concatenate([self.kept.order, self.demoted]))


def keep_all(ranking: Ranking) -> Filtered:
    """A filter that keeps everything."""
    return Filtered(ranking, np.zeros(0, np.int64))


def keep(ranking: Ranking, is_kept: Callable[[Located], bool], store: Store) -> Filtered:
    """Keep those of the best that pass `is_kept`; the others are demoted."""
    looked_at = ranking.order[:_LOOKED_AT]
    located = store.located(ranking.keys[looked_at].tolist())
    kept = np.array([is_kept(each) for each in located], np.bool_)
    demoted = np.concatenate([looked_at[~kept], ranking.order[_LOOKED_AT:]])
    return Filtered(replace(ranking, order=looked_at[kept]), demoted)


def names_year(located: Located, years: frozenset[int], before: int = _BEFORE) -> bool:
    """Whether the passage, the text around it, or its article's opening names one of the years.

    `before` characters before it count. True as well if the passage is from such a year, or its
    time is unknown.
    """
    article, passage = located.article, located.passage
    when = located.when
    if not when.is_known or datetime.fromtimestamp(when.earliest, UTC).year in years:
        return True
    texts = (
        article.title or "",
        passage.entry.heading or "" if passage.entry else "",
        article.text[max(0, passage.start - before) : passage.end + _AFTER],
        article.text[:_OPENING],
    )
    return any(int(year) in years for text in texts for year in YEAR.findall(text))


def openings_first(ranking: Ranking, store: Store) -> Ranking:
    """All candidates: those that open an article or entry, diversified, then the others.

    For a question that asks only for a time, openings say the most.
    """
    located = store.located(ranking.keys.tolist())
    opens = np.array([_opens(each) for each in located], np.bool_)
    order = np.lexsort((-ranking.scores, ~opens))
    first = order[: int(opens.sum())].tolist()
    turns = _by_turns(first, located)
    return replace(ranking, order=np.array([*turns, *order[len(turns) :]], dtype=np.int64))


def diversify(chosen: Sequence[Chosen], store: Store) -> list[Chosen]:
    """The same, of articles and days by turns: a course of events is told by several."""
    located = store.located([each.candidate.key for each in chosen])
    return [chosen[place] for place in _by_turns(range(len(chosen)), located)]


def _by_turns(order: Sequence[int], located: Sequence[Located]) -> list[int]:
    """The same, each next one from the article, and then from the day, used least so far.

    Of equals, the first.
    """
    kinds = [(each.article.id, _day(each)) for each in located]
    left, taken = list(order), list[int]()
    articles, days = Counter[str](), Counter[str]()
    while left and len(taken) < _DIVERSIFIED:
        best = min(left, key=lambda place: (articles[kinds[place][0]], days[kinds[place][1]]))
        article, day = kinds[best]
        articles[article] += 1
        days[day] += 1
        left.remove(best)
        taken.append(best)
    return [*taken, *left]


def _opens(located: Located) -> bool:
    passage = located.passage
    return passage.start <= passage.entry.body if passage.entry else place_of(located.key) == 0


def _day(located: Located) -> str:
    return day_of(located.article, located.passage) or ""
