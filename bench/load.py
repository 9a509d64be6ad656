"""Many clients at once, some of them bad, against a running server: what is lost, what it takes.

    python app.py --port 7861 &
    python -m bench.load http://127.0.0.1:7861 --pid $! [--clients 64] [--seconds 60]

Each client asks one question after the other. One request in twenty is bad: no JSON, too long, a
page of another site, a body above 64 kB, no such route. Exit 1 where a good question got neither
an answer nor a 429 or 503 with Retry-After, where a bad one was not refused, or at another 5xx.
"""

import argparse
import asyncio
import json
import sys
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import count, cycle
from pathlib import Path
from typing import Any

import httpx
import numpy as np

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
    """What came back."""

    statuses: Counter[int] = field(default_factory=Counter)
    seconds: list[float] = field(default_factory=list)
    lost: list[str] = field(default_factory=list)


def main(arguments: Sequence[str]) -> int:
    """Run the load and print what came of it."""
    parser = argparse.ArgumentParser(prog="python -m bench.load", description=__doc__)
    parser.add_argument("address")
    parser.add_argument("--pid", type=int, help="the server's process, to tell its memory")
    parser.add_argument("--clients", type=int, default=64)
    parser.add_argument("--seconds", type=float, default=60)
    options = parser.parse_args(arguments)
    memory: list[int] = []
    tally = asyncio.run(_load(options, memory))
    total = sum(tally.statuses.values())
    faults = [status for status in tally.statuses if status >= 500 and status != 503]
    print(f"clients {options.clients}, seconds {options.seconds:.0f}, requests {total}")
    print(f"statuses {json.dumps(dict(sorted(tally.statuses.items())))}")
    print(f"answers a second {len(tally.seconds) / options.seconds:.0f}")
    if tally.seconds:
        p50, p95 = np.percentile(tally.seconds, (50, 95)) * 1000
        print(f"answer ms p50 {p50:.0f}, p95 {p95:.0f}")
    if memory:
        half = memory[len(memory) // 2]
        print(f"memory MB begin {memory[0]}, half {half}, end {memory[-1]}, most {max(memory)}")
    print(f"5xx but 503: {sum(tally.statuses[status] for status in faults)}")
    print(f"lost: {len(tally.lost)} {tally.lost[:3] or ''}")
    return 1 if faults or tally.lost else 0


async def _load(options: argparse.Namespace, memory: list[int]) -> Tally:
    tally, numbers = Tally(), count(1)
    until = time.perf_counter() + options.seconds
    async with asyncio.TaskGroup() as tasks:
        for place in range(options.clients):
            tasks.create_task(_client(options.address, place, numbers, until, tally))
        if options.pid:
            tasks.create_task(_watch(options.pid, until, memory))
    return tally


async def _client(
    address: str, place: int, numbers: Iterator[int], until: float, tally: Tally
) -> None:
    questions = cycle(QUESTIONS[place % len(QUESTIONS) :] + QUESTIONS[: place % len(QUESTIONS)])
    async with httpx.AsyncClient(base_url=address, timeout=30) as client:
        while time.perf_counter() < until:
            number = next(numbers)
            if number % BAD_ONE_IN:
                # Each of its own, so that none is remembered.
                await _ask(client, f"{next(questions)} {number}", tally)
            else:
                await _misbehave(client, number // BAD_ONE_IN, tally)


async def _ask(client: httpx.AsyncClient, question: str, tally: Tally) -> None:
    began = time.perf_counter()
    try:
        answered = await client.post("/api/ask", json={"question": question})
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
        refused = await client.post(**request)
    except httpx.HTTPError as error:
        tally.lost.append(repr(error))
        return
    tally.statuses[refused.status_code] += 1
    if refused.status_code not in (*expected, *LATER):
        tally.lost.append(f"{refused.status_code} for a bad request: {request['url']}")


async def _watch(pid: int, until: float, memory: list[int]) -> None:
    """Megabytes of the process that are in memory, each second."""
    while time.perf_counter() < until:
        status = Path(f"/proc/{pid}/status").read_text(encoding="utf-8")
        line = next(line for line in status.splitlines() if line.startswith("VmRSS"))
        memory.append(int(line.split()[1]) // 1024)
        await asyncio.sleep(1)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
