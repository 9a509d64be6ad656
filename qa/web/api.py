"""The routes for programs and for the page's script: ask, read, export, health.

The server keeps no answers: a link to an export names the quotes, and each is checked again.
"""

import logging
import time
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import UTC, datetime
from functools import partial
from typing import Annotated

from anyio import Lock, to_thread
from fastapi import APIRouter, Body, Path, Query, Request
from pydantic import BaseModel
from starlette.responses import JSONResponse, Response

from qa.answer import Question
from qa.present.links import MOST_CITED, page_of, read_cited
from qa.present.references import FORMS, Reference, reference
from qa.present.request import AskByAddress, AskRequest
from qa.present.version import standing
from qa.present.wire import AnswerModel, HealthModel, ReadyModel, WholeArticleModel
from qa.question import read_question
from qa.web.errors import error_response
from qa.web.follow_up import FollowUp
from qa.web.openapi import (
    ASKING,
    ASKING_BY_ADDRESS,
    EXAMPLE_ANSWER,
    EXAMPLE_ARTICLE,
    EXAMPLE_QUESTION,
    EXPORTING,
    NOT_READY,
    READING,
    Replies,
    example,
)
from qa.web.protocols import About, Articles, Asks
from qa.web.queue import BusyError, QuestionQueue

_log = logging.getLogger(__name__)
# How often it is tried whether a question can be answered, in seconds: more often would take from
# readers.
TRIED_EVERY = 10.0
_QUESTION = Question("Who is it about, and when was it?")


class ModelResponse(JSONResponse):
    """A model as the body: it is the JSON."""

    def render(self, content: BaseModel) -> bytes:
        """The body in UTF-8."""
        return content.model_dump_json().encode()


def api_routes(answering: QuestionQueue, articles: Articles, follow_up: FollowUp) -> APIRouter:
    """`POST` and `GET /api/ask`, and `GET /api/articles/ID`."""
    routes = APIRouter(prefix="/api", tags=["questions"])

    @routes.post(
        "/ask",
        response_model=AnswerModel,
        response_description="the answer",
        responses=example(EXAMPLE_ANSWER) | ASKING,
    )
    async def ask(
        body: Annotated[AskRequest, Body(openapi_examples=EXAMPLE_QUESTION)],
    ) -> ModelResponse:
        """Ask a question. An answer has citations, or status `not_covered` and none."""
        return await answered(body.model_dump(exclude_none=True))

    @routes.get(
        "/ask",
        response_model=AnswerModel,
        response_description="the answer",
        responses=example(EXAMPLE_ANSWER) | ASKING_BY_ADDRESS,
    )
    async def ask_by_address(asked: Annotated[AskByAddress, Query()]) -> ModelResponse:
        """The same for a question that stands alone, in the address."""
        response = await answered(asked.model_dump(exclude_none=True))
        # What is found and suggested may be another thing in a moment.
        response.headers["Cache-Control"] = "no-store"
        return response

    async def answered(record: Mapping[str, object]) -> ModelResponse:
        answer = await answering.ask(read_question(record))
        answer = replace(answer, suggestions=follow_up.suggester.after(answer))
        return ModelResponse(AnswerModel.of(answer))

    @routes.get(
        "/articles/{article_id:path}",
        response_model=WholeArticleModel,
        response_description="the article",
        responses=example(EXAMPLE_ARTICLE) | READING,
    )
    def article(
        article_id: Annotated[str, Path(description="the id, `/` in it as `%2F` or as it is")],
        digest: Annotated[
            str | None, Query(description="the version whose text has this digest; else the last")
        ] = None,
    ) -> JSONResponse:
        """An article: what is known of it, its text, its entries. Offsets count code points."""
        found = articles.version(article_id, digest) if digest else articles.article(article_id)
        if found is None and digest and articles.article(article_id):
            message = (
                f"no version of article {article_id!r} with the digest {digest[:80]!r} is kept"
            )
            return error_response(404, "unknown_version", message)
        if found is None:
            return error_response(404, "unknown_article", f"no article has the id {article_id!r}")
        return ModelResponse(WholeArticleModel.of(found))

    return routes


_FILES: Replies = {
    200: {
        "description": "the file, as an attachment",
        "content": {form.media_type: {} for form in FORMS.values()},
    }
}


class ExportError(Exception):
    """A citation that cannot be exported; `status`, `code` and message are for the reply."""

    def __init__(self, status: int, code: str, message: str) -> None:
        super().__init__(message)
        self.status = status
        self.code = code


