"""Whether the articles cover a question at all: a first, simple decision."""

import math

import numpy as np
from numpy.typing import NDArray

from qa.weights import CONFIDENCE

# An answer is given from even odds on.
ANSWERS = 0.5


def confidence(evidence: NDArray[np.float64]) -> float:
    """How likely the articles cover what is asked, told from the evidence for a passage, 0 to 1."""
    log_odds = float(evidence @ CONFIDENCE.weights) + CONFIDENCE.constant
    return 1 / (1 + math.exp(-log_odds))
