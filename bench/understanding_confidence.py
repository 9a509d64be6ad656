"""How well the confidence of answers tells what the articles cover; see `bench.understanding`.

The weights in force were fitted on some of these questions: what `bench.fit_confidence` prints is
of questions that a fit has not seen.
"""

import time
from collections.abc import Mapping
from pathlib import Path

import numpy as np
from sklearn.metrics import roc_auc_score

from bench.covering import (
    CLAPNQ,
    HALVES,
    NEAR,
    TALK,
    Covering,
    Opened,
    open_archive,
    read_covering,
)
from bench.datasets import read_set
from bench.figure import Figure
from index.settings import STRICTNESS
from qa.answer import Question
from qa.answerability import THRESHOLDS, confidence
from qa.evaluate import read_judged
from qa.rank.matching import Flags, Floats

_BINS = 10
_EVERY = 1
_TIMED = 200
# The hundred lines and more that the tests of quality ask of the sample archive.
_TALK = Path(__file__).parent.parent / "tests" / "quality" / "small_talk.txt"


def measure(eval_dir: Path, indexes: Path) -> list[Figure]:
    """How well covered is told from not covered, at which threshold what is answered."""
    talk = _TALK.read_text(encoding="utf-8").splitlines()
    sets = read_covering(eval_dir, indexes, talk, _EVERY)
    sure = {
        name: np.array([confidence(row) for row in each.signals]) for name, each in sets.items()
    }
    whole = open_archive(read_set("squad", eval_dir, indexes).archive, indexes / "squad")
    answers = [whole.asker.ask(Question(line)) for line in talk]
    # What is small talk by its words has no confidence: it is never searched for.
    sure[TALK] = np.array([answer.confidence for answer in answers])
    halves = sets[HALVES].covered
    figures = [_area(sets, sure, HALVES, "0.985")]
    for strictness in STRICTNESS:
        threshold = THRESHOLDS[strictness]
        answered = (sure[HALVES][halves] >= threshold).mean()
        declined = (sure[HALVES][~halves] < threshold).mean()
        figures.append(
            Figure(
                HALVES,
                f"`{strictness}`: answered of those covered, declined of those not",
                f"{answered:.3f}; {declined:.3f}",
                "0.95; 0.94" if strictness == "balanced" else "",
            )
        )
    without = sum(not answer.citations for answer in answers)
    chances = np.concatenate([sure[name] for name in (HALVES, NEAR, CLAPNQ, TALK)])
    covered = np.concatenate([sets[name].covered for name in (HALVES, NEAR, CLAPNQ, TALK)])
    return [
        *figures,
        _area(sets, sure, NEAR, "0.72"),
        _area(sets, sure, CLAPNQ, "0.75"),
        Figure(TALK, f"without citations, of {len(talk)} lines", str(without), "98 of 100"),
        Figure(
            "all",
            "expected calibration error",
            f"{calibration_error(chances, covered):.3f}",
            "at most 0.06",
        ),
        Figure(
            HALVES,
            "deciding and quoting, median ms besides search",
            f"{_besides_search(whole, eval_dir):.2f}",
            "within 3",
        ),
    ]


def calibration_error(chances: Floats, covered: Floats | Flags) -> float:
    """By ten bins of equal width: how far the mean chance lies from the share (Guo et al., 2017).

    >>> round(calibration_error(np.array([0.25, 0.25, 0.95]), np.array([0.0, 1.0, 1.0])), 3)
    0.183
    """
    bins = np.minimum((chances * _BINS).astype(np.int64), _BINS - 1)
    return sum(
        float(here.mean()) * abs(float(chances[here].mean()) - float(covered[here].mean()))
        for place in range(_BINS)
        if (here := bins == place).any()
    )


def _area(
    sets: Mapping[str, Covering], sure: Mapping[str, Floats], name: str, at_least: str
) -> Figure:
    area = roc_auc_score(sets[name].covered, sure[name])
    return Figure(name, "AUROC of `confidence`", f"{area:.4f}", at_least)


def _besides_search(opened: Opened, eval_dir: Path) -> float:
    """What an answer takes more than its search, whose model has read the question before."""
    judged = read_judged(eval_dir / "squad").questions
    asker, took = opened.asker, []
    for question in judged[:: len(judged) // _TIMED]:
        opened.searcher.rank(question)
        started = time.perf_counter()
        opened.searcher.rank(question)
        searched = time.perf_counter()
        asker.ask(question)
        took.append((time.perf_counter() - searched - (searched - started)) * 1000)
    return float(np.median(took))
