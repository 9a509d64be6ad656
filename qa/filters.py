"""A ranking without what cannot answer, which a search shows behind all the same.

Whether what was written at another time tells of the time that a question names.

What opens articles and entries, spread over articles and days: where only a time is asked for,
that says most of what is told.
"""

import re
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta

import numpy as np
from numpy.typing import NDArray

from index.keys import place_of
from index.period import moments
from index.store import Located, Store
from qa.order import day_of
from qa.search import Candidate, Ranking
from qa.timex.ranges import Range

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


def sift(sifted: Sifted, is_kept: Callable[[Located], bool], snapshot: Store) -> Sifted:
    """Keep the best of those that are to be kept."""
    ranking = sifted.ranking
    looked_at = ranking.order[:_LOOKED_AT]
    kept = np.array(
        [is_kept(snapshot.locate(key)) for key in ranking.keys[looked_at].tolist()], np.bool_
    )
    behind = [looked_at[~kept], ranking.order[_LOOKED_AT:], sifted.behind]
    return Sifted(replace(ranking, order=looked_at[kept]), np.concatenate(behind))


_YEAR = re.compile(r"(?<!\d)(?:1\d{3}|20\d\d)(?!\d)")
# "The 2010 earthquake", "the tsunami of 2004"
_OF_THE_MATTER = re.compile(r"\b(?:the|of) (?P<year>(?:18|19|20)\d\d)\b(?![–%-]|[.,]\d)", re.I)
# Of more years at once it cannot be said that a text has to name one.
_MOST_YEARS = 3
# The year that a passage is about stands in it, before it, or where its article begins.
_BEFORE, NEARBY, _BEHIND, _OPENING = 1500, 300, 300, 600
_MOMENT = timedelta(microseconds=1)


def years_named(told: Range | None, phrase: str) -> frozenset[int]:
    """The years that the words name themselves; none where they name none, or many.

    >>> from qa.timex.ranges import of_months
    >>> sorted(years_named(of_months(2015, 1, 24), "in 2015 or 2016"))
    [2015, 2016]
    """
    if told is None or told.start is None or told.end is None or not _YEAR.search(phrase):
        return frozenset()
    years = range(told.start.year, (told.end - _MOMENT).year + 1)
    return frozenset(years) if len(years) <= _MOST_YEARS else frozenset()


def years_of_matter(text: str) -> frozenset[int]:
    """The years that belong to what is asked about, and do not say when.

    >>> years_of_matter("How strong was the 1960 earthquake?")
    frozenset({1960})
    """
    return frozenset(int(found["year"]) for found in _OF_THE_MATTER.finditer(text))


def tells_of(located: Located, years: frozenset[int], before: int = _BEFORE) -> bool:
    """Whether the passage, what stands around it, or what opens its article names one of them.

    Up to so many characters before it count. So does what is from such a year; what is from no
    known time may be.
    """
    article, passage = located.article, located.passage
    when = moments(article, passage.entry)
    if not when.is_known or datetime.fromtimestamp(when.earliest, UTC).year in years:
        return True
    texts = (
        article.title or "",
        passage.entry.heading or "" if passage.entry else "",
        article.text[max(0, passage.start - before) : passage.end + _BEHIND],
        article.text[:_OPENING],
    )
    return any(int(year) in years for text in texts for year in _YEAR.findall(text))


def lies_ahead(told: Range | None, newest: date | None) -> bool:
    """Whether all was written before that time began, so that nothing can tell of it."""
    if told is None or told.start is None or newest is None:
        return False
    return newest < told.start.date()


# So many are spread; what is shown is less.
_SPREAD = 24


def openings_first(ranking: Ranking, snapshot: Store) -> NDArray[np.int64]:
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
    candidates: Sequence[tuple[Candidate, float]], snapshot: Store
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
