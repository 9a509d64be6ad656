"""The guard of every route: origins, hosts, rates, keys, headers, and what is noted."""

import gzip
import json
import logging
import re
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import replace
from typing import Any

import pytest
from fastapi import FastAPI
from prometheus_client import generate_latest
from starlette.testclient import TestClient

from index.errors import DamagedError, StoreError
from index.settings import Settings
from qa.answer import Answer, Question
from qa.web.api import Readiness, api_routes, health_routes
from qa.web.app import create_app
from qa.web.chat.page import MAX_SESSIONS, chat_app
from qa.web.errors import add_error_handlers
from qa.web.follow_up import FollowUp
from qa.web.guard.middleware import ASKED_WITH_GET
from qa.web.guard.policy import Policy, read_policy
from qa.web.metrics import JsonLines, Metrics
from qa.web.protocols import About
from qa.web.queue import QuestionQueue
from tests.web_sample import EXAMPLES, SampleArticles, SampleAsker, conversations

LISTED, UNLISTED = "https://news.example.org", "https://evil.example"
KEY = "a-key-of-the-tests-0123"
PUBLIC = replace(
    Settings(), host="0.0.0.0", origins="*.example.org", rate="none", origin_rate="none"
)
# Every kind of route: ours, the reader, files, Gradio's own, and what does not exist.
ROUTES = [
    "/",
    "/config",
    "/docs",
    "/openapi.json",
    "/healthz",
    "/readyz",
    "/metrics",
    "/favicon.ico",
    "/api/ask",
    "/api/articles/live%2Fblog",
    "/articles/live%2Fblog",
    "/footnote/reader.css",
    "/footnote/nothing",
    "/theme.css",
    "/assets/nope.js",
    "/static/nope.js",
    "/gradio_api/info",
    "/gradio_api/startup-events",
    "/gradio_api/run/predict",
    "/gradio_api/queue/join",
    "/gradio_api/queue/data",
    "/gradio_api/upload",
    "/gradio_api/file=/etc/passwd",
    "/mcp",
    "/admin",
    "/widget.js",
    "/nowhere",
]
Making = Callable[..., TestClient]


def client_of(policy: Policy, address: str = "192.0.2.1") -> TestClient:
    """A client of an app under the policy."""
    app = create_app(
        SampleAsker(), SampleArticles(), EXAMPLES, lambda: About(3, "2022-09-29"), policy=policy
    )
    return TestClient(app, raise_server_exceptions=False, client=(address, 5000))


@pytest.fixture
def make() -> Iterator[Making]:
    """Clients of apps under a policy, each from an address of its choice."""
    with ExitStack() as stack:
        yield lambda *told: stack.enter_context(client_of(*told))


@pytest.fixture(scope="module")
def public() -> Iterator[TestClient]:
    """One without rates, so that tests can share it."""
    with client_of(read_policy(PUBLIC)) as client:
        yield client


@pytest.fixture(scope="module")
def local() -> Iterator[TestClient]:
    """One on loopback, asked from its own machine."""
    with client_of(read_policy(Settings()), "127.0.0.1") as client:
        yield client


def ask(client: TestClient, **headers: str) -> Any:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return client.post("/api/ask", json={"question": "moon"}, headers=named)


def code(response: Any) -> str:
    """Of an error in the one shape."""
    assert set(response.json()["error"]) == {"code", "message"}
    found: str = response.json()["error"]["code"]
    return found


@pytest.mark.parametrize("path", ROUTES)
@pytest.mark.parametrize("origin", [UNLISTED, "null", "http://localhost:3000", "https://x"])
def test_no_route_answers_a_page_of_a_site_that_is_not_listed(
    public: TestClient, path: str, origin: str
) -> None:
    asked = {"Origin": origin, "Access-Control-Request-Method": "POST"}
    for method in ("GET", "POST", "OPTIONS", "PUT", "DELETE"):
        response = public.request(method, path, headers=asked)
        assert (response.status_code, code(response)) == (403, "origin_not_allowed")
        assert not [name for name in response.headers if name.startswith("access-control")]
        assert "Origin" in response.headers["vary"]


