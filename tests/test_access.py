"""Who may read what: no word of an article leaves the server for whoever may not read it."""

import json
import re
from collections.abc import Iterator
from contextlib import ExitStack, closing
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import quote, unquote

import jwt
import pytest
from fastapi import FastAPI
from starlette.testclient import TestClient

import app as program
from index.build import build
from index.dates import begun_everywhere
from index.errors import SettingError
from index.settings import Settings
from index.store import Selection, open_store
from qa.access import EmbargoedStore
from qa.answer import Question
from qa.live import LiveIndex
from qa.web.guard.policy import Tokens, read_policy, read_token_keys
from tests.access_sample import (
    CANARY,
    MEMBERS,
    OPENING,
    PUBLIC,
    QUESTIONS,
    RECORDS,
    SECRET,
    SNIPPET,
    TODAY,
    later,
    leaked,
    told_nowhere,
)
from tests.archives import build_records
from tests.fakes import HashEncoder, no_progress

KEY, OTHER_KEY = "k" * 32, "o" * 32


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return build_records(tmp_path_factory.mktemp("access") / "data", RECORDS)


def compose(data: Path, closing: ExitStack) -> FastAPI:
    """The server as it is started, but for the encoder."""
    settings = replace(
        Settings(),
        data=data,
        reader="none",
        strictness="open",
        journal="off",
        reader_keys=KEY,
        snippet=SNIPPET,
    )
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr("index.encoders.ModelEncoder", lambda *_: HashEncoder())
        return program.compose(settings, read_policy(settings), closing)


@pytest.fixture(scope="module")
def client(data: Path) -> Iterator[TestClient]:
    with ExitStack() as closing:
        app = compose(data, closing)
        address = ("127.0.0.1", 5000)
        yield closing.enter_context(
            TestClient(app, "http://localhost", raise_server_exceptions=False, client=address)
        )


@pytest.fixture(scope="module")
def live(data: Path) -> Iterator[LiveIndex]:
    encoder = HashEncoder()
    with closing(LiveIndex(data, encoder, encoder.model)) as opened:
        yield opened


def token(key: str = KEY, minutes: float = 5, **claims: object) -> str:
    told = {"aud": "footnote", "exp": datetime.now(UTC) + timedelta(minutes=minutes)} | claims
    return jwt.encode(told, key, "HS256")


def as_reader(**told: Any) -> dict[str, str]:
    return {"Reader-Token": token(**told)}


YEAR = re.compile(r"(?<![\d.])2999(?![\d.])")
IDS = ("paid", "live", *(f"{CANARY}{name}id" for name in ("hidden", "unclear", "early", "both")))
# What a reader has typed so far.
TYPED = (
    *("vault", "the vault of Orr", "Behind the do", "keeper vault", "third door"),
    *(CANARY, f"vault {CANARY}", *(f"{CANARY}{begun}" for begun in ("o", "fi", "early", "hid"))),
)
SPANS = ("0-9999", "0-140", "45-90", "60-80", "0-20")


@dataclass(frozen=True, slots=True)
class Walker:
    """Sends requests as anybody; gives what was sent and all that came back."""

    client: TestClient

    def get(self, path: str) -> tuple[str, str]:
        return unquote(path), _all_of(self.client.get(path, follow_redirects=True))

    def post(self, path: str, body: object) -> tuple[str, str]:
        headers = {"Accept": "application/json, text/event-stream"}
        return f"{path} {body}", _all_of(self.client.post(path, json=body, headers=headers))

    def agent(self, method: str, **params: object) -> tuple[str, str]:
        return self.post("/mcp", {"jsonrpc": "2.0", "id": 1, "method": method, "params": params})

    def chat(self, question: str) -> tuple[str, str]:
        """What a new chat is told at a question, as its page asks it."""
        session = f"walk{QUESTIONS.index(question)}"
        asked = {"data": [question, "", None], "fn_index": 0, "session_hash": session}
        told = self.client.post("/gradio_api/run/predict", json=asked)
        assert told.status_code == 200
        return question, told.text


def _all_of(response: Any) -> str:
    return f"{response.text}\n{response.headers}"


