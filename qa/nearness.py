"""How near passages lie to those that were cited before: a follow-up is often answered beside."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from index.keys import Keys, no_keys, numbers_of
from index.store import Store

# As many of the passages cited last are looked at, the best first.
_MOST = 5
# So many places before and behind what was cited are candidates whatever they say.
_BESIDE = 1


def keys_of(passage_ids: Sequence[str], store: Store) -> Keys:
    """Keys of passages by their ids, without those that the index does not hold any more."""
    found = [store.key_of(passage_id) for passage_id in passage_ids[:_MOST]]
    return np.array([key for key in found if key is not None], dtype=np.int64)


def beside(cited: Keys) -> Keys:
    """Keys that those and what lies next to them have, if it exists, each once."""
    if not len(cited):
        return no_keys()
    steps = np.arange(-_BESIDE, _BESIDE + 1)
    around = (cited[:, np.newaxis] + steps).ravel()
    same = numbers_of(around) == np.repeat(numbers_of(cited), len(steps))
    return np.unique(around[same])


def nearness(keys: Keys, cited: Keys, again: float = 1.0) -> NDArray[np.float64]:
    """1 next to what was cited, 1/2 one further, and so on; 0 in other articles.

    What was cited itself counts as `again`: it was read already, but may tell more than was asked.

    >>> nearness(np.array([20, 21, 22]), np.array([20]), again=0.25).tolist()
    [0.25, 1.0, 0.5]
    """
    if not len(cited):
        return np.zeros(len(keys))
    away = np.abs(keys[:, np.newaxis] - cited)
    same = numbers_of(keys)[:, np.newaxis] == numbers_of(cited)
    near = np.where(same, 1 / np.maximum(away, 1), 0.0).max(axis=1)
    return np.asarray(np.where(np.isin(keys, cited), again, near))
