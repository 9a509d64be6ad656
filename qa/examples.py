"""Questions to begin with and to go on with, each asked of the archive before it is offered."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import chain, islice, zip_longest
from pathlib import Path

from index.suggest import Suggested, read_suggestions
from qa.answer import Answer, Question
from qa.question import BadQuestionError, read_question

_COUNT = 3
# So many are asked at most, so that a server of a great archive is soon there.
_TRIED = 40
_GOLDEN = (5**0.5 - 1) / 2

Ask = Callable[[Question], Answer]


def example_questions(
    ask: Ask, suggested: Iterable[Suggested], titles: Iterable[str], limit: int = _COUNT
) -> list[str]:
    """Up to `limit` questions that the archive answers; titles serve where no question was made.

    A question is offered only where the article it was made from is cited first, and of each
    article one. They are of articles far apart in the archive, and begin with different words as
    far as that goes: the first of them tell of one folder.
    """
    found: dict[str, Suggested] = {}
    spare: dict[str, Suggested] = {}
    for each in islice(_spread(suggested), _TRIED):
        if each.article_id in found or not answers(ask, each.question, each.article_id):
            continue
        kinds = {other.kind for other in found.values()}
        (spare if each.kind in kinds else found).setdefault(each.article_id, each)
        if len(found) == limit:
            break
    left = (each for key, each in spare.items() if key not in found)
    questions = [each.question for each in (*found.values(), *left)][:limit]
    titled = (title for title in titles if answers(ask, title))
    return [*questions, *islice(titled, limit - len(questions))]


def _spread(suggested: Iterable[Suggested]) -> Iterator[Suggested]:
    """The questions of articles by turns, articles that follow each other far apart.

    >>> [each.question for each in _spread([Suggested(sign, sign) for sign in "abcde"])]
    ['a', 'c', 'e', 'b', 'd']
    """
    of_article: dict[str, list[Suggested]] = {}
    for each in suggested:
        of_article.setdefault(each.article_id, []).append(each)
    # A golden part of a turn for each: near ones lie far apart on the circle.
    places = sorted(range(len(of_article)), key=lambda place: place * _GOLDEN % 1)
    lists = list(of_article.values())
    rounds = zip_longest(*(lists[place] for place in places))
    return filter(None, chain.from_iterable(rounds))


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


def answers(ask: Ask, text: str, article_id: str | None = None) -> bool:
    """Whether the archive answers, and by this article first where one is named."""
    try:
        question = read_question({"question": text})
    except BadQuestionError:
        return False
    citations = ask(question).citations
    return bool(citations) and article_id in (None, citations[0].article.id)
