"""A ranking without what cannot answer, which a search shows behind all the same."""

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from index.store import Located, Snapshot
from qa.search import Ranking

# So many of the best are looked at; nothing behind them is cited.
_LOOKED_AT = 30


@dataclass(frozen=True, slots=True)
class Sifted:
    """A ranking of what may answer, and the places of the other candidates in their order."""

    ranking: Ranking
    behind: NDArray[np.int64]

    @property
    def whole(self) -> Ranking:
        """All candidates: those that may answer, then the others."""
        ranking = self.ranking
        return replace(ranking, order=np.concatenate([ranking.order, self.behind]))


def unsifted(ranking: Ranking) -> Sifted:
    """All of it may answer."""
    return Sifted(ranking, np.zeros(0, np.int64))


def sift(sifted: Sifted, is_kept: Callable[[Located], bool], snapshot: Snapshot) -> Sifted:
    """Keep the best of those that are to be kept."""
    ranking = sifted.ranking
    looked_at = ranking.order[:_LOOKED_AT]
    kept = np.array(
        [is_kept(snapshot.locate(key)) for key in ranking.keys[looked_at].tolist()], np.bool_
    )
    behind = [looked_at[~kept], ranking.order[_LOOKED_AT:], sifted.behind]
    return Sifted(replace(ranking, order=looked_at[kept]), np.concatenate(behind))
