"""Fit `FOLLOW_UP` of `qa/weights.py`, leaving out conversations in turn, and print how it does.

    python -m bench.fit_followups EVAL_DIR [--indexes DIR]

Only questions that do not stand alone have a part in it: INSCIT's, where each passage is an article
of its own; and questions on SQuAD's pages, whose articles are long, each behind one that a passage
beside answers, and behind one that the same passage answers. The conversations that come with the
tests have none: they are a test of these numbers.
"""

import argparse
import sys
from collections import Counter
from collections.abc import Mapping, Sequence
from itertools import product
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from bench.conversations import Asked, inscit_conversations, page_conversations
from bench.sets import open_index, read_set
from bench.understanding import MOST_PAIRS
from index.encoders import ModelEncoder
from index.keys import Keys
from index.store import Store
from qa.answer import Question
from qa.ask import Asker
from qa.nearness import keys_of, nearness
from qa.rank.batching import SharedEncoder
from qa.rank.weights import FOLLOW_UP, FollowUp
from qa.search import Searcher

CARRIED = (0.1, 0.15, 0.2, 0.3, 0.45, 0.6, 1.0)
NEARNESS = (0.0, 0.25, 0.5, 0.75, 1.0, 1.5, 2.0)
AGAIN = (0.0, 0.25, 0.5, 0.75, 1.0)
SETS = {"inscit": "inscit", "pages, beside": "pages", "pages, again": "pages"}
FOLDS = 5
# What answers counts by one through its rank, down to this one.
_DEPTH = 20

Gains = Mapping[FollowUp, NDArray[np.float64]]


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
        in_force = f", by those in force {each[FOLLOW_UP].mean():.4f}" if FOLLOW_UP in each else ""
        print(f"{name}, n = {len(left_out)}: left out {left_out.mean():.4f}{in_force}")
    every = {name: np.ones(len(folds), np.bool_) for name, folds in chosen.items()}
    print("FOLLOW_UP =", _best(gains, every))
    return 0


def _gains(name: str, folder: Path, indexes: Path) -> tuple[list[Asked], Gains]:
    """The questions of a set that do not stand alone, and their reciprocal ranks by weights."""
    data_set, data = read_set(SETS[name], folder, indexes), indexes / SETS[name]
    encoder = ModelEncoder(data)
    snapshot = open_index(data_set.archive, data, encoder)
    shared = SharedEncoder(encoder)
    asker = Asker(snapshot, Searcher(snapshot, shared))

    def cite(question: Question) -> tuple[str, ...]:
        return tuple(citation.passage.id for citation in asker.ask(question).citations)

    if name == "inscit":
        turns = inscit_conversations(folder, cite)
        asked = [one for one in turns if not one.is_first and not one.is_alone]
    else:
        asked = page_conversations(data_set, MOST_PAIRS, again=name.endswith("again"))
    gains: dict[FollowUp, NDArray[np.float64]] = {}
    for carried in CARRIED:
        searcher = Searcher(snapshot, shared, follow_up=FollowUp(carried, 0.0, 0.0))
        each = [_gains_of(one, searcher, snapshot, carried) for one in asked]
        gains |= {weights: np.array([found[weights] for found in each]) for weights in each[0]}
    return asked, gains


def _gains_of(
    one: Asked, searcher: Searcher, snapshot: Store, carried: float
) -> Mapping[FollowUp, float]:
    """What each way to weigh nearness gives where words carried over weigh so much."""
    ranking = searcher.rank(one.question)
    cited = keys_of(ranking.understood.cited, snapshot)
    found = {}
    for near, again in product(NEARNESS, AGAIN):
        scores = ranking.scores + near * nearness(ranking.keys, cited, again)
        best = ranking.keys[np.argsort(-scores, kind="stable")[: 2 * _DEPTH]]
        found[FollowUp(carried, near, again)] = _gain(_names(best, one, snapshot), one.gold)
    return found


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


def _best(sets: Mapping[str, Gains], kept: Mapping[str, NDArray[np.bool_]]) -> FollowUp:
    """The weights with the highest mean over the data, whatever number of sets each gives."""
    shares = Counter(SETS.values())
    return max(
        next(iter(sets.values())),
        key=lambda each: sum(
            gains[each][kept[name]].mean() / shares[SETS[name]] for name, gains in sets.items()
        ),
    )


def _fold_of(conversation: str) -> int:
    return sum(conversation.encode()) % FOLDS


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
