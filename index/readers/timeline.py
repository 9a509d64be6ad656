"""When each entry of a live blog was posted: from the days it tells and the order of the list."""

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta, tzinfo
from itertools import pairwise

from index.dates import day_of, read_moment
from index.readers.stamps import ToldDay

Moment = date | datetime


@dataclass(frozen=True, slots=True)
class Post:
    """What one entry tells of its time; `time` is None where its clock could mean two.

    `opens_day` says that `day` stands on a line of its own above the entry, so that what is
    listed before it is of another day.
    """

    time: time | None
    day: ToldDay | None = None
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
    """ISO 8601 for each post, in their order; None for one whose day is not certain."""
    zones = _zones(posts)
    zone = zones[0] if len(zones) == 1 else None
    first = _local_day(published, zone)
    last = _local_day(updated, zone)
    told = _told_days(posts, first or last)
    days = _days(posts, told, first, last)
    return [_iso(post, day) for post, day in zip(posts, days, strict=True)]


def _local_day(iso: str | None, zone: tzinfo | None) -> date | None:
    """The day in the blog's own zone: late in London is tomorrow in Paris."""
    moment: Moment | None = read_moment(iso) if iso else None
    if isinstance(moment, datetime) and moment.tzinfo and zone:
        moment = moment.astimezone(zone)
    return day_of(moment) if moment else None


def _told_days(posts: Sequence[Post], near: date | None) -> list[date | None]:
    """The days that posts tell, each with the year nearest to `near` where it tells none."""
    with_year = next((post.day for post in posts if post.day and post.day.year), None)
    near = near or (_calendar_day(with_year, with_year.year) if with_year else None)
    return [_resolve(post.day, near) if post.day else None for post in posts]


def _resolve(told: ToldDay, near: date | None) -> date | None:
    if told.year:
        return _calendar_day(told, told.year)
    if near is None:
        return None
    if told.month is None:
        candidates = [near + timedelta(days=step) for step in range(-3, 4)]
        return next((day for day in candidates if day.weekday() == told.weekday), None)
    years = (near.year - 1, near.year, near.year + 1)
    days = [day for year in years if (day := _calendar_day(told, year))]
    return min(days, key=lambda day: abs(day - near), default=None)


def _calendar_day(told: ToldDay, year: int | None) -> date | None:
    try:
        return date(year or 0, told.month or 0, told.day or 0)
    except ValueError:
        # 31 September, or 29 February of another year: a slip of the author, not a day.
        return None


def _days(
    posts: Sequence[Post], told: list[date | None], first: date | None, last: date | None
) -> list[date | None]:
    anchors = [_Anchor(index, day, posts[index].opens_day) for index, day in enumerate(told) if day]
    steps = _steps(posts, anchors)
    if anchors:
        days = [_from_anchors(index, anchors, steps) for index in range(len(posts))]
    elif steps is None or any(post.day for post in posts):
        days = [None] * len(posts)
    else:
        days = _from_publication(steps, first, last)
    return [own if post.day else day for post, own, day in zip(posts, told, days, strict=True)]


def _steps(posts: Sequence[Post], anchors: Sequence[_Anchor]) -> list[int] | None:
    """Days from the first post to each, by a clock that turns back; None where none can tell."""
    clocks = [post.time for post in posts if post.time]
    newest_first = _newest_first(clocks, [anchor.day for anchor in anchors])
    if newest_first is None or not clocks or len(_zones(posts)) > 1:
        return None
    days, above = 0, clocks[0]
    steps = []
    for post in posts:
        clock = post.time or above
        days += -(clock > above) if newest_first else clock < above
        steps.append(days)
        above = clock
    return steps


def _zones(posts: Sequence[Post]) -> list[tzinfo]:
    """The zones that posts tell, each once: clocks of several cannot be put in order."""
    return list({str(post.zone): post.zone for post in posts if post.zone}.values())


def _newest_first(clocks: Sequence[time], days: Sequence[date]) -> bool | None:
    """Told days decide; else the order with fewer turns of the clock; None for a draw."""
    minutes = [clock.hour * 60 + clock.minute for clock in clocks]
    for values in ([day.toordinal() for day in days], minutes):
        falls = sum(below < above for above, below in pairwise(values))
        rises = sum(below > above for above, below in pairwise(values))
        if falls != rises:
            return falls > rises
    return None if len(set(clocks)) > 1 else False


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


def _step_from(anchor: _Anchor, index: int, steps: Sequence[int]) -> date:
    return anchor.day + timedelta(days=steps[index] - steps[anchor.index])


def _from_publication(
    steps: Sequence[int], first: date | None, last: date | None
) -> list[date | None]:
    """No post tells its day: the publication's, if the clock turns as often as days went by."""
    oldest = min(steps)
    turns = max(steps) - oldest
    if first is None or (turns and (last is None or (last - first).days != turns)):
        return [None] * len(steps)
    return [first + timedelta(days=step - oldest) for step in steps]


def _iso(post: Post, day: date | None) -> str | None:
    if day is None or post.time is None:
        return None
    return datetime.combine(day, post.time, tzinfo=post.zone).isoformat()