@pytest.mark.parametrize("path", [path for path in ROUTES if path != "/admin"])
def test_every_route_lets_a_listed_site_read_and_none_asks_for_credentials(
    public: TestClient, path: str
) -> None:
    for method in ("GET", "POST"):
        response = public.request(method, path, headers={"Origin": LISTED})
        assert response.headers["access-control-allow-origin"] == LISTED
        assert "access-control-allow-credentials" not in response.headers
        assert "Origin" in response.headers["vary"]
    asked = {"Origin": LISTED, "Access-Control-Request-Method": "POST"}
    preflight = public.options(path, headers=asked)
    assert preflight.status_code == 204
    assert preflight.headers["access-control-allow-origin"] == LISTED
    assert "content-type" in preflight.headers["access-control-allow-headers"].lower()
    assert "authorization" not in preflight.headers["access-control-allow-headers"].lower()
    assert "access-control-allow-credentials" not in preflight.headers


@pytest.mark.parametrize(
    ("method", "path", "body", "status"),
    [
        ("POST", "/api/ask", "{", 400),
        ("POST", "/api/ask", "{}", 422),
        ("POST", "/api/ask", "x" * 70_000, 413),
        ("POST", "/api/ask", '{"question": "crash"}', 500),
        ("GET", "/api/ask", None, 422),
        ("GET", "/api/feedback", None, 405),
        ("GET", "/api/articles/nope", None, 404),
        ("GET", "/footnote/nope", None, 404),
        ("POST", "/gradio_api/upload", "x", 404),
    ],
)
def test_a_listed_site_can_read_what_went_wrong_and_another_cannot(
    public: TestClient, method: str, path: str, body: str | None, status: int
) -> None:
    told = {"Content-Type": "application/json"}
    response = public.request(method, path, content=body, headers={"Origin": LISTED, **told})
    assert response.status_code == status
    assert response.headers["access-control-allow-origin"] == LISTED
    assert "access-control-allow-credentials" not in response.headers
    assert code(response)
    refused = public.request(method, path, content=body, headers={"Origin": UNLISTED, **told})
    assert (refused.status_code, code(refused)) == (403, "origin_not_allowed")
    assert "access-control-allow-origin" not in refused.headers


def test_what_changes_things_is_for_pages_of_the_own_host_alone(public: TestClient) -> None:
    for path in ("/admin", "/admin/x"):
        assert public.post(path, headers={"Origin": LISTED}).status_code == 403
        assert public.post(path, headers={"Origin": "http://testserver"}).status_code != 403
        assert LISTED not in str(public.get(path).headers)


def test_pages_of_the_own_host_and_programs_are_asked_for_no_origin(public: TestClient) -> None:
    assert ask(public).status_code == 200
    assert ask(public, Origin="http://testserver").status_code == 200
    # A proxy that tells its own name as Host: the browser knows better.
    own = ask(public, Origin="https://public.example", Sec_Fetch_Site="same-origin")
    assert own.status_code == 200
    assert "access-control-allow-origin" not in own.headers


def test_a_refused_post_asks_nothing(make: Making, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)
    assert ask(make(Policy()), Origin=UNLISTED).status_code == 403
    assert [record.message for record in caplog.records if record.name.startswith("qa")] == [
        "request"
    ]


@pytest.mark.parametrize("path", ["/", "/docs", "/articles/live%2Fblog", "/nowhere", "/theme.css"])
def test_listed_sites_may_frame_and_others_may_not(public: TestClient, path: str) -> None:
    told = public.get(path).headers["content-security-policy"]
    assert told.count("frame-ancestors") == 1
    frames = next(part for part in told.split("; ") if part.startswith("frame-ancestors"))
    assert frames == "frame-ancestors 'self' https://*.example.org http://*.example.org"


@pytest.mark.parametrize("path", ROUTES)
def test_every_response_has_the_headers_that_bind_a_browser(public: TestClient, path: str) -> None:
    for method in ("GET", "POST", "OPTIONS"):
        headers = public.request(method, path).headers
        assert headers["x-content-type-options"] == "nosniff"
        # The owner's page says to itself where its forms come from.
        is_owners = path == "/admin" and method == "GET"
        assert headers["referrer-policy"] == ("same-origin" if is_owners else "no-referrer")
        assert "default-src 'none'" in headers["content-security-policy"]
        assert "camera=()" in headers["permissions-policy"]
        shared = path.startswith(("/widget.js", "/footnote/"))
        expected = "cross-origin" if shared else "same-origin"
        assert headers["cross-origin-resource-policy"] == expected
        assert re.fullmatch("[0-9a-f]{32}", headers["x-request-id"])


