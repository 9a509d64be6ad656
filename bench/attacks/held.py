"""One address holds on to a server as hard as it can: others must be answered all the same.

    FOOTNOTE_RATE=60/minute FOOTNOTE_API_KEYS=held-by-one-address python app.py --port 7861 &
    python -m bench.attacks held http://127.0.0.1:7861 --pid $! [--seconds 60] [--write]

From 127.0.0.2 come, one kind after the other: streams of the chat, heads and bodies that arrive
byte by byte, answers that nobody reads, blank lines and chunks that a parser discards. Meanwhile
127.0.0.1 asks, as a program with that key. The rate is the one that a public server has. Exits with
1 where an answer takes two seconds at the median, or memory grows by 100 MB.
"""

import argparse
import asyncio
import math
import sys
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import suppress
from urllib.parse import urlsplit

import httpx
import numpy as np

from bench.peers.protocol import resident_bytes
from bench.results import busy, circumstances, table, write_section

FROM = "127.0.0.2"
KEY = "held-by-one-address"
# In seconds.
PATIENCE, STARTS_WITHIN = 30.0, 300.0
AT_ONCE = 300
MOST_SECONDS, MOST_MEGABYTES = 2.0, 100
ASK = b"POST /api/ask HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"

Writer = asyncio.StreamWriter
Attack = Callable[[asyncio.StreamReader, Writer], Awaitable[None]]


async def _stream(reader: asyncio.StreamReader, writer: Writer) -> None:
    writer.write(b"GET /gradio_api/heartbeat/held HTTP/1.1\r\nHost: localhost\r\n\r\n")
    await reader.read()


async def _slow_head(reader: asyncio.StreamReader, writer: Writer) -> None:
    await _drop_by_drop(writer, ASK)


async def _slow_body(reader: asyncio.StreamReader, writer: Writer) -> None:
    writer.write(ASK + b"Content-Length: 60000\r\n\r\n")
    await _drop_by_drop(writer, b" " * 60_000)


async def _unread(reader: asyncio.StreamReader, writer: Writer) -> None:
    # Nothing is taken: the window closes, and the answers stay with the server.
    writer.write(b"GET /openapi.json HTTP/1.1\r\nHost: localhost\r\n\r\n" * 40)
    await writer.drain()
    await asyncio.sleep(60)


async def _blank_lines(reader: asyncio.StreamReader, writer: Writer) -> None:
    await _flood(writer, b"\r\n" * 8_000)


async def _chunks(reader: asyncio.StreamReader, writer: Writer) -> None:
    writer.write(ASK + b"Transfer-Encoding: chunked\r\n\r\n")
    await _flood(writer, b"1;" + b"a" * 8_000 + b"\r\nx\r\n")


ATTACKS: dict[str, Attack] = {
    "streams of the chat": _stream,
    "heads byte by byte": _slow_head,
    "bodies byte by byte": _slow_body,
    "answers that are not read": _unread,
    "blank lines": _blank_lines,
    "chunks with long extensions": _chunks,
}


async def _drop_by_drop(writer: Writer, data: bytes) -> None:
    for byte in data:
        writer.write(bytes([byte]))
        await writer.drain()
        await asyncio.sleep(0.5)


async def _flood(writer: Writer, part: bytes) -> None:
    while True:
        writer.write(part)
        await writer.drain()


def main(arguments: Sequence[str]) -> int:
    """Attack in every way, and print how others were served."""
    parser = argparse.ArgumentParser(prog="python -m bench.attacks held", description=__doc__)
    parser.add_argument("address")
    parser.add_argument("--pid", type=int, required=True, help="the server's process")
    parser.add_argument("--seconds", type=float, default=60, help="of each kind")
    parser.add_argument("--write", action="store_true", help="put it into bench/RESULTS.md")
    options = parser.parse_args(arguments)
    _wait_until_ready(options.address)
    rows, is_held = [], False
    for name, attack in ({"nothing": None} | ATTACKS).items():
        before = resident_bytes(options.pid)
        seconds = asyncio.run(_measure(options.address, attack, options.seconds))
        grown = (resident_bytes(options.pid) - before) // 2**20
        # Of the seconds themselves: between two of which one is infinite, there is nothing.
        median, slow = np.percentile(seconds, (50, 95), method="higher")
        is_held |= median > MOST_SECONDS or grown > MOST_MEGABYTES
        rows.append((name, len(seconds), f"{median * 1000:.0f}", f"{slow * 1000:.0f}", grown))
    report = _report(rows, options.seconds)
    print(report)
    if options.write:
        write_section("held", report)
    return 1 if is_held else 0


def _report(rows: Sequence[Sequence[object]], seconds: float) -> str:
    head = ["from one address", "answers to others", "median, ms", "p95, ms", "memory grown, MB"]
    told = table(head, [[str(cell) for cell in row] for row in rows])
    return (
        f"## Held by one address\n\n{circumstances()} By `python -m bench.attacks held ADDRESS "
        f"--pid PID --seconds {seconds:.0f}`: {AT_ONCE} connections of a kind at a time; {busy()}. "
        f"At most {MOST_SECONDS * 1000:.0f} ms and {MOST_MEGABYTES} MB.\n\n{told}"
    )


def _wait_until_ready(address: str) -> None:
    until = time.monotonic() + STARTS_WITHIN
    while time.monotonic() < until:
        with suppress(httpx.TransportError):
            if httpx.get(f"{address}/readyz", timeout=PATIENCE).status_code == 200:
                return
        time.sleep(1)
    sys.exit(f"error: {address} is not ready: see what the server says")


async def _measure(address: str, attack: Attack | None, seconds: float) -> list[float]:
    """The seconds that each answer takes to who asks meanwhile; infinite where none comes."""
    until, taken = time.monotonic() + seconds, list[float]()
    async with asyncio.TaskGroup() as tasks:
        attackers = [
            tasks.create_task(_attack(address, attack)) for _ in range(AT_ONCE if attack else 0)
        ]
        known = {"Authorization": f"Bearer {KEY}"}
        async with httpx.AsyncClient(base_url=address, headers=known, timeout=PATIENCE) as client:
            while time.monotonic() < until:
                asked = {"question": f"Who signed the treaty in {1800 + len(taken)}?"}
                taken.append(await _answered_in(client, asked))
                await asyncio.sleep(0.1)
        for attacker in attackers:
            attacker.cancel()
    return taken


async def _answered_in(client: httpx.AsyncClient, asked: Mapping[str, str]) -> float:
    began = time.monotonic()
    try:
        (await client.post("/api/ask", json=asked)).raise_for_status()
    except httpx.HTTPError:
        return math.inf
    return time.monotonic() - began


async def _attack(address: str, attack: Attack | None) -> None:
    """Again and again, whenever the server ends it."""
    url = urlsplit(address)
    while attack is not None:
        with suppress(OSError):
            reader, writer = await asyncio.open_connection(
                url.hostname, url.port, local_addr=(FROM, 0)
            )
            try:
                await attack(reader, writer)
            finally:
                writer.transport.abort()
        await asyncio.sleep(0.1)
