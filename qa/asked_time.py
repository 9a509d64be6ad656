"""The time that a question asks about, told apart from dates that belong to what it asks about."""

import re
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import Enum

from index.dates import time_range
from qa.terms import FUNCTION_WORDS
from qa.time_ranges import Days, Range, part_of, read_clock, read_range, with_year_of
from qa.time_words import Form, Told, find_times, is_day, is_relative, is_year
from qa.understood import When
from qa.when import in_words

_MINUTE = timedelta(minutes=1)
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
            after, before = _iso(self.range)
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
_AHEAD = re.compile(
    r"\b(?:will|shall|going to|due to|set to|scheduled|plans?|planned|planning|expected|"
    r"upcoming)\b",
    re.IGNORECASE,
)
# "The news of 29 September" asks for a time; "the attacks of September 11" names a thing.
_TELLING = re.compile(
    r"\b(?:news|events?|reports?|reported|entr(?:y|ies)|posts?|articles?|coverage|headlines?|"
    r"developments?|day|week|month|morning|afternoon|evening|night|hours|course)\s*$",
    re.IGNORECASE,
)
# "The record, set in June": when that was, not when anything was told of it.
_PARTICIPLE = re.compile(r",\s+(?:\w+ed|set|held|made|born|built|won)\s+$", re.IGNORECASE)
_NEXT_WORD = re.compile(r"\s+([A-Za-z][\w-]*)")
_POSSESSIVE = re.compile(r"['’]s?\b")
_NAME_BEFORE = re.compile(r"(?:[A-Z][\w'’-]*|\b(?:the|this|that|a|an|its|their|his|her))\s+$")
_SENTENCE_END = re.compile(r"[.!?][\"”’')]*\s+(?=[\"“‘'(]?[A-Z])")
# Words that may follow a time without being what the time belongs to.
_FOLLOWING = FUNCTION_WORDS | frozenset(
    """
    according across against along alongside amid among around behind besides beside concerning
    despite following inside near onto outside per regarding since throughout toward towards
    versus via within without whether against exactly there please instead happened announced
    """.split()
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
        if _tells_when(told) and (found := _range(told, today, days)) is not None
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


def range_in_words(told: Range) -> str:
    """For people to read.

    >>> range_in_words(Range(datetime(2022, 9, 28), datetime(2022, 9, 29)))
    '28 September 2022'
    >>> range_in_words(Range(None, datetime(2022, 9, 30, 12)))
    'before 30 September 2022, 12:00'
    """
    start, end = told.start, told.end
    if start is None or end is None:
        if start is not None:
            return f"since {_moment(start)}"
        if end is None:
            return ""
        whole = told.is_of_days
        return f"up to {_moment(end - _DAY)}" if whole else f"before {_moment(end)}"
    if not told.is_of_days:
        return _hours(start, end)
    return _days(start, end)


def _day_of(asked_at: str) -> date:
    """The day of the moment, by its own clock; of a longer time, its last."""
    return (time_range(asked_at).end - timedelta(seconds=1)).date()


def _tells_when(told: Told) -> bool:
    """Whether it says when, and is not part of a name or of what comes before the question."""
    time = told.parts.get("time", "")
    has_lead = bool(told.parts.get("lead")) or told.form not in (Form.PLAIN, Form.PART)
    if _sets_the_scene(told) or _names_a_thing(told, has_lead=has_lead):
        return False
    if _PARTICIPLE.search(told.before):
        return False
    if told.parts.get("lead", "").lower() == "of" and not _TELLING.search(told.before):
        return False
    if not has_lead and not is_relative(time) and not is_day(time):
        # "May", "2020" or "September 2022" alone, if nothing says that it is when.
        return bool(re.search(r"[a-z]\W+(?:1\d|20)\d\d$", time)) and not _AHEAD.search(told.text)
    if re.search(r"\blater\s+$", told.before, re.IGNORECASE):
        return False
    return is_relative(time) or not _AHEAD.search(told.text)


def _sets_the_scene(told: Told) -> bool:
    """Whether it stands in a sentence before the one that asks."""
    return told.text.rstrip().endswith("?") and bool(_SENTENCE_END.search(told.after))


def _names_a_thing(told: Told, *, has_lead: bool) -> bool:
    if _POSSESSIVE.match(told.after):
        return True
    if is_relative(told.parts.get("time", "")):
        return False
    following = _NEXT_WORD.match(told.after)
    is_followed = following is not None and following[1].lower() not in _FOLLOWING
    if not has_lead:
        named = _NAME_BEFORE.search(told.before) and is_year(told.words)
        return is_followed or bool(named)
    # "In 2022 elections", but "on 29 September 2022 Putin said".
    return (
        following is not None
        and is_followed
        and following[1].islower()
        and is_year(told.parts.get("time", ""))
    )


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


def _iso(told: Range) -> tuple[str | None, str | None]:
    """First and last day, or minute, that lie inside."""
    if told.is_of_days:
        last = told.end - _DAY if told.end else None
        return (
            told.start.date().isoformat() if told.start else None,
            last.date().isoformat() if last else None,
        )
    last = told.end - _MINUTE if told.end else None
    return (
        told.start.isoformat()[:16] if told.start else None,
        last.isoformat()[:16] if last else None,
    )


def _moment(moment: datetime) -> str:
    iso = moment.isoformat()
    return in_words(iso[:10] if iso[11:16] == "00:00" else iso)


def _hours(start: datetime, end: datetime) -> str:
    if end - start <= _DAY and (end - _MINUTE).date() == start.date():
        closing = "24:00" if end.date() > start.date() else f"{end:%H:%M}"
        return f"{in_words(start.date().isoformat())}, {start:%H:%M} to {closing}"
    return f"{_moment(start)} to {_moment(end)}"


def _days(start: datetime, end: datetime) -> str:
    first, last = start.date(), (end - _DAY).date()
    if (first.month, first.day, end.month, end.day) == (1, 1, 1, 1):
        return _span(str(first.year), str(last.year))
    if (first.day, end.day) == (1, 1):
        return _span(*(in_words(each.isoformat()[:7]) for each in (first, last)))
    return _span(*(in_words(each.isoformat()) for each in (first, last)))


def _span(first: str, last: str) -> str:
    """What both ends share is said once, at the end.

    >>> _span("28 September 2022", "30 September 2022")
    '28 to 30 September 2022'
    """
    if first == last:
        return last
    one, other = first.split(), last.split()
    while len(one) > 1 and one[-1] == other[-1]:
        one.pop()
        other.pop()
    return f"{' '.join(one)} to {last}"
