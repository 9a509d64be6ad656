"""The way to the chat's own server: only what a text chat needs gets through."""

import re
import secrets
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

from fastapi import FastAPI
from starlette.datastructures import Headers, QueryParams
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from qa.web.awaiting import awaited
from qa.web.chat import ChatApp
from qa.web.chat_faults import ChatFaults
from qa.web.errors import unknown_route, wrong_method
from qa.web.masthead import filled
from qa.web.packed import PackedFiles, captured, packed
from qa.web.seams import About
from qa.web.view import view_of
from qa.web.words import Words

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
        r"/gradio_api/queue/join": ("POST",),
        r"/gradio_api/queue/data": ("GET",),
        r"/gradio_api/(reset|cancel)": ("POST",),
    }.items()
}
# From these Gradio would take the address that it tells browsers to call, whoever sent them.
CLAIMS = (b"x-forwarded-host", b"x-gradio-server")
HTML = re.compile(rb'<html\s+lang="en"')
SCRIPT = re.compile(rb"<script(?=[\s>])")


class Gate:
    """Lets the chat's needs through, answers the rest with 404 or 405 in the one error shape."""

    def __init__(self, chat: ChatApp, about: Callable[[], About]) -> None:
        self.chat = chat.app
        self.files = PackedFiles(chat.app)
        self.served = ChatFaults(self.files, chat.blocks)
        self.about = about

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
            status, _, body = await captured(self.chat, scope)
            words = wanted(scope)
            body = filled(awaited(body), self.about(), words)
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
