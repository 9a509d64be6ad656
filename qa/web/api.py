"""The routes for programs and for the page's script: ask, read, export.

The server keeps no answers: a link to an export names the quotes, and each is checked again.
"""

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime
from typing import Annotated

from fastapi import APIRouter, Body, Path, Query, Request
from pydantic import BaseModel
from starlette.responses import JSONResponse, Response

from qa.present.links import MOST_CITED, page_of, read_cited
from qa.present.references import FORMS, Reference, reference
from qa.present.request import AskByAddress, AskRequest
from qa.present.version import standing
from qa.present.wire import AnswerModel, WholeArticleModel
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
    READING,
    Replies,
    example,
)
from qa.web.protocols import Articles
from qa.web.queue import QuestionQueue


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
