"""`POST /api/articles` and `DELETE /api/articles/ID`: a program pushes articles.

Only a key of the owner's lets it; to all others every reply is the same, whatever there is.
"""

import logging
from collections.abc import Callable
from functools import partial
from typing import Annotated

from anyio import CapacityLimiter, to_thread
from fastapi import APIRouter, Path, Request
from starlette.datastructures import Headers
from starlette.responses import JSONResponse
from starlette.types import Scope

from index.errors import BuildRunsError
from index.readers.base import UnreadableError
from qa.web.api import ModelResponse
from qa.web.errors import error_response
from qa.web.guard.middleware import MAX_BODY, sent_key
from qa.web.guard.policy import Policy
from qa.web.push.service import Pushes
from qa.web.push.shapes import (
    MOST_BYTES,
    PUSHING,
    WITHDRAWING,
    PushRequest,
    RemovedModel,
    StoredModel,
)

_PATH = "/api/articles"
_AT_ONCE = 4
_log = logging.getLogger(__name__)


def body_bound(policy: Policy) -> Callable[[Scope], int]:
    """How many bytes a request may have: an article of a program that may push has more."""

    def most(scope: Scope) -> int:
        if (scope["method"], scope["path"]) != ("POST", _PATH):
            return MAX_BODY
        return MOST_BYTES if _may_push(policy, Headers(scope=scope)) else MAX_BODY

    return most


def _may_push(policy: Policy, headers: Headers) -> bool:
    key = sent_key(headers)
    return key is not None and policy.may_push(key)


def push_routes(pushes: Pushes | None, policy: Policy) -> APIRouter:
    """The two routes; without `pushes` there is no key that they take."""
    routes = APIRouter(prefix=_PATH, tags=["articles"])
    # Those that wait for the owner's files must not take the threads of everyone else.
    run = partial(to_thread.run_sync, limiter=CapacityLimiter(_AT_ONCE))

    @routes.post(
        "",
        status_code=202,
        response_model=StoredModel,
        response_description="the article is on disk",
        responses=PUSHING,
    )
    async def push(request: Request, body: PushRequest) -> JSONResponse:
        """Add an article, or replace the one of this id. It is answered from within seconds."""
        if pushes is None or not _may_push(policy, request.headers):
            return _refused()
        try:
            stored = await run(pushes.add, body.model_dump(exclude_none=True))
        except UnreadableError as error:
            return error_response(422, "unreadable_article", f"the article {error}")
        except OSError as error:
            _log.error("an article could not be stored: %s", error)
            message = "the article could not be stored: the server's log says why; send it later"
            return error_response(503, "not_stored", message, {"Retry-After": "60"})
        model = StoredModel(
            status="stored" if stored.is_new else "unchanged",
            id=stored.article_id,
            digest=stored.digest,
            remarks=list(stored.remarks),
        )
        return ModelResponse(model, 202)

    @routes.delete(
        "/{article_id:path}",
        status_code=202,
        response_model=RemovedModel,
        response_description="the article is removed",
        responses=WITHDRAWING,
    )
    async def withdraw(
        request: Request,
        article_id: Annotated[str, Path(description="the id, `/` in it as `%2F` or as it is")],
    ) -> JSONResponse:
        """Remove an article. One that was not pushed is kept out of later builds, too."""
        if pushes is None or not _may_push(policy, request.headers):
            return _refused()
        try:
            is_removed = await run(pushes.remove, article_id)
        except BuildRunsError:
            message = "a build is running, which may read this article: send it again later"
            return error_response(503, "build_runs", message, {"Retry-After": "10"})
        if not is_removed:
            return error_response(404, "unknown_article", f"no article has the id {article_id!r}")
        return ModelResponse(RemovedModel(status="removed", id=article_id), 202)

    return routes


def _refused() -> JSONResponse:
    message = "only a program with a key that the owner gave it may push: Authorization: Bearer KEY"
    return error_response(401, "push_key_needed", message, {"WWW-Authenticate": "Bearer"})
