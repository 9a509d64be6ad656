"""What an agent gets, asked with the real client of the protocol, over both of its ways in."""

import json
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any
from urllib.parse import quote

import httpx
import pytest
from mcp import Client, MCPError, StdioServerParameters

from index.settings import Settings
from qa.answer import Hit, Question
from qa.present.wire import AnswerModel, ArticlePartModel, HitsModel
from qa.web.app import create_app
from qa.web.guard.policy import read_policy
from qa.web.mcp import DATA, INSTRUCTIONS, PART
from qa.web.protocols import About
from tests.serving import serving
from tests.web_sample import (
    BLOG,
    EXAMPLES,
    HOSTILE,
    LANDING,
    MOON,
    SampleArticles,
    SampleAsker,
    cite,
)

pytestmark = pytest.mark.anyio
ROOT = Path(__file__).parent.parent
PING = {"jsonrpc": "2.0", "id": 1, "method": "ping"}
ACCEPTED = {"Accept": "application/json, text/event-stream"}


class SampleSearches:
    """Finds the landing, whatever is asked; "crash" is a fault of ours."""

    def search(self, question: Question) -> list[Hit]:
        """One passage."""
        if "crash" in question.text:
            raise RuntimeError("a secret of the server")
        return [Hit(cite(MOON, LANDING).passage, 0.5)]


@pytest.fixture(scope="module")
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    app = create_app(
        SampleAsker(),
        SampleArticles(),
        EXAMPLES,
        lambda: About(3),
        policy=read_policy(Settings()),
        searches=SampleSearches(),
    )
    with serving(app) as address:
        yield f"{address}/mcp"


@asynccontextmanager
async def agent(address: str) -> AsyncIterator[Client]:
    async with Client(address) as client:
        yield client


async def call(client: Client, tool: str, **arguments: Any) -> Any:
    """The structured content of a call that succeeds."""
    result = await client.call_tool(tool, arguments)
    assert not result.is_error, result.content
    return result.structured_content


async def test_the_tools_tell_a_model_what_they_do_take_and_give(address: str) -> None:
    async with agent(address) as client:
        tools = {tool.name: tool for tool in (await client.list_tools()).tools}
        assert client.instructions == INSTRUCTIONS
    assert tools.keys() == {"ask", "search", "read_article"}
    for tool in tools.values():
        assert len(tool.description or "") > 200
        assert "\n " not in (tool.description or "")
        assert tool.output_schema is not None
        assert tool.annotations is not None
        assert tool.annotations.read_only_hint
        for name, told in tool.input_schema["properties"].items():
            assert len(told["description"]) > 15, name
    assert tools["ask"].input_schema["required"] == ["question"]


async def test_an_answer_is_structured_and_its_quote_is_where_the_article_has_it(
    address: str,
) -> None:
    async with agent(address) as client:
        answer = await call(client, "ask", question="When on the Moon?", k=2)
        AnswerModel.model_validate(answer)
        first = answer["citations"][0]
        start, end = first["quote_start"], first["quote_end"]
        part = await call(
            client,
            "read_article",
            article_id=first["article"]["id"],
            start=start,
            length=end - start,
        )
        nothing = await call(client, "ask", question="the price of tea?")
    assert first["quote"] == part["text"] == LANDING
    assert (nothing["status"], nothing["citations"]) == ("not_covered", [])


async def test_a_search_ranks_passages(address: str) -> None:
    async with agent(address) as client:
        found = HitsModel.model_validate(await call(client, "search", question="moon", k=3))
    assert [(hit.rank, hit.article_id) for hit in found.hits] == [(1, MOON.id)]


async def test_a_long_article_is_read_in_parts_that_join_to_the_whole(address: str) -> None:
    text, start = "", 0
    async with agent(address) as client:
        while start < len(MOON.text):
            told = await call(client, "read_article", article_id=MOON.id, start=start, length=500)
            part = ArticlePartModel.model_validate(told)
            assert (part.start, part.characters) == (start, len(MOON.text))
            text, start = text + part.text, part.end
    assert text == MOON.text


async def test_a_part_of_a_live_blog_comes_with_its_own_entries(address: str) -> None:
    last = BLOG.entries[-1]
    async with agent(address) as client:
        part = await call(client, "read_article", article_id=BLOG.id, start=last.start, length=10)
    assert [entry["heading"] for entry in part["entries"]] == [last.heading]


@pytest.mark.parametrize("article", [MOON, BLOG, HOSTILE])
async def test_an_article_is_a_resource_by_its_id(address: str, article: Any) -> None:
    async with agent(address) as client:
        templates = await client.list_resource_templates()
        read = await client.read_resource(f"article://{quote(article.id, safe='')}")
    assert [template.uri_template for template in templates.resource_templates] == [
        "article://{+article_id}"
    ]
    assert [getattr(content, "text", None) for content in read.contents] == [article.text]


