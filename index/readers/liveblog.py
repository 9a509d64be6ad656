"""The entries of a live blog in plain text: where each lies, its heading and its time."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import tzinfo

from index.article import Entry
from index.readers.stamps import Stamp, ToldDay, read_day_line, read_stamp
from index.readers.timeline import Post, date_posts
from index.readers.zone_note import find_zone

FEWEST_ENTRIES = 3

_LONGEST_HEADING = 160
_LONGEST_HEADING_BELOW = 120
# A cheap first look, because most articles are no live blogs and there may be a million.
_CANDIDATE = re.compile(
    r"^[^\n]{0,48}?\d{1,2}(?:[:.h]\d\d|\s?[ap]\.?\s?m)[^\n]*", re.MULTILINE | re.IGNORECASE
)
_LINE = re.compile(r"\S[^\n]*")
# A capital before the point is an abbreviation (`U.S.`), not the end of a sentence.
_SENTENCE_END = re.compile(r"""(?:(?<![A-Z])\.|[,;:…])[\u201d"\u2019')\]]*$""")


@dataclass(frozen=True, slots=True)
class _TimeLine:
    """One time line `text[start:end]`; its words begin at `words`, its entry's share at
    `opening`, which lies before `start` where a line above names the day."""

    start: int
    words: int
    end: int
    stamp: Stamp
    opening: int
    day: ToldDay | None = None


def find_entries(text: str, published: str | None, updated: str | None) -> tuple[Entry, ...]:
    """The entries of `text` in its order, or none where fewer than three lines open one.

    `published` and `updated` are ISO 8601. An entry whose day they and the text leave open
    has no time.
    """
    lines = _time_lines(text)
    if len(lines) < FEWEST_ENTRIES:
        return ()
    zone = find_zone(text[: lines[0].start])
    times = date_posts(_posts(lines, zone), published, updated)
    limits = [line.opening for line in lines[1:]] + [len(text)]
    return tuple(
        _entry(text, line, limit, time)
        for line, limit, time in zip(lines, limits, times, strict=True)
    )


def opens_entry(line: str) -> bool:
    """Whether a line could open an entry or a day: such a line is no title."""
    return read_stamp(line) is not None or read_day_line(line) is not None


def _time_lines(text: str) -> list[_TimeLine]:
    """All lines that open an entry, if enough of them leave no doubt."""
    lines = list(_candidates(text))
    sure = [line for line in lines if line.stamp.firm or line.stamp.halved]
    if len(sure) < FEWEST_ENTRIES:
        return []
    if sum(line.stamp.firm for line in lines) < FEWEST_ENTRIES:
        lines = sure
    return [_with_day_line(text, line) for line in lines]


def _candidates(text: str) -> Iterator[_TimeLine]:
    for found in _CANDIDATE.finditer(text):
        line = found[0].rstrip()
        stamp = read_stamp(line)
        if stamp:
            start = found.start() + len(line) - len(line.lstrip())
            words, end = found.start() + stamp.rest, found.start() + len(line)
            yield _TimeLine(start, words, end, stamp, opening=start)


def _with_day_line(text: str, line: _TimeLine) -> _TimeLine:
    end = line.start
    while end and text[end - 1].isspace():
        end -= 1
    start = text.rfind("\n", 0, end) + 1
    day = read_day_line(text[start:end])
    return replace(line, opening=start, day=day) if day else line


def _posts(lines: Sequence[_TimeLine], zone: tzinfo | None) -> list[Post]:
    twelve_hours = any(line.stamp.halved for line in lines)
    return [_post(line, zone, twelve_hours) for line in lines]


def _post(line: _TimeLine, zone: tzinfo | None, twelve_hours: bool) -> Post:
    """Among clocks with am and pm, a bare `4:20` could be of either half of the day."""
    stamp = line.stamp
    return Post(
        time=None if twelve_hours and stamp.twelve else stamp.time,
        day=stamp.day or line.day,
        opens_day=line.day is not None and stamp.day is None,
        zone=stamp.zone if stamp.zone_told else zone,
    )


def _entry(text: str, line: _TimeLine, limit: int, time: str | None) -> Entry:
    end = line.start + len(text[line.start : limit].rstrip())
    if line.words < line.end:
        heading, body = _heading_beside(text, line, end)
    else:
        heading, body = _heading_below(text, line, end)
    return Entry(line.start, end, time, heading, line.stamp.clock, body)


def _heading_beside(text: str, line: _TimeLine, end: int) -> tuple[str, int]:
    """The words behind the time are the heading, unless they read as the entry's own text."""
    words = text[line.words : line.end]
    if not _reads_as_heading(words, _LONGEST_HEADING):
        return "", line.words
    below = _LINE.search(text, line.end, end)
    return words, below.start() if below else line.words


def _heading_below(text: str, line: _TimeLine, end: int) -> tuple[str, int]:
    """The time stands alone: a short line under it is the heading."""
    first = _LINE.search(text, line.end, end)
    if first is None:
        return "", line.start
    words = first[0].rstrip()
    if not _reads_as_heading(words, _LONGEST_HEADING_BELOW):
        return "", first.start()
    below = _LINE.search(text, first.end(), end)
    return words, below.start() if below else first.start()


def _reads_as_heading(words: str, longest: int) -> bool:
    return len(words) <= longest and not _SENTENCE_END.search(words)
