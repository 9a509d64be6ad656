"""The reader: an article as a page, the quote marked in it. Readable without JavaScript."""

import re
from typing import Annotated

from fastapi import APIRouter, Header, Query, Request
from starlette.responses import HTMLResponse

from index.article import Span
from qa.links import MOST_CITED, Cited, read_cited
from qa.version import read_version, standing
from qa.web.reader_page import Marked, article_page, gone, no_article, no_quote
from qa.web.seams import Articles
from qa.web.view import view_of

_QUOTE = re.compile(r"(\d{1,9})-(\d{1,9})", re.ASCII)
_Optional = Annotated[str | None, Query()]


def reader_routes(articles: Articles) -> APIRouter:
    """`GET /articles/ID?quote=A-B`; `qa.links` tells what else a link can say."""
    routes = APIRouter(include_in_schema=False)

    @routes.get("/articles/{article_id:path}")
    def read(
        request: Request,
        article_id: str,
        quote: _Optional = None,
        v: _Optional = None,
        cited: Annotated[list[str] | None, Query()] = None,
        view: _Optional = None,
        lang: _Optional = None,
        accept_language: Annotated[str | None, Header()] = None,
    ) -> HTMLResponse:
        shown = view_of(view, lang, accept_language)
        article = articles.article(article_id)
        if article is None:
            return no_article(article_id, shown)
        if quote is None:
            return article_page(article, None, shown)
        span = read_span(quote)
        if span is None:
            return no_quote(article, quote, shown)
        found = standing(article, span, read_version(v or ""))
        if found.span is None:
            return (gone if found.is_changed else no_quote)(article, quote, shown)
        among, place = read_answer(cited or [], article_id, span)
        marked = Marked(found.span, found.is_changed, among, place, str(request.base_url))
        return article_page(article, marked, shown)

    return routes


def read_span(quote: str) -> Span | None:
    """`A-B` as a span, or None if it is none.

    >>> read_span("2-4")
    (2, 4)
    """
    match = _QUOTE.fullmatch(quote)
    return (int(match[1]), int(match[2])) if match else None


def read_answer(told: list[str], article_id: str, span: Span) -> tuple[tuple[Cited, ...], int]:
    """The citations of the answer that a link is from, and which of them it leads to.

    None, if the link does not say so whole: a wrong count is worse than none.
    """
    among = tuple(filter(None, map(read_cited, told[: MOST_CITED + 1])))
    places = [(each.article_id, each.start, each.end) for each in among]
    here = (article_id, *span)
    if not 1 < len(told) == len(among) <= MOST_CITED or here not in places:
        return (), 0
    return among, places.index(here)
