"""The time that a question asks about, told apart from dates that belong to what it asks about.

Whether a time told in a question says when, or belongs to what is asked about.

What a question is about beside its time: a subject of which the news are asked, or nothing.
"""

import re
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import Enum

from index.analysis import content_words
from index.dates import time_range
from index.english import FUNCTION_WORDS
from qa.answer import When
from qa.present.dates import bounds_of, range_in_words
from qa.timex.grammar import Form, Told, find_times, is_day, is_relative, is_year
from qa.timex.ranges import Range
from qa.timex.resolve import Days, read_told

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
# "More than a year ago" is no year.
_COMPARED = re.compile(r"\b(?:more than|less than|at least|over|under)\s+$", re.IGNORECASE)
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


def tells_when(told: Told) -> bool:
    """Whether it says when, and is not part of a name or of what comes before the question."""
    time = told.parts.get("time", "")
    has_lead = bool(told.parts.get("lead")) or told.form not in (Form.PLAIN, Form.PART)
    if _sets_the_scene(told) or _names_a_thing(told, has_lead=has_lead):
        return False
    if _PARTICIPLE.search(told.before):
        return False
    if _COMPARED.search(told.before) and told.words.lower().endswith("ago"):
        return False
    if told.parts.get("lead", "").lower() == "of" and not _TELLING.search(told.before):
        return False
    if not has_lead and not is_relative(time) and not is_day(time):
        # "May", "2020" or "September 2022" alone, if nothing says that it is when.
        return bool(re.search(r"[a-z]\W+(?:1\d|20)\d\d$", time)) and not _AHEAD.search(told.text)
    if re.search(r"\blater\s+$", told.before, re.IGNORECASE):
        return False
    return is_relative(time) or not _AHEAD.search(told.text)


def says_when(text: str) -> bool:
    """Whether words of the text say when."""
    return any(tells_when(told) for told in find_times(text))


def without_times(text: str) -> str:
    """The text without the words that say when.

    >>> without_times("countries abstained in 2022 on the treaty")
    'countries abstained on the treaty'
    """
    for told in reversed(list(find_times(text))):
        if tells_when(told):
            text = f"{told.before.rstrip()} {told.after.lstrip()}"
    return text.strip()


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
    now = _now(asked_at)
    bounds = [
        (told, found)
        for told in find_times(text)
        if tells_when(told) and (found := _past(read_told(told, now, days), now)) is not None
    ]
    bounded: Range | None = None
    used = list[Told]()
    for told, found in bounds:
        both = found if bounded is None else bounded.and_(found)
        if not both.is_empty:
            bounded = both
            used.append(told)
    rest = _without(text, used)
    lean, leaning = _lean(rest)
    return AskedTime(
        range=bounded,
        phrase=text[used[0].start : used[-1].end] if used else "",
        rest=rest,
        is_relative=all(_counts_from_now(told) for told in used),
        lean=lean,
        leaning=leaning,
        is_course=_COURSE.search(text) is not None,
    )


def _now(asked_at: str) -> datetime:
    """The moment by its own clock; of a longer time, the midnight that begins its last day."""
    told = time_range(asked_at)
    today = datetime.combine((told.end - timedelta(seconds=1)).date(), datetime.min.time())
    return max(told.start.replace(tzinfo=None), today)


def _counts_from_now(told: Told) -> bool:
    return told.form is Form.DEFINITE or is_relative(told.parts.get("time", ""))


def _past(found: Range | None, now: datetime) -> Range | None:
    """The same, or None where it has not come yet."""
    if found is None or found.is_empty:
        return None
    if found.start is not None and found.start.date() > now.date():
        return None
    return found


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


# A question of these alone, beside its time, asks for all that is told of it.
_ANYTHING = frozenset(
    """
    happen happened happening happens going news new events event timeline chronology course
    reported report reports told day latest main important major headlines things thing
    everything anything something came come
    """.split()
)
# What is asked of the newest of a subject, or of its course, is the subject.
_NEWEST_OF = re.compile(
    r"(?:what(?:['’]s| is) )?(?:the )?(?:latest|newest|most recent)"
    r"(?: (?:news|reports?|developments?|events?))? (?:on|about|from|of) (?P<subject>[^?]+)\??",
    re.IGNORECASE,
)
_COURSE_OF = re.compile(
    r"(?:(?:please )?(?:give|show|tell|make)(?: me)? |(?:i (?:want|need)|i(?:['’]d| would) like) )?"
    r"(?:an? |the )?(?:\w+ )?(?:time-?line|chronology|(?:course|sequence|order|chain) of events) "
    r"(?:(?:on|about|of|for|in|during) )(?P<subject>[^?]+?)[?.]?",
    re.IGNORECASE,
)


def asks_for_all(rest: str) -> bool:
    """Whether a question without its time asks for whatever was told in it.

    >>> asks_for_all("What happened?"), asks_for_all("What happened in Kyiv?")
    (True, False)
    """
    return all(word in _ANYTHING for word in content_words(rest))


def subject_of(text: str, *, is_dated: bool) -> str | None:
    """What the course of events, or where there are dates the newest, is asked of.

    >>> subject_of("Give me a timeline of the landing.", is_dated=False)
    'the landing'
    """
    patterns = (_COURSE_OF, _NEWEST_OF) if is_dated else (_COURSE_OF,)
    found = (pattern.fullmatch(text.strip()) for pattern in patterns)
    return next((match["subject"] for match in found if match), None)