def walk(walker: Walker) -> Iterator[tuple[str, str]]:
    """Every route with every question, article and span."""
    for question in QUESTIONS:
        page = {"page_url": "https://example.org/paid"}
        history = [{"question": "Which vault?", "cited": ["paid:0-120"]}, "Who counted coins?"]
        for more in ({"k": 20}, {"source": "Gazette"}, page | {"within": "page"}):
            yield walker.post("/api/ask", {"question": question, **more})
        yield walker.post("/api/ask", {"question": question, "history": history})
        cited = "&".join(f"cited={each}%3A0-100" for each in IDS)
        yield walker.get(f"/footnote/further?q={quote(question)}&{cited}")
        yield walker.get(f"/?q={quote(question)}")
        for tool in ("ask", "search"):
            yield walker.agent("tools/call", name=tool, arguments={"question": question, "k": 20})
    yield from map(walker.chat, QUESTIONS[::3])
    for typed in (*TYPED, *QUESTIONS):
        yield walker.get(f"/footnote/typed?q={quote(typed)}")
    for article in (*IDS, f"{CANARY}nothing"):
        yield walker.get(f"/api/articles/{article}")
        yield walker.get(f"/articles/{article}")
        yield walker.agent("resources/read", uri=f"article://{article}")
        for start in (0, 40):
            given = {"article_id": article, "start": start}
            yield walker.agent("tools/call", name="read_article", arguments=given)
        for span in SPANS:
            yield walker.get(f"/articles/{article}?quote={span}&view=panel&cited={article}:{span}")
            for form in ("bibtex", "ris", "csl-json", "markdown"):
                yield walker.get(f"/export/{form}?c={article}:{span}")
    for path in ("", "config", "healthz", "readyz", "metrics", "docs", "openapi.json", "widget"):
        yield walker.get(f"/{path}")
    for path in ("embed", "widget.js", "admin", "nowhere", "gradio_api/info"):
        yield walker.get(f"/{path}")


def test_no_route_tells_a_word_that_its_reader_may_not_read(client: TestClient) -> None:
    walked = list(walk(Walker(client)))
    assert [(sent, leaked(sent, told)) for sent, told in walked if leaked(sent, told)] == []
    # The year, and not digits of a measured number.
    assert [sent for sent, told in walked if YEAR.search(told) and "2999" not in sent] == []
    assert len(walked) > 200
    # What it walked by had answers.
    assert sum("answered" in told and "paid" in told for _, told in walked) > 20
    typed = [json.loads(told.partition("\n")[0]) for sent, told in walked if "/typed" in sent]
    assert any(each["articles"] for each in typed)
    assert any(each["passages"] for each in typed)


def test_a_member_reads_what_others_see_begin(client: TestClient) -> None:
    others = client.get("/api/articles/paid").json()
    assert (others["text"], others["excerpt"]) == (f"{OPENING} A", True)
    response = client.get("/api/articles/paid", headers=as_reader())
    assert (response.json()["text"], response.json()["excerpt"]) == (SECRET, False)
    assert response.headers["cache-control"] == "no-store"
    assert f"{CANARY}two" in client.get("/articles/paid", headers=as_reader()).text
    span = f"{SECRET.index('The keeper')}-{len(SECRET)}"
    exported = f"/export/markdown?c=paid:{span}"
    assert client.get(exported).status_code == 404
    assert f"{CANARY}three" in client.get(exported, headers=as_reader()).text


def test_what_is_for_members_is_found_by_all_and_cited_with_its_beginning(
    client: TestClient,
) -> None:
    asked = {"question": "Who was the keeper of the vault, who counted the coins?"}
    [paid] = cited(client.post("/api/ask", json=asked).json(), "paid")
    assert paid["quote"] == paid["passage"]["text"] == f"{OPENING} A"
    assert (paid["quote_start"], paid["quote_end"]) == (0, len(paid["quote"]))
    assert paid["article"]["title"] == MEMBERS["title"]
    assert paid["source_link"].startswith(MEMBERS["url"])
    member = cited(client.post("/api/ask", json=asked, headers=as_reader()).json(), "paid")
    assert any(f"{CANARY}two" in each["quote"] for each in member)


def cited(answer: dict[str, Any], article_id: str) -> list[dict[str, Any]]:
    found = [*answer["citations"], *answer["nearest"]]
    assert [each["number"] for each in answer["citations"]] == [
        *range(1, len(answer["citations"]) + 1)
    ]
    return [each for each in found if each["article"]["id"] == article_id]


def test_an_agent_with_a_token_reads_as_a_member(client: TestClient) -> None:
    body = {"jsonrpc": "2.0", "id": 1, "method": "tools/call"}
    body |= {"params": {"name": "read_article", "arguments": {"article_id": "paid"}}}
    accepted = {"Accept": "application/json, text/event-stream"}
    told = [client.post("/mcp", json=body, headers=accepted | more) for more in ({}, as_reader())]
    assert [f"{CANARY}two" in each.text for each in told] == [False, True]


def test_the_page_of_what_is_for_members_says_so_and_links_to_the_original(
    client: TestClient,
) -> None:
    page = client.get("/articles/paid?quote=90-120").text
    assert "this is how the article begins" in page
    assert 'href="https://example.org/paid"' in page
    assert "<mark" not in page


