"""The names in an article, told apart from words that only begin a sentence."""

import re
from collections.abc import Iterator
from functools import cached_property

WORD = r"[^\W\d_](?:[\w’'-]*\w)?"
CAPITAL = rf"(?=[A-ZÀ-ÖØ-Þ]){WORD}"
NAME = (
    rf"(?:[Tt]he )?(?:St\. )?{CAPITAL}(?:[ -]?\d+[A-Z]?\b)?"
    r"(?: (?:(?:of the|of|and|de|van|von|der) )?"
    rf"(?:{CAPITAL}|[A-Z]\.|St\.|\d{{1,3}}\b(?! {CAPITAL})))*"
)
# Words that begin a sentence with a capital and name nothing.
_NO_NAMES = frozenset(
    """
    a about after all although among an and another any anyone anything around as asked at because
    before behind both but by each early either even every everyone everything few for from four
    five half he her here hers him his how however i if in instead into it its later less like many
    more most much my neither never no nobody none nor not nothing now of officially on once one
    only or other others our over perhaps she since six so some soon still such ten that the their
    them then there these they this those though three through thus to today together two under
    until up we what when where whether which while who whom whose why with within without
    yesterday yet you your mr mrs ms dr
    monday tuesday wednesday thursday friday saturday sunday
    january february march april may june july august september october november december
    """.split()
)
_TITLE = re.compile(r"^(?:Mr|Mrs|Ms|Dr)\.? ")
_RANKS = frozenset(
    "President General Sir Lady Lord Queen King Prince Princess Professor Captain Colonel "
    "Pope Senator Judge".split()
)
_PLACES = frozenset(
    "Mount Lake Cape Port New North South East West Saint San Nord United The Great Lower Upper "
    "Fort Royal National Red Space Air".split()
)
_BODIES = re.compile(
    r"(?:Council|Assembly|Committee|Union|Nations|States|University|Company|Society|Agency|Court|"
    r"Institute|Association|Party|Ministry|Department|Government|Survey|Center|Centre|Station|"
    r"Telescope|River|Island|Islands|Bridge|Stream|War|Day|Palace|Hall|Hospital|Street|Road|Times|"
    r"Press|Museum|Bank|Group|Service|Force|Army|Navy|Police|Church|Club|School|College)$"
)

_RUN = re.compile(rf"{CAPITAL}(?: (?:{CAPITAL}|[A-Z]\.))+")
_OF_A_PERSON = re.compile(
    r"(?!\w)(?:,? who\b|[^.]*\b(?:he|she|his|himself|herself)\b|, (?:an?|the|aged|\d\d)\b|"
    r"[^.]*\. (?:He|She)\b)"
)


class Names:
    """Which names an article has, and how it first tells them in full."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._inside = set(re.findall(rf"(?<=[a-z,;] ){CAPITAL}", text))
        self._runs = set(_RUN.findall(text))
        self._lower = set(re.findall(rf"(?<![\w’'-])(?=[a-zà-öø-þ]){WORD}", text))

    @cached_property
    def is_past(self) -> bool:
        """Whether all of it is told of times before 2000."""
        years = re.findall(r"\b(?:1\d|20)\d\d\b", self._text)
        return max(years, default="2000") < "2000"

    def is_name(self, name: str) -> bool:
        """Whether it names someone or something, as the rest of the text shows.

        >>> Names("Farmers left. They saw Etna from afar. Etna roared.").is_name("Farmers")
        False
        """
        first = re.sub(r"^[Tt]he (?:(?:[a-z]+ )+(?:of|at|in|on) )?(?:the )?", "", name).split()[0]
        if first.lower() in _NO_NAMES:
            return False
        is_sure = first in self._inside or " " in name or any(map(str.isdigit, name))
        return is_sure and (first in _RANKS or first.lower() not in self._lower)

    def in_full(self, name: str) -> str:
        """The one full name that the text has for a mere last name, else the same.

        >>> Names("The doctor was Ann Lee. Lee died.").in_full("Lee")
        'Ann Lee'
        """
        bare = _TITLE.sub("", name)
        if " " in bare:
            return bare
        found = {run[: -len(bare)].strip() for run in self._runs if run.endswith(f" {bare}")}
        fulls = {
            first
            for first in found
            if all(
                word not in _RANKS
                and word.lower() not in _NO_NAMES
                and word.lower() not in self._lower
                for word in first.split()
            )
        }
        if len(fulls) == 1:
            return f"{fulls.pop()} {bare}"
        return name if bare == name or fulls else ""

    def is_person(self, name: str) -> bool:
        """Whether the text speaks of it as of one person."""
        words = name.split()
        if words[0] in _RANKS:
            return True
        if len(words) < 2 or len(words) > 4 or words[0] in _PLACES or _BODIES.search(name):
            return False
        if any(word in {"of", "and", "the"} or word[0].isdigit() for word in words):
            return False
        if f"he {name}" in self._text:
            return False
        after = (self._text[place : place + 160] for place in self._ends_of(words[-1]))
        return any(_OF_A_PERSON.match(text) for text in after)

    def _ends_of(self, word: str) -> Iterator[int]:
        place = self._text.find(word)
        while place >= 0:
            yield place + len(word)
            place = self._text.find(word, place + 1)
