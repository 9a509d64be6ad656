"""The entries of a live blog in plain text: where each lies, its heading and its time.

The day of an entry follows from the days that the blog states and the order of its entries.
"""

import re
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta, tzinfo
from itertools import pairwise

from index.article import Entry
from index.dates import day_of, is_covered, read_moment
from index.readers.liveblog_stamps import PartialDate, Stamp, find_zone, read_day_line, read_stamp
from index.zones import with_plain_offset

Moment = date | datetime

_PART = re.compile(r"(\d{4})(?:-(\d\d))?", re.ASCII)


@dataclass(frozen=True, slots=True)
class Post:
    """What one entry states of its time; `time` is None if its clock could mean two times.

    `opens_day` means that `day` has a line of its own above the entry: entries above that line
    are from another day.
    """

    time: time | None
    day: PartialDate | None = None
    opens_day: bool = False
    zone: tzinfo | None = None


@dataclass(frozen=True, slots=True)
class _Anchor:
    index: int
    day: date
    opens_day: bool


def date_posts(
    posts: Sequence[Post], published: str | None, updated: str | None
) -> list[str | None]:
    """The ISO 8601 time of each post, in order; None if its day is not certain."""
    zones = _zones(posts)
    zone = zones[0] if len(zones) == 1 else None
    first = _local_day(published, zone)
    last = _local_day(updated, zone)
    near = first or last or _day_with_year(posts)
    part = None if near else _part(published or updated)
    stated = _days_in_part(posts, part) if part else _stated_days(posts, near)
    days = _days(posts, stated, first, last)
    if part and len({day.year for day in days if day}) > 1:
        days = [None] * len(days)
    return [_iso(post, day) for post, day in zip(posts, days, strict=True)]


def _local_day(iso: str | None, zone: tzinfo | None) -> date | None:
    """The day in the blog's own zone: late in London is tomorrow in Paris."""
    moment: Moment | None = read_moment(iso) if iso else None
    if isinstance(moment, datetime) and moment.tzinfo and zone:
        moment = moment.astimezone(zone)
    return day_of(moment) if moment else None


def _part(iso: str | None) -> PartialDate | None:
    """`2022` or `2022-09`: not a day, so it dates no entry that does not state its own."""
    part = _PART.fullmatch(iso) if iso else None
    return PartialDate(int(part[1]), int(part[2]) if part[2] else None) if part else None


def _day_with_year(posts: Sequence[Post]) -> date | None:
    with_year = next((post.day for post in posts if post.day and post.day.year), None)
    return _calendar_day(with_year, with_year.year) if with_year else None


def _days_in_part(posts: Sequence[Post], part: PartialDate) -> list[date | None]:
    """The days that posts state, in the year of `part`; none if the blog may span New Year."""
    days = [_day_in_part(post.day, part) if post.day else None for post in posts]
    return [None] * len(days) if {1, 12} <= {day.month for day in days if day} else days


def _day_in_part(stated: PartialDate, part: PartialDate) -> date | None:
    if stated.year:
        return _calendar_day(stated, stated.year)
    return _calendar_day(stated, part.year) if part.month in (None, stated.month) else None


def _stated_days(posts: Sequence[Post], near: date | None) -> list[date | None]:
    """The days that posts state, without a year in the year nearest to `near`."""
    return [_resolve(post.day, near) if post.day else None for post in posts]


def _resolve(stated: PartialDate, near: date | None) -> date | None:
    if stated.year:
        return _calendar_day(stated, stated.year)
    if near is None:
        return None
    if stated.month is None:
        candidates = [_days_after(near, step) for step in range(-3, 4)]
        return next((day for day in candidates if day and day.weekday() == stated.weekday), None)
    years = (near.year - 1, near.year, near.year + 1)
    days = [day for year in years if (day := _calendar_day(stated, year))]
    return min(days, key=lambda day: abs(day - near), default=None)


