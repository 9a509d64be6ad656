"""What questions are made with: dates, numbers, and whether words are understood by themselves."""

import re
from dataclasses import dataclass

from index.naming import CAPITAL

_MOST_WORDS = 9

MONTH = r"(?:January|February|March|April|May|June|July|August|September|October|November|December)"
_DAY = rf"\d{{1,2}} {MONTH}|{MONTH} \d{{1,2}}\b"
DATE = (
    r"(?:on|in) (?:the \w+ of )?(?:(?:early|late) )?"
    r"(?:(?:Mon|Tues|Wednes|Thurs|Fri|Satur|Sun)day,? )?"
    rf"(?:(?:{_DAY}|{MONTH})(?:,? \d{{4}})?|(?:1\d|20)\d\d)\b"
)
NUMBER = (
    r"(?:(?:about|some|more than|nearly|almost|over|at least|around) )?(?:\d[\d,.]*(?: million)?|"
    r"two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|\w+(?:teen|ty)(?:-\w+)?)"
)
_ENDS = re.compile(
    r"[,;:.!?()\"“”–—*\[\]|]|\b(?:and|but|or|because|so|while|when|where|who|whom|whose|which|that|"
    r"after|before|until|as|if|than|though|although|since|during|following)\b"
)
VAGUE = re.compile(
    r"\b(?:he|she|it|they|we|i|you|him|her|his|hers|its|their|theirs|them|our|us|my|your|this|"
    r"these|those|such|same|another|others?|here|there|then|one|ones|both|each|not|no|himself|"
    r"herself|itself|themselves|today|yesterday|tomorrow|now|ago|later|earlier|again|first|"
    r"following|next|too|alone)\b",
    re.IGNORECASE,
)
# Without an object these say little.
ALONE = frozenset(
    "land die crash fall erupt begin end resign retire arrive collapse explode sink surrender "
    "start open return break rise continue fail".split()
)
# Whoever does these is asked for by "who".
BY_SOMEONE = frozenset(
    "discover invent found build notice operate write photograph publish paint develop identify "
    "describe suggest propose recognise recognize veto annex approve adopt sign shut lead design "
    "appoint elect condemn announce".split()
)


@dataclass(frozen=True, slots=True)
class Made:
    """A question, and the word that it asks with: of few kinds, so that a choice can be varied."""

    text: str
    kind: str


def until_end(body: str) -> str:
    """Up to where the clause ends or another begins."""
    # What stands behind the date and a number is no end.
    end = _ENDS.search(re.sub(r"(?<=\d)[.,](?=\d)|(?<=\bSt)\.", "_", body))
    return body[: end.start()].rstrip() if end else body


def parted(rest: str) -> tuple[str, bool]:
    """What stands before a date, and whether there is one."""
    found = re.search(rf" (?:{DATE}|on \w+day\b)", rest)
    return (rest[: found.start()], True) if found else (rest, False)


def is_clause(what: str) -> bool:
    """Whether it is plain and no other clause begins in it."""
    return is_plain(what) and not _ENDS.search(what)


def is_plain(what: str) -> bool:
    """Whether it is short and understood by itself."""
    if len(what.split()) > _MOST_WORDS or VAGUE.search(what) or re.search(r"[^\w\s.’'-]", what):
        return False
    if re.search(r" (?:in|on|at|of|from|for|the|an?|into|over|about|up|its)$", what):
        return False
    # "the engine" is someone's: a name behind it tells whose.
    return all(
        re.search(CAPITAL, what[found.end() :]) for found in re.finditer(r"\bthe (?=[a-z])", what)
    )
