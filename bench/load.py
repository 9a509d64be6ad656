"""Load test of a running server by many clients, some of them bad: losses, times, memory.

    python app.py --port 7861 &
    python -m bench.load http://127.0.0.1:7861 --pid $! [--clients 64] [--seconds 60] [--write]
                                               [--kill 10]

Each client asks one question after another. One request in twenty is bad: not JSON, too long, from
a page of another site, a body above 64 kB, no such route. Exits with 1 if a good question got
neither an answer nor a 429 or 503 with Retry-After, a bad one was not refused, or at another 5xx.
With --kill a worker is killed every so many seconds; what that cuts off is asked once more.
"""

import argparse
import asyncio
import os
import signal
import sys
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from itertools import count, cycle
from typing import Any

import httpx
import numpy as np

from bench.peers.protocol import resident_bytes, started_by
from bench.results import busy, circumstances, figures, write_section

QUESTIONS = (
    "Who stayed in orbit while the others walked on the Moon?",
    "How did countries vote on the annexation at the United Nations?",
    "Why did air traffic over Europe stop in 2010?",
    "Which patient was the first to get insulin?",
    "What is the price of a bicycle in Utrecht?",
)
BAD_ONE_IN = 20
JSON = {"Content-Type": "application/json"}
# A bad request and the statuses that refuse it.
BAD: tuple[tuple[dict[str, Any], tuple[int, ...]], ...] = (
    ({"url": "/api/ask", "content": "{", "headers": JSON}, (400,)),
    ({"url": "/api/ask", "json": {"question": "why " * 900}}, (422,)),
    ({"url": "/api/ask", "content": "[" * 10_000, "headers": JSON}, (400,)),
    ({"url": "/api/ask", "content": "x" * 100_000, "headers": JSON}, (413,)),
    (
        {
            "url": "/api/ask",
            "json": {"question": "x"},
            "headers": {"Origin": "https://evil.example"},
        },
        (403,),
    ),
    ({"url": "/gradio_api/upload", "content": "x"}, (404,)),
)
LATER = (429, 503)


@dataclass(slots=True)
class Tally:
    """The responses."""

    statuses: Counter[int] = field(default_factory=Counter)
    seconds: list[float] = field(default_factory=list)
    lost: list[str] = field(default_factory=list)
    killed: int = 0
    cut: int = 0

    @property
    def faults(self) -> int:
        """How many were server errors."""
        wrong = (status for status in self.statuses if status >= 500 and status != 503)
        return sum(self.statuses[status] for status in wrong)


def main(arguments: Sequence[str]) -> int:
    """Run the load test and print the result."""
    parser = argparse.ArgumentParser(prog="python -m bench.load", description=__doc__)
    parser.add_argument("address")
    parser.add_argument("--pid", type=int, help="the server's process, to measure its memory")
    parser.add_argument("--clients", type=int, default=64)
    parser.add_argument("--seconds", type=float, default=60)
    parser.add_argument("--kill", type=float, help="seconds between two workers that are killed")
    parser.add_argument("--write", action="store_true", help="put it into bench/RESULTS.md")
    options = parser.parse_args(arguments)
    if options.kill and not (options.pid and started_by(options.pid)):
        parser.error("--kill needs the --pid of a server with workers: start it with --workers 2")
    memory: list[int] = []
    tally = asyncio.run(_load(options, memory))
    report = _report(tally, memory, options)
    print(report)
    if options.write:
        write_section("load", report)
    if tally.lost:
        print(f"lost: {tally.lost[:5]}", file=sys.stderr)
    return 1 if tally.faults or tally.lost else 0


