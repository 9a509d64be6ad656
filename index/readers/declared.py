"""What a page declares of itself for machines: its dates, and the live blog that it is.

Dates only where a page marks them as its own: one in its words, its footer or its address may be
the date of anything. Of a live blog text and entries are those that it declares.
"""

import json
import re
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from index.article import DateOrigin, Entry
from index.dates import read_date, read_date_or_part
from index.readers.base import encodable, has_words, plain_lines
from index.readers.liveblog_page import microdata_blog
from index.readers.metadata import FIRST_YEAR
from index.readers.shown import shown_text
from index.readers.xml import Element, text_in

Json = Mapping[str, Any]
# A name, such as a `property`, and what elements of a page give under it, in their order.
Marks = Mapping[str, list[str]]

# `property`, `name` or `itemprop` of `<meta>` in lower case, the surest first.
_PUBLISHED = (
    *("article:published_time", "og:published_time", "datepublished", "article:published"),
    *("parsely-pub-date", "sailthru.date", "pubdate", "publish_date", "publication_date"),
    *("dcterms.issued", "dc.date.issued", "dcterms.date", "dc.date", "date"),
    *("citation_publication_date", "citation_online_date", "citation_date"),
    *("published", "dt-published"),
)
_UPDATED = (
    *("article:modified_time", "og:updated_time", "datemodified", "article:modified"),
    *("dcterms.modified", "dc.date.modified", "updated", "dt-updated"),
)
_DATES = {"published": ("datePublished", _PUBLISHED), "updated": ("dateModified", _UPDATED)}
_OF_POSTS = frozenset((*_PUBLISHED, *_UPDATED))
_ORGANIZATION = ("Organization",)
# An address, also one of mail, or what somebody is called elsewhere.
_NO_NAME = re.compile(r"://|^\S*@\S*$|^www\.", re.IGNORECASE)
_BY = re.compile(r"^by\s+", re.IGNORECASE)
# Of scholars, each with the family name first.
_AUTHOR = "citation_author"
_SECTION = ("article:section", "parsely-section")
_TAGS = ("article:tag", "keywords", "news_keywords")
# What blogs write on the `<time>` of a post.
_CLASSES = frozenset(("published", "dt-published", "updated", "dt-updated"))
_LIVE, _FREE = "LiveBlogPosting", "isAccessibleForFree"
# How schema.org's names of articles end, and of other works that a page can be.
_ARTICLES, _WORKS = ("Article", "BlogPosting"), ("ClaimReview", "CreativeWork", "Report", "WebPage")


@dataclass(frozen=True, slots=True)
class Declared:
    """Dates are ISO 8601, each with what told it, by the keys of a record.

    `live` is the LiveBlogPosting of a page that is one, with its posts. Sections and `tags` have
    commas between them, authors semicolons. `is_free` unless only those who pay or log in may read
    on.
    """

    dates: Mapping[str, str] = field(default_factory=dict)
    author: str | None = None
    section: str | None = None
    tags: str | None = None
    live: Json | None = None
    is_free: bool = True


def read_declared(tree: Element) -> Declared:
    """What the tree of a page declares."""
    found = _linked(list(_objects(tree)))
    articles = [each for each in found if _is_of(each, _ARTICLES)]
    live = next((each for each in articles if _LIVE in _types(each)), None)
    article = live or next(iter(articles), {})
    works = [each for each in found if _is_of(each, _WORKS)]
    marks = _marks_in(tree)
    return Declared(
        dates=_dates(article, works, marks),
        author=_named(_people(article)) or "; ".join(_texts(marks.get(_AUTHOR, ()))) or None,
        section=_joined(_told(article, "articleSection", marks, _SECTION)),
        tags=_joined(_told(article, "keywords", marks, _TAGS)),
        live=live if live and posts_of(live) else microdata_blog(tree),
        is_free=not any(map(_denies, _told_free(found, marks))),
    )


def posts_of(live: Json) -> list[Json]:
    """The posts of a live blog, in the order of its page."""
    return [each for each in as_list(live.get("liveBlogUpdate")) if isinstance(each, dict)]


def as_list(value: object) -> list[Any]:
    """JSON-LD may leave out the brackets around a single value."""
    if value is None:
        return []
    return value if isinstance(value, list) else [value]


