"""What opens articles and entries, spread over articles and days: where only a time is asked for,
that says most of what is told."""

from collections import Counter
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from index.keys import place_of
from index.store import Located, Snapshot
from qa.search import Ranking
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
    spread = _by_turns(first, [(each.article.id, _day(each)) for each in located])
    return np.array([*spread, *order[len(spread) :]], dtype=np.int64)


def _by_turns(order: Sequence[int], kinds: Sequence[tuple[str, str]]) -> list[int]:
    """The same, each next one of the article, and then of the day, that came least before."""
    left, spread = list(order), list[int]()
    articles, days = Counter[str](), Counter[str]()
    while left and len(spread) < _SPREAD:
        best = min(left, key=lambda place: (articles[kinds[place][0]], days[kinds[place][1]]))
        article, day = kinds[best]
        articles[article] += 1
        days[day] += 1
        left.remove(best)
        spread.append(best)
    return [*spread, *left]


def _opens(located: Located) -> bool:
    passage = located.passage
    return passage.start <= passage.entry.body if passage.entry else place_of(located.key) == 0


def _day(located: Located) -> str:
    return day_of(located.article, located.passage) or ""
