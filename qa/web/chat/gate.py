"""The way to Gradio, which serves the chat: only what a text chat needs gets through.

Its errors are put into the one shape, and its page shows a name until Gradio has built the rest.
"""

import json
import re
import secrets
from collections.abc import AsyncIterator, Callable, Iterable
from contextlib import asynccontextmanager
from hashlib import sha256

import gradio as gr
from fastapi import FastAPI
from starlette.datastructures import Headers, QueryParams
from starlette.responses import JSONResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from qa.present.links import base_path
from qa.web.assets import (
    ACCENT,
    ACCENT_DARK,
    INK,
    INK_DARK,
    PAPER,
    PAPER_DARK,
    RULE,
    RULE_DARK,
    SANS,
    SERIF,
    PackedFiles,
    captured,
    packed,
)
from qa.web.chat.page import ChatApp, blank, filled
from qa.web.errors import INTERNAL, NOT_JSON, error_response, unknown_route, wrong_method
from qa.web.guard.middleware import read_body, replayed
from qa.web.i18n import Words, view_of
from qa.web.protocols import About

# The page names no function in its address, but the number of one in the body.
RUN = "/gradio_api/run/predict"
SESSION = re.compile(r"[\w-]{1,100}", re.ASCII)


class ChatFaults:
    """Refuses what Gradio would stumble over, and puts its errors into our shape."""

    def __init__(self, app: ASGIApp, blocks: gr.Blocks) -> None:
        self.app = app
        self.blocks = blocks

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve, or refuse."""
        fault = None
        if scope["path"] == RUN:
            messages = await read_body(receive) or []
            receive = replayed(messages, receive)
            body = b"".join(message.get("body", b"") for message in messages)
            fault = event_fault(body, self.blocks)
        if fault is None:
            await _in_our_shape(self.app, scope, receive, send)
        else:
            await fault(scope, receive, send)


def event_fault(body: bytes, blocks: gr.Blocks) -> JSONResponse | None:
    """Why this cannot be an event of the page, if it cannot."""
    try:
        sent = json.loads(body)
    except (ValueError, RecursionError):
        sent = None
    if not isinstance(sent, dict):
        return error_response(400, "invalid_json", NOT_JSON)
    session, index, data = (sent.get(name) for name in ("session_hash", "fn_index", "data"))
    if not isinstance(session, str) or not SESSION.fullmatch(session):
        message = f"session_hash is {session!r:.40}: send 1 to 100 letters, digits or hyphens"
        return error_response(400, "bad_session", message)
    # True is a key where 1 is one.
    function = blocks.fns.get(index) if type(index) is int else None
    if function is None:
        message = (
            f"fn_index {index!r:.40} is not a function of the chat; POST /api/ask is for programs"
        )
        return error_response(404, "unknown_function", message)
    expected = len(function.inputs)
    if not isinstance(data, list) or len(data) != expected:
        message = f"data is {data!r:.40}: send a list of {expected} values"
        return error_response(400, "bad_data", message)
    return None


# Gradio's sign of loading goes on counting once it has left the page, so that each open page would
# draw a frame sixty times a second for ever. `U` is the sign's element, none once that is gone.
_SIGN = re.compile(r"/assets/statustracker-[\w-]+\.js")
_FOR_EVER, _WHILE_SHOWN = b"W&&ze()", b"W&&U&&ze()"


class AtRest:
    """Gradio's files, of which one is mended: a page that waits for its reader costs nothing."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve."""
        if scope["method"] != "GET" or not _SIGN.fullmatch(scope["path"]):
            await self.app(scope, receive, send)
            return
        headers = [pair for pair in scope["headers"] if pair[0].lower() != b"range"]
        status, told, body = await captured(self.app, {**scope, "headers": headers})
        mended = body.replace(_FOR_EVER, _WHILE_SHOWN)
        # Who has the file as Gradio sends it must not be told that it is the same.
        tag = f'"{sha256(mended).hexdigest()[:32]}"'
        answer = Response(mended, status, {"etag": tag}, told.get("content-type"))
        await answer(scope, receive, send)


async def _in_our_shape(app: ASGIApp, scope: Scope, receive: Receive, send: Send) -> None:
    """Send what the app sends; of an error only the status, in our shape."""
    failed: int | None = None

    async def unless_failed(message: Message) -> None:
        nonlocal failed
        if message.get("status", 200) >= 400:
            failed = message["status"]
        if failed is None:
            await send(message)

    await app(scope, receive, unless_failed)
    if failed is not None:
        await _error(failed, scope["path"])(scope, receive, send)


def _error(status: int, path: str) -> JSONResponse:
    if status == 404:
        return unknown_route(path)
    if status < 500:
        return error_response(400, "invalid_request", f"the chat cannot read this at {path!r}")
    return error_response(status, "internal", INTERNAL)


# As `.fn-masthead` in the style sheet, which comes with Gradio and takes the place of this.
_STYLE = f"""<style>
html {{ --p: {PAPER}; --i: {INK}; --r: {RULE}; --a: {ACCENT}; background: var(--p); }}
@media (prefers-color-scheme: dark) {{
html {{ --p: {PAPER_DARK}; --i: {INK_DARK}; --r: {RULE_DARK}; --a: {ACCENT_DARK}; }}
}}
#fn-awaiting {{ position: absolute; inset: 0 0 auto; color: var(--i); }}
#fn-awaiting div {{ max-width: 44.5rem; margin: 0 auto; padding: 0 1.25rem; }}
#fn-awaiting p {{ margin: 0; font: 1rem/1.6 {", ".join(SANS)}; padding-top: 2rem; }}
#fn-awaiting .name {{
min-height: 2rem; padding: 1.1rem 0 .8rem; border-bottom: 1px solid var(--r);
font: 600 1.5rem/1.2 {SERIF}; letter-spacing: -.01em;
}}
#fn-awaiting sup {{
font: 600 .8rem/1 {SANS[0]}, sans-serif; color: var(--a); margin-inline-start: .15em;
}}
@media (max-width: 30rem) {{ #fn-awaiting div {{ padding: 0 1rem; }} }}
gradio-app .wrap.full.translucent {{ display: none !important; }}
</style>""".replace("\n", "")