@pytest.mark.parametrize("host", ["evil.example", "evil.example:7860", "", "a b", "127.0.0.1.x.y"])
def test_on_loopback_a_name_that_was_pointed_here_is_refused(local: TestClient, host: str) -> None:
    for path in ("/", "/api/articles/live%2Fblog", "/mcp"):
        refused = local.get(path, headers={"Host": host})
        assert (refused.status_code, code(refused)) == (421, "wrong_host")
    for name in ("localhost:7860", "127.0.0.1", "[::1]:7860"):
        assert local.get("/healthz", headers={"Host": name}).status_code == 200


def test_one_question_too_many_waits_and_others_do_not(make: Making) -> None:
    settings = replace(PUBLIC, rate="2/minute", origin_rate="none")
    client = make(read_policy(settings))
    assert [ask(client).status_code for _ in range(3)] == [200, 200, 429]
    refused = ask(client, Origin=LISTED)
    assert (refused.status_code, code(refused)) == (429, "too_many_requests")
    assert 1 <= int(refused.headers["retry-after"]) <= 60
    # A page that is refused can read why, and when to come back.
    assert refused.headers["access-control-allow-origin"] == LISTED
    assert "Retry-After" in refused.headers["access-control-expose-headers"]
    for path in ("/gradio_api/run/predict", "/mcp", "/api/feedback"):
        assert client.post(path, json={}).status_code == 429
    assert client.get("/articles/live%2Fblog").status_code == 200


def test_reading_is_limited_and_the_health_of_the_server_is_not(make: Making) -> None:
    client = make(read_policy(replace(PUBLIC, rate="1/minute")))
    got = [client.get("/api/articles/live%2Fblog").status_code for _ in range(11)]
    assert got == [200] * 10 + [429]
    assert [client.get("/healthz").status_code for _ in range(20)] == [200] * 20


def test_what_searches_counts_as_a_question_though_it_is_fetched_with_get(make: Making) -> None:
    client = make(read_policy(replace(PUBLIC, rate="2/minute")))
    got = [client.get(path, params={"q": "moon"}) for path in (*ASKED_WITH_GET, "/api/ask")]
    assert [each.status_code for each in got] == [200, 200, 429]
    assert (ask(client).status_code, code(got[2])) == (429, "too_many_requests")
    assert client.get("/footnote/reader.css").status_code == 200


@pytest.mark.parametrize("path", ASKED_WITH_GET)
def test_a_page_of_another_site_asks_only_as_the_site_that_it_is(
    public: TestClient, path: str
) -> None:
    def asked(**headers: str) -> int:
        sent = {name.replace("_", "-"): value for name, value in headers.items()}
        return public.get(path, params={"q": "moon"}, headers=sent).status_code

    assert asked(Sec_Fetch_Site="cross-site", Sec_Fetch_Dest="image") == 403
    assert asked(Sec_Fetch_Site="same-site", Sec_Fetch_Dest="iframe") == 403
    assert asked(Sec_Fetch_Site="cross-site", Sec_Fetch_Dest="empty", Origin=LISTED) == 200
    assert asked(Sec_Fetch_Site="cross-site", Sec_Fetch_Dest="document") == 200
    assert asked() == 200


def test_a_site_is_limited_for_all_its_readers(make: Making) -> None:
    client = make(read_policy(replace(PUBLIC, origin_rate="2/minute")))
    assert [ask(client, Origin=LISTED).status_code for _ in range(3)] == [200, 200, 429]
    assert ask(client, Origin="https://other.example.org").status_code == 200
    assert ask(client).status_code == 200


