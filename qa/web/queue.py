"""Questions answered in threads, a few at a time: more would only wait for each other."""

import os
import time
from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from contextlib import asynccontextmanager, contextmanager
from typing import TypeVar

from anyio import CapacityLimiter, WouldBlock, move_on_after, to_thread

from index.errors import FootnoteError
from qa.answer import Answer, Question
from qa.stages import stopwatch
from qa.web.guard.policy import MOST_WAITING
from qa.web.protocols import Asks

# QuestionQueue takes the processor. Twice as many as there are cores: while one encodes, what came
# meanwhile shares the next batch.
AT_ONCE = 2 * (os.cpu_count() or 1)
# Whoever waited this long, in seconds, has given up.
LONGEST_WAIT = 30.0

T = TypeVar("T")
Seen = Callable[[Answer, Mapping[str, float]], None]


class BusyError(FootnoteError):
    """More questions wait than can be answered soon."""

    code = "busy"

    def __init__(self) -> None:
        super().__init__("too many questions are waiting: ask again in a moment")


class Waiting:
    """How many wait in all: in each of the processes that have a number in `counts`."""

    def __init__(self, counts: "memoryview[int] | None" = None, mine: int = 0) -> None:
        self._counts: memoryview[int] | list[int] = [0] if counts is None else counts
        self._mine = mine

    def total(self) -> int:
        """How many wait."""
        return sum(self._counts)

    @contextmanager
    def one_more(self) -> Iterator[None]:
        """Count one more until the block ends."""
        self._counts[self._mine] += 1
        try:
            yield
        finally:
            self._counts[self._mine] -= 1


class QuestionQueue:
    """The one queue of questions that all web faces wait in, first come, first served.

    At most `waiting` wait for their turn, and none of them for long; `counted` counts them, with
    those of other processes if there are any. `seen` is told each answer with the seconds of its
    stages.
    """

    def __init__(
        self,
        asks: Asks,
        at_once: int = AT_ONCE,
        waiting: int = MOST_WAITING,
        seen: Seen | None = None,
        longest_wait: float = LONGEST_WAIT,
        counted: Waiting | None = None,
    ) -> None:
        self._asks = asks
        self._places = CapacityLimiter(at_once)
        # As many threads as places: who has a place never waits for a thread.
        self._threads = CapacityLimiter(at_once)
        self._most_waiting = waiting
        self._waiting = counted or Waiting()
        self._seen = seen
        self._longest_wait = longest_wait
        self._last_came = float("-inf")

    def quiet_for(self) -> float:
        """The seconds since a reader asked last; infinite where nobody has."""
        return time.perf_counter() - self._last_came

    async def ask(self, question: Question) -> Answer:
        """The answer, once it is this question's turn. Raises BusyError where that is too late."""
        came = self._last_came = time.perf_counter()
        async with self.turn():
            waited = time.perf_counter() - came
            answer, seconds = await to_thread.run_sync(
                self._answer, question, limiter=self._threads
            )
        if self._seen is not None:
            self._seen(answer, {"wait": waited, **seconds})
        return answer

    async def run(self, work: Callable[[], T]) -> T:
        """What searches without being a reader's question, once it is its turn; nobody notes it.

        Raises BusyError where that is too late.
        """
        async with self.turn():
            return await to_thread.run_sync(work, limiter=self._threads)

    @asynccontextmanager
    async def turn(self) -> AsyncIterator[None]:
        """A place among those who are answered now. Raises BusyError where that is too late."""
        place = object()
        try:
            self._places.acquire_on_behalf_of_nowait(place)
        except WouldBlock:
            await self._wait_for(place)
        try:
            yield
        finally:
            self._places.release_on_behalf_of(place)

    async def _wait_for(self, place: object) -> None:
        if self._waiting.total() >= self._most_waiting:
            raise BusyError
        with self._waiting.one_more(), move_on_after(self._longest_wait) as patience:
            await self._places.acquire_on_behalf_of(place)
        if patience.cancelled_caught:
            raise BusyError

    def _answer(self, question: Question) -> tuple[Answer, dict[str, float]]:
        began = time.perf_counter()
        with stopwatch() as watch:
            answer = self._asks.ask(question)
        return answer, {**watch.seconds, "whole": time.perf_counter() - began}
