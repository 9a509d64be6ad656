"""The addresses of an answer and of its parts: the reader, the original, the file, the question.

Each link to a quote holds the version of its article: kept for years, it can say that the article
has changed, and marks no other words that stand there by then. The JSON links with `reader_link`, a
page with `reader_page`, which leads to the answer's other citations too.
A proxy may put a path such as `/kb` in front of every address of this server. It belongs to the
request that is served, as another proxy may use another one; the command line has none.
"""

import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Self
from urllib.parse import quote, urlencode

from index.article import Article, Span
from qa.answer import Citation, Question
from qa.present.fragment import text_directives
from qa.present.version import Version, read_version, version_of

# How many citations a link can name, and how long one of them can be.
MOST_CITED = 20
_LONGEST = 1000
# All of them together: servers and proxies cut what is longer than a few thousand signs.
_LONGEST_LINK = 6000
_CITED = re.compile(
    r"(.+):(\d{1,9})-(\d{1,9})(?:@([0-9a-f-]{25}))?(?:~(\d{1,9}-\d{1,9}))?", re.ASCII | re.DOTALL
)
_SPAN = re.compile(r"(\d{1,9})-(\d{1,9})", re.ASCII)
# The path that a proxy puts in front.
_base: ContextVar[str] = ContextVar("base path", default="")


@dataclass(frozen=True, slots=True)
class Cited:
    """A quote by its place, as a link names it: `ARTICLE:START-END@VERSION~START-END`.

    The last span is that of the words that answer, if they are known.
    """

    article_id: str
    start: int
    end: int
    version: Version | None = None
    answer: Span | None = None

    def __str__(self) -> str:
        """As it stands in a link, before it is percent-encoded."""
        version = f"@{self.version}" if self.version else ""
        answer = f"~{_span(self.answer)}" if self.answer else ""
        return f"{self.article_id}:{self.start}-{self.end}{version}{answer}"

    @property
    def span(self) -> Span:
        """Where it stands."""
        return self.start, self.end

    def moved(self, span: Span) -> Self:
        """The same words where they stand now, in an article that was changed."""
        by = span[0] - self.start
        answer = (self.answer[0] + by, self.answer[1] + by) if self.answer else None
        return replace(self, start=span[0], end=span[1], answer=answer)


def article_path(article_id: str) -> str:
    """The reader page of the article of an id.

    Slashes of an id are percent-encoded, so that no browser takes `..` in one for a folder.
    """
    return at_base(f"/articles/{_whole(article_id)}")


# Citations of one answer are often of one article.
@lru_cache(maxsize=256)
def _whole(article_id: str) -> str:
    return quote(article_id, safe="")


def reader_link(citation: Citation) -> str:
    """The reader page with the quote marked, and in it the words that answer."""
    return page_of(cited(citation)).removesuffix("#quote")


def source_link(citation: Citation) -> str | None:
    """The original at the quoted words, or None without a web address to link to."""
    return original_link(citation.article, citation.quote_span)


def original_link(article: Article, span: Span) -> str | None:
    """The original with a text fragment, or None without a web address to link to.

    What shows a PDF knows pages, and no fragments of text.
    """
    url = web_address(article)
    if url is None:
        return None
    page = article.page_at(span[0])
    fragment = f"page={page}" if page else f":~:{text_directives(article.text, span)}"
    return f"{url.split('#', 1)[0]}#{fragment}"


def web_address(article: Article) -> str | None:
    """The article's url where it is http or https: no other scheme is ever linked."""
    url = (article.url or "").strip()
    return url if url.lower().startswith(("http://", "https://")) else None


def cited(citation: Citation) -> Cited:
    """The citation by its place."""
    return cited_span(citation.article, citation.quote_span, citation.answer_span)


def cited_span(article: Article, span: Span, answer: Span | None = None) -> Cited:
    """The words at a span of an article by their place.

    An excerpt is no version: the article has not changed for who may read on.
    """
    version = None if article.is_excerpt else version_of(article, span)
    return Cited(article.id, *span, version, answer)


def read_cited(text: str) -> Cited | None:
    """A quote by its place from a link, or None if it is none.

    >>> read_cited("space/apollo-11:12-90")
    Cited(article_id='space/apollo-11', start=12, end=90, version=None, answer=None)
    """
    match = _CITED.fullmatch(text) if len(text) <= _LONGEST else None
    if match is None:
        return None
    version = read_version(match[4]) if match[4] else None
    span = int(match[2]), int(match[3])
    return Cited(match[1], *span, version, read_answer(match[5], span))


