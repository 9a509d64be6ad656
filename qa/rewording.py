"""Half a question made whole by the one before it: `And Denmark?` after `Did Norway pay?`."""

import re
from collections.abc import Sequence
from typing import Protocol

from index.analysis import FUNCTION_WORDS, WORD, content_words, words


class Likeness(Protocol):
    """How alike what names stand for is."""

    def __call__(self, name: str, others: Sequence[str]) -> Sequence[float]:
        """A number for each of the others, 1 for the same."""


_OPENS = re.compile(
    r"^\W*(?:(?:and|but|or|so|then|ok|okay|now|well|i see|sure|yes|no|interesting)\b[\s,.!]*)*"
    r"(?:(?:what|how) (?:about|of)\b)?\s*",
    re.IGNORECASE,
)
_PLACED = re.compile(
    r"^(?P<where>in|at|on|of|for|from|to|by|with|after|before|during|since|until|as|under)\s+",
    re.IGNORECASE,
)
_POSSESSIVE = re.compile(r"['’]s?$")
# A name has hardly more words.
_LONGEST = 5
# Less alike, a word without a capital is no name for the same kind of thing.
_ALIKE = 0.4
_ADVERB = r"when|where|why|how|how (?:long|often|far|soon)|(?:in|on|at) (?:what|which) \w+"
_BARE = re.compile(
    rf"^(?P<asked>(?:{_ADVERB}|(?:by|for|to|from|with) whom)(?: exactly)?)\W*$", re.IGNORECASE
)
_AUXILIARY = (
    r"(?:is|are|was|were|do|does|did|has|have|had|can|could|will|would|should|must|may|might)\b"
)
# Only an adverb leaves no gap behind: `When was it built?`, but not `How much did they pay?`.
_WHOLE = re.compile(rf"^\W*(?:(?:{_ADVERB}) )?(?P<rest>{_AUXILIARY} .+)$", re.IGNORECASE)
# A name of several words, `of` and the like between them; or a year or another number.
_CAPITAL = r"[A-Z][^\W_]*(?:[-.’'](?!s\b)[^\W_]+)*"
_NAME = re.compile(
    rf"{_CAPITAL}(?:(?: (?:of|the|de|von|van|la|al) (?=[A-Z])| )(?:{_CAPITAL}|\d+\b))*"
    r"|\b\d[\d,.:]*\d\b|\b\d\b"
)


def reworded(text: str, before: str, likeness: Likeness) -> str | None:
    """The whole question that half of one stands for, or None where it cannot be told.

    >>> reworded("And Denmark?", "How much did Norway spend on arms?", lambda name, others: [0.6])
    'How much did Denmark spend on arms?'
    >>> reworded("why?", "When did the pipelines leak?", lambda name, others: [])
    'Why did the pipelines leak?'
    """
    opening = _OPENS.match(text)
    rest = text[opening.end() :].strip() if opening else text.strip()
    if bare := _BARE.match(rest):
        return _ask_otherwise(bare["asked"], before)
    said = rest.rstrip(" ?!.…")
    placed = _PLACED.match(said)
    called = _POSSESSIVE.sub("", said[placed.end() :] if placed else said)
    if not _is_called(called):
        return None
    where = placed["where"].lower() if placed else None
    return _call_otherwise(called, where, before, likeness)


def _ask_otherwise(asked: str, before: str) -> str | None:
    whole = _WHOLE.match(before)
    if whole is None:
        return None
    rest = whole["rest"]
    return f"{asked[0].upper()}{asked[1:]} {rest[0].lower()}{rest[1:]}"


def _is_called(called: str) -> bool:
    """Whether it may be a name, and says nothing else: a sentence does."""
    found = WORD.findall(called.removeprefix("the ").removeprefix("The "))
    return (
        0 < len(found) <= _LONGEST
        and bool(content_words(called))
        and not any(word.lower() in FUNCTION_WORDS for word in found)
    )


def _call_otherwise(called: str, where: str | None, before: str, likeness: Likeness) -> str | None:
    """The question before with the name in it that is most like this one put out for it."""
    spans = _names(called, before)
    if where is not None:
        spans = [span for span in spans if _stands_after(where, before, span)] or spans
    if not spans:
        return None
    alike = likeness(called, [before[start:end] for start, end in spans])
    best = max(range(len(spans)), key=lambda place: alike[place])
    if not (_is_capital(called) or called[0].isdigit()) and alike[best] < _ALIKE:
        return None
    start, end = spans[best]
    if before[:start].lower().endswith("the "):
        called = called.removeprefix("the ")
    return f"{before[:start]}{called}{before[end:]}"


def _names(called: str, before: str) -> list[tuple[int, int]]:
    """Spans of what may be called otherwise: names, numbers for a number; else any telling word."""
    is_number = called[0].isdigit()
    found = [
        _without_opening(match.span(), before)
        for match in _NAME.finditer(before)
        if match[0][0].isdigit() == is_number
    ]
    spans = [(start, end) for start, end in found if start < end]
    if spans or is_number or _is_capital(called):
        return spans
    return [word.span() for word in WORD.finditer(before) if content_words(word[0])]


def _without_opening(span: tuple[int, int], before: str) -> tuple[int, int]:
    """The name without words such as `Did`, whose capital is only from their place."""
    start, end = span
    while start < end and (word := WORD.match(before, start)):
        if word[0].lower() not in FUNCTION_WORDS:
            break
        start = min(word.end() + 1, end)
    return start, end


def _stands_after(where: str, before: str, span: tuple[int, int]) -> bool:
    return [*words(before[: span[0]]), ""][-2:-1] == [where]


def _is_capital(called: str) -> bool:
    return called.removeprefix("the ")[0].isupper()
