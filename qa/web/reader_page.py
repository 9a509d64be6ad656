"""The HTML of the reader and of what it says where there is nothing to read."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from urllib.parse import quote, urlsplit

from markupsafe import Markup
from starlette.responses import HTMLResponse

from index.article import Article, Span
from qa.bibliography import FORMS
from qa.links import Cited, cited_span, export_of, page_of, whole_page
from qa.reference import line, reference
from qa.web.dates import told
from qa.web.headers import STRICT_CSP
from qa.web.layout import sections
from qa.web.templating import STATIC, pages
from qa.web.view import View, filled
from qa.wire import original_link, web_address

# What Accept-Language asks for decides the words of the page.
_HEADERS = {"Vary": "Accept-Language"}
# The only image is the icon, which stands in the page: that saves a request.
_PAGE_HEADERS = _HEADERS | {
    "Content-Security-Policy": STRICT_CSP.replace("img-src 'self'", "img-src data:")
}
_ICON = f"data:image/svg+xml,{quote((STATIC / 'favicon.svg').read_text(encoding='utf-8'))}"
# What a link says stands apart from our words, whichever way it is written.
_THEIRS = Markup('<bdi dir="auto">{}</bdi>')


@dataclass(frozen=True, slots=True)
class Marked:
    """The words to mark, and the citations of the answer that they are one of.

    `is_changed` says that the link was made of another version of the article; `base` is the
    address that this server is reached at.
    """

    span: Span
    is_changed: bool = False
    among: tuple[Cited, ...] = ()
    place: int = 0
    base: str = ""


def article_page(article: Article, marked: Marked | None, view: View) -> HTMLResponse:
    """The article, with the words of `marked` marked."""
    span = marked.span if marked else None
    dated = partial(told, language=view.words.code)
    original = original_link(article, span) if span else web_address(article)
    parts = sections(article, span, dated)
    html = pages.get_template("article.html").render(
        **view.shown("reader"),
        icon=_ICON,
        article=article,
        published=dated(article.published) if article.published else None,
        updated=dated(article.updated) if article.updated else None,
        original=original,
        host=_host(original) if original else None,
        sections=parts,
        marks=sum(part.marks for part in parts),
        page=_plain_page(article, marked, view),
        quote=_quote(article, marked, view) if marked else None,
    )
    return HTMLResponse(html, headers=_PAGE_HEADERS)


def _quote(article: Article, marked: Marked, view: View) -> Mapping[str, object]:
    """What the page can do with its quote: cite it, export it, go on to the next."""
    here = cited_span(article, marked.span)
    page = f"{marked.base.rstrip('/')}{page_of(here)}"
    among, place = marked.among, marked.place
    link = partial(page_of, among=among, view=view.name, lang=view.lang)
    return {
        "is_changed": marked.is_changed,
        "line": line(
            reference(article, marked.span, page), partial(told, language=view.words.code)
        ),
        "exports": [(form.label, export_of(form.name, [here])) for form in FORMS.values()],
        "number": place + 1,
        "count": len(among),
        "previous": link(among[place - 1]) if place > 0 else None,
        "next": link(among[place + 1]) if place + 1 < len(among) else None,
    }


def _plain_page(article: Article, marked: Marked | None, view: View) -> str:
    """The same page outside of a frame."""
    if marked is None:
        return whole_page(article, lang=view.lang)
    return page_of(cited_span(article, marked.span), marked.among, lang=view.lang)


def no_article(article_id: str, view: View) -> HTMLResponse:
    """404: no such article."""
    return _problem("no_article", view, None, id=article_id[:200])


def no_quote(article: Article, asked: str, view: View) -> HTMLResponse:
    """404: the article is there, the span is not."""
    return _problem("no_quote", view, article, quote=asked[:40], count=len(article.text))


def gone(article: Article, asked: str, view: View) -> HTMLResponse:
    """404: the article was changed, and the quoted words are no longer in it."""
    return _problem("gone", view, article, quote=asked[:40])


def _problem(name: str, view: View, article: Article | None, **parts: object) -> HTMLResponse:
    words = view.words.of("reader")
    theirs = {part: _THEIRS.format(value) for part, value in parts.items()}
    html = pages.get_template("problem.html").render(
        **view.shown("reader"),
        title=words[name],
        message=filled(words[f"{name}_message"], **theirs),
        article_link=whole_page(article, view=view.name, lang=view.lang) if article else None,
    )
    return HTMLResponse(html, 404, headers=_HEADERS)


def _host(url: str) -> str | None:
    try:
        return urlsplit(url).hostname
    except ValueError:
        return None
