"""The JSON API, and the one app that all web faces are composed in."""

from collections.abc import Callable, Sequence
from typing import Annotated, Any

from fastapi import APIRouter, FastAPI, Path
from starlette.middleware import Middleware
from starlette.middleware.gzip import GZipMiddleware
from starlette.responses import FileResponse, JSONResponse
from starlette.staticfiles import StaticFiles

from qa.question import read_question
from qa.web.answering import Answering
from qa.web.chat import chat_app
from qa.web.docs import docs_routes
from qa.web.errors import CatchAll, add_error_handlers, error_response
from qa.web.exports import export_routes
from qa.web.further import Further, further_routes
from qa.web.gate import Gate
from qa.web.guard import BodyLimit, HttpOnly, SecurityHeaders
from qa.web.models import AnswerModel, AskRequest, ErrorModel, HealthModel, WholeArticleModel
from qa.web.reader import reader_routes
from qa.web.script import script_routes
from qa.web.seams import About, Articles, Asks
from qa.web.templating import STATIC
from qa.wire import answer_json, whole_article_json

Replies = dict[int | str, dict[str, Any]]

DESCRIPTION = (
    "Answers questions in the words of a body of articles: each quote is the article's text at "
    "the span that is told with it. Errors have one shape everywhere."
)
FAULTS: Replies = {
    400: {"model": ErrorModel, "description": "the body is not JSON: `invalid_json`"},
    413: {"model": ErrorModel, "description": "the body is above 64 kB: `body_too_large`"},
    422: {"model": ErrorModel, "description": "the question cannot be asked; `code` says why"},
}
UNKNOWN: Replies = {
    404: {"model": ErrorModel, "description": "no article has this id: `unknown_article`"},
    422: {"model": ErrorModel, "description": "the id cannot be read: `invalid_request`"},
}
UNEXPECTED: Replies = {
    500: {"model": ErrorModel, "description": "a fault of the server: `internal`"},
}


def create_app(
    asks: Asks,
    articles: Articles,
    examples: Sequence[str],
    about: Callable[[], About],
    further: Further | None = None,
) -> FastAPI:
    """API, reader, docs and the chat at `/`. `examples` are questions that the chat offers.

    `about` tells what is searched now; it is called from many threads. `further` is what the
    chat offers under an answer.
    """
    answering = Answering(asks)
    gate = Gate(chat_app(answering, examples), about)
    app = FastAPI(
        title="Footnote",
        version="1",
        description=DESCRIPTION,
        docs_url=None,
        redoc_url=None,
        redirect_slashes=False,
        lifespan=gate.lifespan,
        responses=UNEXPECTED,
        middleware=[
            Middleware(HttpOnly),
            Middleware(SecurityHeaders),
            Middleware(GZipMiddleware, minimum_size=500),
            Middleware(CatchAll),
            Middleware(BodyLimit),
        ],
    )
    add_error_handlers(app)
    for routes in (
        api_routes(answering, articles),
        health_routes(about),
        reader_routes(articles),
        export_routes(articles),
        docs_routes(app),
        further_routes(answering, further or Further()),
        script_routes(),
        icon_routes(),
    ):
        app.include_router(routes)
    app.mount("/footnote", StaticFiles(directory=STATIC))
    # Not a mount: that would match every path, and a wrong method of ours would be a 404.
    app.router.default = gate
    return app


def api_routes(answering: Answering, articles: Articles) -> APIRouter:
    """`POST /api/ask` and `GET /api/articles/ID`."""
    routes = APIRouter(prefix="/api", tags=["questions"])

    @routes.post(
        "/ask", response_model=AnswerModel, response_description="the answer", responses=FAULTS
    )
    async def ask(body: AskRequest) -> JSONResponse:
        """Ask a question. An answer has citations, or status `not_covered` and none."""
        question = read_question(body.model_dump(exclude_none=True))
        return JSONResponse(answer_json(await answering.ask(question)))

    @routes.get(
        "/articles/{article_id:path}",
        response_model=WholeArticleModel,
        response_description="the article",
        responses=UNKNOWN,
    )
    def article(
        article_id: Annotated[str, Path(description="the id, `/` in it as `%2F` or as it is")],
    ) -> JSONResponse:
        """An article: what is known of it, its text, its entries. Offsets count code points."""
        found = articles.article(article_id)
        if found is None:
            return error_response(404, "unknown_article", f"no article has the id {article_id!r}")
        return JSONResponse(whole_article_json(found))

    return routes


def health_routes(about: Callable[[], About]) -> APIRouter:
    """`GET /healthz`."""
    routes = APIRouter(tags=["server"])

    @routes.get("/healthz", response_model=HealthModel, response_description="all is well")
    def healthz() -> JSONResponse:
        """The server is up."""
        return JSONResponse({"status": "ok", "articles": about().articles})

    return routes


def icon_routes() -> APIRouter:
    """`GET /favicon.ico`, before Gradio's own is found."""
    routes = APIRouter(include_in_schema=False)

    @routes.get("/favicon.ico")
    async def favicon() -> FileResponse:
        return FileResponse(STATIC / "favicon.svg")

    return routes
