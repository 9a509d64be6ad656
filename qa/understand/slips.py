"""Which typing errors are likely: of hand or of ear, after Damerau (1964)."""

from enum import IntEnum

_ROWS = ("qwertyuiop", "asdfghjkl", "zxcvbnm")
# Letters that are taken for one another by ear.
_SOUNDS = ("aeiouy", "ckq", "csz", "gj", "fv", "bp", "dt", "mn")


class Slip(IntEnum):
    """How one word may have become the other, the likelier the higher."""

    NONE = 0
    # Another letter for one: that is how names differ, too.
    CHANGED = 1
    # Nothing but the hand makes these.
    FUMBLED = 2


def slip(typed: str, meant: str) -> Slip:
    """What made a word of another, both in lower case; the first letter is hit.

    Fumbled: neighbours are exchanged, a letter is dropped or typed twice. Changed: the next key is
    hit, or a letter that sounds alike.

    >>> [slip("streem", word).name for word in ("street", "stream", "steem")]
    ['NONE', 'CHANGED', 'NONE']
    """
    if typed == meant or typed[:1] != meant[:1]:
        return Slip.NONE
    at = _first_difference(typed, meant)
    if len(typed) < len(meant):
        return _fumbled(typed[at:] == meant[at + 1 :])
    if len(typed) > len(meant):
        return _fumbled(typed[at] == typed[at - 1] and typed[at + 1 :] == meant[at:])
    if typed[at + 1 :] != meant[at + 1 :]:
        is_exchanged = typed[at : at + 2] == meant[at : at + 2][::-1]
        return _fumbled(is_exchanged and typed[at + 2 :] == meant[at + 2 :])
    is_near = _are_beside(typed[at], meant[at]) or _sound_alike(typed[at], meant[at])
    return Slip.CHANGED if is_near else Slip.NONE


def _first_difference(one: str, other: str) -> int:
    """The place; the end of the shorter if all of it is how the longer begins."""
    pairs = enumerate(zip(one, other, strict=False))
    return next((at for at, (a, b) in pairs if a != b), min(len(one), len(other)))


def _fumbled(is_so: bool) -> Slip:
    return Slip.FUMBLED if is_so else Slip.NONE


def _are_beside(one: str, other: str) -> bool:
    return any(one + other in row or other + one in row for row in _ROWS)


def _sound_alike(one: str, other: str) -> bool:
    return any(one in sounds and other in sounds for sounds in _SOUNDS)
