"""The addresses of an answer and of its parts: the reader, the original, the file, the question.

The JSON links to the reader with `reader_link`, which holds the span alone. A page links with
`reader_page`, which holds the version too: a link kept for years can say that its article changed.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from urllib.parse import quote, urlencode

from index.article import Article, Span
from qa.answer import Citation, Question
from qa.present.fragment import text_fragment
from qa.present.version import Version, read_version, version_of

# How many citations a link can name, and how long one of them can be.
MOST_CITED = 20
_LONGEST = 1000
# All of them together: servers and proxies cut what is longer than a few thousand signs.
_LONGEST_LINK = 6000
_CITED = re.compile(r"(.+):(\d{1,9})-(\d{1,9})(?:@([0-9a-f-]{25}))?", re.ASCII | re.DOTALL)


@dataclass(frozen=True, slots=True)
class Cited:
    """A quote by its place, as a link names it: `ARTICLE:START-END@VERSION`."""

    article_id: str
    start: int
    end: int
    version: Version | None = None

    def __str__(self) -> str:
        """As it stands in a link, before it is percent-encoded."""
        place = f"{self.article_id}:{self.start}-{self.end}"
        return f"{place}@{self.version}" if self.version else place


# Citations of one answer are often of one article.
@lru_cache(maxsize=256)
def article_path(article_id: str) -> str:
    """The reader page of the article of an id.

    Slashes of an id are percent-encoded, so that no browser takes `..` in one for a folder.
    """
    return f"/articles/{quote(article_id, safe='')}"


def reader_link(citation: Citation) -> str:
    """The reader page with the quote marked."""
    page = article_path(citation.article.id)
    return f"{page}?quote={citation.quote_start}-{citation.quote_end}"


def source_link(citation: Citation) -> str | None:
    """The original at the quoted words, or None without a web address to link to."""
    return original_link(citation.article, (citation.quote_start, citation.quote_end))


def original_link(article: Article, span: Span) -> str | None:
    """The original with a text fragment, or None without a web address to link to."""
    url = web_address(article)
    if url is None:
        return None
    return f"{url.split('#', 1)[0]}#:~:{text_fragment(article.text, span)}"


def web_address(article: Article) -> str | None:
    """The article's url where it is http or https: no other scheme is ever linked."""
    url = (article.url or "").strip()
    return url if url.lower().startswith(("http://", "https://")) else None


def cited(citation: Citation) -> Cited:
    """The citation by its place."""
    return cited_span(citation.article, (citation.quote_start, citation.quote_end))


def cited_span(article: Article, span: Span) -> Cited:
    """The words at a span of an article by their place."""
    return Cited(article.id, *span, version_of(article, span))


def read_cited(text: str) -> Cited | None:
    """A quote by its place from a link, or None if it is none.

    >>> read_cited("space/apollo-11:12-90")
    Cited(article_id='space/apollo-11', start=12, end=90, version=None)
    """
    match = _CITED.fullmatch(text) if len(text) <= _LONGEST else None
    if match is None:
        return None
    version = read_version(match[4]) if match[4] else None
    return Cited(match[1], int(match[2]), int(match[3]), version)


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
    asked += [(name, value) for name, value in (("view", view), ("lang", lang)) if value]
    asked += _fitting([("cited", str(each)) for each in among] if len(among) > 1 else [])
    return f"{article_path(quoted.article_id)}?{_encoded(asked)}#quote"


def whole_page(article: Article, *, view: str = "", lang: str = "") -> str:
    """The reader page of an article, without a quote."""
    asked = [(name, value) for name, value in (("view", view), ("lang", lang)) if value]
    return article_path(article.id) + (f"?{_encoded(asked)}" if asked else "")


def export_link(form: str, citations: Sequence[Citation]) -> str:
    """The file of an answer's citations; `form` is one of `qa.present.references`."""
    return export_of(form, [cited(citation) for citation in citations])


def export_of(form: str, quotes: Sequence[Cited]) -> str:
    """The same for quotes by their places."""
    return f"/export/{form}?{_encoded([('c', str(each)) for each in quotes[:MOST_CITED]])}"


def _fitting(asked: list[tuple[str, str]]) -> list[tuple[str, str]]:
    """All of them or none: a part of an answer's citations would be counted wrongly."""
    is_long = len(asked) > MOST_CITED or len(_encoded(asked)) > _LONGEST_LINK
    return [] if is_long else asked


def _encoded(asked: Sequence[tuple[str, str]]) -> str:
    return urlencode(asked, quote_via=quote, safe="/:@")


def permalink(question: Question) -> str:
    """The chat's address with the question and its filters.

    >>> permalink(Question("Who won?", after="2022-09-28"))
    '/?q=Who%20won%3F&after=2022-09-28'
    """
    asked = [("q", question.text)]
    filters = (("after", question.after), ("before", question.before), ("source", question.source))
    asked += [(name, value) for name, value in filters if value]
    asked += [("ignore", name) for name in sorted(question.ignore)]
    return f"/?{urlencode(asked, quote_via=quote)}"