def test_a_known_key_is_not_bound_by_rates_and_a_wrong_one_is_refused(make: Making) -> None:
    client = make(read_policy(replace(PUBLIC, rate="1/minute", api_keys=KEY)))
    got = [ask(client, Authorization=f"Bearer {KEY}").status_code for _ in range(5)]
    assert got == [200] * 5
    wrong = ask(client, Authorization=f"Bearer {KEY}x")
    assert (wrong.status_code, code(wrong)) == (401, "wrong_key")
    assert wrong.headers["www-authenticate"] == "Bearer"
    # Guessing counts as asking.
    assert ask(client, Authorization="Bearer guess").status_code == 429
    assert client.get("/api/articles/x", headers={"Authorization": "Bearer y"}).status_code == 429


def test_a_key_opens_nothing_to_a_page_of_a_site_that_is_not_listed(make: Making) -> None:
    client = make(read_policy(replace(PUBLIC, api_keys=KEY)))
    assert ask(client, Authorization=f"Bearer {KEY}", Origin=UNLISTED).status_code == 403


def test_without_keys_the_header_means_nothing(public: TestClient) -> None:
    assert ask(public, Authorization="Bearer whatever").status_code == 200


def test_no_page_holds_a_key(make: Making) -> None:
    client = make(read_policy(replace(PUBLIC, api_keys=KEY)))
    for path in ("/", "/config", "/docs", "/openapi.json", "/gradio_api/info", "/metrics"):
        assert KEY not in client.get(path).text


def test_metrics_are_for_this_machine_and_for_holders_of_a_key(make: Making) -> None:
    policy = read_policy(replace(PUBLIC, api_keys=KEY))
    there, here = make(policy), make(policy, "127.0.0.1")
    refused = there.get("/metrics")
    assert (refused.status_code, code(refused)) == (403, "not_local")
    assert there.get("/metrics", headers={"Authorization": f"Bearer {KEY}"}).status_code == 200
    assert here.get("/metrics").status_code == 200


def test_metrics_count_answers_stages_errors_and_what_is_searched(make: Making) -> None:
    client = make(Policy(), "127.0.0.1")
    for question in ("moon", "moon", "the price of tea", "", "crash"):
        client.post("/api/ask", json={"question": question})
    told = dict(
        line.rsplit(" ", 1)
        for line in client.get("/metrics").text.splitlines()
        if not line.startswith("#")
    )
    assert told['footnote_questions_total{status="answered"}'] == "2.0"
    assert told['footnote_questions_total{status="not_covered"}'] == "1.0"
    assert told['footnote_errors_total{status="422"}'] == "1.0"
    assert told['footnote_errors_total{status="500"}'] == "1.0"
    assert told['footnote_stage_seconds_count{stage="whole"}'] == "3.0"
    assert told['footnote_stage_seconds_bucket{le="+Inf",stage="wait"}'] == "3.0"
    assert told["footnote_articles"] == "3.0"
    assert float(told["footnote_newest_article_age_seconds"]) > 86400 * 365


@pytest.mark.parametrize(
    ("newest", "hours", "is_warned"),
    [("2022-09-29", 48, True), ("2022-09-29", 0, False), (None, 48, False), ("2999", 48, False)],
)
def test_where_no_newer_article_came_for_too_long_readiness_warns(
    newest: str | None, hours: int, is_warned: bool
) -> None:
    about = About(3, newest, stale_after=hours)
    assert bool(about.warning) is is_warned
    if is_warned:
        app = create_app(SampleAsker(), SampleArticles(), EXAMPLES, lambda: about)
        ready = TestClient(app).get("/readyz")
        assert (ready.status_code, ready.json()["warning"]) == (200, about.warning)
        assert "from 2022-09-29, more than 48 hours old" in ready.json()["warning"]


@pytest.mark.parametrize("newest", [None, "<i>never</i>"])
def test_an_age_that_is_not_known_is_not_told(newest: str | None) -> None:
    app = create_app(
        SampleAsker(),
        SampleArticles(),
        EXAMPLES,
        lambda: About(3, newest, passages=9, bytes=1000, unfetched=2),
    )
    told = TestClient(app, client=("127.0.0.1", 1)).get("/metrics").text
    assert "newest_article" not in told
    assert "footnote_index_bytes 1000.0" in told
    assert "footnote_unfetched_addresses 2.0" in told


