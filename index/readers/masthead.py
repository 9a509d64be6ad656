"""The lines that a story opens with: headline, byline and date, each on a line of its own."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from difflib import get_close_matches

from index.article import VISIBILITIES, Page
from index.dates import read_date
from index.readers.base import Remark, has_words
from index.readers.liveblog import opens_entry
from index.readers.liveblog_stamps import find_zone
from index.readers.metadata import DATES, SUFFIX, Metadata, ReadMetadata, Story

LONGEST_TITLE = 120
# A line that ends with one of these is a sentence, or goes on: not a title.
NO_TITLE_END = (".", ",", ";", ":")
# Headline, byline, and dates of publication and update.
_MOST_LINES = 4
_LONGEST_LINE = 300
# So much of a text is looked through for a header that could not be read.
_OPENING = 2_000
_NAME = r"(?:[^\W\d_a-z][\w.’'-]*|and|de|del|der|la|van|von|&)"
_BYLINE = re.compile(rf"(?:by|BY|By)[ \t]+(?P<author>{_NAME}(?:,?[ \t]+{_NAME}){{0,9}})")
_DATED = re.compile(
    r"(?:(?P<kind>published|posted|updated|date)(?:[ \t]+on)?[ \t]*:?[ \t]+)?(?P<date>.{8,60})",
    re.IGNORECASE,
)
# A day and a year: reading dates in the words of any language takes a while.
_DAY_AND_YEAR = re.compile(r"\b\d{1,2}(?:st|nd|rd|th)?\b.*\b[12]\d{3}\b|\b[12]\d{3}-\d\d-\d\d")


@dataclass(frozen=True, slots=True)
class Masthead:
    """What the first lines tell, by the keys of metadata, and where the text behind them begins."""

    told: dict[str, str]
    end: int


def read_masthead(text: str, has_title: bool = False) -> Masthead | None:
    """The lines above the story, or None without a byline or a date among them.

    `text` has no blank space around it. The headline comes first, unless the title `has` been told.

    >>> read_masthead("Bridge opens\\nBy Ida Holm\\n5 March 2024\\n\\nIt opened at nine.").told
    {'title': 'Bridge opens', 'author': 'Ida Holm', 'published': '2024-03-05'}
    """
    told: dict[str, str] = {}
    end = 0
    for line, line_end in _lines(text):
        found = {} if not told and not has_title else _told(line)
        if not told and not has_title and is_title(line):
            found = {"title": line}
        if not found or told.keys() & found.keys():
            break
        told |= found
        end = line_end
    rest = text[end:]
    opening = rest.lstrip().partition("\n")[0]
    if not told.keys() - {"title"} or not has_words(rest) or opens_entry(opening):
        return None
    return Masthead(told, len(text) - len(rest.lstrip()))


def is_title(line: str) -> bool:
    """Whether a line can be a headline: it is short, ends no sentence, and tells no time."""
    if not has_words(line) or len(line) > LONGEST_TITLE or line.endswith(NO_TITLE_END):
        return False
    return not (opens_entry(line) or read_date(line) or find_zone(line))


def without_masthead(story: Story) -> Story:
    """The story with what its first lines tell among what is told of it; that was told counts.

    A headline other than the title that was told stays in the text, with the lines beneath it.
    """
    title = str(story.told.get("title") or "")
    head = read_masthead(story.text, has_title=bool(title)) or read_masthead(story.text)
    if head is None:
        return story
    is_other = title and head.told.get("title", title).casefold() != title.casefold()
    end = 0 if is_other else head.end
    known = {key: value for key, value in story.told.items() if value}
    dated = [name for name in DATES if name in head.told and name not in known]
    told = head.told | {f"{name}_from": "opening" for name in dated}
    pages = [Page(max(0, page.start - end), page.number) for page in story.pages]
    # Of pages that end in the masthead the last one goes on in the text.
    begun = [
        page
        for page, following in zip(pages, [*pages, None][1:], strict=True)
        if following is None or following.start
    ]
    return replace(story, text=story.text[end:], told=told | known, pages=tuple(begun))


def _lines(text: str) -> Iterator[tuple[str, int]]:
    """The first lines with words, and where each ends."""
    start = 0
    for _ in range(_MOST_LINES):
        while start < len(text) and text[start].isspace():
            start += 1
        newline = text.find("\n", start, start + _LONGEST_LINE)
        if newline < 0:
            return
        yield text[start:newline].strip(), newline
        start = newline


def _told(line: str) -> dict[str, str]:
    byline = _BYLINE.fullmatch(line)
    if byline:
        return {"author": byline["author"]}
    dated = _DATED.fullmatch(line) if _DAY_AND_YEAR.search(line) else None
    date = read_date(dated["date"]) if dated else None
    if dated is None or date is None:
        return {}
    is_update = (dated["kind"] or "").lower() == "updated"
    return {"updated" if is_update else "published": date}


# A line of a header, or of JSON: who may read in a word or three, or an embargo with a date.
_ACCESS_LINE = re.compile(
    r"""
    (?: ^[ \t]*["']? | [{,]\s*["'] )
    (?: visibility["']?[ \t]*[:=][ \t]*["']? (?! public\b )
        (?P<who> [^\W\d_]+ (?: [ _-][^\W\d_]+ ){0,2} )
      | embargo["']?[ \t]*[:=][ \t]*
        (?P<until> [^\n]{0,30}? (?: \d{4} | \d[-/.:]\d ) [^\n]{0,40} )
    )
    ["']?[ \t]* (?: [,}] | $ )
    """,
    re.IGNORECASE | re.MULTILINE | re.VERBOSE,
)


# "public" stands behind another word here, as in "not public".
_CLOSED = frozenset(
    (
        *("closed", "confidential", "draft", "editors", "embargoed", "false", "hidden", "internal"),
        *("member", "members", "nobody", "paid", "password", "paying", "paywall", "paywalled"),
        *("premium", "private", "protected", "public", "secret", "staff", "subscriber"),
        *("subscribers", "subscription", "tiers", "unlisted", "unpublished"),
    )
)
# "until March 5", but not "what changes in 2030".
_MOMENT = re.compile(r"""["'\s]*(?:[^\W\d_]+[.,]?\s+){0,2}\d""")


def hidden_by_slip(text: str, origin: str, sidecar: Metadata) -> ReadMetadata:
    """What hides a text whose first paragraph has a line that closes it, which no header took.

    A slip in a header must not open what it closes. Of a line that may as well be prose, such as
    "Visibility: good", there is a remark alone; of what the sidecar tells there is none.
    """
    lines = [
        line
        for line in _ACCESS_LINE.finditer(text.partition("\n\n")[0][:_OPENING])
        if not (sidecar.visibility or (line["until"] and sidecar.embargo))
    ]
    if not lines:
        return ReadMetadata()
    closing = next(filter(_closes, lines), None)
    line = closing or lines[0]
    told = f"{line[0].strip()!r} stands in no header that can be read"
    remedy = f"write it as a line of the header, such as visibility: members, or in its {SUFFIX}"
    if closing is None:
        message = f"{told}, so it is read as text; if it says who may read, {remedy}"
        return ReadMetadata(remarks=(Remark(origin, message),))
    message = f"{told}, so the article is hidden; {remedy}"
    return ReadMetadata(Metadata(visibility="hidden"), (Remark(origin, message),))


def _closes(line: re.Match[str]) -> bool:
    """Whether a line plainly says that not all may read, or not yet."""
    if line["who"]:
        words = re.findall(r"[^\W_]+", line["who"].lower())
        return any(
            word in _CLOSED or get_close_matches(word, VISIBILITIES[1:], cutoff=0.8)
            for word in words
        )
    years = [int(year) for year in re.findall(r"\d{4}", line["until"])]
    # Somewhere a year goes on for half a day after it has ended in UTC.
    is_over = bool(years) and max(years) < (datetime.now(UTC) - timedelta(days=1)).year
    return not is_over and _MOMENT.match(line["until"]) is not None
