"""Questions to begin with and to go on with, each asked of the archive before it is offered."""

from collections.abc import Callable, Iterable, Sequence
from itertools import islice
from pathlib import Path

from index.suggest import Suggested, read_suggestions
from qa.answer import Answer, Question
from qa.question import BadQuestionError, read_question

_COUNT = 3
# So many are asked at most, so that a server of a great archive is soon there.
_TRIED = 40

Ask = Callable[[Question], Answer]


def example_questions(
    ask: Ask, suggested: Iterable[Suggested], titles: Iterable[str], limit: int = _COUNT
) -> list[str]:
    """Up to `limit` questions that the archive answers; titles serve where no question was made.

    A question is offered only where the article it was made from is cited first, and of each
    article one.
    """
    found: dict[str, str] = {}
    for each in islice(suggested, _TRIED):
        if each.article_id not in found and _answers(ask, each.question, each.article_id):
            found[each.article_id] = each.question
        if len(found) == limit:
            return list(found.values())
    titled = (title for title in titles if _answers(ask, title))
    return [*found.values(), *islice(titled, limit - len(found))]


class QuestionsOf:
    """The questions that were made from an article, read anew after each build."""

    def __init__(self, data: Path, generation: Callable[[], int]) -> None:
        self._data, self._generation = data, generation
        self._read = (0, dict[str, list[str]]())

    def __call__(self, article_id: str) -> Sequence[str]:
        """The questions, perhaps none."""
        generation = self._generation()
        if self._read[0] != generation:
            self._read = (generation, self._by_article())
        return self._read[1].get(article_id, ())

    def _by_article(self) -> dict[str, list[str]]:
        found: dict[str, list[str]] = {}
        for each in read_suggestions(self._data):
            found.setdefault(each.article_id, []).append(each.question)
        return found


def _answers(ask: Ask, text: str, article_id: str | None = None) -> bool:
    """Whether the archive answers, and by this article first where one is named."""
    try:
        question = read_question({"question": text})
    except BadQuestionError:
        return False
    citations = ask(question).citations
    return bool(citations) and article_id in (None, citations[0].article.id)