def test_readiness_tells_what_is_searched_and_a_fault_that_the_index_is_not_open() -> None:
    tried: list[int] = []

    def about() -> About:
        tried.append(1)
        if len(tried) > 1:
            raise OSError("gone")
        return About(3, "2022-09-29")

    app = create_app(SampleAsker(), SampleArticles(), EXAMPLES, about)
    client = TestClient(app)
    ready = client.get("/readyz")
    assert (ready.status_code, ready.json()["articles"]) == (200, 3)
    gone = client.get("/readyz")
    assert (gone.status_code, code(gone)) == (503, "not_ready")
    assert gone.headers["retry-after"] == "1"


def test_readiness_tries_a_question_now_and_then_and_tells_that_it_fails() -> None:
    now, asked = [0.0], list[Question]()

    class Damaged(SampleAsker):
        def ask(self, question: Question) -> Answer:
            asked.append(question)
            if len(asked) == 2:
                raise OSError("a file was cut short")
            return super().ask(question)

    asker, app = Damaged(), FastAPI()
    readiness = Readiness(lambda: About(3), asker, QuestionQueue(asker), lambda: now[0])
    app.include_router(health_routes(lambda: About(3), readiness))
    found = []
    with TestClient(app) as client:
        for now[0] in (0.0, 1.0, 9.0, 10.0, 11.0, 12.0):
            found.append(client.get("/readyz").status_code)
    assert found == [200, 200, 200, 503, 200, 200]
    assert len(asked) == 3
    # Asked of a moment: an answer that is kept would hide the damage.
    assert all(question.asked_at for question in asked)


class _Away(SampleAsker):
    def ask(self, question: Question) -> Answer:
        raise StoreError("Milvus at 'milvus://db:19530/news' fails")


def test_a_server_says_that_the_archive_is_away_and_not_where_it_is() -> None:
    client = TestClient(create_app(_Away(), SampleArticles(), EXAMPLES, lambda: About(3)))
    told = client.post("/api/ask", json={"question": "Who landed on the moon?"})
    assert (told.status_code, code(told)) == (503, "away")
    assert "19530" not in told.text
    assert told.headers["retry-after"]
    assert client.get("/readyz").status_code == 503


@pytest.mark.parametrize("origin", ["vscode-webview://1a2b", "chrome-extension://abc"])
def test_what_is_no_web_page_is_told_how_a_program_asks(public: TestClient, origin: str) -> None:
    message = ask(public, Origin=origin).json()["error"]["message"]
    assert "FOOTNOTE_API_KEYS" in message
    assert "FOOTNOTE_ORIGINS" not in message


def test_a_compressed_body_is_told_as_such(public: TestClient) -> None:
    packed = gzip.compress(b'{"question": "moon"}')
    headers = {"Content-Encoding": "gzip", "Content-Type": "application/json"}
    response = public.post("/api/ask", content=packed, headers=headers)
    assert (response.status_code, code(response)) == (415, "compressed_body")


def test_conversations_of_the_chat_are_bounded_and_counted() -> None:
    chat = chat_app(QuestionQueue(SampleAsker()), conversations())
    for number in range(MAX_SESSIONS + 20):
        assert chat.blocks.state_holder[f"s{number}"]
    assert chat.sessions() == MAX_SESSIONS
    metrics = Metrics(lambda: About(3))
    metrics.watch("footnote_chat_sessions", "Conversations", chat.sessions)
    told = generate_latest(metrics.registry).decode()
    assert f"footnote_chat_sessions {MAX_SESSIONS:.1f}" in told


def test_a_damaged_index_is_a_503_that_names_no_file() -> None:
    class Damaged(SampleAsker):
        def ask(self, question: Question) -> Answer:
            raise DamagedError("/home/secret/terms.bin was cut")

    app = FastAPI()
    add_error_handlers(app)
    app.include_router(api_routes(QuestionQueue(Damaged()), SampleArticles(), FollowUp()))
    response = ask(TestClient(app))
    assert (response.status_code, code(response)) == (503, "damaged")
    assert "secret" not in response.text


def lines(caplog: pytest.LogCaptureFixture) -> list[Any]:
    """What would be logged."""
    return [json.loads(JsonLines().format(record)) for record in caplog.records]


