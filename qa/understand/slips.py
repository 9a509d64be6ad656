"""Which typing errors are likely: of hand or of ear, after Damerau (1964)."""

from enum import IntEnum

# The letters of a keyboard as they lie beside one another.
KEY_ROWS = ("qwertyuiop", "asdfghjkl", "zxcvbnm")
# Letters that are taken for one another by ear.
_VOWELS = "aeiouy"
_SOUNDS = (_VOWELS, "ckq", "csz", "gj", "fv", "bp", "dt", "mn")


class Slip(IntEnum):
    """How one word may have become the other, the likelier the higher."""

    NONE = 0
    # Another letter for one: that is how names differ, too.
    CHANGED = 1
    # Nothing but the hand makes these.
    FUMBLED = 2


def slip(typed: str, meant: str) -> Slip:
    """What made a word of another, both in lower case.

    Fumbled: neighbours are exchanged, a letter is dropped or typed twice. Changed: the next key is
    hit, or what sounds alike is written, or a vowel too many inside. The first letter is never
    dropped.

    >>> [slip("streem", word).name for word in ("street", "stream", "steem")]
    ['NONE', 'CHANGED', 'NONE']
    """
    if typed == meant:
        return Slip.NONE
    at = first_difference(typed, meant)
    if len(typed) < len(meant):
        return Slip.FUMBLED if at and typed[at:] == meant[at + 1 :] else Slip.NONE
    if len(typed) > len(meant):
        return _added(typed, at) if typed[at + 1 :] == meant[at:] else Slip.NONE
    if typed[at + 1 :] == meant[at + 1 :]:
        return _changed(typed[at], meant[at])
    is_exchanged = typed[at : at + 2] == meant[at : at + 2][::-1]
    return Slip.FUMBLED if is_exchanged and typed[at + 2 :] == meant[at + 2 :] else Slip.NONE


def _added(typed: str, at: int) -> Slip:
    """The letter at that place is one too many."""
    if at and typed[at] == typed[at - 1]:
        return Slip.FUMBLED
    is_inside = 0 < at < len(typed) - 1
    return Slip.CHANGED if is_inside and typed[at] in _VOWELS else Slip.NONE


def _changed(typed: str, meant: str) -> Slip:
    """One letter stands for another."""
    is_beside = any(typed + meant in row or meant + typed in row for row in KEY_ROWS)
    sounds_alike = any(typed in sounds and meant in sounds for sounds in _SOUNDS)
    return Slip.CHANGED if is_beside or sounds_alike else Slip.NONE


def first_difference(one: str, other: str) -> int:
    """The place; the end of the shorter if all of it is how the longer begins."""
    pairs = enumerate(zip(one, other, strict=False))
    return next((at for at, (a, b) in pairs if a != b), min(len(one), len(other)))
