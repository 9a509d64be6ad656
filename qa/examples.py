"""Questions to begin with, each asked of the archive before it is offered."""

from collections.abc import Callable, Iterable, Iterator

from qa.answer import Answer, Question
from qa.question import BadQuestionError, read_question

# For the sample archive. Another archive is offered those of them that it answers, if any.
SAMPLE_QUESTIONS = (
    "Who stayed in orbit while the others walked on the Moon?",
    "How did countries vote on the annexation at the United Nations?",
    "Why did air traffic over Europe stop in 2010?",
    "Which patient was the first to get insulin?",
)
_COUNT = 3


def example_questions(
    ask: Callable[[Question], Answer], titles: Iterable[str], limit: int = _COUNT
) -> list[str]:
    """Up to `limit` questions that the archive answers; titles serve where the sample's do not."""
    found: list[str] = []
    for text in _answered(ask, (*SAMPLE_QUESTIONS, *titles)):
        found.append(text)
        if len(found) == limit:
            break
    return found


def _answered(ask: Callable[[Question], Answer], texts: Iterable[str]) -> Iterator[str]:
    for text in texts:
        try:
            question = read_question({"question": text})
        except BadQuestionError:
            continue
        if ask(question).citations:
            yield text
