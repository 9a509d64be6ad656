"""What the web faces need from the rest of the house, and no more."""

from dataclasses import dataclass
from typing import Protocol

from index.article import Article
from qa.answer import Answer, Question


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


@dataclass(frozen=True, slots=True)
class About:
    """What is searched, for people to read.

    How many articles, the newest one's ISO date, and the sources that a filter can name.
    """

    articles: int
    newest: str | None = None
    sources: tuple[str, ...] = ()
