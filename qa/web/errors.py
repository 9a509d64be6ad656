"""Every error of every route in one shape: `{"error": {"code", "message"}}`."""

import logging
from collections.abc import Sequence
from http import HTTPStatus
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.responses import JSONResponse
from starlette.routing import Match, Mount
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from index.errors import DamagedError, StoreError
from qa.present.wire import ErrorModel
from qa.question import BadQuestionError
from qa.web.queue import BusyError

log = logging.getLogger(__name__)

NOT_JSON = "the body is not JSON: send one object, with Content-Type: application/json"
AWAY = "the archive cannot be reached right now: ask again in a moment"
DAMAGED = "the index is damaged; the server's log has the details: ask again later"
NOT_PLAIN = "the body is compressed, with Content-Encoding {encoding!r}: send it as it is"
_METHODS = {"DELETE": "DELETE", "GET": "GET, HEAD", "POST": "POST"}
INTERNAL = "something went wrong on the server and has been logged: try again"


def error_response(
    status: int, code: str, message: str, headers: dict[str, str] | None = None
) -> JSONResponse:
    """An error as every route sends it."""
    return JSONResponse(ErrorModel.of(code, message).model_dump(), status, headers)


def unknown_route(path: str) -> JSONResponse:
    """404 for a path that leads nowhere."""
    return error_response(404, "unknown_route", f"there is nothing at {path!r}; see /docs")


def wrong_method(method: str, path: str, allow: str) -> JSONResponse:
    """405 with the methods that the path does take."""
    message = f"{method} is not a method of {path!r}; it takes {allow}"
    return error_response(405, "wrong_method", message, {"Allow": allow})


def add_error_handlers(app: FastAPI) -> None:
    """Replace every error shape that the framework has of its own."""
    app.add_exception_handler(HTTPException, _on_http_error)
    app.add_exception_handler(RequestValidationError, _on_invalid_request)
    app.add_exception_handler(BadQuestionError, _on_bad_question)
    app.add_exception_handler(BusyError, _on_busy)
    app.add_exception_handler(StoreError, _on_away)
    app.add_exception_handler(DamagedError, _on_damage)


async def _on_http_error(request: Request, error: Exception) -> JSONResponse:
    status = error.status_code if isinstance(error, HTTPException) else 500
    headers = dict(getattr(error, "headers", None) or {})
    path = request.url.path
    if status == 404:
        return unknown_route(path)
    if status == 405:
        return wrong_method(request.method, path, _methods_of(request))
    if status == 400:
        return _not_json(request)
    return error_response(status, "http_error", HTTPStatus(status).phrase, headers)


def _methods_of(request: Request) -> str:
    """What the path takes: each route of it names only its own methods."""
    routes = [route for route in request.app.routes if not isinstance(route, Mount)]
    taken = [
        told
        for method, told in _METHODS.items()
        if any(
            route.matches({**request.scope, "method": method})[0] is Match.FULL for route in routes
        )
    ]
    # What is mounted are files.
    return ", ".join(taken) or _METHODS["GET"]


async def _on_bad_question(_: Request, error: Exception) -> JSONResponse:
    code = error.code if isinstance(error, BadQuestionError) else "bad_question"
    return error_response(422, code, str(error))


async def _on_busy(_: Request, error: Exception) -> JSONResponse:
    return error_response(503, "busy", str(error), {"Retry-After": "2"})


async def _on_away(_: Request, error: Exception) -> JSONResponse:
    # Where the store is, and how it fails, is for the log alone.
    log.warning("%s", error)
    return error_response(503, "away", AWAY, {"Retry-After": "2"})


async def _on_damage(_: Request, error: Exception) -> JSONResponse:
    # Its message names files, which is for the owner alone.
    log.error("%s", error)
    return error_response(503, "damaged", DAMAGED, {"Retry-After": "60"})


async def _on_invalid_request(request: Request, error: Exception) -> JSONResponse:
    faults = error.errors() if isinstance(error, RequestValidationError) else []
    if _is_not_json(request, faults):
        return _not_json(request)
    return error_response(422, "invalid_request", "; ".join(map(fault_in_words, faults)))


def _not_json(request: Request) -> JSONResponse:
    encoding = request.headers.get("content-encoding", "identity")
    if encoding != "identity":
        return error_response(415, "compressed_body", NOT_PLAIN.format(encoding=encoding[:40]))
    return error_response(400, "invalid_json", NOT_JSON)


def _is_not_json(request: Request, faults: Sequence[Any]) -> bool:
    is_sent_as_json = "json" in request.headers.get("content-type", "")
    for fault in faults:
        is_body = tuple(fault["loc"]) == ("body",)
        if fault["type"] == "json_invalid" or (is_body and fault["type"] == "missing"):
            return True
        if is_body and not is_sent_as_json:
            return True
    return False


def fault_in_words(fault: Any) -> str:
    """One of pydantic's faults as a line: where it is, and what it is."""
    place = (
        ".".join(str(part) for part in fault["loc"] if part not in ("body", "query")) or "the body"
    )
    message = fault["msg"].removeprefix("Value error, ")
    return f"{place}: {message[:1].lower()}{message[1:]}"


class CatchAll:
    """Turns an unexpected exception into a logged traceback and a plain 500."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve; an exception after the response has begun can only be logged."""
        begun = False

        async def watched(message: Message) -> None:
            nonlocal begun
            begun = True
            await send(message)

        try:
            await self.app(scope, receive, watched)
        except Exception:
            log.exception("unexpected error at %s", scope.get("path"))
            if begun or scope["type"] != "http":
                raise
            await error_response(500, "internal", INTERNAL)(scope, receive, send)