def _told_free(found: Iterable[Json], marks: Marks) -> Iterator[object]:
    """What works, and parts of them, say of whether they are free."""
    for work in found:
        if _is_of(work, (*_ARTICLES, *_WORKS)):
            parts = (part for part in as_list(work.get("hasPart")) if isinstance(part, dict))
            yield from (each.get(_FREE) for each in (work, *parts))
    yield from marks.get(_FREE.lower(), ())


def _denies(value: object) -> bool:
    """Whether it is false, which may be written as a word, or as the address of one."""
    return value is False or str(value).rsplit("/", 1)[-1].strip().lower() == "false"


def _objects(tree: Element) -> Iterator[Json]:
    """The objects of the page's JSON-LD, without those inside others, but for what it is about."""
    for script in tree.iter("script"):
        if "ld+json" in script.get("type", ""):
            yield from _unfolded(_loaded(text_in(script)))


def _loaded(text: str) -> object:
    try:
        # Line breaks inside strings are common, and not allowed.
        return json.loads(text, strict=False)
    except (ValueError, RecursionError):
        return None


def _unfolded(found: object) -> Iterator[Json]:
    for each in as_list(found):
        if isinstance(each, dict):
            yield each
            yield from _unfolded([*as_list(each.get("@graph")), *as_list(each.get("mainEntity"))])


def _linked(found: Sequence[Json]) -> list[Json]:
    """The objects, with those that they name by their `@id` where they name them."""
    named = {str(each["@id"]): each for each in found if each.keys() > {"@id"}}

    def linked(value: object) -> object:
        if isinstance(value, dict) and value.keys() == {"@id"}:
            return named.get(str(value["@id"]), value)
        return value

    return [
        {
            key: [linked(one) for one in value] if isinstance(value, list) else linked(value)
            for key, value in each.items()
        }
        for each in found
    ]


def _types(found: Json) -> list[str]:
    return [str(each) for each in as_list(found.get("@type"))]


def _is_of(found: Json, ends: tuple[str, ...]) -> bool:
    return any(name.endswith(ends) for name in _types(found))


def _told(article: Json, key: str, marks: Marks, names: Sequence[str]) -> Iterator[object]:
    """What the article and its page tell, the surest first."""
    yield article.get(key)
    yield from (value for name in names for value in marks.get(name, ()))


def _dates(article: Json, works: Sequence[Json], marks: Marks) -> Mapping[str, str]:
    """Of each kind the first, with its time and zone as far as it tells them, and what told it."""
    found: dict[str, str] = {}
    for name, (key, names) in _DATES.items():
        told: list[tuple[object, DateOrigin]] = [(article.get(key), "json_ld")]
        told += ((value, "markup") for each in names for value in marks.get(each, ()))
        told += ((work.get(key), "json_ld") for work in works)
        read = ((_date(value), origin) for value, origin in told)
        date, origin = next((each for each in read if each[0]), (None, None))
        if date and origin:
            found |= {name: date, f"{name}_from": origin}
    return found


def _marks_in(tree: Element) -> Marks:
    marks: dict[str, list[str]] = {}
    for element in tree.iter("meta", "time", "span", "abbr", "p", "div"):
        for name in _marks(element):
            if name in _OF_POSTS and _is_of_post(element):
                continue
            value = element.get("content") or element.get("datetime") or ""
            marks.setdefault(name, []).append(value)
    return marks


def _is_of_post(element: Element) -> bool:
    """Whether it is in a post of a live blog: that one's date is not the page's."""
    return any("liveBlogUpdate" in each.get("itemprop", "") for each in element.iterancestors())


def _marks(element: Element) -> Iterator[str]:
    for key in ("property", "name", "itemprop"):
        if element.get(key):
            yield element.get(key).strip().lower()
    if element.tag == "time":
        yield from (name for name in element.get("class", "").lower().split() if name in _CLASSES)
        yield from (name for name in element.attrib if name == "pubdate")


def _texts(values: Iterable[object]) -> Iterator[str]:
    """The texts in values, of which each may be a list."""
    found = (each for value in values for each in as_list(value) if isinstance(each, str))
    return (text for each in found if (text := " ".join(each.split())))