@pytest.mark.parametrize("wanted", [False, True])
def test_a_question_is_logged_only_where_that_is_wanted(
    make: Making, caplog: pytest.LogCaptureFixture, wanted: bool
) -> None:
    caplog.set_level(logging.INFO)
    client = make(replace(Policy(), logs_questions=wanted))
    client.post("/api/ask", json={"question": "secretmoon?"})
    client.post("/api/ask?question=secretmoon", json={"question": "secretmoon " * 300})
    told = [line for line in lines(caplog) if line["logger"].startswith("qa")]
    assert [line["message"] for line in told] == ["answer", "request", "request"]
    assert ("secretmoon" in json.dumps(told)) is wanted
    assert told[0]["stages_ms"].keys() == {"wait", "whole"}
    assert (told[1]["method"], told[1]["path"], told[1]["status"]) == ("POST", "/api/ask", 200)


def test_a_request_id_is_kept_where_it_is_one_and_made_where_it_is_not(public: TestClient) -> None:
    for sent in ("a-b_1.2:3", "0" * 64):
        assert ask(public, X_Request_ID=sent).headers["x-request-id"] == sent
    for sent in ("", "a b", "x" * 65, 'a"}', "a\x0bb", "a\x7f", "a,b", "a/b"):
        made = ask(public, X_Request_ID=sent).headers["x-request-id"]
        assert re.fullmatch("[0-9a-f]{32}", made)


def test_all_that_is_logged_of_a_request_has_its_id(
    make: Making, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    formatted: list[str] = []
    handler = logging.Handler()
    handler.setFormatter(JsonLines())
    handler.emit = lambda record: formatted.append(handler.format(record))  # type: ignore[method-assign]
    logging.getLogger("qa").addHandler(handler)
    try:
        make(Policy()).post(
            "/api/ask", json={"question": "crash"}, headers={"X-Request-ID": "id-1"}
        )
    finally:
        logging.getLogger("qa").removeHandler(handler)
    told = [json.loads(line) for line in formatted]
    assert [line["message"] for line in told] == ["unexpected error at /api/ask", "request"]
    assert {line["request_id"] for line in told} == {"id-1"}
    assert "a secret of the server" in told[0]["traceback"]


@pytest.mark.parametrize(
    "path", ["/a%0Ab", "/a%0D%0A{%22level%22:%22error%22}", "/%E2%80%A8b", "/a%00"]
)
def test_what_a_request_says_is_never_a_line_of_its_own_in_the_log(
    public: TestClient, caplog: pytest.LogCaptureFixture, path: str
) -> None:
    caplog.set_level(logging.INFO)
    headers = {"User-Agent": "x\x0b\x0c{}", "Referer": "\x1b[2J"}
    assert public.get(path, headers=headers).status_code == 404
    ours = [record for record in caplog.records if record.name.startswith("qa")]
    (line,) = [JsonLines().format(record) for record in ours]
    assert len(line.splitlines()) == 1
    assert line.isascii()
    assert line.isprintable()
    assert json.loads(line)["level"] == "info"


def test_what_is_asked_for_adds_no_series_to_the_metrics(make: Making) -> None:
    client = make(Policy(), "127.0.0.1")

    def series() -> set[str]:
        lines = client.get("/metrics").text.splitlines()
        return {line.rsplit(" ", 1)[0] for line in lines}

    for origin in (UNLISTED, "http://testserver"):
        client.get("/nowhere", headers={"Origin": origin})
        client.post("/api/ask", json={"question": "moon"}, headers={"Origin": origin})
        client.request("BREW", "/", headers={"Origin": origin})
    before = series()
    for number in range(20):
        headers = {"Origin": f"http://127.0.0.1:{4000 + number}", "User-Agent": f"x{number}"}
        client.get(f"/nowhere/{number}", headers=headers)
        client.post("/api/ask", json={"question": f"moon {number}"}, headers=headers)
        client.request(f"BREW{number}", "/", headers=headers)
    assert series() == before


def test_over_https_browsers_are_told_to_stay_there(make: Making) -> None:
    client = make(Policy())
    assert "strict-transport-security" not in client.get("/healthz").headers
    secure = client.get("https://testserver/healthz").headers
    assert secure["strict-transport-security"] == "max-age=31536000"
    assert secure["cross-origin-opener-policy"] == "same-origin"