def _report(tally: Tally, memory: Sequence[int], options: argparse.Namespace) -> str:
    statuses = ", ".join(f"{count} × {status}" for status, count in sorted(tally.statuses.items()))
    rows = [
        ("answers 5xx but 503", str(tally.faults), "0"),
        (
            "lost: no answer and no time to come back, or bad and not refused",
            f"{len(tally.lost)}",
            "0",
        ),
        ("answers a second", f"{len(tally.seconds) / options.seconds:.0f}", ""),
    ]
    if tally.seconds:
        p50, p95 = np.percentile(tally.seconds, (50, 95)) * 1000
        rows += [("answer p50, p95, ms", f"{p50:.0f}, {p95:.0f}", "")]
    if tally.killed:
        rows += [
            ("workers killed; requests cut off and sent again", f"{tally.killed}; {tally.cut}", "")
        ]
    if memory:
        at_quarters = (memory[len(memory) // 4], memory[len(memory) // 2], memory[-1])
        rows += [
            ("memory after a quarter, half, all, MB", ", ".join(map(str, at_quarters)), "flat")
        ]
    killing = f" --kill {options.kill:g}" if options.kill else ""
    return (
        f"## Under load\n\n{circumstances()} By `python -m bench.load ADDRESS --pid PID{killing}`: "
        f"{options.clients} clients for {options.seconds:.0f} s, one request in {BAD_ONE_IN} bad; "
        f"{busy()}. Of {sum(tally.statuses.values())} "
        f"responses {statuses}.\n\n{figures(rows)}"
    )


async def _load(options: argparse.Namespace, memory: list[int]) -> Tally:
    tally, numbers = Tally(), count(1)
    until = time.perf_counter() + options.seconds
    async with asyncio.TaskGroup() as tasks:
        for place in range(options.clients):
            tasks.create_task(_client(options.address, place, numbers, until, tally))
        if options.pid:
            tasks.create_task(_watch(options.pid, until, memory))
        if options.kill:
            tasks.create_task(_kill(options.pid, options.kill, until, tally))
    return tally


async def _client(
    address: str, place: int, numbers: Iterator[int], until: float, tally: Tally
) -> None:
    questions = cycle(QUESTIONS[place % len(QUESTIONS) :] + QUESTIONS[: place % len(QUESTIONS)])
    async with httpx.AsyncClient(base_url=address, timeout=30) as client:
        while time.perf_counter() < until:
            number = next(numbers)
            if number % BAD_ONE_IN:
                # Each different, so that none is cached.
                await _ask(client, f"{next(questions)} {number}", tally)
            else:
                await _misbehave(client, number // BAD_ONE_IN, tally)


async def _ask(client: httpx.AsyncClient, question: str, tally: Tally) -> None:
    began = time.perf_counter()
    try:
        answered = await _post(client, {"url": "/api/ask", "json": {"question": question}}, tally)
    except httpx.HTTPError as error:
        tally.lost.append(repr(error))
        return
    tally.statuses[answered.status_code] += 1
    if answered.status_code == 200 and answered.json()["question"] == question:
        tally.seconds.append(time.perf_counter() - began)
    elif answered.status_code not in LATER or not answered.headers.get("retry-after"):
        tally.lost.append(f"{answered.status_code} {answered.text[:80]}")


async def _misbehave(client: httpx.AsyncClient, number: int, tally: Tally) -> None:
    request, expected = BAD[number % len(BAD)]
    try:
        refused = await _post(client, request, tally)
    except httpx.HTTPError as error:
        tally.lost.append(repr(error))
        return
    tally.statuses[refused.status_code] += 1
    if refused.status_code not in (*expected, *LATER):
        tally.lost.append(f"{refused.status_code} for a bad request: {request['url']}")


async def _post(client: httpx.AsyncClient, request: dict[str, Any], tally: Tally) -> httpx.Response:
    """The response; what the death of a worker cuts off is sent once more."""
    try:
        return await client.post(**request)
    except httpx.TransportError:
        if not tally.killed:
            raise
        tally.cut += 1
        return await client.post(**request)


async def _watch(pid: int, until: float, memory: list[int]) -> None:
    """Record the megabytes that the server has in memory, each second."""
    while time.perf_counter() < until:
        with suppress(OSError):  # a worker that ends meanwhile
            memory.append(resident_bytes(pid) // 2**20)
        await asyncio.sleep(1)


async def _kill(pid: int, every: float, until: float, tally: Tally) -> None:
    """Kill one worker after another, each once its successor has had time to begin."""
    while time.perf_counter() + every < until:
        await asyncio.sleep(every)
        workers = started_by(pid)
        os.kill(workers[tally.killed % len(workers)], signal.SIGKILL)
        tally.killed += 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
