"""What the server tells its owner of its work: numbers for Prometheus, and a log in JSON.

Numbers always; the words of questions stand in the log only where the owner wants them.
"""

import json
import logging
import re
import time
import traceback
import uuid
from collections.abc import AsyncIterator, Callable, Iterable, Mapping
from contextlib import asynccontextmanager
from contextvars import ContextVar
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from anyio import create_task_group, sleep
from fastapi import APIRouter, Request
from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.exposition import CONTENT_TYPE_LATEST
from prometheus_client.multiprocess import MultiProcessCollector
from prometheus_client.registry import Collector
from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from qa.answer import Answer
from qa.web.errors import error_response
from qa.web.guard.middleware import client_address
from qa.web.guard.policy import Policy, is_loopback
from qa.web.protocols import About

log = logging.getLogger(__name__)

BUCKETS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)
STATUSES = ("answered", "not_covered")
STAGES = ("wait", "encode", "search", "read", "quote", "whole")
# In seconds: how old what is told of another process may be.
_LOOKS_EVERY = 1.0


class Metrics:
    """Counts from many threads: in memory, or for several processes in files of `folder`.

    The files are those of prometheus_client, which has to be imported with the name of the folder
    in `PROMETHEUS_MULTIPROC_DIR`.
    """

    def __init__(self, about: Callable[[], About], folder: Path | None = None) -> None:
        self.registry = CollectorRegistry()
        self._watched: list[tuple[Gauge, Callable[[], int]]] = []
        # What one process counts is told as part of the files only.
        self._counted = self.registry if folder is None else None
        if folder is not None:
            MultiProcessCollector(self.registry, str(folder))
        self._questions = Counter(
            "footnote_questions", "Questions answered", ["status"], registry=self._counted
        )
        self._seconds = Histogram(
            "footnote_stage_seconds",
            "Time of each stage of an answer; `whole` is all but the wait for a turn",
            ["stage"],
            buckets=BUCKETS,
            registry=self._counted,
        )
        self._errors = Counter(
            "footnote_errors", "Responses with an error", ["status"], registry=self._counted
        )
        # Told as 0 from the start: a rate needs a first value.
        for status in STATUSES:
            self._questions.labels(status)
        for stage in STAGES:
            self._seconds.labels(stage)
        for code in ("429", "500", "503"):
            self._errors.labels(code)
        self.registry.register(_Index(about))

    def watch(self, name: str, meaning: str, count: Callable[[], int]) -> None:
        """Tell a number as it is when it is asked for; of other processes, a second ago."""
        gauge = Gauge(name, meaning, registry=self._counted, multiprocess_mode="livesum")
        if self._counted is None:
            self._watched.append((gauge, count))
        else:
            gauge.set_function(count)

    def told(self) -> bytes:
        """All numbers, as Prometheus reads them."""
        self._look()
        return generate_latest(self.registry)

    @asynccontextmanager
    async def lifespan(self, _: object) -> AsyncIterator[None]:
        """While the app is served, tell other processes what is watched here."""
        async with create_task_group() as tasks:
            if self._watched:
                tasks.start_soon(self._keep_looking)
            yield
            tasks.cancel_scope.cancel()

    async def _keep_looking(self) -> None:
        while True:
            self._look()
            await sleep(_LOOKS_EVERY)

    def _look(self) -> None:
        for gauge, count in self._watched:
            gauge.set(count())

    def answered(self, answer: Answer, seconds: Mapping[str, float]) -> None:
        """Count an answer and the seconds of its stages."""
        self._questions.labels(answer.status).inc()
        for stage, took in seconds.items():
            self._seconds.labels(stage).observe(took)

    def failed(self, status: int) -> None:
        """Count a response with an error."""
        self._errors.labels(str(status)).inc()


class _Index(Collector):
    """What is searched, as it is when it is asked for."""

    def __init__(self, about: Callable[[], About]) -> None:
        self._about = about

    def collect(self) -> Iterable[GaugeMetricFamily]:
        """Gauges of the index."""
        about = self._about()
        yield GaugeMetricFamily("footnote_articles", "Articles searched", about.articles)
        yield GaugeMetricFamily("footnote_passages", "Passages searched", about.passages)
        yield GaugeMetricFamily("footnote_index_bytes", "Size of the index on disk", about.bytes)
        yield GaugeMetricFamily(
            "footnote_unfetched_addresses", "Addresses not fetched yet", about.unfetched
        )
        if about.age is not None:
            yield GaugeMetricFamily(
                "footnote_newest_article_age_seconds", "Age of the newest article", about.age
            )


