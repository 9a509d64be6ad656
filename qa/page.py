"""The page that a question is asked on, where the index holds it as an article."""

from dataclasses import replace

from index.period import Selection
from index.store import Snapshot
from qa.answer import Question


def page_article(question: Question, snapshot: Snapshot) -> str | None:
    """The id of the article whose address is that of the page, or None."""
    numbers = snapshot.numbers_at(question.page_url)
    article = snapshot.article_numbered(numbers[0]) if numbers else None
    return article.id if article else None


def on_page(question: Question, selection: Selection, snapshot: Snapshot) -> Selection:
    """The selection, narrowed to the page's article where the question asks for that.

    Of a page that is no article there is nothing to be found.
    """
    if question.within != "page":
        return selection
    return replace(selection, articles=frozenset(snapshot.numbers_at(question.page_url)))