def _calendar_day(stated: PartialDate, year: int | None) -> date | None:
    try:
        day = date(year or 0, stated.month or 0, stated.day or 0)
    except ValueError:
        # 31 September, or 29 February of a common year: the author's mistake, not a day.
        return None
    return day if is_covered(day) else None


def _days_after(day: date, step: int) -> date | None:
    """None outside the years that dates may have."""
    try:
        moved = day + timedelta(days=step)
    except OverflowError:
        return None
    return moved if is_covered(moved) else None


def _days(
    posts: Sequence[Post], stated: list[date | None], first: date | None, last: date | None
) -> list[date | None]:
    anchors = [
        _Anchor(index, day, posts[index].opens_day) for index, day in enumerate(stated) if day
    ]
    steps = _steps(posts, anchors, [day for day in (first, last) if day])
    if anchors:
        days = [_from_anchors(index, anchors, steps) for index in range(len(posts))]
    elif steps is None or any(post.day for post in posts):
        days = [None] * len(posts)
    else:
        days = _from_publication(steps, first, last)
    return [own if post.day else day for post, own, day in zip(posts, stated, days, strict=True)]


def _steps(
    posts: Sequence[Post], anchors: Sequence[_Anchor], known: Sequence[date]
) -> list[int] | None:
    """Days from the first post to each, by when the clock turns back; None if undecidable.

    If the list could run either way, take the order whose days include those of publication and
    update in `known`; else newest first, the usual order, if a post states its day.
    """
    if len(_zones(posts)) > 1:
        return None
    choices = [_steps_in(posts, newest_first) for newest_first in _orders(posts, anchors)]
    if len(choices) > 1 and not anchors:
        return None
    fitting = [steps for steps in choices if _holds(known, anchors, steps)]
    return next(iter(fitting or choices), None)


def _steps_in(posts: Sequence[Post], newest_first: bool) -> list[int]:
    days = 0
    above = next(post.time for post in posts if post.time)
    steps = []
    for post in posts:
        clock = post.time or above
        days += -(clock > above) if newest_first else clock < above
        steps.append(days)
        above = clock
    return steps


def _holds(known: Sequence[date], anchors: Sequence[_Anchor], steps: Sequence[int]) -> bool:
    days = [day for index in range(len(steps)) if (day := _from_anchors(index, anchors, steps))]
    return bool(days) and all(min(days) <= day <= max(days) for day in known)


def _zones(posts: Sequence[Post]) -> list[tzinfo]:
    """The zones that posts state, each once: clocks in different zones cannot be ordered."""
    return list({str(post.zone): post.zone for post in posts if post.zone}.values())


def _orders(posts: Sequence[Post], anchors: Sequence[_Anchor]) -> tuple[bool, ...]:
    """Whether the list runs newest first: both for a tie, none if stated days contradict.

    Stated days decide; if they are all the same, their clocks; else the order with fewer turns.
    """
    days = [anchor.day.toordinal() for anchor in anchors]
    clocks = _minutes(posts)
    dated = _minutes([posts[anchor.index] for anchor in anchors])
    for values in (days, dated if len(set(days)) == 1 else []):
        falls, rises = _turns(values)
        if falls != rises:
            return (falls > rises,) if clocks else ()
        if falls:
            return ()
    falls, rises = _turns(clocks)
    if falls == rises:
        return (True, False) if falls else (False,) * bool(clocks)
    return (falls > rises,)


def _minutes(posts: Sequence[Post]) -> list[int]:
    return [post.time.hour * 60 + post.time.minute for post in posts if post.time]


def _turns(values: Sequence[int]) -> tuple[int, int]:
    """How often a value is below the one before it, and how often above."""
    falls = sum(below < above for above, below in pairwise(values))
    return falls, sum(below > above for above, below in pairwise(values))


