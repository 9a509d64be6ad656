"""Milvus for tests: milvus-lite, in this process or as a server that can be killed."""

import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from socket import create_connection

from tests.needs import optional_module
from tests.serving import free_port

_PATIENCE = 60.0
_LOOKED_AT_EVERY = 0.05


def milvus_lite(folder: Path) -> Path:
    """The name of an archive in a milvus-lite in this folder; without it, skips except in CI."""
    optional_module("milvus_lite", "milvus")
    return Path(f"milvus-lite:{folder}")


class LiteServer:
    """A milvus-lite that runs as a process of its own, on files in a folder."""

    def __init__(self, folder: Path) -> None:
        optional_module("milvus_lite", "milvus")
        self._port = free_port()
        self._command = [
            *(sys.executable, "-m", "milvus_lite", "server", "--data-dir", str(folder)),
            *("--host", "127.0.0.1", "--port", str(self._port)),
        ]
        self._process: subprocess.Popen[bytes] | None = None

    def data(self, name: str) -> Path:
        """The name of an archive in it."""
        return Path(f"milvus://127.0.0.1:{self._port}/{name}")

    def start(self) -> None:
        """Start it, and wait until its port is open."""
        self._process = subprocess.Popen(
            self._command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        given_up = time.monotonic() + _PATIENCE
        while time.monotonic() < given_up and self._process.poll() is None:
            with suppress(OSError), create_connection(("127.0.0.1", self._port)):
                return
            time.sleep(_LOOKED_AT_EVERY)
        raise TimeoutError(f"{self._command} does not listen")

    def kill(self) -> None:
        """Kill it as a power cut does; it may be down already."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()


@contextmanager
def lite_server(folder: Path) -> Iterator[LiteServer]:
    """A server that was started, until the block ends."""
    server = LiteServer(folder)
    server.start()
    try:
        yield server
    finally:
        server.kill()
