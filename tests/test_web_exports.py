"""Exports over HTTP: each quote is checked again, and what cannot be exported is told."""

import json
from collections.abc import Iterator

import pytest
from starlette.testclient import TestClient

from index.article import Article
from qa.present.links import MOST_CITED, cited, export_link
from qa.present.references import FORMS, ExportForm
from qa.web.app import create_app
from qa.web.protocols import About
from tests.web_sample import (
    EXAMPLES,
    FEE,
    FOLLOWED,
    HOSTILE,
    LANDING,
    MOON,
    SampleArticles,
    SampleAsker,
    answering,
    cite,
)

ANSWER = (cite(MOON, LANDING), cite(MOON, FOLLOWED, 2), cite(HOSTILE, FEE, 3))


class Updated(SampleArticles):
    """The Moon's article has a new opening."""

    def article(self, article_id: str) -> Article | None:
        found = super().article(article_id)
        return Article("new", f"Updated. {MOON.text}") if article_id == "new" else found


@pytest.fixture(scope="module")
def client() -> Iterator[TestClient]:
    app = create_app(SampleAsker(), Updated(), EXAMPLES, lambda: About(3))
    with TestClient(app) as client:
        yield client


@pytest.mark.parametrize("form", FORMS.values(), ids=FORMS)
def test_an_answer_is_exported_as_an_attachment(client: TestClient, form: ExportForm) -> None:
    name, suffix, media_type = form.name, form.suffix, form.media_type
    response = client.get(export_link(name, ANSWER))
    assert response.status_code == 200
    assert response.headers["content-type"].split(";")[0] == media_type
    assert response.headers["content-disposition"] == f'attachment; filename="citations.{suffix}"'
    assert "Tranquility" in response.text


def test_without_an_original_the_reader_is_linked(client: TestClient) -> None:
    items = json.loads(client.get(export_link("csl-json", ANSWER)).text)
    assert [item["URL"].split("?")[0] for item in items] == [
        *["https://example.org/apollo-11"] * 2,
        "http://testserver/articles/bad%2F%3Cimg%20src%3Dx%20onerror%3Dalert%284%29%3E%3F%23"
        "..%2F..",
    ]


def test_a_quote_that_moved_since_is_found_again(client: TestClient) -> None:
    quoted = cited(ANSWER[0])
    asked = f"new:{quoted.start}-{quoted.end}@{quoted.version}"
    items = json.loads(client.get("/export/csl-json", params={"c": asked}).text)
    assert items[0]["note"] == f"“{LANDING}”"


def test_the_words_that_answer_are_bold_in_markdown_wherever_their_quote_stands_now(
    client: TestClient,
) -> None:
    told = answering(cite(MOON, FOLLOWED), "Aldrin")
    asked = str(cited(told)).replace(MOON.id, "new", 1)
    for link in (export_link("markdown", [told]), f"/export/markdown?c={asked}"):
        assert client.get(link).text.startswith("> **Aldrin** followed him\\.\n")


@pytest.mark.parametrize(
    ("path", "asked", "status", "code"),
    [
        ("/export/word", ["space/apollo-11:0-9"], 404, "unknown_format"),
        ("/export/ris", [], 422, "no_citations"),
        ("/export/ris", ["space/apollo-11:0-9"] * (MOST_CITED + 1), 422, "too_many_citations"),
        ("/export/ris", ["space/apollo-11"], 422, "bad_citation"),
        ("/export/ris", ["space/apollo-12:0-9"], 404, "unknown_article"),
        ("/export/ris", ["space/apollo-11:0-999999"], 404, "unknown_quote"),
        ("/export/ris", [f"space/apollo-11:0-9@{'0' * 12}-{'0' * 12}"], 404, "unknown_quote"),
    ],
)
def test_what_cannot_be_exported_is_an_error_of_the_one_shape(
    client: TestClient, path: str, asked: list[str], status: int, code: str
) -> None:
    response = client.get(path, params={"c": asked})
    assert response.status_code == status
    assert response.json()["error"]["code"] == code
    assert set(response.json()) == {"error"}
