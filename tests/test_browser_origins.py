"""What a real browser does for a page of another site: refused unless the site is listed."""

import logging
import threading
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import partial
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

from qa.web.app import create_app
from qa.web.guard.policy import Policy, read_origins
from qa.web.protocols import About
from tests.browsing import Browser, Page
from tests.serving import serving
from tests.web_sample import EXAMPLES, SampleArticles, SampleAsker

# What a page sees of an answer, or how the browser refused it.
FETCH = """async ([url, init]) => {
  try {
    const answer = await fetch(url, init);
    return `${answer.status} ${(await answer.text()).slice(0, 40)}`;
  } catch (error) { return String(error); }
}"""
REFUSED = "TypeError: Failed to fetch"
JSON_POST = {
    "method": "POST",
    "headers": {"Content-Type": "application/json"},
    "body": '{"question": "moon"}',
}
# Needs no preflight: the request itself reaches the server.
SIMPLE_POST = {"method": "POST", "headers": {"Content-Type": "text/plain"}, "body": "{}"}
ROUTES = [
    "/",
    "/config",
    "/docs",
    "/openapi.json",
    "/healthz",
    "/api/articles/live%2Fblog",
    "/articles/live%2Fblog",
    "/footnote/reader.css",
    "/theme.css",
    "/gradio_api/info",
    "/nowhere",
]


class Counting(SampleAsker):
    """Counts what reaches it."""

    asked = 0

    def ask(self, question: Any) -> Any:
        """The sample's answer."""
        self.asked += 1
        return super().ask(question)


@dataclass(frozen=True, slots=True)
class Sites:
    """The addresses of the server, of a listed site, of one that is not, and who is asked."""

    footnote: str
    listed: str
    unlisted: str
    asker: Counting


class Blank(BaseHTTPRequestHandler):
    """An empty page at each path."""

    def do_GET(self) -> None:
        body = b"<!doctype html><title>Host</title><p>A page of another site"
        self.send_response(200)
        self.send_header("Content-Type", "text/html")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: Any) -> None:
        """Nothing."""


@pytest.fixture(scope="module")
def sites() -> Iterator[Sites]:
    """One host under two names, of which the server lists one."""
    asker = Counting()
    with ThreadingHTTPServer(("127.0.0.1", 0), Blank) as host:
        port = host.server_port
        threading.Thread(target=partial(host.serve_forever, 0.05)).start()
        origins = read_origins(f"http://localhost:{port}", on_loopback=True)
        policy = Policy(origins=replace(origins, with_loopback=False))
        app = create_app(asker, SampleArticles(), EXAMPLES, lambda: About(3), policy=policy)
        with serving(app) as footnote:
            yield Sites(footnote, f"http://localhost:{port}", f"http://127.0.0.1:{port}", asker)
        host.shutdown()


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    context = browser.new_context()
    yield context.new_page()
    context.close()


def fetched(page: Page, url: str, init: dict[str, Any] | None = None) -> str:
    found: str = page.evaluate(FETCH, [url, init or {}])
    return found


def test_a_page_of_a_site_that_is_not_listed_reads_nothing_on_any_route(
    page: Page, sites: Sites
) -> None:
    page.goto(sites.unlisted)
    for path in ROUTES:
        assert fetched(page, sites.footnote + path) == REFUSED


def test_its_preflight_is_refused_so_that_its_question_is_never_sent(
    page: Page, sites: Sites
) -> None:
    page.goto(sites.unlisted)
    before = sites.asker.asked
    sent: list[tuple[str, int]] = []
    page.on("response", lambda answer: sent.append((answer.request.method, answer.status)))
    assert fetched(page, f"{sites.footnote}/api/ask", JSON_POST) == REFUSED
    assert ("POST", 200) not in sent
    assert sites.asker.asked == before


@pytest.mark.parametrize("mode", ["cors", "no-cors"])
def test_its_simple_post_reaches_the_server_and_asks_nothing(
    page: Page, sites: Sites, mode: str, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO, "qa.web.metrics")
    page.goto(sites.unlisted)
    before = sites.asker.asked
    paths = ("/api/ask", "/mcp", "/api/feedback", "/nowhere")
    for path in paths:
        assert fetched(page, sites.footnote + path, SIMPLE_POST | {"mode": mode}) == REFUSED
    logged = [record.fields for record in caplog.records if hasattr(record, "fields")]
    assert [(line["method"], line["path"], line["status"]) for line in logged] == [
        ("POST", path, 403) for path in paths
    ]
    assert sites.asker.asked == before


def test_its_form_is_refused(page: Page, sites: Sites) -> None:
    page.goto(sites.unlisted)
    page.set_content(
        f'<form method="post" enctype="text/plain" action="{sites.footnote}/api/ask">'
        '<input name=\'{"question": "moon", "x": "\' value=\'"}\'><button>go</button></form>'
    )
    before = sites.asker.asked
    with page.expect_navigation() as arrived:
        page.get_by_role("button").click()
    assert arrived.value.status == 403
    assert sites.asker.asked == before


@pytest.mark.parametrize("path", ["/", "/articles/live%2Fblog", "/docs", "/embed", "/widget"])
def test_no_frame_of_it_is_shown_on_a_site_that_is_not_listed(
    page: Page, sites: Sites, path: str
) -> None:
    page.goto(sites.unlisted)
    told: list[str] = []
    page.on("console", lambda message: told.append(message.text))
    with page.expect_event("requestfailed"):
        page.set_content(f'<iframe src="{sites.footnote}{path}"></iframe>')
    assert any("frame-ancestors" in text for text in told)


def test_its_widget_names_the_site_and_the_setting_in_the_console(page: Page, sites: Sites) -> None:
    page.goto(sites.unlisted)
    page.add_script_tag(url=f"{sites.footnote}/widget.js")
    with page.expect_console_message(lambda told: "FOOTNOTE_ORIGINS" in told.text) as told:
        page.evaluate("document.querySelector('footnote-chat').ask('When on the Moon?')")
    assert f"add {sites.unlisted} to FOOTNOTE_ORIGINS" in told.value.text


def test_a_listed_site_asks_reads_and_frames(page: Page, sites: Sites) -> None:
    page.goto(sites.listed)
    answered = fetched(page, f"{sites.footnote}/api/ask", JSON_POST)
    assert answered.startswith("200 ")
    for path in ("/healthz", "/api/articles/live%2Fblog", "/docs"):
        assert fetched(page, sites.footnote + path).startswith("200 ")
    page.set_content(f'<iframe src="{sites.footnote}/articles/live%2Fblog"></iframe>')
    article = page.frame_locator("iframe").get_by_role("heading", name="Live: the decrees")
    article.wait_for()


def test_a_listed_site_can_send_neither_cookies_nor_keys(page: Page, sites: Sites) -> None:
    page.goto(sites.listed)
    ask = f"{sites.footnote}/api/ask"
    assert fetched(page, ask, JSON_POST | {"credentials": "include"}) == REFUSED
    keyed = JSON_POST["headers"] | {"Authorization": "Bearer key"}  # type: ignore[operator]
    assert fetched(page, ask, JSON_POST | {"headers": keyed}) == REFUSED


def test_a_language_that_is_named_as_every_object_has_a_property_is_none(
    page: Page, sites: Sites
) -> None:
    faults: list[Exception] = []
    page.on("pageerror", lambda fault: faults.append(fault))
    page.goto(f"{sites.footnote}/embed?language=constructor")
    page.get_by_role("textbox", name="Ask a question").wait_for()
    assert faults == []
