"""A live blog that a page shows, but does not declare as JSON-LD: its posts, in that form.

Microdata names the posts. Else they are blocks of one kind beside each other, each with a time of
its own, in order of time. What comes of a guess is weighed against the text of the page.
"""

import copy
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from itertools import pairwise
from typing import Any

from lxml import etree

from index.dates import read_moment
from index.readers.liveblog import FEWEST_ENTRIES, Post, date_posts
from index.readers.liveblog_stamps import PartialDate, Stamp, read_day_line, read_stamp
from index.readers.shown import shown_text
from index.readers.xml import Element, text_in

Json = Mapping[str, Any]

_HEADINGS = ("h1", "h2", "h3", "h4", "h5", "h6")
_HEADING = "descendant::*[{}]".format(" or ".join(f"self::{name}" for name in _HEADINGS))
# What a post begins with beside its time: who wrote it, and when that was in other words.
_MOST_WORDS_BESIDE = 8
# How far zones are from UTC.
_WEST, _EAST = timedelta(hours=12), timedelta(hours=14)
# What stands between words of an article, without being some.
_UNSAID = "descendant::*[{}]".format(
    " or ".join(f"self::{name}" for name in "aside button figure form img script".split())
)


def microdata_blog(tree: Element) -> Json | None:
    """The live blog that a page marks up as one, with at least one post."""
    for blog in tree.xpath("//*[contains(@itemtype, 'LiveBlogPosting')]"):
        marked = blog.xpath(".//*[contains(concat(' ', @itemprop, ' '), ' liveBlogUpdate ')]")
        if marked:
            title = next(_properties(blog, "headline", "name"), None)
            updates = [_update(post) for post in marked]
            return {"headline": text_in(title) or None, "liveBlogUpdate": updates}
    return None


def _update(post: Element) -> Json:
    body = next(_properties(post, "articleBody", "text"), None)
    heading = next(_properties(post, "headline", "name"), _heading(post))
    published = next(_properties(post, "datePublished"), None)
    return {
        "headline": _said(heading),
        "articleBody": _html(post if body is None else body, heading),
        "datePublished": None if published is None else _value(published),
    }


def _properties(item: Element, *names: str) -> Iterator[Element]:
    """What an item has by these names; not what items inside it have."""
    for name in names:
        for element in item.iterfind(f".//*[@itemprop='{name}']"):
            if next(each for each in element.iterancestors() if _is_item(each, item)) is item:
                yield element


def _is_item(element: Element, item: Element) -> bool:
    return element is item or "itemscope" in element.attrib


def _value(element: Element) -> str:
    return element.get("content") or element.get("datetime") or text_in(element)


@dataclass(frozen=True, slots=True)
class ShownBlog:
    """What a page looks like; `above` are the paragraphs that it shows above the first post."""

    live: Json
    above: frozenset[str]


def shown_blog(tree: Element, dates: Mapping[str, str]) -> ShownBlog | None:
    """The live blog that the blocks of a page look like; `dates` are those of the page."""
    blocks = _blocks(tree)
    headings = [_heading(block) for block in blocks]
    if len({_said(heading) for heading in headings if heading is not None}) < FEWEST_ENTRIES:
        return None
    posts = _dated(blocks)
    if not _are_in_order(posts):
        return None
    times = date_posts(posts, dates.get("published"), dates.get("updated"))
    if not all(post.day for post in posts) and _is_another_day(times, dates):
        times = [None] * len(posts)
    updates = [
        {"headline": _said(heading), "articleBody": _html(block, heading), "datePublished": time}
        for block, heading, time in zip(blocks, headings, times, strict=True)
    ]
    return ShownBlog({"liveBlogUpdate": updates}, frozenset(_above(tree, blocks[0])))


def _is_another_day(times: Sequence[str | None], dates: Mapping[str, str]) -> bool:
    """Whether no zone fits: all posts before the page was published, or one after it changed.

    The days of clocks are those of the page, which may give its own in a zone far from theirs.
    """
    local = [moment for each in times if (moment := _local(each))]
    first, last = _local(dates.get("published")), _local(dates.get("updated"))
    if not local:
        return False
    newest = max(local)
    return bool(first and first - newest > _WEST) or bool(last and newest - last > _EAST)


def _local(iso: str | None) -> datetime | None:
    """A moment without its zone; None for a day."""
    moment = read_moment(iso or "")
    return moment.replace(tzinfo=None) if isinstance(moment, datetime) else None


def _above(tree: Element, block: Element) -> list[str]:
    root = tree.getroottree().getroot()
    above = copy.deepcopy(root)
    last = list(above.iter())[next(_places(root, block))]
    for element in [last, *last.iterancestors()]:
        for behind in list(element.itersiblings()):
            behind.getparent().remove(behind)
    last.getparent().remove(last)
    return shown_text(etree.tostring(above, encoding="unicode", method="html")).split("\n\n")


def _blocks(tree: Element) -> Sequence[Element]:
    """The most blocks of one kind that have times; none if they lie in several places."""
    kinds: dict[tuple[str, str], list[Element]] = {}
    seen: set[Element] = set()
    for clock in tree.iter("time"):
        for block in clock.iterancestors():
            if block in seen:
                break
            seen.add(block)
            for name in block.get("class", "").split() or [""]:
                kinds.setdefault((block.tag, name), []).append(block)
    kept = [blocks for blocks in kinds.values() if _are_posts(blocks)]
    return max(kept, key=len, default=())


