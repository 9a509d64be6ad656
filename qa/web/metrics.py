"""`GET /metrics`: what was asked and how long it took, for Prometheus. No words of questions."""

import time
from collections.abc import Callable, Iterable, Iterator, Mapping

from fastapi import APIRouter, Request
from prometheus_client import CollectorRegistry, Counter, Histogram, generate_latest
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.exposition import CONTENT_TYPE_LATEST
from prometheus_client.registry import Collector
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from index.dates import DateError, time_range
from qa.answer import Answer
from qa.web.errors import error_response
from qa.web.origins import is_loopback
from qa.web.seams import About
from qa.web.throttle import client_address

BUCKETS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)
STATUSES = ("answered", "not_covered")
STAGES = ("wait", "encode", "search", "quote", "whole")


class Metrics:
    """Counts in memory, in a registry of its own, from many threads."""

    def __init__(self, about: Callable[[], About]) -> None:
        self.registry = CollectorRegistry()
        self._questions = Counter(
            "footnote_questions", "Questions answered", ["status"], registry=self.registry
        )
        self._seconds = Histogram(
            "footnote_stage_seconds",
            "Time of each stage of an answer; `whole` is all but the wait for a turn",
            ["stage"],
            buckets=BUCKETS,
            registry=self.registry,
        )
        self._errors = Counter(
            "footnote_errors", "Responses with an error", ["status"], registry=self.registry
        )
        # Told as 0 from the start: a rate needs a first value.
        for status in STATUSES:
            self._questions.labels(status)
        for stage in STAGES:
            self._seconds.labels(stage)
        for code in ("429", "500", "503"):
            self._errors.labels(code)
        self.registry.register(_Index(about))

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
        for age in _age(about.newest):
            yield GaugeMetricFamily(
                "footnote_newest_article_age_seconds", "Age of the newest article", age
            )


def _age(newest: str | None) -> Iterator[float]:
    """Seconds since the newest article; nothing where no date is known."""
    if newest is None:
        return
    try:
        start = time_range(newest).start
    except DateError:
        return
    yield max(0.0, time.time() - start.timestamp())


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
        return Response(generate_latest(metrics.registry), media_type=CONTENT_TYPE_LATEST)

    return routes
