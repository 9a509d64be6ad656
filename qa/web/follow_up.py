"""What the page offers: what matches while one types; with an answer its days and what to ask next.

All that this searches waits in the one queue, as readers' questions do.
"""

import re
import time
from collections.abc import AsyncIterator, Callable, Collection, Mapping, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass, field
from functools import partial
from typing import Annotated

from anyio import create_task_group, sleep, to_thread
from fastapi import APIRouter, FastAPI, Query
from starlette.responses import JSONResponse

from index.store.base import Listed
from qa.answer import Answer, Question
from qa.present.dates import in_words, times_of
from qa.present.links import cited_span, page_of, whole_path
from qa.question import LONGEST_QUESTION, read_question
from qa.suggest import Place, Sources, Suggester
from qa.typeahead import Matched, PassageMatch
from qa.web.i18n import view_of
from qa.web.queue import BusyError, QuestionQueue

DayCounts = Sequence[tuple[str, int]]
_PASSAGE = re.compile(r"(?P<article>.+):(?P<start>\d{1,9})-\d{1,9}", re.DOTALL)

# So many are tried at most for one reader who waits, and before the server takes questions.
_TRIED = 6
_TRIED_FIRST = 20
# Whoever waits for an answer goes before: between two that are tried it rests so many times as
# long as the last one took, and longer while anybody asked in the last seconds.
_REST, _REST_AMID_QUESTIONS = 9.0, 99.0
_QUIET = 5.0
# In seconds: how long it sleeps while there is nothing to try, or no place in the queue.
_IDLE = 1.0
MatchTyped = Callable[[str], Matched]


def no_days(_: Question, _cited: Collection[str]) -> DayCounts:
    """Where nothing tells of days."""
    return ()


def _nothing(question: Question) -> Answer:
    return Answer(question, "", (), (), 0.0)


def no_suggestions() -> Suggester:
    """Offers nothing."""
    return Suggester(_nothing, Sources())


@dataclass(frozen=True, slots=True)
class FollowUp:
    """On which days the archive tells of a question, and what it can be asked next.

    `days` takes the ids of the articles that the answer cites, too.
    """

    days: Callable[[Question, Collection[str]], DayCounts] = no_days
    suggester: Suggester = field(default_factory=no_suggestions)


def follow_up_routes(answering: QuestionQueue, follow_up: FollowUp) -> APIRouter:
    """`GET /footnote/further`, for the page only."""
    routes = APIRouter(include_in_schema=False)

    @routes.get("/footnote/further")
    async def further(
        q: str,
        after: str | None = None,
        before: str | None = None,
        source: str | None = None,
        ignore: Annotated[list[str] | None, Query(max_length=4)] = None,
        cited: Annotated[list[str] | None, Query(max_length=20)] = None,
        asked: Annotated[list[str] | None, Query(max_length=20)] = None,
    ) -> JSONResponse:
        question = read_question(
            {"question": q, "after": after, "before": before, "source": source, "ignore": ignore}
        )
        places = _places(cited or [])
        articles = frozenset(article_id for article_id, _ in places)
        days = await answering.run(partial(follow_up.days, question, articles))
        questions = await _near(answering, follow_up.suggester, places, [q, *(asked or [])])
        return JSONResponse({"days": days, "questions": questions})

    return routes


def _places(passage_ids: Sequence[str]) -> list[Place]:
    """Where passages begin; what is no id of one is skipped.

    >>> _places(["space/voyager:104-230", "x"])
    [('space/voyager', 104)]
    """
    found = (_PASSAGE.fullmatch(each) for each in passage_ids)
    return [(one["article"], int(one["start"])) for one in found if one is not None]


async def _near(
    answering: QuestionQueue, suggester: Suggester, places: Sequence[Place], but: Sequence[str]
) -> Sequence[str]:
    """What is answered from there, after a few more were tried where too little is known."""
    for _ in range(_TRIED):
        text = await to_thread.run_sync(suggester.untried_near, places, but)
        if text is None:
            break
        await answering.run(partial(suggester.try_out, text))
    return suggester.near(places, but)


def keep_trying(
    answering: QuestionQueue, suggester: Suggester
) -> Callable[[FastAPI], AbstractAsyncContextManager[None]]:
    """While the app is served, try what can be offered; what it begins with, before that."""

    @asynccontextmanager
    async def trying(_: FastAPI) -> AsyncIterator[None]:
        for _tried in range(_TRIED_FIRST):
            if suggester.has_first() or not await _try_next(answering, suggester):
                break
        async with create_task_group() as tasks:
            tasks.start_soon(_try_all, answering, suggester)
            yield
            tasks.cancel_scope.cancel()

    return trying


async def _try_all(answering: QuestionQueue, suggester: Suggester) -> None:
    while True:
        started = time.perf_counter()
        try:
            has_tried = await _try_next(answering, suggester)
        except BusyError:
            has_tried = False
        took = time.perf_counter() - started
        await sleep(rest_after(took, answering.quiet_for()) if has_tried else _IDLE)


def rest_after(took: float, quiet_for: float) -> float:
    """Seconds to rest after one that took so many was tried, where nobody asked for `quiet_for`.

    >>> rest_after(0.5, quiet_for=60.0)
    4.5
    """
    return took * (_REST if quiet_for >= _QUIET else _REST_AMID_QUESTIONS)


async def _try_next(answering: QuestionQueue, suggester: Suggester) -> bool:
    text = await to_thread.run_sync(suggester.untried)
    if text is not None:
        await answering.run(partial(suggester.try_out, text))
    return text is not None


def match_nothing(_: str) -> Matched:
    """Where nothing is offered while a question is typed."""
    return Matched()


def typed_routes(answering: QuestionQueue, match: MatchTyped) -> APIRouter:
    """Waits in the one queue, as all that searches does."""
    routes = APIRouter(include_in_schema=False)

    @routes.get("/footnote/typed")
    async def typed(
        q: Annotated[str, Query(max_length=LONGEST_QUESTION)], lang: str | None = None
    ) -> JSONResponse:
        matched = await answering.run(partial(match, q))
        language = view_of(None, lang, None).words.code
        return JSONResponse(
            {
                "articles": [_article(each, language) for each in matched.articles],
                "passages": [_passage(each, language) for each in matched.passages],
            }
        )

    return routes


def _article(listed: Listed, language: str) -> Mapping[str, object]:
    date = in_words(listed.published, language) if listed.published else None
    facts = [fact for fact in (listed.source, date) if fact]
    return {"text": listed.title, "facts": facts, "link": whole_path(listed.id, language)}


def _passage(match: PassageMatch, language: str) -> Mapping[str, object]:
    article = match.article
    facts = [article.headline, *times_of(article, match.passage.entry, language)]
    link = page_of(cited_span(article, match.sentence), lang=language)
    return {"text": article.text[slice(*match.sentence)], "facts": facts, "link": link}
