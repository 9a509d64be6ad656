"""The widget: its script, the element as a page for frames, and the page that builds tags."""

import hashlib
import json
import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from string import ascii_letters
from typing import Annotated

import zopfli.gzip
from fastapi import APIRouter, Header, Request
from starlette.responses import HTMLResponse, JSONResponse, Response

from qa.web.assets import minified
from qa.web.guard.base_path import FRAMED
from qa.web.i18n import DEFAULT, STATIC, languages, pages, view_of, words_in
from qa.web.protocols import About

SOURCES = STATIC / "widget"
# In the order in which each needs what stands before it.
ROOMS = ("dom", "told", "words", "colours", "server", "page", "frame", "answer", "talk", "start")
# What `<footnote-chat>` takes; the rest of a query is skipped.
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


def widget_routes(about: Callable[[], About]) -> APIRouter:
    """`GET /widget.js`, `/embed` for frames, and `/widget`, which offers the sources."""
    routes = APIRouter(include_in_schema=False)

    # Made when the server starts, so that nobody waits; in other languages when first asked for.
    widget_script(DEFAULT)

    @routes.get("/widget.js")
    def send_script(
        language: str | None = None,
        accept_encoding: Annotated[str, Header()] = "",
        if_none_match: Annotated[str, Header()] = "",
    ) -> Response:
        script = widget_script(_spoken(language))
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

    @routes.get("/footnote/widget/words/{code}.json")
    def send_words(code: str) -> JSONResponse:
        headers = {"Cache-Control": f"public, max-age={_HOUR}"}
        said = {**widget_words(_spoken(code)), "languages": languages()}
        return JSONResponse(said, headers=headers)

    @routes.get("/embed")
    def embed(request: Request, accept_language: Accepted = None) -> HTMLResponse:
        options = {name: value for name, value in request.query_params.items() if name in OPTIONS}
        said = view_of(None, options.get("language"), accept_language).words
        html = pages.get_template("embed.html").render(options=options, said=said)
        return _page(html)

    @routes.get("/widget")
    def builder(lang: str | None = None, accept_language: Accepted = None) -> HTMLResponse:
        shown = view_of(None, lang, accept_language).shown("builder")
        offered = [(code, words_in(code).language) for code in languages()]
        html = pages.get_template("widget.html").render(
            languages=offered, sources=about().sources, **shown
        )
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


def _spoken(language: str | None) -> str:
    """The language itself where it is one of ours, else the default."""
    return view_of(None, language, None).words.code


def widget_words(code: str) -> dict[str, str]:
    """What the widget says in a language, with the language's code and direction."""
    words = words_in(code)
    return {"code": words.code, "direction": words.direction, **words.of("widget")}


@cache
def widget_script(code: str = DEFAULT) -> Script:
    """The sources as one script with the words of one language, made small once.

    A page in another language fetches its words with the script: however many languages there
    are, the script is no larger.
    """
    rooms = "\n".join((SOURCES / f"{room}.js").read_text(encoding="utf-8") for room in ROOMS)
    css = minified("text/css", (SOURCES / "widget.css").read_text(encoding="utf-8"))
    given = {"WORDS": widget_words(code), "CSS_TEXT": css}
    constants = [f"const {name} = {_literal(value)};" for name, value in given.items()]
    # Nothing of it becomes a name in the host page.
    whole = "\n".join(("(() => {", '"use strict";', *constants, _shortened(rooms), "})();"))
    plain = minified("text/javascript", whole).encode()
    tag = f'W/"{hashlib.sha256(plain).hexdigest()[:16]}"'
    return Script(plain, zopfli.gzip.compress(plain), tag)


def _shortened(source: str) -> str:
    """Private names with two signs each: the minifier leaves the names of properties alone."""
    names = dict.fromkeys(_PRIVATE.findall(source))
    short = dict(zip(names, (f"_{letter}" for letter in ascii_letters), strict=False))
    return _PRIVATE.sub(lambda name: short[name[0]], source)


def _literal(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))
