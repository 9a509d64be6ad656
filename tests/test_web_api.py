"""The JSON API, its errors, and what is refused."""

import json
from collections.abc import Iterator
from typing import Any

import pytest
from starlette.testclient import TestClient

from qa.present.wire import AnswerModel, WholeArticleModel
from qa.question import LONGEST_QUESTION
from qa.web.app import create_app
from qa.web.guard.middleware import MAX_BODY
from qa.web.protocols import About
from tests.web_sample import (
    BLOG,
    EXAMPLES,
    HOSTILE,
    LANDING,
    MOON,
    SampleArticles,
    SampleAsker,
)

JSON = {"Content-Type": "application/json"}


@pytest.fixture(scope="module")
def client() -> Iterator[TestClient]:
    about = About(articles=3, newest="2022-09-29")
    app = create_app(SampleAsker(), SampleArticles(), EXAMPLES, lambda: about)
    with TestClient(app, raise_server_exceptions=False) as client:
        yield client


def post(client: TestClient, body: str | bytes) -> tuple[int, Any]:
    response = client.post("/api/ask", content=body, headers=JSON)
    return response.status_code, response.json()


def is_error(body: Any) -> bool:
    """The one shape: a code and a message, nothing else."""
    return set(body) == {"error"} and set(body["error"]) == {"code", "message"}


def test_an_answer_quotes_the_article_at_its_span(client: TestClient) -> None:
    status, body = post(client, json.dumps({"question": "When on the Moon?", "id": "q1"}))
    first = body["citations"][0]
    assert (status, body["status"], body["id"]) == (200, "answered", "q1")
    assert first["quote"] == LANDING == MOON.text[first["quote_start"] : first["quote_end"]]
    assert [citation["number"] for citation in body["citations"]] == [1, 2]


@pytest.mark.parametrize(
    ("method", "path", "address"),
    [
        ("POST", "/api/ask/", "/api/ask"),
        ("GET", "/api/ask/?q=a%26b", "/api/ask?q=a%26b"),
        ("GET", "/docs//", "/docs"),
        ("GET", "/export/bibtex/?c=a:0-9&c=b%2Fc:1-2", "/export/bibtex?c=a:0-9&c=b%2Fc:1-2"),
        ("GET", "/healthz/", "/healthz"),
    ],
)
def test_a_trailing_slash_redirects_with_method_body_and_query(
    client: TestClient, method: str, path: str, address: str
) -> None:
    response = client.request(method, path, follow_redirects=False)
    assert (response.status_code, response.headers["location"]) == (308, address)


def test_a_question_sent_to_a_trailing_slash_is_answered(client: TestClient) -> None:
    response = client.post("/api/ask/", json={"question": "When on the Moon?"})
    assert response.json()["citations"][0]["quote"] == LANDING


def test_a_trailing_slash_behind_nothing_of_ours_leads_nowhere(client: TestClient) -> None:
    for path in ("/nowhere/", "/config/", "/footnote/"):
        response = client.get(path, follow_redirects=False)
        assert (response.status_code, is_error(response.json())) == (404, True)


def test_a_question_in_an_address_gets_the_same_answer_which_no_cache_keeps(
    client: TestClient,
) -> None:
    asked = {"q": "When on the Moon?", "k": "3", "ignore": ["when", "spelling"]}
    response = client.get("/api/ask", params=asked)
    assert response.json() == client.post("/api/ask", json={"question": asked["q"]}).json()
    assert response.headers["cache-control"] == "no-store"


@pytest.mark.parametrize(
    ("query", "code", "told"),
    [
        ("", "invalid_request", "q: field required"),
        ("q=", "empty_question", "the question is empty"),
        ("q=" + "m" * 2001, "question_too_long", "2,001 characters"),
        ("q=moon&k=many", "bad_k", "'many'"),
        ("q=moon&k=" + "9" * 5000, "bad_k", "1,000"),
        ("q=moon&after=then", "bad_date", "'then'"),
        ("q=moon&within=page", "bad_within", "page_url"),
        ("q=moon&ignore=all", "bad_ignore", "'all'"),
    ],
)
def test_what_cannot_be_asked_in_an_address_is_told_as_in_a_body(
    client: TestClient, query: str, code: str, told: str
) -> None:
    response = client.get(f"/api/ask?{query}")
    error = response.json()["error"]
    assert (response.status_code, error["code"]) == (422, code)
    assert told in error["message"]


def test_a_wrong_method_is_told_all_that_the_path_takes(client: TestClient) -> None:
    for path, allowed in [
        ("/api/ask", "GET, HEAD, POST"),
        ("/healthz", "GET, HEAD"),
        ("/api/feedback", "POST"),
        ("/footnote/reader.css", "GET, HEAD"),
    ]:
        assert client.delete(path).headers["allow"] == allowed