def read_among(sent: Sequence[str], article_id: str, span: Span) -> tuple[tuple[Cited, ...], int]:
    """The citations of the answer that a link is from, and which of them it leads to.

    None, if the link does not say so whole: a wrong count is worse than none.
    """
    among = tuple(filter(None, map(read_cited, sent[: MOST_CITED + 1])))
    places = [(each.article_id, each.start, each.end) for each in among]
    here = (article_id, *span)
    if not 1 < len(sent) == len(among) <= MOST_CITED or here not in places:
        return (), 0
    return among, places.index(here)


def read_span(text: str) -> Span | None:
    """`A-B` as a span, or None if it is none.

    >>> read_span("2-4")
    (2, 4)
    """
    match = _SPAN.fullmatch(text)
    return (int(match[1]), int(match[2])) if match else None


def read_answer(text: str | None, quote: Span) -> Span | None:
    """The words that answer as a link names them, or None if they are not inside the quote.

    >>> read_answer("5-8", (2, 9)), read_answer("1-8", (2, 9))
    ((5, 8), None)
    """
    span = read_span(text or "")
    return span if span and quote[0] <= span[0] < span[1] <= quote[1] else None


def reader_page(
    citation: Citation, among: Sequence[Citation] = (), *, view: str = "", lang: str = ""
) -> str:
    """The reader page of a citation that is one of an answer's, scrolled to the quote.

    `among` are the citations of the answer, for the links to the previous and the next.
    `view="panel"` is the page for a frame, `lang` the language of its words.
    """
    return page_of(cited(citation), [cited(each) for each in among], view=view, lang=lang)


def page_of(quoted: Cited, among: Sequence[Cited] = (), *, view: str = "", lang: str = "") -> str:
    """The same for quotes by their places."""
    asked: list[tuple[str, str]] = [("quote", f"{quoted.start}-{quoted.end}")]
    if quoted.version:
        asked.append(("v", str(quoted.version)))
    if quoted.answer:
        asked.append(("answer", _span(quoted.answer)))
    asked += [(name, value) for name, value in (("view", view), ("lang", lang)) if value]
    asked += _fitting([("cited", str(each)) for each in among] if len(among) > 1 else [])
    return f"{article_path(quoted.article_id)}?{_encoded(asked)}#quote"


def whole_page(article: Article, *, view: str = "", lang: str = "") -> str:
    """The reader page of an article, without a quote."""
    return whole_path(article.id, lang, view)


def whole_path(article_id: str, lang: str = "", view: str = "") -> str:
    """The same by the article's id."""
    asked = [(name, value) for name, value in (("view", view), ("lang", lang)) if value]
    return article_path(article_id) + (f"?{_encoded(asked)}" if asked else "")


def export_link(form: str, citations: Sequence[Citation]) -> str:
    """The file of an answer's citations; `form` is one of `qa.present.references`."""
    return export_of(form, [cited(citation) for citation in citations])


def export_of(form: str, quotes: Sequence[Cited]) -> str:
    """The same for quotes by their places."""
    named = _encoded([("c", str(each)) for each in quotes[:MOST_CITED]])
    return at_base(f"/export/{form}?{named}")


def _span(span: Span) -> str:
    return f"{span[0]}-{span[1]}"


def _fitting(asked: list[tuple[str, str]]) -> list[tuple[str, str]]:
    """All of them or none: a part of an answer's citations would be counted wrongly."""
    is_long = len(asked) > MOST_CITED or len(_encoded(asked)) > _LONGEST_LINK
    return [] if is_long else asked


def _encoded(asked: Sequence[tuple[str, str]]) -> str:
    return urlencode(asked, quote_via=quote, safe="/:@")


def conversation_link(turn_id: str) -> str:
    """The chat's address with a conversation that is kept, up to the turn of that id."""
    return at_base(f"/?c={quote(turn_id)}")


def permalink(question: Question) -> str:
    """The chat's address with the question and its filters.

    >>> permalink(Question("Who won?", after="2022-09-28"))
    '/?q=Who%20won%3F&after=2022-09-28'
    """
    asked = [("q", question.text)]
    filters = (("after", question.after), ("before", question.before), ("source", question.source))
    asked += [(name, value) for name, value in filters if value]
    asked += [("ignore", name) for name in sorted(question.ignore)]
    return at_base(f"/?{urlencode(asked, quote_via=quote)}")


def base_path() -> str:
    """The path of the request that is served, no slash at its end; empty if there is none."""
    return _base.get()


def at_base(path: str) -> str:
    """A path of this server as browsers ask for it.

    >>> with under("/kb"):
    ...     at_base("/docs")
    '/kb/docs'
    """
    return f"{_base.get()}{path}"


@contextmanager
def under(base: str) -> Iterator[None]:
    """Until the block ends, addresses begin with `base`."""
    token = _base.set(base)
    try:
        yield
    finally:
        _base.reset(token)
