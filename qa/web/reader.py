"""The reader: an article as a page, the quote marked in it. Readable without JavaScript."""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from itertools import pairwise
from typing import Annotated
from urllib.parse import quote, urlsplit

from fastapi import APIRouter, Header, Query, Request
from markupsafe import Markup
from starlette.responses import HTMLResponse

from index.article import Article, Entry, Span
from index.forms.asides import corrections_near
from index.sentences import paragraph_spans
from qa.present.dates import in_words
from qa.present.links import (
    Cited,
    cited_span,
    export_of,
    original_link,
    page_of,
    read_among,
    read_answer,
    read_span,
    web_address,
    whole_page,
)
from qa.present.references import FORMS, line, reference
from qa.present.version import Parts, parts_of, read_version, span_within, standing, wording_now
from qa.web.guard.base_path import STRICT_CSP
from qa.web.i18n import STATIC, View, filled, pages, view_of
from qa.web.protocols import Articles


@dataclass(frozen=True, slots=True)
class Piece:
    """Some words, quoted or not; `answer` are those of them that answer."""

    text: str
    is_marked: bool = False
    answer: Span | None = None

    @property
    def parts(self) -> Parts:
        """The words that answer, and what stands around them."""
        return parts_of(self.text, self.answer)


@dataclass(frozen=True, slots=True)
class Section:
    """A live blog's entry, or what stands outside of entries (then without `anchor`).

    `time` is ISO 8601, `when` is for people to read. `headings` are the places of those paragraphs
    that are headings of what follows.
    """

    paragraphs: tuple[tuple[Piece, ...], ...]
    headings: frozenset[int] = frozenset()
    anchor: str | None = None
    heading: tuple[Piece, ...] = ()
    time: str | None = None
    when: str = ""

    @property
    def marks(self) -> int:
        """How many pieces are quoted."""
        lines = (self.heading, *self.paragraphs)
        return sum(piece.is_marked for line in lines for piece in line)


# A heading as Markdown writes it; or a short line that begins like a sentence and has no end.
_MARKS = re.compile(r"^#{1,6} +(?=\S)")
_SHORT_LINE = re.compile(r"(?!\d+[.)] )[\w“\"'(¿¡].{0,78}[\w?”\"')]")
_SENTENCE_END = re.compile(r"[.!?…。؟][”\"'’)\]]*$")


def is_heading(line: str, following: str) -> bool:
    """Whether a line is a heading of the paragraph that follows it.

    >>> is_heading("The waves", "The collapse raised tsunamis. They swept away the port.")
    True
    >>> is_heading("The waves", "The wind")
    False
    """
    if _MARKS.match(line):
        return True
    is_short = "\n" not in line and _SHORT_LINE.fullmatch(line) and not line[0].islower()
    return bool(is_short and len(following) > len(line) and _SENTENCE_END.search(following))


@dataclass(frozen=True, slots=True)
class _Quote:
    """The span of a quote, and that of the words in it that answer."""

    span: Span
    answer: Span | None


def sections(
    article: Article,
    span: Span | None,
    dated: Callable[[str], str] = in_words,
    answer: Span | None = None,
) -> list[Section]:
    """The whole text in order, what is quoted at `span` marked; no word is left out.

    `dated` puts a time in words; `answer` are the words of the quote that answer.
    """
    quote = _Quote(span, answer) if span else None
    if not article.entries:
        return _with_headings(article.text, quote)
    found: list[Section] = []
    reached = 0
    for entry in article.entries:
        found.extend(_plain(article.text, (reached, entry.start), quote))
        found.append(_entry(article.text, entry, quote, dated))
        reached = entry.end
    found.extend(_plain(article.text, (reached, len(article.text)), quote))
    return found


