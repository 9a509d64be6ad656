"""What a question says about time: its bounds, its lean, and the question without them."""

import re
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import Enum
from functools import cached_property, lru_cache, partial

from index.analysis import content_words
from index.dates import time_range
from index.english import FUNCTION_WORDS
from index.settings import DateOrder
from index.store import Store
from qa.answer import When
from qa.present.dates import bounds_of, range_in_words
from qa.timex.calendar import ArchiveDays
from qa.timex.grammar import (
    Form,
    TimeExpression,
    find_times,
    holds_digits,
    in_iso,
    is_day,
    is_relative,
    is_week,
    is_year,
    written_order,
)
from qa.timex.ranges import Range
from qa.timex.resolve import resolve


class Lean(Enum):
    """Which end of the time counts more."""

    NEWER = "latest"
    OLDER = "earliest"


@dataclass(frozen=True, slots=True)
class AskedTime:
    """What a question says about time.

    `range` is the time that bounds it, or None; `phrase` are the words for it and `rest` the
    question without them; `is_relative` if they count from now. `other` is the range where day and
    month are taken the other way round, if that is as likely; `unread` are words that look like a
    time and are none. `lean` is set by words such as "latest", which are `leaning`. `is_course`
    means that it asks for a course of events.
    """

    range: Range | None = None
    phrase: str = ""
    rest: str = ""
    is_relative: bool = False
    lean: Lean | None = None
    leaning: str = ""
    is_course: bool = False
    other: Range | None = None
    unread: str | None = None

    @property
    def when(self) -> When | None:
        """For people to see: the bounds if there are any, else what counts more."""
        if self.range is not None:
            other = _when(self.phrase, self.other) if self.other else None
            return replace(_when(self.phrase, self.range), other=other)
        if self.lean is None:
            return None
        text = "the newest count more" if self.lean is Lean.NEWER else "the oldest count more"
        return When(self.leaning, text, None, None, is_exact=False)


# A question's time is read once to look for a kept answer, and again to plan the searches.
_TIMES_KEPT = 256
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


def _when(phrase: str, bounds: Range) -> When:
    after, before = bounds_of(bounds)
    return When(phrase, range_in_words(bounds), after, before, is_exact=True)


class TimeReader:
    """Reads what questions say about time, asked of one archive. Thread-safe."""

    def __init__(self, store: Store, date_order: DateOrder) -> None:
        self._store, self._date_order = store, date_order
        self._read = lru_cache(_TIMES_KEPT)(partial(read_asked_time, days=store.days))

    def read(self, text: str, asked_at: str, written: str) -> AskedTime:
        """What a question says that means `text`; `written` are its own words."""
        return self._read(text, asked_at, order=self._order_in(written))

    def _order_in(self, written: str) -> DateOrder:
        """In which order day and month stand in a question: as set, else as in the archive."""
        if self._date_order != "auto" or not holds_digits(written):
            return self._date_order
        return self._order_of_archive

    @cached_property
    def _order_of_archive(self) -> DateOrder:
        return written_order(self._store)


def read_asked_time(
    text: str, asked_at: str, days: ArchiveDays, order: DateOrder = "auto"
) -> AskedTime:
    """What a question says about time; `asked_at` is ISO 8601, `order` that of dates in digits.

    A time is a bound if it says when, as in "on 28 September", but not if it names a thing ("the
    1973 oil crisis", "Euro 2020"), is in the future, or only sets the scene.
    """
    now = _now(asked_at)
    bounded: Range | None = None
    other: Range | None = None
    used, unread = list[TimeExpression](), list[str]()
    for time in filter(tells_when, find_times(text)):
        read = [each for one in in_iso(time, order) if (each := resolve(one, now, days))]
        if not read and is_day(time.parts.get("time", "")):
            unread.append(time.words)
        found = [each for one in read if (each := _past(one, now))]
        if not found:
            continue
        both = found[0] if bounded is None else bounded.and_(found[0])
        if not both.is_empty:
            bounded, other = both, next(iter(found[1:]), other)
            used.append(time)
    rest = _without(text, used)
    lean, leaning = _lean(rest)
    return AskedTime(
        range=bounded,
        phrase=text[used[0].start : used[-1].end] if used else "",
        rest=rest,
        is_relative=all(_counts_from_now(time) for time in used),
        lean=lean,
        leaning=leaning,
        is_course=_COURSE.search(text) is not None,
        # With a second time both would have to fit.
        other=other if len(used) == 1 else None,
        unread=", ".join(unread) or None,
    )


def _now(asked_at: str) -> datetime:
    """The moment in local time; for a longer time, the midnight that begins its last day."""
    asked = time_range(asked_at)
    today = datetime.combine((asked.end - timedelta(seconds=1)).date(), datetime.min.time())
    return max(asked.start.replace(tzinfo=None), today)


def _counts_from_now(time: TimeExpression) -> bool:
    return time.form is Form.DEFINITE or is_relative(time.parts.get("time", ""))


def _past(found: Range | None, now: datetime) -> Range | None:
    """The same, or None if it is empty or in the future."""
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


