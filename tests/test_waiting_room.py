"""While the server starts it is alive and not ready; nobody who comes meanwhile is lost."""

import socket

import httpx
import pytest

from qa.web.guard.connections import waiting_room
from qa.web.guard.headers import HEADERS


@pytest.fixture
def listening() -> socket.socket:
    return socket.create_server(("127.0.0.1", 0))


def test_a_starting_server_lives_and_is_not_ready(listening: socket.socket) -> None:
    with listening, waiting_room(listening):
        address = f"http://127.0.0.1:{listening.getsockname()[1]}"
        assert httpx.get(f"{address}/healthz").json() == {"status": "starting", "articles": 0}
        for path in ("/readyz", "/", "/api/articles/x"):
            response = httpx.get(f"{address}{path}")
            assert response.status_code == 503
            assert response.json()["error"]["code"] == "starting"
            assert response.headers["retry-after"] == "1"
            assert {name: response.headers[name] for name in HEADERS} == HEADERS
        assert httpx.post(f"{address}/api/ask", json={"question": "x"}).status_code == 503
        assert httpx.head(f"{address}/").content == b""


def test_who_comes_at_its_end_is_answered_by_who_comes_after_it(listening: socket.socket) -> None:
    with listening:
        with waiting_room(listening):
            pass
        asked = socket.create_connection(listening.getsockname())
        asked.sendall(b"GET / HTTP/1.0\r\n\r\n")
        served, _ = listening.accept()
        with asked, served:
            assert served.recv(100) == b"GET / HTTP/1.0\r\n\r\n"


def test_the_room_is_closed_where_starting_fails(listening: socket.socket) -> None:
    def fail() -> None:
        with waiting_room(listening):
            raise OSError("no model")

    with listening:
        with pytest.raises(OSError, match="no model"):
            fail()
        assert listening.fileno() > 0
