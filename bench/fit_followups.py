"""Fit `CARRIED` of `qa/rank/weights.py`, leaving out conversations in turn, and print its scores.

    python -m bench.fit_followups EVAL_DIR [--indexes DIR]

Uses only questions that do not stand alone: INSCIT's, and those on SQuAD's pages. The
conversations of the tests are not used: they test the number.
"""

import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from bench.conversations import Asked, inscit_conversations, page_conversations
from bench.sets import open_index, read_folders, read_set
from bench.understanding import MOST_PAIRS
from index.encoders import ModelEncoder
from index.keys import Keys
from index.store import Store
from qa.rank.batching import SharedEncoder
from qa.rank.weights import CARRIED
from qa.search import Searcher

GRID = (0.1, 0.15, 0.2, 0.3, 0.45, 0.6, 1.0)
SETS = ("inscit", "pages")
FOLDS = 5
# An answer counts 1 / rank, down to this rank.
_DEPTH = 20

# The gain of each question, by the weight of words carried over.
Gains = Mapping[float, NDArray[np.float64]]


def main(arguments: Sequence[str]) -> int:
    """Print the fit on all folds, and the gain of fits on four folds on the fifth."""
    options = read_folders(arguments, __doc__)
    sets = {name: _gains(name, options.folder, options.indexes) for name in SETS}
    chosen = {
        name: np.array([_fold_of(one.conversation) for one in asked])
        for name, (asked, _) in sets.items()
    }
    gains = {name: each for name, (_, each) in sets.items()}
    fits = [
        _best(gains, {name: folds != fold for name, folds in chosen.items()})
        for fold in range(FOLDS)
    ]
    for fold, fit in enumerate(fits):
        print(f"without fold {fold}: {fit}")
    for name, each in gains.items():
        left_out = np.array([each[fits[fold]][i] for i, fold in enumerate(chosen[name])])
        current = f", with the current one {each[CARRIED].mean():.4f}" if CARRIED in each else ""
        print(f"{name}, n = {len(left_out)}: left out {left_out.mean():.4f}{current}")
    every = {name: np.ones(len(folds), np.bool_) for name, folds in chosen.items()}
    print("CARRIED =", _best(gains, every))
    return 0


def _gains(name: str, folder: Path, indexes: Path) -> tuple[list[Asked], Gains]:
    """The questions of a set that do not stand alone, and their gains with each weight."""
    data_set, data = read_set(name, folder, indexes), indexes / name
    encoder = ModelEncoder(data)
    store = open_index(data_set.archive, data, encoder)
    shared = SharedEncoder(encoder)
    if name == "inscit":
        turns = inscit_conversations(folder, lambda question: ())
        asked = [one for one in turns if not one.is_first and not one.is_alone]
    else:
        asked = page_conversations(data_set, MOST_PAIRS)
    found = {}
    for carried in GRID:
        searcher = Searcher(store, shared, carried=carried)
        found[carried] = np.array([_gain_of(one, searcher, store) for one in asked])
    return asked, found


def _gain_of(one: Asked, searcher: Searcher, store: Store) -> float:
    ranking = searcher.rank(one.question)
    best = ranking.keys[ranking.order[: 2 * _DEPTH]]
    return _gain(_names(best, one, store), one.gold)


def _names(keys: Keys, one: Asked, store: Store) -> list[str]:
    """The names of passages or of articles, whichever the answers are named by."""
    passages = [store.locate(key).passage for key in keys.tolist()]
    is_passage = any(name.rpartition(":")[2].count("-") for name in one.gold)
    names = [passage.id if is_passage else passage.article_id for passage in passages]
    return list(dict.fromkeys(names))[:_DEPTH]


def _gain(names: Sequence[str], gold: frozenset[str]) -> float:
    """The mean of 1 / rank over the answers, each article counted once."""
    ranks = {name: rank for rank, name in enumerate(names, start=1)}
    best = sorted(ranks[name] for name in gold if name in ranks)
    # The second answer can rank second at best.
    return sum((place + 1) / rank for place, rank in enumerate(best)) / len(gold)


def _best(sets: Mapping[str, Gains], kept: Mapping[str, NDArray[np.bool_]]) -> float:
    """The weight with the highest mean over the sets."""
    return max(
        GRID, key=lambda each: sum(gains[each][kept[name]].mean() for name, gains in sets.items())
    )


def _fold_of(conversation: str) -> int:
    return sum(conversation.encode()) % FOLDS


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
