"""One form for what is written in several: signs, accents, initials, words broken at a line's end.

Words are indexed and searched in this form. Offsets and quotes are those of the text as it is.
"""

import re
import unicodedata
from functools import cache
from itertools import chain

from babel import Locale

# A digit behind a word tells it from the function word that it is in small letters: the United
# States, the World Health Organization, information technology.
_MARK = "0"
_IN_CAPITALS = ("US", "WHO", "IT")
# As terms.
CAPITALS = frozenset(f"{word}{_MARK}".lower() for word in _IN_CAPITALS)
_INVISIBLE = "\N{SOFT HYPHEN}\u200b\u200c\u200d\N{WORD JOINER}\ufeff"
# Accents of Latin, Greek and Cyrillic letters, and the vowel points of Hebrew and Arabic.
_POINTS = chain(range(0x300, 0x370), range(0x591, 0x5C8), range(0x64B, 0x653))
_UNSEEN = re.compile(
    f"[{_INVISIBLE}{''.join(chr(each) for each in _POINTS if unicodedata.combining(chr(each)))}]"
)
# 1½ is not 11/2, and 10⁶ not 106.
_PARTED = re.compile(r"[¼-¾⅐-⅞⁰¹²³⁴-⁹⁻](?<=\d.)")
# What begins with a sign is searched for many times as fast as what begins with a letter.
_IN_INITIALS = re.compile(r"\.(?<=[^\W\d_]\.)(?<![^\W_]..)(?=[^\W\d_](?![^\W_]))")
_BROKEN = re.compile(r"[-‐\xad](?<=[^\W\d_].)[^\S\n]*\n[^\S\n]*(?=[^\W\d_])")
_SIGN = re.compile(r"[%°$¢£¥₠-⃀]")
_SIGNS = {"%": "percent", "°": "degrees"}
_CAPITALS = re.compile(rf"(?:{'|'.join(_IN_CAPITALS)})(?!\w)")
_PART_OF_WORD = re.compile(r"[\w'’]")
# Where all around is in capitals, they say nothing.
_AROUND = 25


def folded(text: str) -> str:
    """The text in the form in which words are matched; not for people to read.

    >>> folded("The U.N. gave $5 for Wi\\u00adFi in İzmir; the US did not.")
    'The UN. gave  dollar 5 for WiFi in Izmir; the US0 did not.'
    """
    # A build folds each of its words by itself, and most are plain.
    if text.isascii() and text.islower() and text.isalnum():
        return text
    if "\n" in text:
        text = _BROKEN.sub(_joined, text)
    text = without_points(composed(text))
    text = _SIGN.sub(lambda found: f" {_word_of(found[0])} ", text)
    return _CAPITALS.sub(_marked, text)


def breaks_word(text: str, start: int, end: int) -> bool:
    """Whether a line of `text[start:end]` ends inside a word, with a hyphen."""
    return any(not _joined(found) for found in _BROKEN.finditer(text, start, end))


def composed(text: str) -> str:
    """Compatibility forms as plain letters, accents composed, without what cannot be seen.

    >>> composed("Wi\\u00adFi is \\ufb01ne")
    'WiFi is fine'
    """
    if text.isascii():
        return text
    text = _PARTED.sub(r" \g<0>", text.replace("İ", "I"))
    if not unicodedata.is_normalized("NFKC", text):
        text = unicodedata.normalize("NFKC", text)
    return _UNSEEN.sub("", text)


def without_points(text: str) -> str:
    """The text with initials that stand together written as one word: the U.N. as the UN."""
    return _IN_INITIALS.sub("", text)


def _joined(found: re.Match[str]) -> str:
    """Nothing inside a word; a capital begins another."""
    return "" if found.string[found.end()].islower() else "-"


@cache
def _word_of(sign: str) -> str:
    """What the sign is called in English; itself if CLDR knows no currency by it.

    >>> _word_of("€")
    'euro'
    """
    english = Locale("en")
    codes = {symbol: code for code, symbol in english.currency_symbols.items()}
    name: str = english.currencies.get(codes.get(sign, ""), "")
    return _SIGNS.get(sign) or name.lower().split(" ")[-1] or sign


def _marked(found: re.Match[str]) -> str:
    text, word = found.string, found[0]
    if _PART_OF_WORD.match(text[found.start() - 1 : found.start()]):
        return word
    around = text[max(found.start() - _AROUND, 0) : found.end() + _AROUND]
    if text.strip() == word or any(sign.islower() for sign in around):
        return word + _MARK
    return word
