"""What opens articles and entries, spread over articles and days: where only a time is asked for,
that says most of what is told."""

from collections import Counter
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from index.keys import place_of
from index.store import Located, Snapshot
from qa.search import Candidate, Ranking
from qa.timeline import day_of

# So many are spread; what is shown is less.
_SPREAD = 24


def openings_first(ranking: Ranking, snapshot: Snapshot) -> NDArray[np.int64]:
    """All candidates: those that open something, of articles and days by turns, then the others.

    Of what has been shown as often, the best comes first.
    """
    located = [snapshot.locate(key) for key in ranking.keys.tolist()]
    opens = np.array([_opens(each) for each in located], np.bool_)
    order = np.lexsort((-ranking.scores, ~opens))
    first = order[: int(opens.sum())].tolist()
    turns = _by_turns(first, located)
    return np.array([*turns, *order[len(turns) :]], dtype=np.int64)


def spread(
    candidates: Sequence[tuple[Candidate, float]], snapshot: Snapshot
) -> list[tuple[Candidate, float]]:
    """The same, of articles and days by turns: a course of events is told by several."""
    located = [snapshot.locate(each.key) for each, _ in candidates]
    return [candidates[place] for place in _by_turns(range(len(candidates)), located)]


def _by_turns(order: Sequence[int], located: Sequence[Located]) -> list[int]:
    """The same, each next one of the article, and then of the day, that came least before."""
    kinds = [(each.article.id, _day(each)) for each in located]
    left, taken = list(order), list[int]()
    articles, days = Counter[str](), Counter[str]()
    while left and len(taken) < _SPREAD:
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
