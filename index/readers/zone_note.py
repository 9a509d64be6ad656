"""The note in a live blog's lead that tells its time zone: `All times are Paris time (GMT+2)`."""

import re
from datetime import tzinfo

from index.zones import read_zone

_OFFSET = r"(?:UTC|GMT)\s?[+\-\u2212\u2013]\s?\d{1,2}(?::?[0-5]\d)?(?!\d)"
_NOTE = re.compile(
    r"(?:\ball\s+times\b|\btimes\s+(?:are|given|listed|shown|quoted|stated|expressed|below|here)\b)"
    r"[:,]?\s+(?:(?:are|is|in|given|listed|shown|quoted|stated|expressed|displayed|below"
    r"|here|as|at|the|this|on|page|article|live|blog|post|local|to|of|for|and|dates)\b[:,]?\s+)*"
    r"\(?(?P<phrase>[^\W\d_][\w+\-\u2212\u2013:]*(?:[ /][^\W\d_]\w*){0,3})(?P<after>[^\n.;]{0,60})",
    re.IGNORECASE,
)
_IN_PARENTHESES = re.compile(rf"\((?P<offset>{_OFFSET})\)")
_ANY_OFFSET = re.compile(_OFFSET)
_CLOCK = re.compile(r"\d{1,2}(?:[:.]\d\d|\s?[ap]\.?m)", re.IGNORECASE)


def find_zone(lead: str) -> tzinfo | None:
    """The zone that `lead`, what stands above the first entry, tells for all entries; or None.

    >>> find_zone("All times are Paris time (GMT+2).")
    datetime.timezone(datetime.timedelta(seconds=7200))
    """
    for note in _NOTE.finditer(lead):
        offset = _ANY_OFFSET.search(note["phrase"] + note["after"])
        zone = read_zone(offset[0]) if offset else _named_zone(note["phrase"])
        if zone:
            return zone
    return _lone_offset(lead)


def _named_zone(phrase: str) -> tzinfo | None:
    """The longest run of opening words that names a zone: `ET unless stated` is ET.

    In small letters only with `time` behind it: times that "are central to the story" are not.
    """
    words = phrase.split(" ")
    for count in range(len(words), 0, -1):
        name = " ".join(words[:count])
        zone = read_zone(name) if name[0].isupper() or name.endswith(" time") else None
        if zone:
            return zone
    return None


def _lone_offset(lead: str) -> tzinfo | None:
    """`(UTC-05:30)` by itself; in a sentence with a clock time it tells that time's zone only."""
    for found in _IN_PARENTHESES.finditer(lead):
        sentence = re.split(r"[.!?]\s|\n", lead[: found.start()])[-1]
        if not _CLOCK.search(sentence):
            return read_zone(found["offset"])
    return None
