"""The widget: its script, the element as a page for frames, and the page that builds tags."""

import hashlib
import json
import re
from dataclasses import dataclass
from functools import cache
from string import ascii_letters
from typing import Annotated

import minify
import zopfli.gzip
from fastapi import APIRouter, Header, Request
from starlette.responses import HTMLResponse, Response

from qa.web.guard.headers import FRAMED
from qa.web.i18n import LANGUAGES, STATIC, pages, view_of, words_in

SOURCES = STATIC / "widget"
# In the order in which each needs what stands before it.
ROOMS = ("dom", "colours", "server", "page", "frame", "answer", "talk", "start")
# What `<footnote-chat>` takes; the rest of a query is passed over.
OPTIONS = (
    "title greeting placeholder suggestions theme language logo source after before page-url "
    "accent paper ink radius font"
).split()
EMBED_CSP = (
    "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; "
    f"img-src 'self' https: data:; base-uri 'none'; form-action 'none'; {FRAMED}"
)
Accepted = Annotated[str | None, Header()]
_HOUR = 3600
_PRIVATE = re.compile(r"(?<![\w\"])_[a-z]\w+", re.IGNORECASE)


def widget_routes() -> APIRouter:
    """`GET /widget.js`, `/embed` for frames, and `/widget`."""
    routes = APIRouter(include_in_schema=False)

    script = widget_script()

    @routes.get("/widget.js")
    def send_script(
        accept_encoding: Annotated[str, Header()] = "",
        if_none_match: Annotated[str, Header()] = "",
    ) -> Response:
        headers = {
            "Cache-Control": f"public, max-age={_HOUR}",
            "Cross-Origin-Resource-Policy": "cross-origin",
            "ETag": script.tag,
            "Vary": "Accept-Encoding",
        }
        if script.tag in if_none_match:
            return Response(status_code=304, headers=headers)
        if "gzip" not in accept_encoding:
            return Response(script.plain, headers=headers, media_type="text/javascript")
        headers["Content-Encoding"] = "gzip"
        return Response(script.gzipped, headers=headers, media_type="text/javascript")

    @routes.get("/embed")
    def embed(request: Request, accept_language: Accepted = None) -> HTMLResponse:
        options = {name: value for name, value in request.query_params.items() if name in OPTIONS}
        said = view_of(None, options.get("language"), accept_language).words
        html = pages.get_template("embed.html").render(options=options, said=said)
        return _page(html)

    @routes.get("/widget")
    def builder(lang: str | None = None, accept_language: Accepted = None) -> HTMLResponse:
        shown = view_of(None, lang, accept_language).shown("builder")
        languages = [(code, words_in(code).language) for code in LANGUAGES]
        html = pages.get_template("widget.html").render(languages=languages, **shown)
        return _page(html)

    return routes


def _page(html: str) -> HTMLResponse:
    headers = {"Content-Security-Policy": EMBED_CSP, "Vary": "Accept-Language"}
    return HTMLResponse(html, headers=headers)


@dataclass(frozen=True, slots=True)
class Script:
    """The script as it is sent, to browsers that take gzip and to others."""

    plain: bytes
    gzipped: bytes
    tag: str


@cache
def widget_script() -> Script:
    """The sources as one script with the words of all languages, made small once."""
    rooms = "\n".join((SOURCES / f"{room}.js").read_text(encoding="utf-8") for room in ROOMS)
    css = minify.string("text/css", (SOURCES / "widget.css").read_text(encoding="utf-8"))
    keys = list(words_in(LANGUAGES[0]).of("widget"))
    words = {code: "|".join(words_in(code).of("widget")[key] for key in keys) for code in LANGUAGES}
    given = {"KEYS": "|".join(keys), "WORDS": words, "CSS_TEXT": css}
    constants = [f"const {name} = {_literal(value)};" for name, value in given.items()]
    # Nothing of it becomes a name in the host page.
    whole = "\n".join(("(() => {", '"use strict";', *constants, _shortened(rooms), "})();"))
    plain = minify.string("text/javascript", whole).encode()
    tag = f'W/"{hashlib.sha256(plain).hexdigest()[:16]}"'
    return Script(plain, zopfli.gzip.compress(plain), tag)


def _shortened(source: str) -> str:
    """Private names with two signs each: the minifier leaves the names of properties alone."""
    names = dict.fromkeys(_PRIVATE.findall(source))
    short = dict(zip(names, (f"_{letter}" for letter in ascii_letters), strict=False))
    return _PRIVATE.sub(lambda name: short[name[0]], source)


def _literal(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))
