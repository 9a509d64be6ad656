"""How many streams may be open at once."""

import asyncio
from collections.abc import Awaitable, Callable

from starlette.types import Message, Receive, Scope, Send

from qa.web.guard.streams import STREAM, StreamLimit

PAGE, HEARTBEAT = "/", f"{STREAM}abc"


class Streams:
    """An app behind the limit, whose streams stay open until they are ended."""

    def __init__(self, each: int, most: int) -> None:
        self.ended = asyncio.Event()
        self.limit = StreamLimit(self._serve, each, most)
        self._tasks: list[asyncio.Task[None]] = []

    async def open(self, address: str, path: str = HEARTBEAT) -> int:
        """The status that a stream begins with."""
        begun: asyncio.Future[int] = asyncio.get_running_loop().create_future()

        async def send(message: Message) -> None:
            if message["type"] == "http.response.start":
                begun.set_result(message["status"])

        async def receive() -> Message:
            return {"type": "http.disconnect"}

        scope = {"type": "http", "path": path, "method": "GET", "client": (address, 5000)}
        self._tasks.append(asyncio.create_task(self.limit({**scope, "headers": []}, receive, send)))
        return await begun

    async def end(self) -> None:
        """Close all that are open."""
        self.ended.set()
        await asyncio.gather(*self._tasks)
        self.ended.clear()

    async def _serve(self, scope: Scope, receive: Receive, send: Send) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await self.ended.wait()


def run(play: Callable[[Streams], Awaitable[None]]) -> None:
    """On streams of which one address may have 2, and all together 5."""

    async def playing() -> None:
        await play(Streams(each=2, most=5))

    asyncio.run(playing())


def test_an_address_has_its_share_and_others_have_theirs() -> None:
    async def play(streams: Streams) -> None:
        assert [await streams.open("192.0.2.1") for _ in range(3)] == [200, 200, 429]
        assert await streams.open("192.0.2.2") == 200
        assert await streams.open("192.0.2.1", PAGE) == 200
        await streams.end()

    run(play)


def test_the_addresses_of_one_network_share_one_share() -> None:
    async def play(streams: Streams) -> None:
        found = [await streams.open(f"2001:db8:1:2::{number}") for number in range(3)]
        assert found == [200, 200, 429]
        await streams.end()

    run(play)


def test_all_together_have_a_bound_and_pages_none() -> None:
    async def play(streams: Streams) -> None:
        found = [await streams.open(f"192.0.2.{number}") for number in range(6)]
        assert found == [200] * 5 + [503]
        assert await streams.open("192.0.2.9", PAGE) == 200
        await streams.end()

    run(play)


def test_a_stream_that_ends_makes_room() -> None:
    async def play(streams: Streams) -> None:
        for _ in range(3):
            assert [await streams.open("192.0.2.1") for _ in range(2)] == [200, 200]
            await streams.end()

    run(play)
