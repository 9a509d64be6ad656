"""What is noted of each answer: numbers always, its words only where the owner wants them."""

import logging
from collections.abc import Mapping
from typing import Any

from qa.answer import Answer
from qa.web.guarding import Policy
from qa.web.metrics import Metrics

log = logging.getLogger(__name__)


class Observed:
    """Counts and logs answers."""

    def __init__(self, metrics: Metrics, policy: Policy) -> None:
        self._metrics = metrics
        self._logs_questions = policy.logs_questions

    def __call__(self, answer: Answer, seconds: Mapping[str, float]) -> None:
        """Note an answer and the seconds of its stages."""
        self._metrics.answered(answer, seconds)
        told: dict[str, Any] = {
            "status": answer.status,
            "citations": len(answer.citations),
            "confidence": round(answer.confidence, 4),
            "stages_ms": {stage: round(took * 1000, 1) for stage, took in seconds.items()},
        }
        if self._logs_questions:
            told["question"] = answer.question.text
        log.info("answer", extra={"told": told})
