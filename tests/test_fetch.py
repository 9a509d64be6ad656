"""A page fetched for the owner: only from the public web, within bounds."""

import ipaddress
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest
from hypothesis import given
from hypothesis import strategies as st

from index.fetch.guard import FetchError, Guarded, is_public
from index.fetch.http import MOST_BYTES, fetch

Handler = Callable[[BaseHTTPRequestHandler], None]


@contextmanager
def serving(handle: Handler) -> Iterator[str]:
    class Answers(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            handle(self)

        def log_message(self, *_: object) -> None:
            pass

    with HTTPServer(("127.0.0.1", 0), Answers) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
        thread.join()


def sent(status: int, body: bytes = b"", **headers: str) -> Handler:
    def handle(request: BaseHTTPRequestHandler) -> None:
        request.send_response(status)
        for name, value in headers.items():
            request.send_header(name.replace("_", "-"), value)
        request.end_headers()
        request.wfile.write(body)

    return handle


def anywhere() -> Guarded:
    return Guarded(["127.0.0.1"])


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1",
        "0.0.0.0",
        "10.1.2.3",
        "172.16.0.1",
        "192.168.1.1",
        "169.254.169.254",
        "100.64.0.1",
        "224.0.0.1",
        "240.0.0.1",
        "255.255.255.255",
        "::",
        "::1",
        "fe80::1",
        "fc00::1",
        "fec0::1",
        "ff02::1",
        "::ffff:127.0.0.1",
        "::ffff:10.0.0.1",
        "64:ff9b::7f00:1",
        "2002:7f00:1::",
        "2001:0:4136:e378:8000:63bf:80ff:fffe",
        "192.88.99.1",
        "3fff::1",
        "2620:4f:8000::42",
    ],
)
def test_no_address_within_is_public(address: str) -> None:
    assert not is_public(ipaddress.ip_address(address))


@pytest.mark.parametrize("address", ["93.184.216.34", "8.8.8.8", "2606:4700::1111"])
def test_an_address_of_the_open_web_is_public(address: str) -> None:
    assert is_public(ipaddress.ip_address(address))


@pytest.mark.parametrize(
    "url",
    [
        "http://127.0.0.1/",
        "http://localhost/",
        "http://2130706433/",
        "http://0x7f.1/",
        "http://[::1]/",
        "http://[::ffff:127.0.0.1]/",
        "http://169.254.169.254/latest/meta-data/",
        "https://10.0.0.1/",
    ],
)
def test_no_address_within_is_asked_however_it_is_written(url: str) -> None:
    with pytest.raises(FetchError, match=r"not on the public web|there is no host"):
        fetch(url)


def test_a_name_with_one_address_within_is_not_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    found = [
        (socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, 80))
        for address in ("93.184.216.34", "192.168.0.7")
    ]
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: found)
    with pytest.raises(FetchError, match=r"192\.168\.0\.7, which is not on the public web"):
        fetch("http://mixed.example/")


@pytest.mark.parametrize(
    "url",
    [
        "",
        "ferry",
        "file:///etc/passwd",
        "ftp://a.example/",
        "gopher://a.example/",
        "javascript:alert(1)",
        "http://",
        "http:///path",
        "http://a.example:22/",
        "http://a.example:99999/",
        "http://me:secret@a.example/",
        "http://[::1",
        "http://" + "a" * 70 + ".example/",
    ],
)
def test_what_is_no_web_address_is_refused_in_words(url: str) -> None:
    with pytest.raises(FetchError) as told:
        fetch(url)
    assert "secret" not in str(told.value)


@given(st.text(max_size=60))
def test_no_text_leads_anywhere_but_to_an_error(text: str) -> None:
    def nobody(*_: object, **__: object) -> None:
        raise OSError

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(socket, "getaddrinfo", nobody)
        with pytest.raises(FetchError):
            fetch(f"http://{text}")


def test_a_page_is_fetched_with_its_type_and_charset() -> None:
    handle = sent(200, "é".encode("latin-1"), Content_Type="text/html; charset=ISO-8859-1")
    with serving(handle) as address:
        found = fetch(f"{address}/a b?q=é", anywhere())
    assert (found.type, found.body, found.charset) == ("text/html", b"\xe9", "iso-8859-1")
    assert found.url == f"{address}/a%20b?q=%C3%A9"


def test_a_redirect_to_an_address_within_is_not_followed() -> None:
    with (
        serving(sent(302, Location="http://10.0.0.1/secret")) as address,
        pytest.raises(FetchError, match=r"10\.0\.0\.1, which is not on the public web"),
    ):
        fetch(address, anywhere())


@pytest.mark.parametrize("target", ["file:///etc/passwd", "ftp://a.example/", "http://[x/"])
def test_a_redirect_to_what_is_no_web_address_is_not_followed(target: str) -> None:
    with (
        serving(sent(301, Location=target)) as address,
        pytest.raises(FetchError, match="not a web address"),
    ):
        fetch(address, anywhere())


def test_redirects_have_an_end() -> None:
    with (
        serving(sent(302, Location="/again")) as address,
        pytest.raises(FetchError, match="redirected more than 5 times"),
    ):
        fetch(address, anywhere())


@pytest.mark.parametrize("part", ["head", "body"])
def test_a_page_that_comes_byte_by_byte_is_left_when_its_time_is_over(part: str) -> None:
    """Each byte comes well before a single step would be given up."""
    text = b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nX-More: "
    if part == "body":
        text += b"none\r\n\r\n"

    def handle(request: BaseHTTPRequestHandler) -> None:
        request.wfile.write(text)
        with suppress(OSError):
            for _ in range(200):
                request.wfile.write(b"x")
                time.sleep(0.05)

    began = time.monotonic()
    with serving(handle) as address:
        with pytest.raises(FetchError, match="takes longer than"):
            fetch(address, anywhere(), most_seconds=0.5)
        assert time.monotonic() - began < 5


def test_a_name_server_that_does_not_answer_is_left_when_the_time_is_over(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    answers = threading.Event()
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: answers.wait(20) and [])
    began = time.monotonic()
    with pytest.raises(FetchError, match="takes longer than"):
        fetch("http://slow.example/", most_seconds=0.2)
    assert time.monotonic() - began < 5
    answers.set()


def test_a_page_too_long_is_left() -> None:
    with (
        serving(sent(200, b"x" * (MOST_BYTES + 1), Content_Type="text/html")) as address,
        pytest.raises(FetchError, match="is longer than"),
    ):
        fetch(address, anywhere())


@pytest.mark.parametrize(
    ("handle", "reason"),
    [
        (sent(404), "status 404"),
        (sent(200, b"\x1f\x8b", Content_Encoding="gzip"), "sent compressed"),
        (lambda request: request.wfile.write(b"no http\r\n\r\n"), "cannot be fetched"),
    ],
)
def test_what_cannot_be_taken_is_told(handle: Handler, reason: str) -> None:
    with serving(handle) as address, pytest.raises(FetchError, match=reason):
        fetch(address, anywhere())
