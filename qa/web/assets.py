"""What the chat page is drawn with: its script, style sheet, colours and fonts, each sent small.

The script and the style sheet are one file each; Gradio's files are compressed once, quickly for
whoever comes first and then as far as it goes. No font is fetched.
"""

import asyncio
import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache

import brotli
from anyio import to_thread
from fastapi import APIRouter, Request
from gradio.themes import Base
from starlette.datastructures import Headers
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from qa.web.i18n import STATIC

# The highest two of 11 levels look for matches in ways of their own; the last takes three times
# as long for 2 % less.
FILE_LEVEL = 10
# For what is made anew for each request, and for a file until it is packed further: 16 ms for all
# files of the page, which the highest levels take 2 s for, to save 6 %.
PAGE_LEVEL = 5
# The names of Gradio's files hold a digest of what is in them.
_HASHED, _FOR_EVER = "/assets/", "public, max-age=31536000, immutable"
_KINDS = (".js", ".css")
_LARGEST = 1_000_000
# Offered, and not with the weight 0, which refuses it.
_BROTLI = re.compile(r"(?:^|,)\s*br\s*(?!\s*;\s*q=0(?:\.0*)?\s*(?:,|$))(?=[;,]|$)")


def takes_brotli(headers: Headers) -> bool:
    """Whether the browser reads it; most do, over https and from their own machine."""
    return bool(_BROTLI.search(headers.get("accept-encoding", "")))


def pack(text: bytes, level: int = FILE_LEVEL) -> bytes:
    """The text in brotli."""
    squeezed: bytes = brotli.compress(text, mode=brotli.MODE_TEXT, quality=level)
    return squeezed


def packed(
    text: bytes, wanted: Headers, status: int, headers: Mapping[str, str], media_type: str
) -> Response:
    """A response in brotli to who takes it; to others as it is, for the guard to compress."""
    if not takes_brotli(wanted):
        return Response(text, status, headers, media_type)
    vary = ", ".join(filter(None, (headers.get("Vary"), "Accept-Encoding")))
    said = {**headers, "Content-Encoding": "br", "Vary": vary}
    return Response(pack(text, PAGE_LEVEL), status, said, media_type)


@dataclass(frozen=True, slots=True)
class _File:
    body: bytes
    headers: dict[str, str]