def export_routes(articles: Articles) -> APIRouter:
    """`GET /export/FORMAT`."""
    routes = APIRouter(tags=["citations"])

    @routes.get(
        "/export/{form}",
        response_class=Response,
        responses=_FILES | EXPORTING,
    )
    def export(
        request: Request,
        form: Annotated[str, Path(description="`bibtex`, `ris`, `csl-json` or `markdown`")],
        c: Annotated[
            list[str] | None,
            Query(description="a quote, `ARTICLE:START-END`; `@` and its version may follow"),
        ] = None,
    ) -> Response:
        """Citations as a file for reference managers: quote, title, author, source, date, url."""
        written = FORMS.get(form)
        if written is None:
            known = ", ".join(FORMS)
            return error_response(
                404, "unknown_format", f"there is no format {form[:40]!r}: ask for {known}"
            )
        try:
            references = _references(c or [], articles, str(request.base_url))
        except ExportError as error:
            return error_response(error.status, error.code, str(error))
        content = written.write(references, datetime.now(UTC).date())
        named = f'attachment; filename="citations.{written.suffix}"'
        return Response(
            content, media_type=written.media_type, headers={"Content-Disposition": named}
        )

    return routes


def _references(asked: list[str], articles: Articles, base: str) -> list[Reference]:
    if not asked:
        raise ExportError(422, "no_citations", "nothing to export: name quotes with c=ID:START-END")
    if len(asked) > MOST_CITED:
        message = f"{len(asked)} citations are too many: ask for at most {MOST_CITED}"
        raise ExportError(422, "too_many_citations", message)
    return [_reference(text, articles, base) for text in asked]


def _reference(text: str, articles: Articles, base: str) -> Reference:
    quoted = read_cited(text)
    if quoted is None:
        message = f"{text[:80]!r} is not a quote: send ARTICLE:START-END"
        raise ExportError(422, "bad_citation", message)
    article = articles.article(quoted.article_id)
    if article is None:
        message = f"no article has the id {quoted.article_id[:80]!r}"
        raise ExportError(404, "unknown_article", message)
    span = standing(article, (quoted.start, quoted.end), quoted.version).span
    if span is None:
        message = (
            f"{quoted.start}-{quoted.end} is not a quote of article {article.id!r}, whose text "
            f"has {len(article.text)} characters: ask again for an answer of today"
        )
        raise ExportError(404, "unknown_quote", message)
    now = quoted.moved(span)
    page = f"{base.rstrip('/')}{page_of(now)}"
    return reference(article, span, page, answer=now.answer)


class Readiness:
    """Tries now and then whether a question can be answered: open files can be damaged.

    The question goes to `asks` itself, so that no journal notes it, once it is its turn.
    """

    def __init__(
        self,
        about: Callable[[], About],
        asks: Asks,
        answering: QuestionQueue,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._about, self._asks, self._answering, self._clock = about, asks, answering, clock
        self._next = clock()
        self._trying = Lock()

    async def check(self) -> About:
        """What is searched. Raises whatever keeps questions from being answered."""
        searched = await to_thread.run_sync(self._about)
        async with self._trying:
            if self._clock() >= self._next:
                await self._try()
                self._next = self._clock() + TRIED_EVERY
        return searched

    async def _try(self) -> None:
        # Of this very moment, so that it is searched: no answer can be kept from before.
        now = datetime.now(UTC).isoformat(timespec="microseconds")
        try:
            await self._answering.run(partial(self._asks.ask, replace(_QUESTION, asked_at=now)))
        except BusyError:
            # Others are being answered.
            return


def health_routes(about: Callable[[], About], readiness: Readiness) -> APIRouter:
    """`GET /healthz` and `GET /readyz`."""
    routes = APIRouter(tags=["server"])

    @routes.get("/healthz", response_model=HealthModel, response_description="all is well")
    def healthz() -> JSONResponse:
        """The server is up."""
        return ModelResponse(HealthModel(status="ok", articles=about().articles))

    @routes.get(
        "/readyz",
        response_model=ReadyModel,
        response_description="the index is open and the model loaded",
        responses=NOT_READY,
    )
    async def readyz() -> JSONResponse:
        """Questions can be answered. While they cannot, as at the start, this is a 503."""
        try:
            searched = await readiness.check()
        except Exception:
            _log.exception("questions cannot be answered")
            message = "questions cannot be answered: the log says why"
            return error_response(503, "not_ready", message, {"Retry-After": "1"})
        ready = ReadyModel(
            status="ready",
            articles=searched.articles,
            newest=searched.newest,
            warning=searched.warning,
        )
        return ModelResponse(ready)

    return routes
