"""The chat's script and style sheet, each one file to the browser: fewer requests, sooner ready."""

from functools import cache

import minify
from fastapi import APIRouter, Request
from starlette.responses import Response

from qa.web.packed import pack, takes_brotli
from qa.web.templating import STATIC


@cache
def script() -> bytes:
    """The parts of `static/chat/`, in the order of their names, made small."""
    small: str = minify.string("text/javascript", _joined("*.js"))
    return small.encode()


@cache
def packed_script() -> bytes:
    """The same in brotli."""
    return pack(script())


@cache
def stylesheet() -> str:
    """The same for the style sheets."""
    small: str = minify.string("text/css", _joined("*.css"))
    return small


def _joined(pattern: str) -> str:
    parts = sorted((STATIC / "chat").glob(pattern))
    return "\n".join(part.read_text(encoding="utf-8") for part in parts)


def script_routes() -> APIRouter:
    """`GET /footnote/chat.js`, made when the server starts: nobody waits for it."""
    routes = APIRouter(include_in_schema=False)
    packed_script()

    @routes.get("/footnote/chat.js")
    async def chat_js(request: Request) -> Response:
        # A page of a newer server must not meet an older script.
        headers = {"Cache-Control": "no-cache", "Vary": "Accept-Encoding"}
        if not takes_brotli(request.headers):
            return Response(script(), media_type="text/javascript", headers=headers)
        headers["Content-Encoding"] = "br"
        return Response(packed_script(), media_type="text/javascript", headers=headers)

    return routes