class PackedFiles:
    """Sends what `app` has under a path, packed at the first request for it, and further after it.

    Other methods, ranges, large files and browsers without brotli are left to `app`.
    """

    def __init__(self, app: ASGIApp) -> None:
        self.app = app
        self._files: dict[str, asyncio.Task[_File | None]] = {}
        self._further: dict[str, _File] = {}
        self._improving: set[asyncio.Task[None]] = set()
        # One at a time: answers have the other cores.
        self._turn = asyncio.Lock()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve."""
        headers = Headers(scope=scope)
        is_plain = scope["method"] == "GET" and "range" not in headers
        file = None
        if is_plain and scope["path"].endswith(_KINDS) and takes_brotli(headers):
            file = await self._file(scope)
        if file is None:
            await self.app(scope, receive, send)
        elif file.headers["ETag"] in headers.get("if-none-match", ""):
            await Response(status_code=304, headers=file.headers)(scope, receive, send)
        else:
            coded = {**file.headers, "Content-Encoding": "br"}
            await Response(file.body, headers=coded)(scope, receive, send)

    async def _file(self, scope: Scope) -> _File | None:
        path = scope["path"]
        if path in self._further:
            return self._further[path]
        if path not in self._files:
            self._files[path] = asyncio.create_task(self._read(scope))
        # Who goes away while it is packed does not take it from those who wait as well.
        file = await asyncio.shield(self._files[path])
        if file is None:
            # Names that are made up do not pile up.
            self._files.pop(path, None)
        return file

    async def _read(self, scope: Scope) -> _File | None:
        status, headers, body = await captured(self.app, scope)
        if status != 200 or len(body) > _LARGEST or "etag" not in headers:
            return None
        told = {
            "Content-Type": headers["content-type"],
            "Vary": "Accept-Encoding",
            "ETag": f"W/{headers['etag'].removeprefix('W/')}",
        }
        if path_is_hashed(scope["path"]):
            told["Cache-Control"] = _FOR_EVER
        improving = asyncio.create_task(self._improve(scope["path"], body, told))
        self._improving.add(improving)
        improving.add_done_callback(self._improving.discard)
        return _File(pack(body, PAGE_LEVEL), told)

    async def _improve(self, path: str, body: bytes, told: dict[str, str]) -> None:
        """Pack a file as far as it goes, for all who come from then on."""
        async with self._turn:
            # A server that ends does not wait for it.
            smaller = await to_thread.run_sync(pack, body, abandon_on_cancel=True)
        self._further[path] = _File(smaller, told)


def path_is_hashed(path: str) -> bool:
    """Whether what is under the path never changes."""
    return path.startswith(_HASHED)


async def captured(app: ASGIApp, scope: Scope) -> tuple[int, Headers, bytes]:
    """Status, headers and body, not compressed, of what `app` sends for a GET without a query."""
    told = ("accept-encoding", "if-none-match", "if-modified-since")
    headers = [pair for pair in scope["headers"] if pair[0].decode("latin-1") not in told]
    scope = {**scope, "query_string": b"", "headers": headers}
    status = 500
    raw: list[tuple[bytes, bytes]] = []
    chunks: list[bytes] = []

    asked: list[Message] = [{"type": "http.request", "body": b"", "more_body": False}]

    async def nothing() -> Message:
        # After the body only the end could come; who listens for it is cancelled.
        return asked.pop() if asked else await asyncio.Future()

    async def keep(message: Message) -> None:
        nonlocal status, raw
        status, raw = message.get("status", status), message.get("headers", raw)
        chunks.append(message.get("body", b""))

    await app(scope, nothing, keep)
    return status, Headers(raw=list(raw)), b"".join(chunks)


def minified(media_type: str, text: str) -> str:
    """The text of a script or a style sheet, made small where this machine can."""
    # It begins threads when it is imported, which a process must not have that is to be forked.
    try:
        import minify
    except ImportError:
        # Built for Linux alone: elsewhere scripts and styles are sent as they are written.
        return text
    return str(minify.string(media_type, text))


@cache
def script() -> bytes:
    """The parts of `static/chat/`, in the order of their names, made small."""
    return minified("text/javascript", _joined("*.js")).encode()


@cache
def packed_script() -> bytes:
    """The same in brotli."""
    return pack(script())


@cache
def stylesheet() -> str:
    """The same for the style sheets."""
    return minified("text/css", _joined("*.css"))


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


SANS = ("system-ui", "-apple-system", "Segoe UI", "Roboto", "Helvetica Neue", "sans-serif")
SERIF = (
    "'Iowan Old Style', 'Palatino Linotype', Palatino, Charter, 'Source Serif 4', Georgia, "
    "'Noto Serif', 'Liberation Serif', serif"
)
MONO = ("ui-monospace", "Menlo", "Consolas", "monospace")

PAPER, PAPER_DARK = "#fbfaf7", "#15161a"
INK, INK_DARK = "#1d1c1a", "#ebe8e1"
QUIET, QUIET_DARK = "#5f5b54", "#a8a49b"
RULE, RULE_DARK = "#e2ddd3", "#33353b"
ACCENT, ACCENT_DARK = "#9a3324", "#f0907c"

THEME = Base(font=SANS, font_mono=MONO).set(
    body_background_fill=PAPER,
    body_background_fill_dark=PAPER_DARK,
    background_fill_primary=PAPER,
    background_fill_primary_dark=PAPER_DARK,
    background_fill_secondary=PAPER,
    background_fill_secondary_dark=PAPER_DARK,
    block_background_fill=PAPER,
    block_background_fill_dark=PAPER_DARK,
    body_text_color=INK,
    body_text_color_dark=INK_DARK,
    body_text_color_subdued=QUIET,
    body_text_color_subdued_dark=QUIET_DARK,
    border_color_primary=RULE,
    border_color_primary_dark=RULE_DARK,
    input_border_color="#c9c3b7",
    input_border_color_dark="#4a4d55",
    link_text_color=ACCENT,
    link_text_color_dark=ACCENT_DARK,
    body_text_size="16px",
)
