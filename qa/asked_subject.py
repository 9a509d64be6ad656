"""What a question is about beside its time: a subject of which the news are asked, or nothing."""

import re

from qa.terms import content_words

# A question of these alone, beside its time, asks for all that is told of it.
_ANYTHING = frozenset(
    """
    happen happened happening happens going news new events event timeline chronology course
    reported report reports told day latest main important major headlines things thing
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