def test_an_answer_has_the_documented_shape_and_no_more(client: TestClient) -> None:
    for question in ("the Moon?", "the ceremony?", "the price of tea?"):
        _, body = post(client, json.dumps({"question": question}))
        assert AnswerModel.model_validate(body).model_dump(mode="json") == body


def test_a_question_not_covered_has_the_nearest_passages_and_no_citation(
    client: TestClient,
) -> None:
    status, body = post(client, '{"question": "the price of tea?"}')
    assert (status, body["status"], body["citations"]) == (200, "not_covered", [])
    assert len(body["nearest"]) == 2


def test_null_equals_absent_and_unknown_fields_are_passed_over(client: TestClient) -> None:
    fields = dict.fromkeys(("history", "k", "after", "before", "source", "page_url", "id"))
    status, body = post(client, json.dumps({"question": "the Moon?", "zzz": [1], **fields}))
    assert (status, body["status"]) == (200, "answered")


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        ("", 400, "invalid_json"),
        ("{", 400, "invalid_json"),
        ("nope", 400, "invalid_json"),
        (b"\xff\xfe", 400, "invalid_json"),
        ("[" * 10_000, 400, "invalid_json"),
        ("[1]", 422, "invalid_request"),
        ('"moon"', 422, "invalid_request"),
        ("{}", 422, "empty_question"),
        ('{"question": null}', 422, "empty_question"),
        ('{"question": " "}', 422, "empty_question"),
        ('{"question": 5}', 422, "bad_question"),
        ('{"question": "moon \\u0000"}', 422, "bad_character"),
        ('{"question": "\\ud800 moon"}', 422, "bad_character"),
        ('{"question": "moon", "history": ["\\udfff"]}', 422, "bad_character"),
        ('{"question": "moon", "id": "\\ud800"}', 422, "invalid_request"),
        ('{"question": "moon", "k": 0}', 422, "bad_k"),
        ('{"question": "moon", "k": 10000}', 422, "bad_k"),
        ('{"question": "moon", "k": 1e999}', 422, "bad_k"),
        (f'{{"question": "moon", "k": {"9" * 4000}}}', 422, "bad_k"),
        ('{"question": "moon", "k": NaN}', 422, "bad_k"),
        ('{"question": "moon", "history": "x"}', 422, "bad_history"),
        ('{"question": "moon", "after": "the 40th"}', 422, "bad_date"),
    ],
)
def test_what_cannot_be_asked_is_one_clear_error(
    client: TestClient, body: str | bytes, status: int, code: str
) -> None:
    found, error = post(client, body)
    assert is_error(error)
    assert (found, error["error"]["code"]) == (status, code)
    assert len(error["error"]["message"]) > 20


def test_a_number_of_five_thousand_digits_is_no_fault_of_the_server(client: TestClient) -> None:
    status, error = post(client, f'{{"question": "moon", "k": {"9" * 5000}}}')
    assert status in (400, 422)
    assert is_error(error)


