"""Questions answered in threads, a few at a time: more would only wait for each other."""

import os

from anyio import CapacityLimiter, to_thread

from qa.answer import Answer, Question
from qa.web.seams import Asks

# Answering takes the processor. Twice as many as there are cores: while one encodes, what came
# meanwhile shares the next batch.
_AT_ONCE = 2 * (os.cpu_count() or 1)


class Answering:
    """The one queue of questions that all web faces wait in, first come, first served."""

    def __init__(self, asks: Asks, at_once: int = _AT_ONCE) -> None:
        self._asks = asks
        self._places = CapacityLimiter(at_once)

    async def ask(self, question: Question) -> Answer:
        """The answer, once it is this question's turn."""
        return await to_thread.run_sync(self._asks.ask, question, limiter=self._places)
