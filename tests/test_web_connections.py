"""Connections: what is slow is closed, and who comes early is told to wait."""

import http.client
import json
import select
import socket
import time
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import replace
from urllib.parse import urlsplit

import httpx
import pytest
from fastapi import FastAPI

from index.settings import Settings
from qa.web.app import create_app
from qa.web.guard import middleware
from qa.web.guard.base_path import HEADERS
from qa.web.guard.connections import MAX_HEAD, PatientProtocol, waiting_room
from qa.web.guard.policy import read_policy
from qa.web.protocols import About
from tests.serving import serving
from tests.web_sample import EXAMPLES, SampleArticles, SampleAsker

ASK = b"POST /api/ask HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"


class Hasty(PatientProtocol):
    """Gives up at once what waits."""

    head_seconds = 0.3


class Crowded(PatientProtocol):
    """Has room for few."""

    most_connections = 20


class Impatient(PatientProtocol):
    """Waits for no reader."""

    taken_seconds = 0.2


def app() -> FastAPI:
    return create_app(SampleAsker(), SampleArticles(), EXAMPLES, lambda: About(3))


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    with serving(app(), Hasty) as address:
        yield address


def connect(address: str) -> socket.socket:
    url = urlsplit(address)
    return socket.create_connection((url.hostname, url.port), timeout=20)


def received(connection: socket.socket) -> bytes:
    """All that comes until the server closes."""
    found = b""
    try:
        while part := connection.recv(65536):
            found += part
    except ConnectionResetError:
        pass
    return found


def is_served(address: str) -> bool:
    answered = httpx.post(f"{address}/api/ask", json={"question": "moon"}, timeout=20)
    return answered.status_code == 200 and answered.json()["status"] == "answered"


def error_of(response: bytes) -> tuple[int, str]:
    head, _, body = response.partition(b"\r\n\r\n")
    return int(head.split()[1]), json.loads(body)["error"]["code"]


@pytest.mark.parametrize(
    "beginning",
    [b"", b"\r\n", b"GET", b"GET / HTTP/1.1\r\n", b"GET / HTTP/1.1\r\nHost: localhost\r\nX-A: "],
)
def test_two_hundred_connections_that_send_no_request_are_closed_while_others_are_served(
    address: str, beginning: bytes
) -> None:
    with ExitStack() as stack:
        slow = [stack.enter_context(connect(address)) for _ in range(200)]
        for connection in slow:
            connection.sendall(beginning)
        assert is_served(address)
        assert [received(connection) for connection in slow] == [b""] * 200
    assert is_served(address)


def test_a_connection_kept_alive_is_closed_when_its_next_request_does_not_come(
    address: str,
) -> None:
    with connect(address) as connection:
        connection.sendall(b"GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n")
        assert b"200 OK" in connection.recv(65536)
        connection.sendall(b"\r\n")
        assert received(connection) == b""


def send_often(connection: socket.socket, part: bytes) -> None:
    for _ in range(100):
        connection.sendall(part)
        time.sleep(0.01)


@pytest.mark.parametrize("part", [b"1;%b\r\nx\r\n", b"0\r\nX-More: %b\r\nX-More: "])
def test_what_is_neither_head_nor_body_counts_too(address: str, part: bytes) -> None:
    """Here a few hundred kilobytes; without a bound it could be any number."""
    with connect(address) as connection:
        connection.sendall(ASK + b"Transfer-Encoding: chunked\r\n\r\n")
        with pytest.raises(OSError, match=r"reset|[Bb]roken"):
            send_often(connection, part % (b"a" * 8_000))
    assert is_served(address)


def test_blank_lines_before_a_request_count_too(address: str) -> None:
    with connect(address) as connection, pytest.raises(OSError, match=r"reset|[Bb]roken"):
        send_often(connection, b"\r\n" * 4_000)
    assert is_served(address)


def test_a_body_in_many_small_chunks_is_taken(address: str) -> None:
    body = b'{"question": "moon"' + b" " * 20_000 + b"}"
    with connect(address) as connection:
        connection.sendall(ASK + b"Transfer-Encoding: chunked\r\nConnection: close\r\n\r\n")
        for start in range(0, len(body), 10):
            part = body[start : start + 10]
            connection.sendall(b"%x\r\n%b\r\n" % (len(part), part))
        connection.sendall(b"0\r\n\r\n")
        assert received(connection).startswith(b"HTTP/1.1 200")


def test_requests_on_one_connection_are_all_answered(address: str) -> None:
    url = urlsplit(address)
    connection = http.client.HTTPConnection(url.hostname or "", url.port)
    for _ in range(5):
        connection.request("POST", "/api/ask", json.dumps({"question": "moon"}))
        assert connection.getresponse().read()
    connection.close()


def stalled(address: str, room: int = 4096) -> socket.socket:
    """A client that asks for megabytes and has taken none of them."""
    url = urlsplit(address)
    client = socket.socket()
    client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, room)
    client.connect((url.hostname, url.port))
    client.sendall(b"GET /docs HTTP/1.1\r\nHost: localhost\r\n\r\n" * 300)
    return client


def is_reset(client: socket.socket, patience: float = 20) -> bool:
    """Whether the server ends the connection, without taking anything of what it sent."""
    end = select.poll()
    end.register(client, 0)
    return bool(end.poll(patience * 1000))


def test_who_does_not_read_an_answer_is_dropped_while_others_are_served() -> None:
    with serving(app(), Impatient) as address, ExitStack() as stack:
        clients = [stack.enter_context(stalled(address)) for _ in range(5)]
        assert is_served(address)
        assert all(is_reset(client) for client in clients)
        assert is_served(address)