def test_a_question_too_long_says_so(client: TestClient) -> None:
    question = "moon " * (LONGEST_QUESTION // 5 + 1)
    status, error = post(client, json.dumps({"question": question}))
    assert (status, error["error"]["code"]) == (422, "question_too_long")


def test_json_sent_as_a_form_is_told_to_send_json(client: TestClient) -> None:
    response = client.post("/api/ask", data={"question": "moon"})
    assert (response.status_code, response.json()["error"]["code"]) == (400, "invalid_json")


@pytest.mark.parametrize("path", ["/api/ask", "/gradio_api/run/predict", "/nowhere"])
def test_a_body_above_64_kb_is_refused_on_every_route(client: TestClient, path: str) -> None:
    response = client.post(path, content=b"x" * (MAX_BODY + 1), headers=JSON)
    assert (response.status_code, response.json()["error"]["code"]) == (413, "body_too_large")


def test_a_body_without_a_length_is_counted_as_it_comes(client: TestClient) -> None:
    def chunks() -> Iterator[bytes]:
        for _ in range(70):
            yield b"x" * 1024

    response = client.post("/api/ask", content=chunks(), headers=JSON)
    assert response.status_code == 413


def test_an_unexpected_exception_is_logged_and_never_shown(
    client: TestClient, caplog: pytest.LogCaptureFixture
) -> None:
    status, error = post(client, '{"question": "crash"}')
    assert (status, error["error"]["code"]) == (500, "internal")
    assert "secret" not in json.dumps(error)
    assert "a secret of the server" in caplog.text


@pytest.mark.parametrize("article", [MOON, BLOG, HOSTILE])
def test_an_article_is_found_by_the_link_of_its_citation(client: TestClient, article: Any) -> None:
    path = client.get(f"/api/articles/{_encoded(article.id)}")
    body = path.json()
    WholeArticleModel.model_validate(body)
    assert (body["id"], body["text"]) == (article.id, article.text)


def _encoded(article_id: str) -> str:
    return "".join(f"%{byte:02X}" for byte in article_id.encode())


@pytest.mark.parametrize("article_id", ["nothing", "../../etc/passwd", "%00", "%ff", ""])
def test_an_unknown_article_is_a_404(client: TestClient, article_id: str) -> None:
    response = client.get(f"/api/articles/{article_id}")
    assert response.status_code == 404
    assert is_error(response.json())


def test_the_server_says_that_it_is_up(client: TestClient) -> None:
    response = client.get("/healthz")
    assert (response.status_code, response.json()) == (200, {"status": "ok", "articles": 3})


@pytest.mark.parametrize(
    ("method", "path", "status", "code"),
    [
        ("GET", "/nowhere", 404, "unknown_route"),
        ("GET", "/healthz/x", 404, "unknown_route"),
        ("GET", "/footnote/nothing.css", 404, "unknown_route"),
        ("GET", "/footnote/../api.py", 404, "unknown_route"),
        ("POST", "/healthz", 405, "wrong_method"),
        ("GET", "/api/feedback", 405, "wrong_method"),
        ("DELETE", "/", 405, "wrong_method"),
        ("POST", "/docs", 405, "wrong_method"),
    ],
)
def test_wrong_ways_end_in_the_one_error_shape(
    client: TestClient, method: str, path: str, status: int, code: str
) -> None:
    response = client.request(method, path)
    assert is_error(response.json())
    assert (response.status_code, response.json()["error"]["code"]) == (status, code)


@pytest.mark.parametrize(
    "path",
    [
        "/gradio_api/upload",
        "/gradio_api/upload_progress?upload_id=1",
        "/gradio_api/file=/etc/passwd",
        "/gradio_api/file=http://example.org/",
        "/gradio_api/file/etc/passwd",
        "/gradio_api/proxy=http://example.org/",
        "/gradio_api/stream/1",
        "/gradio_api/stream/1/1/1/playlist.m3u8",
        "/gradio_api/component_server",
        "/gradio_api/run-history/records",
        "/gradio_api/runs",
        "/gradio_api/run/turn",
        "/gradio_api/queue/join",
        "/gradio_api/queue/data?session_hash=1",
        "/gradio_api/cancel",
        "/gradio_api/reset",
        "/gradio_api/api/predict",
        "/gradio_api/api/turn",
        "/gradio_api/call/turn",
        "/gradio_api/custom_component/1/client/component/x.js",
        "/gradio_api/vibe-code",
        "/gradio_api/deep_link?session_hash=1",
        "/monitoring",
        "/monitoring/summary",
        "/login",
        "/svelte/x.js",
    ],
)
def test_routes_of_gradio_that_a_text_chat_needs_none_of_are_shut(
    client: TestClient, path: str
) -> None:
    for method in ("GET", "POST", "HEAD"):
        assert client.request(method, path).status_code == 404
    assert client.get(path).json()["error"]["code"] == "unknown_route"


@pytest.mark.parametrize(
    "path",
    ["/static/..%2f..%2froutes.py", "/assets/%2e%2e/index.html", "/footnote/..%2fapi.py"],
)
def test_no_path_leads_out_of_the_served_folders(client: TestClient, path: str) -> None:
    response = client.get(path)
    assert response.status_code == 404
    assert is_error(response.json())


@pytest.mark.parametrize(
    "path",
    ["/", "/docs", "/healthz", "/nowhere", "/articles/live%2Fblog", "/footnote/reader.css"],
)
def test_every_response_binds_the_browser(client: TestClient, path: str) -> None:
    headers = client.get(path).headers
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["referrer-policy"] == "no-referrer"
    assert "default-src 'none'" in headers["content-security-policy"]
    assert "frame-ancestors 'self'" in headers["content-security-policy"]


def test_a_fault_of_the_server_has_the_headers_too(client: TestClient) -> None:
    response = client.post("/api/ask", json={"question": "crash"})
    assert response.headers["x-content-type-options"] == "nosniff"


def test_no_origin_is_reflected(client: TestClient) -> None:
    for path in ("/", "/healthz", "/theme.css"):
        response = client.get(path, headers={"Origin": "https://evil.example"})
        assert "access-control-allow-origin" not in response.headers


def test_the_docs_show_every_route_and_shape_and_link_to_no_other_host(
    client: TestClient,
) -> None:
    page = client.get("/docs")
    schema = client.get("/openapi.json").json()
    for told in (*schema["paths"], *schema["components"]["schemas"]):
        assert told in page.text
    assert "//" not in page.text.replace("http://…/api/ask", "")
    assert "HTTPValidationError" not in page.text


def test_every_error_in_the_schema_has_the_one_shape(client: TestClient) -> None:
    schema = client.get("/openapi.json").json()
    for methods in schema["paths"].values():
        for operation in methods.values():
            for status, reply in operation["responses"].items():
                sent = reply["content"].get("application/json", {"schema": {}})
                is_error = sent["schema"].get("$ref", "").endswith("/ErrorModel")
                assert is_error == (status >= "400")
