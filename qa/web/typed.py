"""`GET /footnote/typed`: what matches a question that is still being typed, for the page only."""

from collections.abc import Callable, Mapping
from functools import partial
from typing import Annotated

from fastapi import APIRouter, Query
from starlette.responses import JSONResponse

from index.store.base import Listed
from qa.present.dates import in_words, times_of
from qa.present.links import cited_span, page_of, whole_path
from qa.question import LONGEST_QUESTION
from qa.typeahead import Matched, PassageMatch
from qa.web.i18n import view_of
from qa.web.queue import QuestionQueue

MatchTyped = Callable[[str], Matched]


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
