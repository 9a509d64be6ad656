"""The text and the entries of a live blog, from the LiveBlogPosting that its page declares."""

import re
from dataclasses import dataclass

from index.article import Entry
from index.dates import read_date
from index.readers.base import encodable, has_words, plain_lines
from index.readers.declared import Json, as_list, posts_of
from index.readers.shown import shown_text

_BLOCKS = re.compile(r"<(?:p|div|br|li)\b", re.IGNORECASE)
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


def live_text(live: Json, page_text: str) -> LiveText | None:
    """The lead, and under it each post with its heading; None if no post has words.

    The lead is what the page's text says before its first post.
    """
    posts = [
        post for each in posts_of(live) if has_words((post := _post(each)).heading + post.body)
    ]
    if not posts:
        return None
    title = _words(live.get("headline")) or _words(live.get("name")) or None
    lead = _lead(page_text, posts, title)
    pieces = [lead] if lead else []
    entries = []
    start = len(lead) + 2 if lead else 0
    for post in posts:
        text = "\n".join(filter(None, (post.heading, post.body)))
        body = start + (len(text) - len(post.body) if post.body else 0)
        entries.append(Entry(start, start + len(text), post.time, post.heading, body=body))
        pieces.append(text)
        start += len(text) + 2
    return LiveText(title, _author(live), "\n\n".join(pieces), tuple(entries))


def _author(live: Json) -> str | None:
    names = [
        _words(each.get("name") if isinstance(each, dict) else each)
        for each in as_list(live.get("author"))
    ]
    return ", ".join(filter(None, names)) or None


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
