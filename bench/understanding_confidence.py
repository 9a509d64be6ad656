"""How well the confidence of answers tells what the articles cover; see `bench.understanding`."""

import time
from collections.abc import Mapping
from pathlib import Path

import numpy as np
from sklearn.metrics import roc_auc_score

from bench.covering import CLAPNQ, HALVES, NEAR, TALK, Covering, read_covering
from bench.figure import Figure
from index.settings import STRICTNESS
from qa.confidence import THRESHOLDS, confidence
from qa.matching import Flags, Floats
from qa.small_talk import small_talk

_BINS = 10
_EVERY = 4
# The hundred lines and more that the tests of quality ask of the sample archive.
_TALK = Path(__file__).parent.parent / "tests" / "quality" / "small_talk.txt"


def measure(eval_dir: Path, indexes: Path) -> list[Figure]:
    """How well covered is told from not covered, at which threshold what is answered."""
    talk = _TALK.read_text(encoding="utf-8").splitlines()
    sets = read_covering(eval_dir, indexes, talk, _EVERY)
    sure = {
        name: np.array([confidence(row) for row in each.signals]) for name, each in sets.items()
    }
    # What small talk is by its words has no confidence: it is never searched for.
    spoken = np.array([small_talk(line) is not None for line in talk])
    sure[TALK] = np.where(spoken, 0.0, sure[TALK])
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
    without = int((sure[TALK] < THRESHOLDS["balanced"]).sum())
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
            "all", "deciding, median ms a question", f"{_deciding(sets[HALVES]):.3f}", "within 3"
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


def _deciding(covering: Covering) -> float:
    took = []
    for row in covering.signals[:500]:
        started = time.perf_counter()
        small_talk("When did the ship of the line reach the harbour of the old town?")
        confidence(row)
        took.append((time.perf_counter() - started) * 1000)
    return float(np.median(took))
