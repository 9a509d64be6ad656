"""Fit `FOLLOW_UP` of `qa/weights.py`, leaving out conversations in turn, and print how it does.

    python -m bench.fit_followups EVAL_DIR [--indexes DIR]

Only questions that do not stand alone have a part in it: INSCIT's, where each passage is an article
of its own, and pairs of questions on SQuAD's pages, whose articles are long. The conversations
that come with the tests have none; `qa/weights.py` says where they decided against the fit.
"""

import argparse
import sys
from collections.abc import Mapping, Sequence
from itertools import product
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from bench.conversations import (
    Asked,
    article_of_hit,
    inscit_conversations,
    page_conversations,
    passage_of_hit,
)
from bench.corpora import open_index
from bench.datasets import read_set
from bench.understanding_followups import MOST_PAIRS
from index.encoders import ModelEncoder
from qa.answer import Question
from qa.ask import Asker
from qa.queries import SharedEncoder
from qa.search import Searcher
from qa.weights import FOLLOW_UP, FollowUp

CARRIED = (0.1, 0.2, 0.3, 0.45, 0.6, 1.0)
NEARNESS = (0.0, 0.25, 0.5, 1.0, 1.5, 2.0)
FOLDS = 5
# Passages are asked for so deep; what answers counts by one through its rank.
_DEPTH = 20

Gains = Mapping[FollowUp, NDArray[np.float64]]


def main(arguments: Sequence[str]) -> int:
    """Print the fit of all, and what fits of four folds give on the fifth, as `_gain` counts."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path, metavar="EVAL_DIR")
    parser.add_argument("--indexes", type=Path, default=Path("data/bench"))
    options = parser.parse_args(arguments)
    sets = {name: _gains(name, options.folder, options.indexes) for name in ("inscit", "pages")}
    chosen = {
        name: [_fold_of(one.conversation) for one in asked] for name, (asked, _) in sets.items()
    }
    for name, (asked, gains) in sets.items():
        left_out = np.zeros(len(asked))
        for fold in range(FOLDS):
            kept = {other: np.array(folds) != fold for other, folds in chosen.items()}
            fit = _best({other: each for other, (_, each) in sets.items()}, kept)
            place = np.array(chosen[name]) == fold
            left_out[place] = gains[fit][place]
            print(f"{name}, without fold {fold}: {fit}")
        told = f"{name}, n = {len(asked)}: left out {left_out.mean():.4f}"
        in_force = (
            f", by those in force {gains[FOLLOW_UP].mean():.4f}" if FOLLOW_UP in gains else ""
        )
        print(f"{told}{in_force}")
    every = {name: np.ones(len(asked), np.bool_) for name, (asked, _) in sets.items()}
    print("FOLLOW_UP", _best({name: gains for name, (_, gains) in sets.items()}, every))
    return 0


def _gains(name: str, folder: Path, indexes: Path) -> tuple[list[Asked], Gains]:
    """The questions of a set that do not stand alone, and their reciprocal ranks by weights."""
    data_set, data = read_set(name, folder, indexes), indexes / name
    encoder = ModelEncoder(data)
    snapshot = open_index(data_set.archive, data, encoder)
    shared = SharedEncoder(encoder)
    asker = Asker(snapshot, Searcher(snapshot, shared))

    def cite(question: Question) -> tuple[str, ...]:
        return tuple(citation.passage.id for citation in asker.ask(question).citations)

    if name == "pages":
        asked, name_of = page_conversations(data_set, MOST_PAIRS), passage_of_hit
    else:
        turns = inscit_conversations(folder, cite)
        asked = [one for one in turns if not one.is_first and not one.is_alone]
        name_of = article_of_hit
    gains = {}
    for carried, nearness in product(CARRIED, NEARNESS):
        weights = FollowUp(carried, nearness)
        searcher = Searcher(snapshot, shared, follow_up=weights)
        gains[weights] = np.array(
            [
                _gain([name_of(hit) for hit in searcher.search(_deep(one.question))], one.gold)
                for one in asked
            ]
        )
    return asked, gains


def _deep(question: Question) -> Question:
    return Question(question.text, history=question.history, k=_DEPTH)


def _gain(names: Sequence[str], gold: frozenset[str]) -> float:
    """The mean over what answers of one through its rank, each article counted once."""
    ranks = {name: rank for rank, name in enumerate(dict.fromkeys(names), start=1)}
    best = sorted(ranks[name] for name in gold if name in ranks)
    # The second that answers can be second at best.
    return sum((place + 1) / rank for place, rank in enumerate(best)) / len(gold)


def _best(sets: Mapping[str, Gains], kept: Mapping[str, NDArray[np.bool_]]) -> FollowUp:
    """The weights with the highest mean over the sets."""
    weights = next(iter(sets.values())).keys()
    return max(
        weights,
        key=lambda each: float(
            np.mean([gains[each][kept[name]].mean() for name, gains in sets.items()])
        ),
    )


def _fold_of(conversation: str) -> int:
    return sum(conversation.encode()) % FOLDS


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
