"""Questions with one name or number exchanged: what answered them then only nearly does."""

import random
import re
from functools import lru_cache

_NAMES = re.compile(r"(?<![.!?:;“\"\n] )(?<!^)\b[A-Z][\w’'-]+(?: [A-Z][\w’'-]+)*")
_NUMBERS = re.compile(r"(?<![\w.,])\d+(?:,\d{3})*(?:\.\d+)?(?![\w,]|\.\d)")


def exchange(question: str, context: str, chance: random.Random) -> str | None:
    """The question with one of the context's names or numbers in it exchanged for another.

    The other one is of the context, too, and of the same form: a name of about as many words, a
    number of as many digits. None where the question holds none, or the context no other.

    >>> exchange("who beat Leeds?", "On Sunday, Hull beat Leeds in York.", random.Random(0))
    'who beat Hull?'
    >>> exchange("who beat them?", "On Sunday, Hull beat Leeds in York.", random.Random(0))
    """
    names, numbers = _told(context)
    choices = [
        (start, end, others)
        for found, pattern in ((names, _any_of(names)), (numbers, _NUMBERS))
        for start, end in _places(pattern, question)
        if (others := _others(question[start:end], question, found))
    ]
    if not choices:
        return None
    start, end, others = chance.choice(choices)
    other = chance.choice(others)
    if question.islower():
        other = other.lower()
    return question[:start] + other + question[end:]


@lru_cache(maxsize=20_000)
def _told(context: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The names and the numbers of a text, each once.

    What opens a sentence is no name, nor what the text has in lower case as well.
    """
    common = {word for word in context.split() if word.islower()}
    found = (each.removesuffix("’s").removesuffix("'s") for each in _NAMES.findall(context))
    names = (each for each in found if not any(part.lower() in common for part in each.split()))
    return tuple(dict.fromkeys(names)), tuple(dict.fromkeys(_NUMBERS.findall(context)))


@lru_cache(maxsize=20_000)
def _any_of(names: tuple[str, ...]) -> re.Pattern[str] | None:
    parts = {part for name in names for part in (name, name.split()[-1]) if len(part) > 3}
    if not parts:
        return None
    longest_first = sorted(parts, key=lambda part: (-len(part), part))
    return re.compile(rf"\b(?:{'|'.join(map(re.escape, longest_first))})\b", re.IGNORECASE)


def _places(pattern: re.Pattern[str] | None, question: str) -> list[tuple[int, int]]:
    return [] if pattern is None else [found.span() for found in pattern.finditer(question)]


def _others(said: str, question: str, found: tuple[str, ...]) -> list[str]:
    """Those of the same form that share no word with the question."""
    asked = set(question.lower().split())
    digits = sum(map(str.isdigit, said))
    return [
        other
        for other in found
        if asked.isdisjoint(other.lower().split())
        and other.lower() not in question.lower()
        and sum(map(str.isdigit, other)) == digits
        and abs(other.count(" ") - said.count(" ")) <= 1
    ]
