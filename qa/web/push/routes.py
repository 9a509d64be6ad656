"""`POST /api/articles` and `DELETE /api/articles/ID`: a program pushes articles.

Only a key of the owner's lets it; to all others every reply is the same, whatever there is.
"""

import logging
from collections.abc import Callable
from functools import partial
from typing import Annotated, Literal, Self

from anyio import CapacityLimiter, to_thread
from fastapi import APIRouter, Path, Request
from pydantic import AfterValidator, BaseModel, ConfigDict, Field, model_validator
from starlette.datastructures import Headers
from starlette.responses import JSONResponse
from starlette.types import Scope

from index.article import Visibility
from index.dates import EXAMPLES, no_date, read_date_or_part
from index.errors import BuildRunsError
from index.readers.base import UnreadableError
from qa.present.request import without_surrogates
from qa.web.api import ModelResponse
from qa.web.errors import error_response
from qa.web.guard.middleware import MAX_BODY, sent_key
from qa.web.guard.policy import Policy
from qa.web.openapi import DAMAGE, SENDING, Replies, fault
from qa.web.push.service import Pushes

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


LONGEST_ID = 500
# Of a body: an article of a million words has about as many.
MOST_BYTES = 5_000_000


def _identity(text: str) -> str:
    if text != " ".join(text.split()) or not text.isprintable() or text in (".", ".."):
        raise ValueError(
            f"{text[:80]!r} is no id; send one such as 2024/ferry-strike, in one line and without "
            "signs that cannot be seen"
        )
    return text


def _date(text: str) -> str:
    if read_date_or_part(text) is None:
        raise ValueError(f"{no_date(text)}; write it as {EXAMPLES}")
    return text


Text = Annotated[str, AfterValidator(without_surrogates)]
Date = Annotated[Text, AfterValidator(_date)]


class PushRequest(BaseModel):
    """An article, as plain text or as HTML. Of dates, as much as is known will do."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "examples": [
                {
                    "id": "2024/ferry-strike",
                    "title": "The ferries stay in port",
                    "text": "The crews of the Skarholm ferries went on strike on Monday.",
                    "source": "Newsroom 24",
                    "author": "Mara Lindqvist",
                    "published": "2024-03-05T09:30:00+01:00",
                    "url": "https://example.org/ferry-strike",
                }
            ]
        },
    )

    id: Annotated[
        str,
        Field(min_length=1, max_length=LONGEST_ID, description="the same id replaces the article"),
        AfterValidator(without_surrogates),
        AfterValidator(_identity),
    ]
    text: Annotated[Text | None, Field(description="the plain text")] = None
    html: Annotated[Text | None, Field(description="instead of `text`: its HTML")] = None
    title: Text | None = None
    source: Text | None = None
    author: Text | None = None
    published: Annotated[Date | None, Field(description="ISO 8601")] = None
    updated: Annotated[Date | None, Field(description="ISO 8601")] = None
    url: Annotated[Text | None, Field(description="the original")] = None
    section: Annotated[Text | None, Field(description="rules of the house may name it")] = None
    tags: Annotated[list[Text] | None, Field(description="rules may name each")] = None
    visibility: Annotated[Visibility, Field(description="who may read it")] = "public"
    embargo: Annotated[Date | None, Field(description="nobody may read it before, ISO 8601")] = None

    @model_validator(mode="after")
    def _has_text(self) -> Self:
        if not (self.text or self.html):
            raise ValueError("it has no text: send the article's as text, or its HTML as html")
        return self


class StoredModel(BaseModel):
    """The article is on disk, and searchable in a moment."""

    status: Annotated[
        Literal["stored", "unchanged"],
        Field(description="`unchanged`: it was there to the letter"),
    ]
    id: str
    digest: Annotated[str, Field(description="sha256 of the text")]
    remarks: Annotated[list[str], Field(description="what was odd about it")]


class RemovedModel(BaseModel):
    """The article is removed, and found no more in a moment."""

    status: Literal["removed"]
    id: str


_NO_PUSH_KEY = fault(
    401,
    "no key, or one that may not push",
    {
        "push_key_needed": "only a program with a key that the owner gave it may push: …",
        "wrong_key": "the key in the Authorization header is unknown here; you can ask without …",
        "wrong_token": "the token has expired: get a new one from the site, or leave it out",
    },
)
PUSHING: Replies = (
    SENDING
    | _NO_PUSH_KEY
    | fault(
        413,
        "the body is above 5 MB, or above 64 kB without a key",
        {"body_too_large": "the body is longer than 5000000 bytes: send less"},
    )
    | fault(
        422,
        "the article cannot be read",
        {
            "unreadable_article": "the article has no text: write …",
            "invalid_request": "published: 'soon' is not a date; write it as …",
        },
    )
    | fault(
        503,
        "it could not be stored, and nothing of it was kept",
        {"not_stored": "the article could not be stored: the server's log says why; send it later"}
        | DAMAGE,
    )
)
WITHDRAWING: Replies = (
    _NO_PUSH_KEY
    | fault(
        404, "no article has this id", {"unknown_article": "no article has the id 'space/apollo-1'"}
    )
    | fault(422, "the id cannot be read", {"invalid_request": "article_id: …"})
    | fault(
        503,
        "an article that was not pushed, while a build runs; or the index is damaged",
        {"build_runs": "a build is running, which may read this article: send it again later"}
        | DAMAGE,
    )
)
