"""`GET /healthz` and `GET /readyz`: whether the server lives, and whether it can answer."""

import logging
from collections.abc import Callable

from fastapi import APIRouter
from starlette.responses import JSONResponse

from qa.web.errors import error_response
from qa.web.models import HealthModel, ReadyModel
from qa.web.replies import NOT_READY
from qa.web.seams import About

log = logging.getLogger(__name__)


def health_routes(about: Callable[[], About]) -> APIRouter:
    """What watches over the server asks."""
    routes = APIRouter(tags=["server"])

    @routes.get("/healthz", response_model=HealthModel, response_description="all is well")
    def healthz() -> JSONResponse:
        """The server is up."""
        return JSONResponse({"status": "ok", "articles": about().articles})

    @routes.get(
        "/readyz",
        response_model=ReadyModel,
        response_description="the index is open and the model loaded",
        responses=NOT_READY,
    )
    def readyz() -> JSONResponse:
        """Questions can be answered. While the server starts, this is a 503."""
        try:
            told = about()
        except Exception:
            log.exception("the index cannot be told about")
            message = "the index is not open: the log says why"
            return error_response(503, "not_ready", message, {"Retry-After": "1"})
        return JSONResponse({"status": "ready", "articles": told.articles, "newest": told.newest})

    return routes