class ErrorCounter:
    """Counts each response whose status is 400 or above."""

    def __init__(self, app: ASGIApp, metrics: Metrics) -> None:
        self.app = app
        self.metrics = metrics

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve, and count."""

        async def counted(message: Message) -> None:
            if message.get("status", 200) >= 400:
                self.metrics.failed(message["status"])
            await send(message)

        await self.app(scope, receive, counted)


def metrics_routes(metrics: Metrics) -> APIRouter:
    """`GET /metrics`, for this machine and for holders of a key."""
    routes = APIRouter(include_in_schema=False)

    @routes.get("/metrics")
    def read(request: Request) -> Response:
        if not (is_loopback(client_address(request.scope)) or request.state.has_key):
            message = "metrics are for this machine: from elsewhere send a key of FOOTNOTE_API_KEYS"
            return error_response(403, "not_local", message)
        return Response(metrics.told(), media_type=CONTENT_TYPE_LATEST)

    return routes


HEADER = "X-Request-ID"
_ID = re.compile(r"[\w.:-]{1,64}", re.ASCII)
# Dozens for each page, and of no interest.
_QUIET = ("/assets/", "/static/", "/footnote/", "/healthz", "/readyz", "/metrics", "/gradio_api/")
_request_id: ContextVar[str | None] = ContextVar("request id", default=None)


def request_id() -> str | None:
    """The id of the request that is served here, or None."""
    return _request_id.get()


class JsonLines(logging.Formatter):
    """A record as one line of JSON; `extra={"fields": {…}}` adds to it."""

    def format(self, record: logging.LogRecord) -> str:
        """The line, without its end."""
        moment = datetime.fromtimestamp(record.created, UTC)
        line: dict[str, Any] = {
            "time": moment.isoformat(timespec="milliseconds").replace("+00:00", "Z"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": record.getMessage(),
        }
        if (current := request_id()) is not None:
            line["request_id"] = current
        line |= getattr(record, "fields", {})
        if record.exc_info:
            line["traceback"] = "".join(traceback.format_exception(*record.exc_info))
        return json.dumps(line, ensure_ascii=True, default=str)


class RequestLog:
    """Gives each request an id, or keeps the one it came with, and logs how it ended."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve, and log."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        sent = Headers(scope=scope).get(HEADER, "")
        current = sent if _ID.fullmatch(sent) else uuid.uuid4().hex
        token = _request_id.set(current)
        started, status = time.perf_counter(), 500

        async def watched(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                MutableHeaders(scope=message)[HEADER] = current
            await send(message)

        try:
            await self.app(scope, receive, watched)
        finally:
            if status >= 500 or not scope["path"].startswith(_QUIET):
                took = (time.perf_counter() - started) * 1000
                log.info("request", extra={"fields": _request_fields(scope, status, took)})
            _request_id.reset(token)


def _request_fields(scope: Scope, status: int, took_ms: float) -> dict[str, Any]:
    # Neither the query nor the body: questions stand in the one, and may in the other.
    return {
        "method": scope["method"],
        "path": scope["path"],
        "status": status,
        "took_ms": round(took_ms, 1),
    }


class AnswerLog:
    """Counts and logs answers."""

    def __init__(self, metrics: Metrics, policy: Policy) -> None:
        self._metrics = metrics
        self._logs_questions = policy.logs_questions

    def __call__(self, answer: Answer, seconds: Mapping[str, float]) -> None:
        """Note an answer and the seconds of its stages."""
        self._metrics.answered(answer, seconds)
        fields: dict[str, Any] = {
            "status": answer.status,
            "citations": len(answer.citations),
            "confidence": round(answer.confidence, 4),
            "stages_ms": {stage: round(took * 1000, 1) for stage, took in seconds.items()},
        }
        if self._logs_questions:
            fields["question"] = answer.question.text
        log.info("answer", extra={"fields": fields})
