"""Whether two sentences tell the same: in the same words, but for who said so."""

import re

from qa.kinds import Kind, holds

# Words that an editor adds or leaves out without another meaning.
_LIGHT = frozenset(
    "a an the that which is are was were be been has have had of in on at its".split()
)
# What may not be left out with an attribution: it turns the meaning.
_TURNING = frozenset(
    """
    allegedly almost barely but cannot could denied hardly if may might nearly neither never no none
    nor not should unless until will without would
    """.split()
)
_SPEECH = frozenset(
    "according added announced confirmed explained reported said says told warned wrote".split()
)
_POINTING = frozenset("he her hers him his it its she their them these they this those".split())
_LONGEST_ATTRIBUTION = 8
# Of what points back to the sentence before it in fewer words it cannot be told what it is about.
_FEWEST_POINTING = 8
# With fewer words beside an attribution neither.
_FEWEST_SAID = 5
# As in "GENEVA (Wire) — " or "(Wire) ".
_DATELINE = re.compile(r"^(?:[A-Z]{3}[^–—]{0,60}?\s[-–—]+|\([^)]{2,20}\)(?:\s[-–—]+)?)\s+")
_GROUPED = re.compile(r"(?<=\d),(?=\d{3}\b)")
# What a number counts belongs to it.
_WORD = re.compile(r"[$£€¥%]|\d+(?:[.:]\d+)*|[^\W\d_]+(?:['’][^\W\d_]+)*")


def tell_the_same(one: str, other: str) -> bool:
    """Whether all words that mean something stand in both, in the same order.

    Only an attribution may stand in one alone, at either end. What is exchanged, a number, a name
    or a "not", makes another report.

    >>> tell_the_same("Nine people died in York on Monday.", "Two people died in York on Monday.")
    False
    """
    shorter, longer = sorted((_words(one), _words(other)), key=len)
    if not shorter or (shorter[0] in _POINTING and len(shorter) < _FEWEST_POINTING):
        return False
    if shorter == longer:
        return True
    more = len(longer) - len(shorter)
    return len(shorter) >= _FEWEST_SAID and (
        (longer[more:] == shorter and _is_attribution(longer[:more]))
        or (longer[:-more] == shorter and _is_attribution(longer[-more:]))
    )


def _words(sentence: str) -> list[str]:
    plain = _GROUPED.sub("", _DATELINE.sub("", sentence.strip())).replace("’", "'")
    words = (word.casefold() for word in _WORD.findall(plain))
    return [word for word in words if word not in _LIGHT]


def _is_attribution(words: list[str]) -> bool:
    return (
        len(words) <= _LONGEST_ATTRIBUTION
        and not _SPEECH.isdisjoint(words)
        and _TURNING.isdisjoint(words)
        and not any(holds(word, Kind.NUMBER) for word in words)
    )
