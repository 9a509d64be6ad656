"""Whether the articles cover a question at all: a first, simple decision."""

import math

from qa.evidence import Evidence
from qa.weights import CONFIDENCE

# An answer is given from even odds on.
ANSWERS = 0.5


def confidence(evidence: Evidence) -> float:
    """How likely the articles cover what is asked, told from this passage, from 0 to 1."""
    log_odds = float(evidence.values() @ CONFIDENCE.weights) + CONFIDENCE.constant
    return 1 / (1 + math.exp(-log_odds))