def _without(text: str, used: list[TimeExpression]) -> str:
    """The question without these words, as someone would ask it without saying when."""
    if not used:
        return text
    kept, reached = list[str](), 0
    for time in used:
        kept.append(text[reached : time.start])
        reached = time.end
    kept.append(text[reached:])
    joined = " ".join(" ".join(kept).split())
    return re.sub(r"\s+([?.!,;:])", r"\1", joined).lstrip(",;: ")


# A question of only these words, apart from its time, asks for everything from that time.
_ANYTHING = frozenset(
    """
    happen happened happening happens going news new events event timeline chronology course
    reported report reports told day latest main important major headlines things thing
    everything anything something came come
    """.split()
)
# A question for the newest about a subject, or for its course, is about the subject.
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
    """Whether a question, without its time, asks for anything from that time.

    >>> asks_for_all("What happened?"), asks_for_all("What happened in Kyiv?")
    (True, False)
    """
    return all(word in _ANYTHING for word in content_words(rest))


def subject_of(text: str, *, is_dated: bool) -> str | None:
    """The subject whose course of events, or if there are dates whose newest, is asked for.

    >>> subject_of("Give me a timeline of the landing.", is_dated=False)
    'the landing'
    """
    patterns = (_COURSE_OF, _NEWEST_OF) if is_dated else (_COURSE_OF,)
    found = (pattern.fullmatch(text.strip()) for pattern in patterns)
    return next((match["subject"] for match in found if match), None)


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
# "The record, set in June": when that happened, not when it was reported.
_PARTICIPLE = re.compile(r",\s+(?:\w+ed|set|held|made|born|built|won)\s+$", re.IGNORECASE)
# "More than a year ago" is not a definite year.
_COMPARED = re.compile(r"\b(?:more than|less than|at least|over|under)\s+$", re.IGNORECASE)
_NEXT_WORD = re.compile(r"\s+([A-Za-z][\w-]*)")
_POSSESSIVE = re.compile(r"['’]s?\b")
_NAME_BEFORE = re.compile(r"(?:[A-Z][\w'’-]*|\b(?:the|this|that|a|an|its|their|his|her))\s+$")
_SENTENCE_END = re.compile(r"[.!?][\"”’')]*\s+(?=[\"“‘'(]?[A-Z])")
# Words that can follow a time without being the thing that it names.
_FOLLOWING = FUNCTION_WORDS | frozenset(
    """
    according across against along alongside amid among around behind besides beside concerning
    despite following inside near onto outside per regarding since throughout toward towards
    versus via within without whether against exactly there please instead happened announced
    """.split()
)


def tells_when(expression: TimeExpression) -> bool:
    """Whether it says when, and is not part of a name or of a sentence before the question."""
    time = expression.parts.get("time", "")
    has_lead = bool(expression.parts.get("lead")) or expression.form not in (Form.PLAIN, Form.PART)
    if _sets_the_scene(expression) or _names_a_thing(expression, has_lead=has_lead):
        return False
    if _PARTICIPLE.search(expression.before):
        return False
    if _COMPARED.search(expression.before) and expression.words.lower().endswith("ago"):
        return False
    if expression.parts.get("lead", "").lower() == "of" and not _TELLING.search(expression.before):
        return False
    is_when = is_relative(time) or is_day(time) or is_week(time)
    if not has_lead and not is_when:
        # "May", "2020" or "September 2022" without a preposition: only the last says when.
        return bool(re.search(r"[a-z]\W+(?:1\d|20)\d\d$", time)) and not _AHEAD.search(
            expression.text
        )
    if re.search(r"\blater\s+$", expression.before, re.IGNORECASE):
        return False
    return is_relative(time) or not _AHEAD.search(expression.text)


def says_when(text: str) -> bool:
    """Whether any words of the text say when."""
    return any(tells_when(expression) for expression in find_times(text))


def without_times(text: str) -> str:
    """The text without the words that say when.

    >>> without_times("countries abstained in 2022 on the treaty")
    'countries abstained on the treaty'
    """
    for expression in reversed(list(find_times(text))):
        if tells_when(expression):
            text = f"{expression.before.rstrip()} {expression.after.lstrip()}"
    return text.strip()


def _sets_the_scene(expression: TimeExpression) -> bool:
    """Whether it is in a sentence before the one that asks."""
    return expression.text.rstrip().endswith("?") and bool(_SENTENCE_END.search(expression.after))


def _names_a_thing(expression: TimeExpression, *, has_lead: bool) -> bool:
    if _POSSESSIVE.match(expression.after):
        return True
    if is_relative(expression.parts.get("time", "")):
        return False
    following = _NEXT_WORD.match(expression.after)
    is_followed = following is not None and following[1].lower() not in _FOLLOWING
    if not has_lead:
        named = _NAME_BEFORE.search(expression.before) and is_year(expression.words)
        return is_followed or bool(named)
    # "In 2022 elections", but "on 29 September 2022 Putin said".
    return (
        following is not None
        and is_followed
        and following[1].islower()
        and is_year(expression.parts.get("time", ""))
    )
