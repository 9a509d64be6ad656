"""The time that a question asks about, told apart from dates that belong to what it asks about."""

import re
from dataclasses import dataclass
from datetime import date, timedelta
from enum import Enum

from index.dates import time_range
from qa.calendar_times import Days
from qa.range_words import bounds_of, range_in_words
from qa.ranges import Range, part_of
from qa.telling_when import tells_when
from qa.time_ranges import read_clock, read_range, with_year_of
from qa.time_words import Form, Told, find_times, is_relative
from qa.understood import When

_DAY = timedelta(days=1)
# A clock time that is no bound takes in half an hour before and behind.
_ABOUT = timedelta(minutes=30)
_OPEN_FROM, _OPEN_TO = (
    ("since", "after", "from"),
    ("before", "until", "till", "up to", "as of", "by"),
)


class Lean(Enum):
    """Which end of what is told counts more."""

    NEWER = "latest"
    OLDER = "earliest"


@dataclass(frozen=True, slots=True)
class AskedTime:
    """What a question says of time.

    `range` is what its words bound, None where they bound nothing; `phrase` are those words and
    `rest` the question without them; `is_relative` where they count from now. `lean` is set by
    words such as "latest", which are `leaning`. `is_course` says that a course of events is asked
    for.
    """

    range: Range | None = None
    phrase: str = ""
    rest: str = ""
    is_relative: bool = False
    lean: Lean | None = None
    leaning: str = ""
    is_course: bool = False

    @property
    def when(self) -> When | None:
        """For people to see: the bounds where there are some, else what counts more."""
        if self.range is not None:
            after, before = bounds_of(self.range)
            text = range_in_words(self.range)
            return When(self.phrase, text, after, before, is_exact=True)
        if self.lean is None:
            return None
        text = "the newest count more" if self.lean is Lean.NEWER else "the oldest count more"
        return When(self.leaning, text, None, None, is_exact=False)


_LEANS = {
    Lean.NEWER: re.compile(
        r"\b(?:(?:the )?latest|(?:most )?recent(?:ly)?|lately|newest|so far(?! away| from| apart)|"
        r"to date|up to now|until now|currently|at the moment|at present|right now|these days|"
        r"nowadays)\b",
        re.IGNORECASE,
    ),
    Lean.OLDER: re.compile(
        r"\b(?:at first|initially|originally|(?:at|in) the (?:very )?beginning|early on|"
        r"(?:the )?(?:earliest|first) (?:reports?|news|accounts?|estimates?|figures?))\b",
        re.IGNORECASE,
    ),
}
_COURSE = re.compile(
    r"\bwhat(?:'s|’s| has| had| have)? (?:(?:was|is|been|else|all) )*happen(?:ed|ing|s)?\b|"
    r"\btime-?lines?\b|\bchronolog\w+|\b(?:course|sequence|order|chain|run) of events\b|"
    r"\b(?:hour|day|minute|blow)[ -]by[ -](?:hour|day|minute|blow)\b|"
    r"\bhow (?:did|has|have|had|does|do|was|were|is)\b.*\b(?:unfold|unfolded|unfolding|come about|"
    r"play out|played out|develop|developed|go on|proceed|progress)\b",
    re.IGNORECASE,
)


def read_asked_time(text: str, asked_at: str, days: Days) -> AskedTime:
    """What a question asked at a moment, in ISO 8601, says of time.

    A time is taken for a bound where it tells when, as in "on 28 September", and left alone where
    it names a thing ("the 1973 oil crisis", "Euro 2020"), lies ahead, or only sets the scene.
    """
    today = _day_of(asked_at)
    bounds = [
        (told, found)
        for told in find_times(text)
        if tells_when(told) and (found := _range(told, today, days)) is not None
    ]
    bounded: Range | None = None
    used = list[Told]()
    for told, found in bounds:
        both = found if bounded is None else bounded.and_(found)
        if not both.is_empty:
            bounded = both
            used.append(told)
    lean, leaning = _lean(text)
    return AskedTime(
        range=bounded,
        phrase=text[used[0].start : used[-1].end] if used else "",
        rest=_without(text, used),
        is_relative=all(is_relative(told.parts.get("time", "")) for told in used),
        lean=lean,
        leaning=leaning,
        is_course=_COURSE.search(text) is not None,
    )


def _day_of(asked_at: str) -> date:
    """The day of the moment, by its own clock; of a longer time, its last."""
    return (time_range(asked_at).end - timedelta(seconds=1)).date()


def _range(told: Told, today: date, days: Days) -> Range | None:
    """The time in full, or None where it cannot be read or has not come yet."""
    found = _read(told, today, days)
    if found is None or found.is_empty:
        return None
    if found.start is not None and found.start.date() > today:
        return None
    return found


def _read(told: Told, today: date, days: Days) -> Range | None:
    parts, form = told.parts, told.form
    if form in (Form.BETWEEN, Form.DAYS):
        one = read_range(with_year_of(parts["one"], parts["other"]), today, days)
        other = read_range(parts["other"], today, days)
        return Range(one.start, other.end) if one and other else None
    time = read_range(parts["time"], today, days)
    if time is None:
        return None
    if form is Form.BETWEEN_CLOCKS:
        first, last = read_clock(parts["one"], time), read_clock(parts["other"], time)
        if first is None or last is None:
            return None
        # "Between 10pm and midnight"
        return Range(first, last if last > first else last + _DAY)
    if form in (Form.CLOCK, Form.CLOCK_AFTER):
        return _by_clock(time, parts["bound"].lower(), parts["clock"])
    if "part" in parts:
        return part_of(time, parts["part"])
    if form is Form.BOUND:
        return _bounded(time, parts["bound"].lower())
    if parts.get("lead", "").lower() == "since":
        return _bounded(time, "since")
    return time


def _by_clock(day: Range, bound: str, clock: str) -> Range | None:
    """Up to a clock time of that day, or from it on to the day's end."""
    moment = read_clock(clock, day)
    if moment is None:
        return None
    if bound in _OPEN_FROM or bound == "not before":
        return Range(moment, day.end)
    if bound in _OPEN_TO:
        return Range(day.start, moment)
    return Range(moment - _ABOUT, moment + _ABOUT)


def _bounded(time: Range, bound: str) -> Range:
    if bound == "before":
        return Range(None, time.start)
    if bound == "after":
        return Range(time.end, None)
    if bound in ("since", "from", "not before"):
        return Range(time.start, None)
    return Range(None, time.end)


def _lean(text: str) -> tuple[Lean | None, str]:
    for lean, pattern in _LEANS.items():
        if found := pattern.search(text):
            return lean, found[0]
    return None, ""


def _without(text: str, used: list[Told]) -> str:
    """The question without these words, as somebody would ask it who does not say when."""
    if not used:
        return text
    kept, reached = list[str](), 0
    for told in used:
        kept.append(text[reached : told.start])
        reached = told.end
    kept.append(text[reached:])
    joined = " ".join(" ".join(kept).split())
    return re.sub(r"\s+([?.!,;:])", r"\1", joined).lstrip(",;: ")
