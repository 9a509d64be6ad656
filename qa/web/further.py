"""What the page fetches once an answer is shown: the days that tell of it, and what to ask next."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Annotated

from anyio import to_thread
from fastapi import APIRouter, Query
from starlette.responses import JSONResponse

from qa.answer import Answer, Question
from qa.question import BadQuestionError, read_question
from qa.suggesting import by_turns
from qa.web.answering import Answering
from qa.web.seams import Asks

Days = Sequence[tuple[str, int]]

_MOST_QUESTIONS = 3
# So many are asked at most to find those that the archive answers.
_TRIED = 6


def no_days(_: Question) -> Days:
    """Where nothing tells of days."""
    return ()


def no_questions(_: str) -> Sequence[str]:
    """Where no questions were made."""
    return ()


def no_suggestions(_: Answer) -> tuple[str, ...]:
    """Where none were tried."""
    return ()


@dataclass(frozen=True, slots=True)
class Further:
    """What the archive has more: matching days of a question, and questions of an article.

    `suggest` gives those to go on with after an answer, which the archive is known to answer.
    """

    days: Callable[[Question], Days] = no_days
    questions_of: Callable[[str], Sequence[str]] = no_questions
    suggest: Callable[[Answer], tuple[str, ...]] = no_suggestions


def further_routes(answering: Answering, asks: Asks, further: Further) -> APIRouter:
    """`GET /footnote/further`, for the page only.

    What is offered is tried on `asks` itself, in its turn: no reader asked it, so it is not noted.
    """
    routes = APIRouter(include_in_schema=False)

    @routes.get("/footnote/further")
    async def more(
        q: str,
        after: str | None = None,
        before: str | None = None,
        source: str | None = None,
        ignore: Annotated[list[str] | None, Query(max_length=4)] = None,
        cited: Annotated[list[str] | None, Query(max_length=20)] = None,
    ) -> JSONResponse:
        question = read_question(
            {"question": q, "after": after, "before": before, "source": source, "ignore": ignore}
        )
        days = await to_thread.run_sync(further.days, question)
        lists = [further.questions_of(article) for article in cited or []]
        offered = islice(by_turns(lists, but=[q]), _TRIED)
        questions = await _answered(answering, asks, offered)
        return JSONResponse({"days": days, "questions": questions})

    return routes


async def _answered(answering: Answering, asks: Asks, texts: Iterable[str]) -> list[str]:
    """The first few that the archive answers."""
    found: list[str] = []
    for text in texts:
        try:
            question = read_question({"question": text})
        except BadQuestionError:
            continue
        async with answering.turn():
            answer = await to_thread.run_sync(asks.ask, question)
        if answer.citations:
            found.append(text)
        if len(found) == _MOST_QUESTIONS:
            break
    return found
