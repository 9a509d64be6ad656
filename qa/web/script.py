"""The chat's script and style sheet, each one file to the browser: fewer requests, sooner ready."""

from functools import cache

from fastapi import APIRouter
from starlette.responses import Response

from qa.web.templating import STATIC


@cache
def script() -> str:
    """The parts of `static/chat/`, in the order of their names."""
    return _joined("*.js")


@cache
def stylesheet() -> str:
    """The same for the style sheets."""
    return _joined("*.css")


def _joined(pattern: str) -> str:
    parts = sorted((STATIC / "chat").glob(pattern))
    return "\n".join(part.read_text(encoding="utf-8") for part in parts)


def script_routes() -> APIRouter:
    """`GET /footnote/chat.js`."""
    routes = APIRouter(include_in_schema=False)

    @routes.get("/footnote/chat.js")
    async def chat_js() -> Response:
        # A page of a newer server must not meet an older script.
        headers = {"Cache-Control": "no-cache"}
        return Response(script(), media_type="text/javascript", headers=headers)

    return routes