def _with_headings(text: str, quote: _Quote | None) -> list[Section]:
    """An article that is no live blog, whose headings are lines of their own."""
    spans = list(paragraph_spans(text, 0, len(text)))
    lines = [text[start:end] for start, end in spans]
    headings = frozenset(
        place
        for place, (line, following) in enumerate(pairwise([*lines, ""]))
        if is_heading(line, following)
    )
    paragraphs = tuple(
        tuple(_pieces(text, _unmarked(text, span, quote) if n in headings else span, quote))
        for n, span in enumerate(spans)
    )
    return [Section(paragraphs, headings)] if paragraphs else []


def _unmarked(text: str, span: Span, quote: _Quote | None) -> Span:
    """A heading without the signs of Markdown in front of it, unless these are quoted."""
    start, end = span
    first = end - len(_MARKS.sub("", text[start:end]))
    is_quoted = quote is not None and quote.span[0] < first and quote.span[1] > start
    return span if is_quoted else (first, end)


def _plain(text: str, span: Span, quote: _Quote | None) -> list[Section]:
    paragraphs = _marked_paragraphs(text, span, quote)
    return [Section(paragraphs)] if paragraphs else []


def _entry(text: str, entry: Entry, quote: _Quote | None, dated: Callable[[str], str]) -> Section:
    heading = _heading(text, entry, quote)
    # A time line that cannot be set as time and heading is shown as the article has it.
    start = entry.body if heading else entry.start
    return Section(
        paragraphs=_marked_paragraphs(text, (start, entry.end), quote),
        anchor=f"entry-{entry.start}",
        heading=tuple(_pieces(text, heading, quote)) if heading else (),
        time=entry.time,
        # Where its day is not known, a time stays as the article writes it.
        when=dated(entry.time) if entry.time else entry.clock,
    )


def _heading(text: str, entry: Entry, quote: _Quote | None) -> Span | None:
    """Where the heading stands in the time line; None if no heading, or if the clock is quoted."""
    start = text.find(entry.heading, entry.start, entry.body) if entry.heading else -1
    if start < 0 or (quote and quote.span[0] < start and quote.span[1] > entry.start):
        return None
    return start, start + len(entry.heading)


def _marked_paragraphs(
    text: str, span: Span, quote: _Quote | None
) -> tuple[tuple[Piece, ...], ...]:
    return tuple(tuple(_pieces(text, piece, quote)) for piece in paragraph_spans(text, *span))


