"""What watches over the server asks: whether it is up, and whether it can answer."""

import logging
import time
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from functools import partial

from anyio import Lock, to_thread
from fastapi import APIRouter
from starlette.responses import JSONResponse

from qa.answer import Question
from qa.present.wire import HealthModel, ReadyModel
from qa.web.api import ModelResponse
from qa.web.errors import error_response
from qa.web.openapi import NOT_READY
from qa.web.protocols import About, Asks
from qa.web.queue import BusyError, QuestionQueue

log = logging.getLogger(__name__)

# In seconds; more often would take from readers.
TRIED_EVERY = 10.0
_QUESTION = Question("Who is it about, and when was it?")


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
        now = datetime.now(UTC).isoformat(timespec="seconds")
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
            log.exception("questions cannot be answered")
            message = "questions cannot be answered: the log says why"
            return error_response(503, "not_ready", message, {"Retry-After": "1"})
        ready = ReadyModel(status="ready", articles=searched.articles, newest=searched.newest)
        return ModelResponse(ready)

    return routes