def _are_posts(blocks: Sequence[Element]) -> bool:
    """Whether they may be: beside each other, no teasers, hardly one with further headings."""
    if len(blocks) < FEWEST_ENTRIES or len({block.getparent() for block in blocks}) > 1:
        return False
    headings = [block.xpath(_HEADING) for block in blocks]
    if 10 * sum(len(each) > 1 for each in headings) > len(blocks) or blocks[0].xpath(
        "ancestor-or-self::a"
    ):
        return False
    return not any(map(_leads_away, (each[0] for each in headings if each)))


def _leads_away(heading: Element) -> bool:
    """As those of teasers do, and the names over comments; a post's leads to itself at most."""
    links = heading.xpath("ancestor-or-self::a[@href] | descendant::a[@href]")
    return any(
        text_in(link) == text_in(heading) and not {"#", "?"} & set(link.get("href"))
        for link in links
    )


def _heading(post: Element) -> Element:
    """The first above its text; None if it has none."""
    for element in post.iter("p", *_HEADINGS):
        if element.tag != "p":
            return element
        if len(text_in(element).split()) > _MOST_WORDS_BESIDE:
            return None
    return None


def _dated(blocks: Sequence[Element]) -> list[Post]:
    """What the first time of each tells; none if one tells nothing."""
    times = [next(block.iter("time")) for block in blocks]
    moments = [read_moment(time.get("datetime", "")) for time in times]
    if all(isinstance(moment, datetime) for moment in moments):
        return [_at(moment) for moment in moments if isinstance(moment, datetime)]
    stamps = [stamp for time in times if (stamp := _stamp(time))]
    if len(stamps) < len(times):
        return []
    halved = any(stamp.halved for stamp in stamps)
    return [_post(stamp, block, halved) for stamp, block in zip(stamps, blocks, strict=True)]


def _at(moment: datetime) -> Post:
    day = PartialDate(moment.year, moment.month, moment.day)
    return Post(moment.time(), day, zone=moment.tzinfo)


def _post(stamp: Stamp, block: Element, halved: bool) -> Post:
    """A line of its own above may name the day; without am or pm beside others none is sure."""
    above = block.getprevious()
    opened = None if above is None else read_day_line(_line(above))
    clock = None if halved and stamp.twelve else stamp.time
    return Post(clock, stamp.day or opened, bool(opened and not stamp.day), stamp.zone)


def _stamp(time: Element) -> Stamp | None:
    """The clock that it shows; beside it a page may say how long ago that was."""
    lines = [" ".join(words.split()) for words in (text_in(time), *time.itertext())]
    stamps = ((read_stamp(line), line) for line in lines)
    return next((stamp for stamp, line in stamps if stamp and stamp.rest == len(line)), None)


def _are_in_order(posts: Sequence[Post]) -> bool:
    """Newest or oldest first; one may be pinned to the top, and midnight lie between two."""
    whole = all(post.day and post.day.year for post in posts)
    moments = [_moment(post, whole) for post in posts if post.time]
    falls = sum(below < above for above, below in pairwise(moments))
    rises = sum(below > above for above, below in pairwise(moments))
    fewer, more = sorted((falls, rises))
    turns = max(1, sum(post.opens_day for post in posts))
    return fewer <= turns and more > 2 * fewer and more + 1 >= FEWEST_ENTRIES


def _moment(post: Post, whole: bool) -> tuple[int, ...]:
    """To compare by: clocks alone where not each post states its day."""
    day = post.day if whole and post.day else PartialDate()
    clock = post.time or time()
    parts = (day.year or 0, day.month or 0, day.day or 0)
    return *parts, clock.hour, clock.minute, clock.second


def _said(heading: Element) -> str:
    return "" if heading is None else etree.tostring(heading, encoding="unicode", with_tail=False)


def _html(block: Element, heading: Element) -> str:
    """A post without its heading, its time, what stands beside that, and pictures."""
    place = None if heading is None else next(_places(block, heading), None)
    body = copy.deepcopy(block)
    elements = list(body.iter())
    unsaid = [*body.xpath(_UNSAID), *map(_line_of, body.xpath("descendant::time[1]"))]
    if place is not None:
        unsaid.append(elements[place])
    for element in unsaid:
        if element is not body and element.getparent() is not None:
            element.drop_tree()
    return f"<div>{etree.tostring(body, encoding='unicode', method='html', with_tail=False)}</div>"


def _places(block: Element, heading: Element) -> Iterator[int]:
    return (place for place, element in enumerate(block.iter()) if element is heading)


def _line_of(shown: Element) -> Element:
    """The time, or the line around it: no paragraph, and hardly a word beside."""
    line = shown
    for around in shown.iterancestors():
        beside = len(text_in(around).split()) - len(text_in(shown).split())
        if around.tag == "p" or around.xpath(f"{_HEADING} | descendant::p"):
            break
        if beside > _MOST_WORDS_BESIDE or around.getparent() is None:
            break
        line = around
    return line


def _line(element: Element) -> str:
    return " ".join(text_in(element).split())
