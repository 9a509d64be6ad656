"""Behind a path: each face is reached under it, and gives out addresses that begin with it."""

import re
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from dataclasses import replace
from pathlib import Path

import httpx
import pytest
from fastapi import FastAPI
from starlette.testclient import TestClient

from index.errors import SettingError
from index.settings import Settings
from qa.answer import Hit, Question
from qa.web.app import create_app
from qa.web.guard.policy import Policy, read_policy
from qa.web.protocols import About
from tests.proxies import NAME, caddy, nginx
from tests.serving import serving
from tests.web_sample import EXAMPLES, HOSTILE, SampleArticles, SampleAsker

BASE = "/kb"
PROXY = "127.0.0.1"
_ADDRESS = re.compile(r'(?:href|src|action)="(/[^"]*)"')
Proxy = Callable[[Path, str, str], AbstractContextManager[tuple[int, int]]]


class Searching:
    def search(self, question: Question) -> list[Hit]:
        return []


def app_with(policy: Policy) -> FastAPI:
    asks, articles = SampleAsker(), SampleArticles()
    about = About(3)
    return create_app(asks, articles, EXAMPLES, lambda: about, policy=policy, searches=Searching())


@pytest.fixture(scope="module")
def by_header() -> TestClient:
    """Of a server that trusts one proxy to name the path."""
    return TestClient(app_with(Policy(proxies=(PROXY,))), client=(PROXY, 1))


@pytest.fixture(
    scope="module",
    params=[(nginx, {"base_path": "/kb/"}), (caddy, {"proxies": PROXY})],
    ids=["nginx-keeps-the-path", "caddy-takes-it-off"],
)
def proxied(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[httpx.Client]:
    """A client of the public name, of which Footnote is one path."""
    proxy, settings = request.param
    app = app_with(read_policy(replace(Settings(), **{"proxies": PROXY, **settings})))
    with (
        serving(app) as footnote,
        proxy(tmp_path_factory.mktemp("proxy"), footnote, BASE) as (_, secure),
        httpx.Client(
            base_url=f"https://127.0.0.1:{secure}", headers={"Host": NAME}, verify=False
        ) as client,
    ):
        yield client


@pytest.mark.parametrize(
    "page", ["/docs", "/widget", "/embed", "/admin", "/articles/space%2Fapollo-11?quote=0-9"]
)
def test_through_a_proxy_every_address_in_a_page_is_under_the_path(
    proxied: httpx.Client, page: str
) -> None:
    addresses = _ADDRESS.findall(proxied.get(f"{BASE}{page}").text)
    assert addresses
    assert [each for each in addresses if not each.startswith(f"{BASE}/")] == []


def test_through_a_proxy_the_chat_calls_the_address_that_it_was_loaded_from(
    proxied: httpx.Client,
) -> None:
    page = proxied.get(f"{BASE}/").text
    assert re.search(rf'"root":"https://[^"]+{BASE}"', page)
    assert _ADDRESS.findall(page) == []
    for loaded in ("footnote/chat.js", *re.findall(r'src="\./(assets/[^"]+)"', page)):
        assert proxied.get(f"{BASE}/{loaded}").status_code == 200


def test_through_a_proxy_links_in_json_exports_and_of_agents_are_under_the_path(
    proxied: httpx.Client,
) -> None:
    answered = proxied.post(f"{BASE}/api/ask", json={"question": "moon"}).json()
    link = answered["citations"][0]["link"]
    assert link.startswith(f"{BASE}/articles/")
    assert "<mark" in proxied.get(link).text
    # Its own address is exported where an article has no other.
    exported = proxied.get(f"{BASE}/export/csl-json", params={"c": f"{HOSTILE.id}:0-9"})
    assert f"https://{NAME}{BASE}/articles/" in exported.text
    assert proxied.get(f"{BASE}/openapi.json").json()["servers"] == [{"url": BASE}]
    called = {"name": "ask", "arguments": {"question": "moon"}}
    asked = {"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": called}
    told = proxied.post(f"{BASE}/mcp", json=asked, headers={"Accept": "application/json"})
    assert told.json()["result"]["structuredContent"]["citations"][0]["link"] == link


def test_through_a_proxy_a_path_without_its_slash_leads_to_the_page(proxied: httpx.Client) -> None:
    moved = proxied.get(BASE)
    # nginx knows by itself that a folder is meant.
    assert moved.status_code in (301, 308)
    assert moved.headers["location"].endswith(f"{BASE}/")
    docs = proxied.get(f"{BASE}/docs/")
    assert (docs.status_code, docs.headers["location"]) == (308, f"{BASE}/docs")


def test_with_a_setting_requests_are_understood_with_the_path_and_without() -> None:
    client = TestClient(app_with(Policy(base_path="/a/kb")))
    links = [
        client.post(f"{base}/api/ask", json={"question": "moon"}).json()["citations"][0]["link"]
        for base in ("/a/kb", "")
    ]
    assert len(set(links)) == 1
    assert links[0].startswith("/a/kb/articles/")
    assert client.get("/a/kbx").status_code == 404
    moved = client.get("/a/kb?lang=de", follow_redirects=False)
    assert moved.headers["location"] == "/a/kb/?lang=de"


@pytest.mark.parametrize(
    "sent", ["//evil.example", "https://a.example", '/"><b>', "kb", "/..\\x", "/a//b", "/a" * 200]
)
def test_a_header_that_is_no_path_is_passed_over(by_header: TestClient, sent: str) -> None:
    page = by_header.get("/docs", headers={"X-Forwarded-Prefix": sent})
    assert 'href="/openapi.json"' in page.text


def test_only_a_trusted_proxy_can_name_the_path(by_header: TestClient) -> None:
    told = {"X-Forwarded-Prefix": "/kb"}
    assert 'href="/kb/openapi.json"' in by_header.get("/docs", headers=told).text
    elsewhere = TestClient(by_header.app, client=("192.0.2.7", 1))
    assert 'href="/openapi.json"' in elsewhere.get("/docs", headers=told).text


@pytest.mark.parametrize("path", ["kb", "/kb?x", "//kb", "/k b", "https://example.org/kb"])
def test_a_setting_that_is_no_path_is_refused_with_the_remedy(path: str) -> None:
    with pytest.raises(SettingError, match=re.escape(f"FOOTNOTE_BASE_PATH is {path!r}")):
        read_policy(replace(Settings(), base_path=path))
