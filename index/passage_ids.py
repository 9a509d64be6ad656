"""Passages by the ids that answers name them by, `article_id:start-end`."""

import re

import numpy as np

from index.keys import first_key
from index.store import Snapshot

_ID = re.compile(r"(?P<article>.+):(?P<start>\d{1,9})-(?P<end>\d{1,9})", re.DOTALL)


def is_passage_id(text: str) -> bool:
    """Whether it has the form of a passage's id.

    >>> is_passage_id("space/voyager:104-230"), is_passage_id("space/voyager")
    (True, False)
    """
    return _ID.fullmatch(text) is not None


def key_of(passage_id: str, snapshot: Snapshot) -> int | None:
    """The key of the passage that holds the first character of this one; None where none does.

    Of an article that has been changed since, what stands at the same place now.
    """
    told = _ID.fullmatch(passage_id)
    if told is None:
        return None
    removed = snapshot.removed
    for segment in reversed(snapshot.segments):
        for number in segment.catalogue.numbers_of(told["article"]):
            if number in removed:
                continue
            bounds = [first_key(number), first_key(number + 1)]
            first, last = np.searchsorted(segment.columns.keys, bounds).tolist()
            starts = segment.columns.spans[first:last, 0]
            place = int(np.searchsorted(starts, int(told["start"]), side="right")) - 1
            if place >= 0:
                return int(segment.columns.keys[first + place])
    return None
