"""The files of the chat page, as browsers of every kind get them."""

import re
import threading
from collections.abc import Iterator

import pytest
from starlette.datastructures import Headers
from starlette.testclient import TestClient

from qa.web.app import create_app
from qa.web.assets import FILE_LEVEL, pack, takes_brotli
from qa.web.protocols import About
from tests.web_sample import EXAMPLES, SampleArticles, SampleAsker

BROTLI = {"Accept-Encoding": "gzip, deflate, br"}


@pytest.fixture(scope="module")
def client() -> Iterator[TestClient]:
    app = create_app(SampleAsker(), SampleArticles(), EXAMPLES, lambda: About(3))
    with TestClient(app) as client:
        yield client


@pytest.fixture(scope="module")
def asset(client: TestClient) -> str:
    """The page's own script."""
    found: list[str] = re.findall(r'src="\.(/assets/[^"]+\.js)"', client.get("/").text)
    return found[0]


@pytest.mark.parametrize(
    ("offer", "taken"),
    [("br", True), ("gzip, br;q=0.5", True), ("gzip, br;q=0", False), ("gzip", False), ("", False)],
)
def test_brotli_goes_only_to_who_takes_it(offer: str, taken: bool) -> None:
    assert takes_brotli(Headers({"accept-encoding": offer})) is taken


@pytest.mark.parametrize("path", ["/", "/config", "/footnote/chat.js", "/theme.css"])
@pytest.mark.parametrize("offer", ["br", "gzip", "identity"])
def test_each_file_says_how_it_is_packed(client: TestClient, path: str, offer: str) -> None:
    response = client.get(path, headers={"Accept-Encoding": offer})
    assert response.status_code == 200
    assert response.headers.get("content-encoding", "identity") == offer
    assert "Accept-Encoding" in response.headers.get("vary", "") or offer == "identity"


def test_a_packed_file_is_the_file(client: TestClient, asset: str) -> None:
    plain = client.get(asset, headers={"Accept-Encoding": "identity"})
    for _ in range(2):
        packed = client.get(asset, headers=BROTLI)
        assert packed.headers["content-encoding"] == "br"
        assert packed.content == plain.content
        assert packed.headers["content-type"] == plain.headers["content-type"]
        assert int(packed.headers["content-length"]) < len(plain.content) / 2


def test_who_comes_first_does_not_wait_for_the_most_that_packing_can_do(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    done, may_go_on = threading.Event(), threading.Event()

    def slow(text: bytes, level: int = FILE_LEVEL) -> bytes:
        if level == FILE_LEVEL and threading.current_thread() is not threading.main_thread():
            may_go_on.wait(30)
            done.set()
        return pack(text, level)

    monkeypatch.setattr("qa.web.assets.pack", slow)
    app = create_app(SampleAsker(), SampleArticles(), EXAMPLES, lambda: About(3))
    with TestClient(app) as client:
        [path] = re.findall(r'src="\.(/assets/[^"]+\.js)"', client.get("/").text)[:1]
        first = client.get(path, headers=BROTLI)
        may_go_on.set()
        assert done.wait(30)
        lengths = (client.get(path, headers=BROTLI).headers["content-length"] for _ in range(999))
        later = next(each for each in lengths if each != first.headers["content-length"])
        assert int(later) < int(first.headers["content-length"])
        assert first.headers["etag"] == client.get(path, headers=BROTLI).headers["etag"]


def test_a_file_whose_name_holds_its_digest_is_asked_for_once(
    client: TestClient, asset: str
) -> None:
    packed = client.get(asset, headers=BROTLI)
    assert "immutable" in packed.headers["cache-control"]
    again = client.get(asset, headers=BROTLI | {"If-None-Match": packed.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")


def test_a_file_that_is_not_there_is_a_404_packed_or_not(client: TestClient) -> None:
    for _ in range(2):
        response = client.get("/assets/nope.js", headers=BROTLI)
        assert response.json()["error"]["code"] == "unknown_route"
