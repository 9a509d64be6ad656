"""What the web faces need from the rest of the house, and no more."""

import time
from dataclasses import dataclass
from typing import Protocol

from index.article import Article
from index.dates import DateError, time_range
from qa.answer import Answer, Hit, Question

_HOUR = 3600


class Asks(Protocol):
    """Answers questions. Called from many threads at once."""

    def ask(self, question: Question) -> Answer:
        """The answer, or one with status `not_covered`."""
        ...


class Articles(Protocol):
    """Finds articles. Called from many threads at once."""

    def article(self, article_id: str) -> Article | None:
        """The article with that id, or None."""
        ...

    def version(self, article_id: str, digest: str) -> Article | None:
        """The article in the version of that digest, which may be its first 12 digits, or None."""
        ...


class Searches(Protocol):
    """Ranks passages, answering or not. Called from many threads at once."""

    def search(self, question: Question) -> list[Hit]:
        """Up to `question.k` passages, best first."""
        ...


@dataclass(frozen=True, slots=True)
class About:
    """What is searched, for people and for metrics.

    How many articles, the newest one's ISO date, the sources that a filter can name, how many
    passages, and bytes on disk; how many watched addresses could not be fetched, and after how many
    hours without a newer article the owner is warned, 0 for never.
    """

    articles: int
    newest: str | None = None
    sources: tuple[str, ...] = ()
    passages: int = 0
    bytes: int = 0
    unfetched: int = 0
    stale_after: int = 0

    @property
    def age(self) -> float | None:
        """Seconds since the newest article; None where no date is known."""
        if self.newest is None:
            return None
        try:
            start = time_range(self.newest).start
        except DateError:
            return None
        return max(0.0, time.time() - start.timestamp())

    @property
    def warning(self) -> str | None:
        """That no newer article came for too long, and what to look at; None where all is well."""
        if not self.stale_after or self.age is None or self.age < self.stale_after * _HOUR:
            return None
        return (
            f"the newest article is from {self.newest}, more than {self.stale_after} hours old: "
            "see `python -m index status` and what was not fetched, or set FOOTNOTE_STALE_AFTER"
        )
