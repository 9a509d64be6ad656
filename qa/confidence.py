"""How likely the articles cover a question, and how likely they must for an answer."""

import math
from collections.abc import Mapping

from index.settings import Strictness
from qa.matching import Floats
from qa.weights import ANSWERING, CONFIDENCE, Linear, Twofold

# From these confidences on a question is answered. README.md tells what each trades.
THRESHOLDS: Mapping[Strictness, float] = {"strict": 0.54, "balanced": 0.3, "open": 0.13}


def confidence(signals: Floats, model: Twofold = CONFIDENCE) -> float:
    """How likely the articles cover what is asked, 0 to 1, by `qa.assurance.SIGNALS`.

    They have to tell of it, and the sentence to answer: what is near is told of all the same.
    """
    return _logistic(model.told, signals) * _logistic(model.said, signals)


def chance(evidence: Floats) -> float:
    """How likely a passage has to do with what is asked, 0 to 1, by `qa.evidence.MEASURES`."""
    return _logistic(ANSWERING, evidence)


def _logistic(model: Linear, values: Floats) -> float:
    log_odds = float(values @ model.weights) + model.constant
    return 1 / (1 + math.exp(-max(-700.0, min(700.0, log_odds))))
