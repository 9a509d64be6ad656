"""The short and joined forms that a text teaches: "World Health Organization (WHO)", "Wi-Fi".

A short form is known by initials alone, the plainest case of Schwartz and Hearst (2003).
"""

import re
from collections.abc import Iterator, Sequence
from itertools import chain

from index.english import FUNCTION_WORDS
from index.forms.folding import composed, without_points

# A form, and the words that it stands for, apart: ("wifi", "wi fi").
Form = tuple[str, str]

_LONGEST = 60
_AT_LINE_END = re.compile(r"[-‐‑][^\S\n]*\n\s*")
# What begins with a sign is searched for many times as fast as what begins with a letter.
_JOINER = re.compile(r"[-‐‑'’](?<=[^\W_].)(?=[^\W_])")
_COMPOUND = re.compile(r"[^\W_]+(?:[-‐‑][^\W_]+|['’][^\W\d_]{3,})+")
_HYPHEN = re.compile("[-‐‑]")
_PART = re.compile(r"[^\W_]+")
# "World Health Organization (WHO)", and the other way round.
_SHORT = r"([A-Z][A-Z\d]{1,7})"
_BEHIND = re.compile(rf"\({_SHORT}\.?\)")
_IN_BRACKETS = re.compile(r" \(([^()\n]{5,90})\)")
_LAST_SHORT = re.compile(rf"\b{_SHORT}\.?\Z")
_ENDS = re.compile(r"[.;:!?()\n]")
# How many characters before it the words of a short form may begin.
_REACH = 90
# And how many the short form before its words in brackets.
_BEFORE_BRACKETS = 12


def taught_forms(text: str) -> Iterator[Form]:
    """Each form once, as it is first written.

    >>> list(taught_forms("The World Health Organization (WHO) has Wi-Fi."))
    [('WHO', 'World Health Organization'), ('wifi', 'wi fi')]
    """
    return iter(dict.fromkeys(chain(_short_forms(text), _joined_forms(text))))


def _joined_forms(text: str) -> Iterator[Form]:
    text, end = _AT_LINE_END.sub("-", text), 0
    for joiner in _JOINER.finditer(text):
        start = joiner.start()
        while start > end and text[start - 1].isalnum():
            start -= 1
        if start < end or not (found := _COMPOUND.match(text, start)):
            continue
        end = found.end()
        for compound in dict.fromkeys((found[0], *_HYPHEN.split(found[0]))):
            parts = _PART.findall(compound.lower())
            joined = "".join(parts)
            if len(parts) > 1 and len(joined) <= _LONGEST and not joined.isdigit():
                yield joined, " ".join(parts)


def _short_forms(text: str) -> Iterator[Form]:
    if "(" not in text:
        return
    text = without_points(composed(text))
    for found in _BEHIND.finditer(text):
        before = text[max(found.start() - _REACH, 0) : found.start()]
        words = _PART.findall(_ENDS.split(before.rstrip())[-1])
        yield from _spelt_out(found[1], words)
    for found in _IN_BRACKETS.finditer(text):
        short = _LAST_SHORT.search(text, max(found.start() - _BEFORE_BRACKETS, 0), found.start())
        words = _PART.findall(found[1])
        if short:
            yield from (each for each in _spelt_out(short[1], words) if each[1] == " ".join(words))


def _spelt_out(short: str, words: Sequence[str]) -> Iterator[Form]:
    """The last of the words that begin with the letters of the short form, if they all do."""
    left = short.lower()
    for place in range(len(words) - 1, -1, -1):
        word = words[place].lower()
        if word[0] == left[-1]:
            left = left[:-1]
        elif word not in FUNCTION_WORDS:
            return
        if not left:
            yield short, " ".join(words[place:])
            return