def _from_anchors(
    index: int, anchors: Sequence[_Anchor], steps: Sequence[int] | None
) -> date | None:
    """The day that the anchors above and below agree on."""
    if steps is None:
        return None
    place = bisect_right(anchors, index, key=lambda anchor: anchor.index)
    above = anchors[place - 1] if place else None
    below = anchors[place] if place < len(anchors) else None
    days: set[date | None] = {_step_from(above, index, steps)} if above else set()
    if below and not (above and below.opens_day):
        day = _step_from(below, index, steps)
        days.add(None if below.opens_day and day == below.day else day)
    return days.pop() if len(days) == 1 else None


def _step_from(anchor: _Anchor, index: int, steps: Sequence[int]) -> date | None:
    return _days_after(anchor.day, steps[index] - steps[anchor.index])


def _from_publication(
    steps: Sequence[int], first: date | None, last: date | None
) -> list[date | None]:
    """For posts without days: the publication's, if the clock turns once for each day passed."""
    oldest = min(steps)
    turns = max(steps) - oldest
    if first is None or (turns and (last is None or (last - first).days != turns)):
        return [None] * len(steps)
    return [_days_after(first, step - oldest) for step in steps]


def _iso(post: Post, day: date | None) -> str | None:
    if day is None or post.time is None:
        return None
    return with_plain_offset(datetime.combine(day, post.time, tzinfo=post.zone)).isoformat()


FEWEST_ENTRIES = 3

_LONGEST_HEADING = 160
_LONGEST_HEADING_BELOW = 120
# A cheap first check, because most articles are not live blogs and there may be a million.
_CANDIDATE = re.compile(
    r"^[^\n]{0,48}?\d{1,2}(?:[:.h]\d\d|\s?[ap]\.?\s?m)[^\n]*", re.MULTILINE | re.IGNORECASE
)
_LINE = re.compile(r"\S[^\n]*")
# A capital before the point is an abbreviation (`U.S.`), not the end of a sentence.
_SENTENCE_END = re.compile(r"""(?:(?<![A-Z])\.|[,;:…])[\u201d"\u2019')\]]*$""")


@dataclass(frozen=True, slots=True)
class _TimeLine:
    """One time line `text[start:end]`; its words begin at `words`, its entry's part of the text
    at `opening`, which is before `start` if a line above names the day."""

    start: int
    words: int
    end: int
    stamp: Stamp
    opening: int
    day: PartialDate | None = None


def find_entries(text: str, published: str | None, updated: str | None) -> tuple[Entry, ...]:
    """The entries of `text` in order, or none if fewer than three lines open one.

    `published` and `updated` are ISO 8601. An entry has no time if neither they nor the text
    settle its day.
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
    """Whether a line could open an entry or a day: such a line is not a title."""
    return read_stamp(line) is not None or read_day_line(line) is not None


def _time_lines(text: str) -> list[_TimeLine]:
    """All lines that open an entry, if enough of them are certain."""
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
    """Among clocks with am and pm, a bare `4:20` could be in either half of the day."""
    stamp = line.stamp
    return Post(
        time=None if twelve_hours and stamp.twelve else stamp.time,
        day=stamp.day or line.day,
        opens_day=line.day is not None and stamp.day is None,
        zone=stamp.zone if stamp.has_zone else zone,
    )


def _entry(text: str, line: _TimeLine, limit: int, time: str | None) -> Entry:
    end = line.start + len(text[line.start : limit].rstrip())
    if line.words < line.end:
        heading, body = _heading_beside(text, line, end)
    else:
        heading, body = _heading_below(text, line, end)
    return Entry(line.start, end, time, heading, line.stamp.clock, body)


def _heading_beside(text: str, line: _TimeLine, end: int) -> tuple[str, int]:
    """The words after the time are the heading, unless they read like the entry's text."""
    words = text[line.words : line.end]
    if not _reads_as_heading(words, _LONGEST_HEADING):
        return "", line.words
    below = _LINE.search(text, line.end, end)
    return words, below.start() if below else line.words


def _heading_below(text: str, line: _TimeLine, end: int) -> tuple[str, int]:
    """The time is alone on its line: a short line under it is the heading."""
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