def _pieces(text: str, span: Span, quote: _Quote | None) -> Iterator[Piece]:
    """The span's text, the part that lies in the quote marked."""
    start, end = span
    first, last = quote.span if quote else (end, end)
    first, last = max(first, start), min(last, end)
    if quote is None or first >= last:
        yield Piece(text[start:end])
        return
    if start < first:
        yield Piece(text[start:first])
    yield Piece(text[first:last], True, span_within(quote.answer, (first, last)))
    if last < end:
        yield Piece(text[last:end])


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

    `answer` are those of them that answer. `is_changed` says that the link was made of another
    version of the article; `base` is the address that this server is reached at. `now` is what the
    article says in their place, where it is shown in a former version.
    """

    span: Span
    is_changed: bool = False
    among: tuple[Cited, ...] = ()
    place: int = 0
    base: str = ""
    answer: Span | None = None
    now: str | None = None


def article_page(article: Article, marked: Marked | None, view: View) -> HTMLResponse:
    """The article, with the words of `marked` marked."""
    span = marked.span if marked else None
    dated = partial(in_words, language=view.words.code)
    is_there = span is not None and not article.is_former
    original = original_link(article, span) if span and is_there else web_address(article)
    parts = sections(article, span, dated, marked.answer if marked else None)
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
        present=whole_page(article, view=view.name, lang=view.lang) if article.is_former else None,
        quote=_quote(article, marked, view) if marked else None,
    )
    return HTMLResponse(html, headers=_PAGE_HEADERS)


def _quote(article: Article, marked: Marked, view: View) -> Mapping[str, object]:
    """What the page can do with its quote: cite it, export it, go on to the next."""
    here = cited_span(article, marked.span, marked.answer)
    page = f"{marked.base.rstrip('/')}{page_of(here)}"
    among, place = marked.among, marked.place
    link = partial(page_of, among=among, view=view.name, lang=view.lang)
    return {
        "is_changed": marked.is_changed,
        "now": marked.now,
        "notes": corrections_near(article.text, marked.span),
        "line": line(
            reference(article, marked.span, page), partial(in_words, language=view.words.code)
        ),
        # A file is made of the article as it is now.
        "exports": []
        if article.is_former
        else [(form.label, export_of(form.name, [here])) for form in FORMS.values()],
        "number": place + 1,
        "count": len(among),
        "previous": link(among[place - 1]) if place > 0 else None,
        "next": link(among[place + 1]) if place + 1 < len(among) else None,
    }


def _plain_page(article: Article, marked: Marked | None, view: View) -> str:
    """The same page outside of a frame."""
    if marked is None:
        return whole_page(article, lang=view.lang)
    here = cited_span(article, marked.span, marked.answer)
    return page_of(here, marked.among, lang=view.lang)


def former_page(
    former: Article, quoted: Cited | None, present: Article, base: str, view: View
) -> HTMLResponse:
    """The article in a former version, with what it says now in the place of what is quoted."""
    found = standing(former, quoted.span, quoted.version).span if quoted else None
    if quoted is None or found is None or former.is_excerpt:
        return article_page(former, None, view)
    now = wording_now(former, found, present)
    return article_page(
        former, Marked(found, base=base, answer=quoted.moved(found).answer, now=now), view
    )


def no_article(article_id: str, view: View) -> HTMLResponse:
    """404: no such article."""
    return _problem("no_article", view, None, id=article_id[:200])


def withdrawn(view: View) -> HTMLResponse:
    """410: the owner took the article out."""
    response = _problem("withdrawn", view, None)
    response.status_code = 410
    return response


def no_version(article: Article, digest: str, view: View) -> HTMLResponse:
    """404: the article is there, that version of it was not kept."""
    return _problem("no_version", view, article, digest=digest[:80])


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


_Optional = Annotated[str | None, Query()]


def reader_routes(articles: Articles, is_withdrawn: Callable[[str], bool]) -> APIRouter:
    """`GET /articles/ID?quote=A-B`; `qa.present.links` tells what else a link can say.

    `is_withdrawn` tells of an id that its article was taken out. `digest` opens that version of the
    article. Where quoted words are gone, the version that a link was made of is shown if it was
    kept.
    """
    routes = APIRouter(include_in_schema=False)

    @routes.get("/articles/{article_id:path}")
    def read(
        request: Request,
        article_id: str,
        quote: _Optional = None,
        v: _Optional = None,
        digest: _Optional = None,
        answer: _Optional = None,
        cited: Annotated[list[str] | None, Query()] = None,
        view: _Optional = None,
        lang: _Optional = None,
        accept_language: Annotated[str | None, Header()] = None,
    ) -> HTMLResponse:
        shown = view_of(view, lang, accept_language)
        article = articles.article(article_id)
        if article is None:
            return withdrawn(shown) if is_withdrawn(article_id) else no_article(article_id, shown)
        base = str(request.base_url)
        asked, version = read_span(quote or ""), read_version(v or "")
        quoted = Cited(article_id, *asked, version, read_answer(answer, asked)) if asked else None
        opened = articles.version(article_id, digest) if digest else article
        if opened is None:
            return no_version(article, digest or "", shown)
        if opened.is_former:
            return former_page(opened, quoted, article, base, shown)
        if quote is None or article.is_excerpt:
            return article_page(article, None, shown)
        if quoted is None:
            return no_quote(article, quote, shown)
        found = standing(article, quoted.span, version)
        if found.span is None and version and found.is_changed:
            former = articles.version(article_id, version.article)
            return (
                former_page(former, quoted, article, base, shown)
                if former
                else gone(article, quote, shown)
            )
        if found.span is None:
            return no_quote(article, quote, shown)
        among, place = read_among(cited or [], article_id, quoted.span)
        here = quoted.moved(found.span)
        marked = Marked(found.span, found.is_changed, among, place, base, here.answer)
        return article_page(article, marked, shown)

    return routes
