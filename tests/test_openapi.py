"""The OpenAPI description is true and complete: cases made from it find no fault."""

from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from qa.present.wire import AnswerModel, WholeArticleModel
from qa.web.app import create_app
from qa.web.openapi import EXAMPLE_ANSWER, EXAMPLE_ARTICLE, EXAMPLE_QUESTION
from qa.web.protocols import About
from tests.described import try_description
from tests.serving import serving
from tests.web_sample import EXAMPLES, SampleArticles, SampleAsker

CASES = 25


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    app = create_app(SampleAsker(), SampleArticles(), EXAMPLES, lambda: About(3, "2022-09-29"))
    with serving(app) as address:
        yield address


def test_cases_made_from_the_description_find_no_fault(address: str, tmp_path: Path) -> None:
    ran = try_description(address, CASES, tmp_path)
    assert ran.returncode == 0, ran.stdout


def test_every_route_tells_each_error_with_its_codes_and_an_example(address: str) -> None:
    schema = httpx.get(f"{address}/openapi.json").json()
    told = {
        (path, method): operation["responses"]
        for path, methods in schema["paths"].items()
        for method, operation in methods.items()
    }
    everywhere = {"200", "403", "421", "429", "500"}
    asking = told["/api/ask", "post"]
    assert everywhere | {"400", "401", "408", "413", "415", "422", "503"} == asking.keys()
    assert everywhere | {"401", "422", "503"} == told["/api/ask", "get"].keys()
    assert (
        everywhere | {"401", "404", "422", "503"}
        == told["/api/articles/{article_id}", "get"].keys()
    )
    assert everywhere | {"503"} == told["/readyz", "get"].keys()
    for replies in told.values():
        for status, reply in replies.items():
            if status >= "400":
                content = reply["content"]["application/json"]
                for code, example in content["examples"].items():
                    assert example["value"]["error"]["code"] == code
                    assert f"`{code}`" in reply["description"]
            if status in ("429", "503"):
                assert "Retry-After" in reply["headers"]


def test_the_examples_are_of_the_shapes_that_they_are_examples_of(address: str) -> None:
    AnswerModel.model_validate(EXAMPLE_ANSWER)
    WholeArticleModel.model_validate(EXAMPLE_ARTICLE)
    for citation in EXAMPLE_ANSWER["citations"]:
        quoted = EXAMPLE_ARTICLE["text"][citation["quote_start"] : citation["quote_end"]]
        assert quoted == citation["quote"]
    for example in EXAMPLE_QUESTION.values():
        answered = httpx.post(f"{address}/api/ask", json=example["value"])
        assert answered.status_code == 200
