"""Fit `CARRIED` of `qa/rank/weights.py`, leaving out conversations in turn, and print how it does.

    python -m bench.fit_followups EVAL_DIR [--indexes DIR]

Only questions that do not stand alone have a part in it: INSCIT's, and those on SQuAD's pages. The
conversations that come with the tests have none: they are a test of the number.
"""

import argparse
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from bench.conversations import Asked, inscit_conversations, page_conversations
from bench.sets import open_index, read_set
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
# What answers counts by one through its rank, down to this one.
_DEPTH = 20

# Of each question, by how much words carried over weigh.
Gains = Mapping[float, NDArray[np.float64]]


def main(arguments: Sequence[str]) -> int:
    """Print the fit of all, and what fits of four folds give on the fifth, as `_gain` counts."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path, metavar="EVAL_DIR")
    parser.add_argument("--indexes", type=Path, default=Path("data/bench"))
    options = parser.parse_args(arguments)
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
        in_force = f", by the one in force {each[CARRIED].mean():.4f}" if CARRIED in each else ""
        print(f"{name}, n = {len(left_out)}: left out {left_out.mean():.4f}{in_force}")
    every = {name: np.ones(len(folds), np.bool_) for name, folds in chosen.items()}
    print("CARRIED =", _best(gains, every))
    return 0


def _gains(name: str, folder: Path, indexes: Path) -> tuple[list[Asked], Gains]:
    """The questions of a set that do not stand alone, and what each weight gives of them."""
    data_set, data = read_set(name, folder, indexes), indexes / name
    encoder = ModelEncoder(data)
    snapshot = open_index(data_set.archive, data, encoder)
    shared = SharedEncoder(encoder)
    if name == "inscit":
        turns = inscit_conversations(folder, lambda question: ())
        asked = [one for one in turns if not one.is_first and not one.is_alone]
    else:
        asked = page_conversations(data_set, MOST_PAIRS)
    found = {}
    for carried in GRID:
        searcher = Searcher(snapshot, shared, carried=carried)
        found[carried] = np.array([_gain_of(one, searcher, snapshot) for one in asked])
    return asked, found


def _gain_of(one: Asked, searcher: Searcher, snapshot: Store) -> float:
    ranking = searcher.rank(one.question)
    best = ranking.keys[ranking.order[: 2 * _DEPTH]]
    return _gain(_names(best, one, snapshot), one.gold)


def _names(keys: Keys, one: Asked, snapshot: Store) -> list[str]:
    """Those of passages or of articles, whichever answers are named by."""
    passages = [snapshot.locate(key).passage for key in keys.tolist()]
    is_passage = any(name.rpartition(":")[2].count("-") for name in one.gold)
    names = [passage.id if is_passage else passage.article_id for passage in passages]
    return list(dict.fromkeys(names))[:_DEPTH]


def _gain(names: Sequence[str], gold: frozenset[str]) -> float:
    """The mean over what answers of one through its rank, each article counted once."""
    ranks = {name: rank for rank, name in enumerate(names, start=1)}
    best = sorted(ranks[name] for name in gold if name in ranks)
    # The second that answers can be second at best.
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
