"""How sure it is that what was found answers."""

from index.store import Snapshot
from qa.assurance import is_search, names_nothing_known, signals
from qa.confidence import confidence
from qa.search import Ranking

# Of an answer to mere key words that has them all.
_SEARCHED = 0.75


def sureness(ranking: Ranking, snapshot: Snapshot) -> float:
    """How likely the first passage answers, 0 to 1: it would be quoted first."""
    first = next(ranking.best(1), None)
    # The fit has no use for the second: its sets spell what they name wrong, or short.
    if first is None or names_nothing_known(ranking.query):
        return 0.0
    sure = confidence(signals(ranking, first, snapshot.locate(first.key).passage))
    # Key words ask for what tells of them: a passage with all of them does.
    return max(sure, _SEARCHED) if is_search(ranking.query, first) else sure