@pytest.mark.parametrize(
    ("tool", "arguments", "told"),
    [
        ("ask", {"question": " "}, "the question is empty"),
        ("ask", {"question": "moon " * 500}, "ask in at most 2,000"),
        ("ask", {"question": "moon", "after": "the 40th"}, "after: "),
        ("search", {"question": "moon", "k": 0}, "k is 0"),
        ("read_article", {"article_id": "../../etc/passwd"}, "no article has the id"),
        ("read_article", {"article_id": "live/blog", "length": PART + 1}, "length"),
        ("ask", {}, "question"),
        ("delete", {}, "delete"),
        ("ask", {"question": "moon", "k": "three"}, "k is 'three'"),
        ("ask", {"question": ["moon"]}, "question: input should be a valid string"),
    ],
)
async def test_a_fault_is_told_to_the_model_in_words(
    address: str, tool: str, arguments: dict[str, Any], told: str
) -> None:
    async with agent(address) as client:
        result = await client.call_tool(tool, arguments)
    assert result.is_error
    assert told in str(result.content)
    assert "pydantic" not in str(result.content)


@pytest.mark.parametrize("k", [None, 3, 3.0])
async def test_a_number_means_what_it_means_over_http(address: str, k: object) -> None:
    async with agent(address) as client:
        answer = await call(client, "ask", question="When on the Moon?", k=k)
    sent = httpx.post(
        f"{address.removesuffix('/mcp')}/api/ask", json={"question": "When on the Moon?", "k": k}
    )
    assert (sent.status_code, len(sent.json()["citations"])) == (200, len(answer["citations"]))


@pytest.mark.parametrize("tool", ["ask", "search"])
async def test_each_result_says_that_it_is_data(address: str, tool: str) -> None:
    async with agent(address) as client:
        result = await client.call_tool(tool, {"question": "moon"})
    assert getattr(result.content[0], "text", "") == DATA


@pytest.mark.parametrize("tool", ["ask", "search"])
async def test_an_unexpected_fault_is_not_told(address: str, tool: str) -> None:
    async with agent(address) as client:
        result = await client.call_tool(tool, {"question": "crash"})
    assert result.is_error
    assert "secret" not in str(result.content)


@pytest.mark.parametrize("uri", ["article://nothing", "article://..%2F..%2Fetc%2Fpasswd"])
async def test_a_resource_that_is_not_there_is_an_error(address: str, uri: str) -> None:
    async with agent(address) as client:
        with pytest.raises(MCPError, match="no article has the id"):
            await client.read_resource(uri)


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"Origin": "https://evil.example"}, 403),
        ({"Origin": "null"}, 403),
        ({"Host": "evil.example"}, 421),
        ({"Host": "evil.example", "Origin": "http://evil.example"}, 421),
        ({"Origin": "http://localhost:3000"}, 200),
        ({}, 200),
    ],
)
async def test_agents_pass_the_guard_of_every_route(
    address: str, headers: dict[str, str], status: int
) -> None:
    async with httpx.AsyncClient() as client:
        answered = await client.post(address, json=PING, headers=ACCEPTED | headers)
    assert answered.status_code == status


async def test_no_stream_is_held_open(address: str) -> None:
    async with httpx.AsyncClient() as client:
        for method in ("GET", "DELETE"):
            refused = await client.request(method, address, headers=ACCEPTED)
            assert (refused.status_code, refused.headers["allow"]) == (405, "POST")
            assert refused.json()["error"]["code"] == "wrong_method"


async def test_over_standard_output_comes_nothing_but_the_protocol(exported_data: Path) -> None:
    command = StdioServerParameters(
        command=sys.executable,
        args=["-m", "qa", "mcp", "--data", str(exported_data)],
        cwd=str(ROOT),
    )
    async with Client(command) as client:
        tools = await client.list_tools()
        answer = await call(client, "ask", question="Who was the last keeper?")
        hits = await call(client, "search", question="the flood of 1962", k=3)
        citation = answer["citations"][0]
        read = await client.read_resource(f"article://{citation['article']['id']}")
    assert {tool.name for tool in tools.tools} == {"ask", "search", "read_article"}
    text = read.contents[0].text  # type: ignore[union-attr]
    assert text[citation["quote_start"] : citation["quote_end"]] == citation["quote"]
    assert "Jonas Field" in citation["quote"]
    assert "flood" in hits["hits"][0]["text"].lower()


async def test_each_line_of_standard_output_is_a_message(exported_data: Path) -> None:
    hello = {
        "jsonrpc": "2.0",
        "id": 1,
        "method": "initialize",
        "params": {
            "protocolVersion": "2025-06-18",
            "capabilities": {},
            "clientInfo": {"name": "test", "version": "1"},
        },
    }
    command = [sys.executable, "-m", "qa", "mcp", "--data", str(exported_data)]
    with subprocess.Popen(
        command,
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    ) as agent:
        assert agent.stdin is not None
        assert agent.stdout is not None
        agent.stdin.write(json.dumps(hello) + "\nno json\n" + json.dumps(PING | {"id": 2}) + "\n")
        agent.stdin.flush()
        messages: list[dict[str, Any]] = []
        # The input ends once the ping is answered: what waits when it ends may be dropped.
        for line in agent.stdout:
            messages.append(json.loads(line))
            if messages[-1].get("id") == 2:
                break
        agent.stdin.close()
        messages.extend(json.loads(line) for line in agent.stdout)
        assert agent.wait(timeout=120) == 0
    assert all(message["jsonrpc"] == "2.0" for message in messages)
    assert {1, 2} <= {message.get("id") for message in messages}


async def test_without_an_index_an_agent_is_told_on_standard_error(tmp_path: Path) -> None:
    ran = subprocess.run(
        [sys.executable, "-m", "qa", "mcp", "--data", str(tmp_path / "none")],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert (ran.returncode, ran.stdout) == (1, "")
    assert ran.stderr.startswith("error: ")