def test_who_reads_slowly_gets_all_of_an_answer() -> None:
    with serving(app(), Impatient) as address, stalled(address, 65536) as client:
        found = b""
        while found.count(b"</html>") < 300:
            part = client.recv(65536)
            assert part
            found += part
        assert found.count(b"HTTP/1.1 200 OK") == 300


def test_where_there_are_too_many_connections_one_that_is_not_read_makes_room() -> None:
    class Full(PatientProtocol):
        most_connections = 3

    with serving(app(), Full) as address, ExitStack() as stack:
        clients = [stack.enter_context(stalled(address)) for _ in range(3)]
        # Each question comes on a connection of its own, and fills up those that are left unread.
        while not any(is_reset(client, 0) for client in clients):
            assert is_served(address)


@pytest.fixture
def short_patience(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(middleware, "BODY_SECONDS", 0.3)


@pytest.mark.usefixtures("short_patience")
def test_two_hundred_bodies_that_do_not_arrive_are_refused_while_others_are_served(
    address: str,
) -> None:
    with ExitStack() as stack:
        slow = [stack.enter_context(connect(address)) for _ in range(200)]
        for connection in slow:
            connection.sendall(ASK + b'Content-Length: 20\r\n\r\n{"q')
        assert is_served(address)
        refused = [error_of(received(connection)) for connection in slow]
    assert refused == [(408, "body_too_slow")] * 200
    assert is_served(address)


def test_even_a_refusal_waits_for_the_body_which_a_proxy_is_passing_on() -> None:
    policy = read_policy(replace(Settings(), rate="1/hour"))
    limited = create_app(SampleAsker(), SampleArticles(), EXAMPLES, lambda: About(3), policy=policy)
    with serving(limited) as address, connect(address) as connection:
        assert is_served(address)
        body = b'{"question": "moon"}'
        connection.sendall(ASK + b"Connection: close\r\nContent-Length: %d\r\n\r\n" % len(body))
        connection.settimeout(0.3)
        with pytest.raises(TimeoutError):
            connection.recv(1)
        connection.settimeout(20)
        connection.sendall(body)
        assert error_of(received(connection)) == (429, "too_many_requests")


def test_a_head_without_end_is_refused(address: str) -> None:
    with connect(address) as connection:
        connection.sendall(b"GET / HTTP/1.1\r\nHost: localhost\r\nX-A: " + b"a" * MAX_HEAD)
        assert error_of(received(connection)) == (431, "head_too_large")
    assert is_served(address)


def test_what_is_no_http_is_told_in_the_one_error_shape(address: str) -> None:
    with connect(address) as connection:
        connection.sendall(b"\x16\x03\x01\x02\x00 no http\r\n\r\n")
        response = received(connection)
    assert error_of(response) == (400, "invalid_http")
    assert b"X-Content-Type-Options: nosniff" in response


def test_a_body_of_thirty_megabytes_is_refused_whatever_length_it_tells(address: str) -> None:
    body = b"x" * 30_000_000
    with connect(address) as connection:
        connection.sendall(ASK + b"Connection: close\r\nContent-Length: 30000000\r\n\r\n")
        assert error_of(received(connection)) == (413, "body_too_large")
    with connect(address) as connection:
        connection.sendall(ASK + b"Connection: close\r\nTransfer-Encoding: chunked\r\n\r\n")
        try:
            connection.sendall(b"%x\r\n" % len(body) + body + b"\r\n0\r\n\r\n")
        except (ConnectionResetError, BrokenPipeError):
            pass
        else:
            assert error_of(received(connection)) == (413, "body_too_large")
    assert is_served(address)


def test_json_ten_thousand_deep_is_refused_on_every_way_in(address: str) -> None:
    deep = "[" * 10_000 + "]" * 10_000
    for path in ("/api/ask", "/gradio_api/run/predict", "/mcp"):
        for body in (deep, f'{{"question": {deep}}}', f'{{"data": {deep}}}'):
            refused = httpx.post(
                f"{address}{path}", content=body, headers={"Content-Type": "application/json"}
            )
            assert 400 <= refused.status_code < 500
    assert is_served(address)


@pytest.mark.parametrize(
    "article_id",
    [
        "../../etc/passwd",
        "..%2f..%2fetc%2fpasswd",
        "%2e%2e/%2e%2e/app.py",
        "....//....//app.py",
        "..%5c..%5capp.py",
        "/etc/passwd",
        "%2fetc%2fpasswd",
        "%00",
        "live%2Fblog%00.txt",
        "file:///etc/passwd",
    ],
)
def test_no_id_leads_to_a_file(address: str, article_id: str) -> None:
    url = urlsplit(address)
    for prefix in ("/api/articles/", "/articles/", "/footnote/", "/static/", "/assets/"):
        connection = http.client.HTTPConnection(url.hostname or "", url.port)
        # As it is: other clients tidy a path up.
        connection.request("GET", prefix + article_id)
        response = connection.getresponse()
        assert response.status in (400, 404)
        assert b"root:" not in response.read()
        connection.close()
    assert is_served(address)


def test_where_there_are_too_many_connections_the_oldest_idle_one_makes_room() -> None:
    with serving(app(), Crowded) as address, ExitStack() as stack:
        idle = [stack.enter_context(connect(address)) for _ in range(20)]
        assert is_served(address)
        assert received(idle[0]) == b""
        idle[19].sendall(b"GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n")
        assert b"200 OK" in idle[19].recv(65536)


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
