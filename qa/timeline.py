"""On which days the passages that match a question were told."""

from collections import Counter
from collections.abc import Iterable

from index.article import Article, Passage
from index.store import Snapshot
from qa.search import Ranking

# So many of the best are looked at: further ones only share a word.
_LOOKED_AT = 60
# A passage far less fitting than the best only shares a word with the question.
_AS_FITTING = 0.5


def days(snapshot: Snapshot, ranking: Ranking) -> tuple[tuple[str, int], ...]:
    """ISO days, oldest first, each with how many passages of it match; without undated ones."""
    located = (snapshot.locate(key) for key in _matching(ranking))
    told = (day_of(each.article, each.passage) for each in located)
    return counted(day for day in told if day is not None)


def counted(told: Iterable[str]) -> tuple[tuple[str, int], ...]:
    """Each day with how often it is told, oldest first."""
    return tuple(sorted(Counter(told).items()))


def day_of(article: Article, passage: Passage) -> str | None:
    """The day of a passage, where it is known to the day.

    The entry's own in a live blog, else that of the publication.
    """
    when = (passage.entry.time if passage.entry else None) or article.published or ""
    day = when[:10]
    is_day = len(day) == 10 and day[4] == day[7] == "-"
    return day if is_day else None


def _matching(ranking: Ranking) -> list[int]:
    found = list(ranking.best(_LOOKED_AT))
    if not found:
        return []
    scores = [candidate.score for candidate in found]
    least = scores[0] - _AS_FITTING * (scores[0] - min(scores))
    return [
        each.key
        for each in found
        if each.score >= least and bool(ranking.matches.related[each.place])
    ]
