"""Things of one name that a number tells apart: what tells of Apollo 13 does not of Apollo 11."""

import re
from collections.abc import Mapping

from index.analysis import FUNCTION_WORDS
from index.store import Located

# What may be listed: "Apollo 8, 10 and 11".
_NUMBERS = r"\d{1,4}(?:(?:, | and | or |, and |/)\d{1,4})*(?![\d%]|[:.,]\d)"
_NUMBERED = re.compile(rf"\b(?P<name>[A-Z][^\W\d_][\w'’]*)[ -](?P<numbers>{_NUMBERS})")
_NUMBER = re.compile(r"\d+")
# "May 2022" and "In 2022" number nothing.
_NO_NAMES = FUNCTION_WORDS | frozenset(
    """
    january february march april may june july august september october november december jan feb
    mar apr jun jul aug sep sept oct nov dec monday tuesday wednesday thursday friday saturday
    sunday since
    """.split()
)
# The title and the opening of an article tell what it is about.
_OPENING = 300

Numbered = Mapping[str, frozenset[str]]


def numbered_names(text: str) -> Numbered:
    """Names that a number follows, in lower case, with their numbers.

    >>> sorted(numbered_names("Did Apollo 8 or 11 land in May 1969?")["apollo"])
    ['11', '8']
    """
    found: dict[str, frozenset[str]] = {}
    for match in _NUMBERED.finditer(text):
        name = match["name"].lower()
        if name not in _NO_NAMES:
            found[name] = found.get(name, frozenset()) | set(_NUMBER.findall(match["numbers"]))
    return found


def tells_of_another(located: Located, asked: Numbered) -> bool:
    """Whether the front of its article names only others of that name, and so does the passage.

    Where the front names none the article may be about the one that is asked for, whatever others
    it mentions.
    """
    article, passage = located.article, located.passage
    front = numbered_names(f"{article.title or ''}\n{article.text[:_OPENING]}")
    told = numbered_names(passage.text)
    named = [name for name in asked if name in front]
    return bool(named) and not any(
        (front[name] | told.get(name, frozenset())) & asked[name] for name in named
    )
