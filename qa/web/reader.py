"""The reader: an article as a page, the quote marked in it. Readable without JavaScript."""

import re
from typing import Annotated

from fastapi import APIRouter, Query
from starlette.responses import HTMLResponse

from index.article import Article, Span
from qa.web.layout import sections
from qa.web.seams import Articles
from qa.web.templating import pages
from qa.when import in_words
from qa.wire import article_link, original_link, web_address

QUOTE = re.compile(r"(\d{1,9})-(\d{1,9})", re.ASCII)


def reader_routes(articles: Articles) -> APIRouter:
    """`GET /articles/ID?quote=A-B`."""
    routes = APIRouter(include_in_schema=False)

    @routes.get("/articles/{article_id:path}")
    def read(article_id: str, quote: Annotated[str | None, Query()] = None) -> HTMLResponse:
        article = articles.article(article_id)
        if article is None:
            return no_article(article_id)
        if quote is None:
            return article_page(article, None)
        span = read_span(quote, article)
        return no_quote(article, quote) if span is None else article_page(article, span)

    return routes


def read_span(quote: str, article: Article) -> Span | None:
    """`A-B` as a span of the article's text, or None if it is none.

    >>> read_span("2-4", Article("a", "words"))
    (2, 4)
    """
    match = QUOTE.fullmatch(quote)
    if match is None:
        return None
    start, end = int(match[1]), int(match[2])
    within = start < end <= len(article.text)
    return (start, end) if within and article.text[start:end].strip() else None


def article_page(article: Article, span: Span | None) -> HTMLResponse:
    """The article, with the words of `span` marked."""
    html = pages.get_template("article.html").render(
        article=article,
        published=in_words(article.published) if article.published else None,
        updated=in_words(article.updated) if article.updated else None,
        original=original(article, span),
        sections=sections(article, span),
        has_quote=span is not None,
    )
    return HTMLResponse(html)


def original(article: Article, span: Span | None) -> str | None:
    """The link to the original, to the quoted words where there are some."""
    if span is None:
        return web_address(article)
    return original_link(article, span)


def no_article(article_id: str) -> HTMLResponse:
    """404: no such article."""
    return problem("There is no such article", f"No article has the id {article_id!r}.", None)


def no_quote(article: Article, quote: str) -> HTMLResponse:
    """404: the article is there, the span is not."""
    message = (
        f"{quote[:40]!r} is not a span of this article's text, which has "
        f"{len(article.text)} characters."
    )
    return problem("There is no such quote", message, article)


def problem(title: str, message: str, article: Article | None) -> HTMLResponse:
    """A page that says what is missing and where to go on."""
    link = article_link(article) if article else None
    html = pages.get_template("problem.html").render(
        title=title, message=message, article_link=link
    )
    return HTMLResponse(html, 404)
