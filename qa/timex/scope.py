"""Whether a time in a question says when, or is part of what the question is about."""

import re

from index.english import FUNCTION_WORDS
from qa.timex.grammar import Form, TimeExpression, find_times, is_day, is_relative, is_week, is_year

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
