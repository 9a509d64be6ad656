"""What the web faces need from the rest of the house, and no more."""

from dataclasses import dataclass
from typing import Protocol

from index.article import Article
from qa.answer import Answer, Hit, Question


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
    passages, and bytes on disk.
    """

    articles: int
    newest: str | None = None
    sources: tuple[str, ...] = ()
    passages: int = 0
    bytes: int = 0