_MARKUP = (
    '<div id="fn-awaiting"><div><p class="name" lang="en" dir="ltr">Footnote<sup>1</sup></p>'
    f"<noscript><p>{blank('no_script')}</p></noscript></div></div>"
)
_MANIFEST = b'"/manifest.json"'
_HEAD, _APP = b"</head>", b"<gradio-app"


def awaited(page: bytes) -> bytes:
    """The page of Gradio with what is shown before it; the settings of a page stay as they are."""
    page = page.replace(_MANIFEST, b'"./manifest.json"')
    page = page.replace(_HEAD, _STYLE.encode() + _HEAD, 1)
    return page.replace(_APP, _MARKUP.encode() + _APP, 1)


# Uploads, files, proxies, streams, sharing, monitoring: where past advisories of Gradio lie, and
# nothing that a text chat uses. What a later version adds stays shut until it is named here.
OPEN = {
    re.compile(path): methods
    for path, methods in {
        r"/": ("GET", "HEAD"),
        r"/(config|theme\.css|favicon\.ico|manifest\.json|robots\.txt)": ("GET", "HEAD"),
        # No dot begins a name: none of these files is hidden, and `..` leads out of the folder.
        r"/(assets|static)(/[^/.\\][^/\\]*)+": ("GET", "HEAD"),
        r"/gradio_api/(info|startup-events|app_id)": ("GET",),
        r"/gradio_api/heartbeat/\w+": ("GET",),
        r"/gradio_api/run/predict": ("POST",),
    }.items()
}
# From these Gradio would take the address that it tells browsers to call, whoever sent them.
CLAIMS = (b"x-forwarded-host", b"x-gradio-server")
HTML = re.compile(rb'<html\s+lang="en"')
SCRIPT = re.compile(rb"<script(?=[\s>])")


class Gate:
    """Lets the chat's needs through, answers the rest with 404 or 405 in the one error shape."""

    def __init__(
        self, chat: ChatApp, about: Callable[[], About], examples: Iterable[str] = ()
    ) -> None:
        """`examples` are read whenever the page is sent."""
        self.chat = chat.app
        self.files = PackedFiles(AtRest(chat.app))
        self.served = ChatFaults(self.files, chat.blocks)
        self.about, self.examples = about, examples

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve what is open."""
        path, method = scope["path"], scope["method"]
        scope = {**scope, "headers": [h for h in scope["headers"] if h[0].lower() not in CLAIMS]}
        methods = next((m for pattern, m in OPEN.items() if pattern.fullmatch(path)), ())
        if not methods:
            await unknown_route(path)(scope, receive, send)
        elif method not in methods:
            await wrong_method(method, path, ", ".join(methods))(scope, receive, send)
        elif path in ("/", "/config"):
            # The parameters name stored states and pages, of which there are none.
            status, _, body = await captured(self.chat, whole_scope(scope))
            words = wanted(scope)
            body = filled(awaited(body), self.about(), words, self.examples)
            make = guarded_page if path == "/" else settings
            answer = make(body, status, words, Headers(scope=scope))
            await answer(scope, receive, send)
        else:
            await self.served(scope, receive, send)

    @asynccontextmanager
    async def lifespan(self, _: FastAPI) -> AsyncIterator[None]:
        """What must run while the chat is served."""
        async with self.chat.router.lifespan_context(self.chat):
            yield


def whole_scope(scope: Scope) -> Scope:
    """The scope as a browser asked, so that the page calls the address that it was loaded from."""
    base = base_path()
    return {**scope, "root_path": base, "path": f"{base}{scope['path']}"} if base else scope


def settings(body: bytes, status: int, _: Words, request: Headers) -> Response:
    """What the page is made of, as JSON."""
    return packed(body, request, status, {}, "application/json")


def wanted(scope: Scope) -> Words:
    """The words that the address asks for with `lang`, else those the browser wants most."""
    lang = QueryParams(scope["query_string"]).get("lang")
    return view_of(None, lang, Headers(scope=scope).get("accept-language")).words


def guarded_page(html: bytes, status: int, words: Words, request: Headers) -> Response:
    """The chat page, its own scripts marked with a nonce, so that no other script ever runs."""
    nonce = secrets.token_urlsafe(16)
    # A script that a page with a frame of ours would need, and there is none.
    html = html.replace(b"document.head.appendChild(script)", b"")
    body = SCRIPT.sub(b'<script nonce="%s"' % nonce.encode(), html)
    spoken = f'<html lang="{words.code}" dir="{words.direction}"'
    body = HTML.sub(spoken.encode(), body, count=1)
    headers = {"Content-Security-Policy": chat_csp(nonce), "Vary": "Accept-Language"}
    return packed(body, request, status, headers, "text/html")


def chat_csp(nonce: str) -> str:
    """The strictest policy under which the chat works: Gradio styles its elements inline."""
    return (
        f"default-src 'none'; script-src 'self' 'nonce-{nonce}'; "
        "style-src 'self' 'unsafe-inline'; img-src 'self' data:; font-src 'self' data:; "
        "connect-src 'self'; frame-src 'self'; manifest-src 'self'; base-uri 'self'; "
        "form-action 'none'; frame-ancestors 'self'"
    )
