"""One line of JSON for each thing that happened, with the request that it belongs to."""

import json
import logging
import re
import time
import traceback
import uuid
from contextvars import ContextVar
from datetime import UTC, datetime
from typing import Any

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

log = logging.getLogger(__name__)

HEADER = "X-Request-ID"
_ID = re.compile(r"[\w.:-]{1,64}", re.ASCII)
# Dozens for each page, and of no interest.
_QUIET = ("/assets/", "/static/", "/footnote/", "/healthz", "/readyz", "/metrics", "/gradio_api/")
_request_id: ContextVar[str | None] = ContextVar("request id", default=None)


def request_id() -> str | None:
    """The id of the request that is served here, or None."""
    return _request_id.get()


class JsonLines(logging.Formatter):
    """A record as one line of JSON; `extra={"told": {…}}` adds fields to it."""

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
        line |= getattr(record, "told", {})
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
                log.info("request", extra={"told": _told(scope, status, took)})
            _request_id.reset(token)


def _told(scope: Scope, status: int, took_ms: float) -> dict[str, Any]:
    # Neither the query nor the body: questions stand in the one, and may in the other.
    return {
        "method": scope["method"],
        "path": scope["path"],
        "status": status,
        "took_ms": round(took_ms, 1),
    }
