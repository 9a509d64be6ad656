"""Keys of passages: the article's number and the passage's place in it, in one integer."""

import numpy as np
from numpy.typing import NDArray

Keys = NDArray[np.int64]
Numbers = NDArray[np.int64]

_PLACE_BITS = 24
_BLOCK_BITS = 5
# How many passages a block has, but for the last of an article: about twenty printed pages.
BLOCK = 1 << _BLOCK_BITS


def first_key(number: int) -> int:
    """The key of the first passage of article `number`; the others count up from it.

    >>> first_key(1)
    16777216
    """
    return number << _PLACE_BITS


def numbers_of(keys: Keys) -> Numbers:
    """The article of each passage."""
    return keys >> _PLACE_BITS


def number_of(key: int) -> int:
    """The article of one passage."""
    return key >> _PLACE_BITS


def places_of(keys: Keys) -> Numbers:
    """The place of each passage in its article, from 0."""
    return keys & ((1 << _PLACE_BITS) - 1)


def place_of(key: int) -> int:
    """The place of one passage."""
    return key & ((1 << _PLACE_BITS) - 1)


def blocks_of(keys: Keys) -> Numbers:
    """The block of its article that each passage lies in: usually the whole article.

    Blocks bound the context of a passage, however long the article is.
    """
    return keys >> _BLOCK_BITS


def first_keys(blocks: Numbers) -> Keys:
    """The first key of each block."""
    return blocks << _BLOCK_BITS


def no_keys() -> Keys:
    """An empty array of keys."""
    return np.zeros(0, dtype=np.int64)