@pytest.mark.parametrize(
    ("sent", "told"),
    [
        (token(OTHER_KEY), "cannot be read"),
        (token(minutes=-5), "has expired"),
        (token(minutes=600, aud="shop"), "cannot be read"),
        (jwt.encode({"aud": "footnote"}, KEY, "HS256"), "cannot be read"),
        (jwt.encode({"aud": "footnote", "exp": TODAY + timedelta(1)}, "", "none"), "cannot"),
        ("", "cannot be read"),
        ("a.b.c", "cannot be read"),
        ("x" * 5000, "cannot be read"),
    ],
    # A token holds its moment, and each process that runs tests makes its own.
    ids=["other key", "expired", "other audience", "no end", "unsigned", "empty", "three", "long"],
)
def test_a_token_that_is_not_valid_is_refused_in_words(
    client: TestClient, sent: str, told: str
) -> None:
    response = client.get("/api/articles/paid", headers={"Reader-Token": sent})
    assert (response.status_code, response.json()["error"]["code"]) == (401, "wrong_token")
    assert told in response.json()["error"]["message"]


def test_a_token_counts_where_one_of_the_keys_signed_it() -> None:
    tokens = Tokens(read_token_keys(f"{OTHER_KEY}, {KEY}"))
    assert tokens.fault(token()) is None
    assert "FOOTNOTE_READER_KEYS" in (Tokens().fault(token()) or "")
    with pytest.raises(SettingError, match="5 characters in key 2"):
        read_token_keys(f"{KEY} short")


def test_caches_are_told_that_a_token_makes_another_response(client: TestClient) -> None:
    assert "Reader-Token" in client.get("/api/articles/paid").headers["vary"]
    # The page of the chat is the same for all: Gradio answers in tasks that outlive a request.
    assert "Reader-Token" not in client.get("/", headers=as_reader()).headers.get("vary", "")


def test_an_embargo_ends_at_its_moment_without_a_build(data: Path) -> None:
    now = TODAY
    store = EmbargoedStore(open_store(data), lambda: now)
    early, url = f"{CANARY}early", f"https://example.org/{CANARY}earlyurl"
    query = HashEncoder().encode_query(f"{early}text")

    def found() -> list[bool]:
        keys = store.nearest(query, 20, Selection())
        return [
            any(store.locate(key).article.id == f"{early}id" for key in keys.tolist()),
            bool(len(store.bm25([f"{early}text"], 5, Selection()))),
            store.article(f"{early}id") is not None,
            bool(store.articles_at(url)),
            f"{early}title" in store.titles(),
            f"{early}source" in store.sources(),
            any(each.id == f"{early}id" for each in store.listed()),
        ]

    assert found() == [False] * 7
    now = TODAY + timedelta(days=2)
    assert found() == [False] * 7
    now = TODAY + timedelta(days=3, seconds=1)
    assert found() == [True] * 7
    store.close()


# One stands in an article under an embargo, the other in none.
@pytest.mark.parametrize("name", [f"{CANARY}earlykeeper", f"{CANARY}nobody"])
def test_what_is_unknown_does_not_tell_of_what_is_under_an_embargo(
    live: LiveIndex, name: str
) -> None:
    for written in (name, name.capitalize()):
        text = f"Did the council hire {written}?"
        answer = live.ask(Question(text, ignore=frozenset({"spelling"})))
        assert answer.unknown_names == (written,)


def test_a_day_has_begun_everywhere_when_it_has_in_the_last_zone() -> None:
    assert begun_everywhere("2026-12-01") == datetime(2026, 12, 1, 12, tzinfo=UTC)
    assert begun_everywhere("2026-12-01T06:00+01:00") == datetime(2026, 12, 1, 5, tzinfo=UTC)


def test_an_article_that_is_hidden_later_leaves_the_index(tmp_path: Path) -> None:
    data, source = tmp_path / "data", tmp_path / "data.jsonl"
    build_records(data, [PUBLIC, MEMBERS | {"visibility": "public"}])
    assert "third" in dict(open_store(data).spellings())
    source.write_text("\n".join(json.dumps(each) for each in RECORDS), encoding="utf-8")
    report = build([source], data, HashEncoder(), no_progress)
    assert (report.hidden, report.changed) == (3, 1)
    assert all(known.visibility != "hidden" for known in open_store(data).listed())
    faulty = [remark.message for remark in report.remarks]
    assert any("'memebrs' is none of public, members, hidden" in each for each in faulty)
    assert any("'soon' is not a date" in each for each in faulty)
    # A typing error is read as no word that not all may read.
    assert {word for word, count in open_store(data).spellings() if not count} >= {"third"}


def test_an_embargo_that_is_over_is_none_at_the_next_build(tmp_path: Path) -> None:
    over = told_nowhere("over") | {"embargo": later(-1), "published": "2021-05-06"}
    store = open_store(build_records(tmp_path / "data", [PUBLIC, over]))
    assert (store.embargoes(), store.info.newest) == ([], "2021-05-06")


def test_the_newest_article_is_not_told_while_it_has_an_embargo(data: Path) -> None:
    assert open_store(data).info.newest == "2020-01-02"
