"""Footnote as its users see it: `app.py` in a separate process, asked over HTTP."""

import json
import re
import subprocess
import sys
import time
from collections.abc import Mapping
from http.client import HTTPConnection, HTTPException
from pathlib import Path
from threading import local
from typing import Any

from bench.peers.protocol import Reply, asking, processor_seconds, resident_bytes, serve

# Earlier commits say it in other words.
_ADDRESS = re.compile(r"^Footnote \w.* at http://(\S+)")
_HEADERS = {"Content-Type": "application/json"}
# Seconds between attempts to load the page.
_PAUSE = 0.01
_PATIENCE = 60.0
# uvicorn closes a connection that is idle for five seconds.
_IDLE = 3.0


class Footnote:
    """The server, and a connection that is kept alive for each thread that asks."""

    def __init__(self, home: Path) -> None:
        """`home` holds the code to serve, of this commit or another."""
        self._home = home
        self._server: subprocess.Popen[str] | None = None
        self._address = ""
        self._kept = local()

    def open(self, folder: Path) -> None:
        """Start the server and wait for the line that says it answers."""
        self.close()
        command = [sys.executable, "app.py", "--data", str(folder), "--port", "0"]
        self._server = subprocess.Popen(command, cwd=self._home, stdout=subprocess.PIPE, text=True)
        for line in self._server.stdout or ():
            if found := _ADDRESS.search(line):
                self._address = found[1]
                self._kept = local()
                return
        raise RuntimeError(f"app.py ended with exit code {self._server.wait()}")

    def ask(self, question: str, k: int) -> list[str]:
        """The passages cited, or the nearest ones if the question is not covered."""
        body = json.dumps({"question": question, "k": k})
        answer = json.loads(self._request("POST", "/api/ask", body))
        shown = answer["citations"] or answer["nearest"]
        return [citation["passage"]["id"] for citation in shown]

    def page(self, request: Mapping[str, Any]) -> Reply:
        """Wait until the chat page loads."""
        deadline = time.monotonic() + _PATIENCE
        while True:
            try:
                self._request("GET", "/", None)
                return {}
            except (OSError, HTTPException):
                if time.monotonic() > deadline:
                    raise
                time.sleep(_PAUSE)

    def memory(self, request: Mapping[str, Any]) -> Reply:
        """The memory of the server, all its workers."""
        return {"bytes": resident_bytes(self._pid)}

    def processor(self, request: Mapping[str, Any]) -> Reply:
        """The seconds of the processor that the server used, all its workers."""
        return {"seconds": processor_seconds(self._pid)}

    @property
    def _pid(self) -> int:
        if self._server is None:
            raise RuntimeError("no server runs: open an index first")
        return self._server.pid

    def close(self) -> None:
        """Stop the server, if it is running."""
        if self._server is not None:
            self._server.terminate()
            self._server.wait()
            self._server = None

    def _request(self, method: str, path: str, body: str | None) -> bytes:
        connection = getattr(self._kept, "connection", None)
        if connection is None or time.monotonic() - self._kept.used > _IDLE:
            connection = self._kept.connection = HTTPConnection(self._address)
        self._kept.used = time.monotonic()
        try:
            connection.request(method, path, body, _HEADERS)
            response = connection.getresponse()
            said: bytes = response.read()
        except (OSError, HTTPException):
            # Left in the middle of a request, it would refuse every later one.
            connection.close()
            raise
        if response.status != 200:
            raise HTTPException(f"{method} {path} answered {response.status}: {said[:200]!r}")
        return said


if __name__ == "__main__":
    footnote = Footnote(Path(sys.argv[1]))
    served = {"page": footnote.page, "memory": footnote.memory, "processor": footnote.processor}
    try:
        serve({**asking(footnote), **served})
    finally:
        footnote.close()