def _joined(values: Iterable[object]) -> str | None:
    """The texts in values, each once, with commas between them."""
    return ", ".join(dict.fromkeys(_texts(values))) or None


def _date(value: object) -> str | None:
    date = read_date_or_part(value) if isinstance(value, str) else None
    return date if date and int(date[:4]) >= FIRST_YEAR else None


_BLOCKS = re.compile(r"<(?:p|div|br|li)\b", re.IGNORECASE)
# Such a share of a page's text may stand between the posts: adverts, notes.
_MOST_LOST = 0.1
# So many characters tell where in the page a post begins.
_OPENING = 40


@dataclass(frozen=True, slots=True)
class LiveText:
    """A live blog as text, and its entries in it.

    The title and author of such a page are easily taken for those of its newest post.
    """

    title: str | None
    author: str | None
    text: str
    entries: tuple[Entry, ...]


@dataclass(frozen=True, slots=True)
class _Post:
    heading: str
    body: str
    time: str | None


def live_text(live: Json, page_text: str, above: Collection[str] | None = None) -> LiveText | None:
    """The lead, and under it each post with its heading; None if no post has words.

    The lead is what the page's text says before its first post, or of it that which is `above`.
    """
    posts = [
        post for each in posts_of(live) if has_words((post := _post(each)).heading + post.body)
    ]
    if not posts:
        return None
    title = _words(live.get("headline")) or _words(live.get("name")) or None
    if above is None:
        lead = _lead(page_text, posts, title)
    else:
        lead = "\n\n".join(each for each in page_text.split("\n\n") if each in above)
    pieces = [lead] if lead else []
    entries = []
    start = len(lead) + 2 if lead else 0
    for post in posts:
        text = "\n".join(filter(None, (post.heading, post.body)))
        body = start + (len(text) - len(post.body) if post.body else 0)
        entries.append(Entry(start, start + len(text), post.time, post.heading, body=body))
        pieces.append(text)
        start += len(text) + 2
    author = _named(_people(live)) or _named(as_list(live.get("author")))
    return LiveText(title, author, "\n\n".join(pieces), tuple(entries))


def is_whole(live: LiveText, page_text: str) -> bool:
    """Whether posts that are guessed are most of a live blog that says what its page says."""
    said = set(live.text.split("\n"))
    lost = sum(len(each) for each in page_text.split("\n") if each not in said)
    return _MOST_LOST * len(page_text) >= lost and 2 * live.entries[0].start <= len(live.text)


def _people(work: Json) -> list[object]:
    """Its authors but for houses, of which the page may name somebody."""
    return [
        each
        for each in as_list(work.get("author"))
        if not (isinstance(each, dict) and _is_of(each, _ORGANIZATION))
    ]


def _named(authors: Iterable[object]) -> str | None:
    """Their names, each once."""
    words = (_words(each.get("name") if isinstance(each, dict) else each) for each in authors)
    names = (_BY.sub("", name) for name in words)
    return "; ".join(dict.fromkeys(n for n in names if n and not _NO_NAME.search(n))) or None


def _post(update: Json) -> _Post:
    time = update.get("datePublished")
    return _Post(
        heading=_words(update.get("headline") or update.get("name")),
        body=_body(update.get("articleBody") or update.get("text")),
        time=read_date(time) if isinstance(time, str) else None,
    )


def _words(value: object) -> str:
    """In one line; words in JSON-LD are mostly escaped as for HTML."""
    return " ".join(shown_text(value).split()) if isinstance(value, str) else ""


def _body(value: object) -> str:
    if not isinstance(value, str):
        return ""
    text = plain_lines(encodable(value)).strip()
    if not _BLOCKS.search(text):
        text = text.replace("\n", "<br>")
    return shown_text(text)


def _lead(page_text: str, posts: list[_Post], title: str | None) -> str:
    """The paragraphs before the first of a post, without the title; none if no post is shown."""
    headings = {post.heading for post in posts if post.heading}
    openings = tuple(post.body[:_OPENING] for post in posts if post.body)
    paragraphs = page_text.split("\n\n")
    for place, paragraph in enumerate(paragraphs):
        if paragraph in headings or paragraph.startswith(openings):
            return "\n\n".join(each for each in paragraphs[:place] if each != title)
    return ""
