"""What kind of thing a question asks for, and whether a sentence offers one."""

import re
from enum import Enum
from functools import lru_cache

_NUMBER_WORDS = (
    "one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|thirteen|fourteen|fifteen|"
    "sixteen|seventeen|eighteen|nineteen|twenty|thirty|forty|fifty|sixty|seventy|eighty|ninety|"
    "dozen|hundred|thousand|million|billion|trillion|half|third|quarter|twice|double|per ?cent"
)
_TIMES = (
    "january|february|march|april|may|june|july|august|september|october|november|december|"
    "monday|tuesday|wednesday|thursday|friday|saturday|sunday|spring|summer|autumn|winter|"
    "century|morning|evening|night|noon|midnight|today|yesterday"
)


class Kind(Enum):
    """A kind of answer, with what it looks like in a sentence."""

    NUMBER = rf"\d[\d,.]*|\b(?:{_NUMBER_WORDS})s?\b"
    TIME = rf"\b1\d{{3}}s?\b|\b20\d\ds?\b|\b(?:{_TIMES})\b|\b\d\d?(?:[:.]\d\d)? ?[ap]\.?m\b"
    # A word with a capital inside a sentence: a person, a body, a place.
    NAME = r"(?<![.!?] )(?<!^)\b(?-i:[A-Z])[\w'’-]+"


_ASKED = (
    (
        Kind.NUMBER,
        r"\bhow (many|much|long|old|far|large|tall|big|high|often|heavy|deep|fast|wide|hot|cold|"
        r"strong|short|few|\w+er)\b|\bper ?cent|\b(what|which) (number|age|amount|share|percentage|"
        r"proportion|fraction|price|cost|size|population|magnitude)\b",
    ),
    (Kind.TIME, r"\bwhen\b|\b(what|which) (\w+ )?(year|date|day|month|century|decade|time)\b"),
    (
        Kind.NAME,
        r"\b(who|whom|whose|where)\b|\b(what|which) (\w+ )?(person|man|woman|people|scientist|"
        r"president|leader|king|queen|general|author|company|organi[sz]ation|team|country|city|"
        r"state|place|town|region|river|continent)\b",
    ),
)
_MARKS = ".,;:?!'’\"“”()"
_SIGNS = {kind: re.compile(kind.value, re.IGNORECASE) for kind in Kind}
_QUESTIONS = tuple((kind, re.compile(asked, re.IGNORECASE)) for kind, asked in _ASKED)


def kind_asked(question: str) -> Kind | None:
    """The kind of thing the question asks for, or None where it cannot be told.

    >>> kind_asked("How far away was it heard?").name
    'NUMBER'
    """
    return next((kind for kind, asked in _QUESTIONS if asked.search(question)), None)


def offers(sentence: str, kind: Kind, question: str) -> bool:
    """Whether the sentence holds something of the kind that the question does not say itself.

    >>> offers("The eruption of 1883 killed 36,417.", Kind.NUMBER, "How many died in 1883?")
    True
    """
    asked = _said(question)
    found = (match[0].lower().strip(_MARKS) for match in _SIGNS[kind].finditer(sentence))
    return any(each not in asked for each in found)


def holds(text: str, kind: Kind) -> bool:
    """Whether something of the kind stands in the text."""
    return bool(_SIGNS[kind].search(text))


# A question is laid against many sentences.
@lru_cache(maxsize=64)
def _said(question: str) -> frozenset[str]:
    return frozenset(word.strip(_MARKS) for word in question.lower().split())
