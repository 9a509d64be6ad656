"""The JSON: its names are a contract, and every face speaks the same."""

import json
from contextlib import redirect_stdout
from io import StringIO
from pathlib import Path
from typing import Any

import anyio
import pytest
from starlette.testclient import TestClient

from index.article import Article, Passage
from qa.__main__ import main
from qa.answer import Answer, Citation, Hit, Question, Respelling, Spelling, When
from qa.present.wire import AnswerModel, CitationModel, ErrorModel, HitsModel, WholeArticleModel
from qa.web.app import create_app
from qa.web.mcp import agent_tools
from qa.web.openapi import EXAMPLE_ANSWER
from qa.web.protocols import About
from qa.web.queue import QuestionQueue
from tests.fakes import HashEncoder
from tests.golden_wire import answers
from tests.web_sample import (
    BLOG,
    CEREMONY,
    HOSTILE,
    LANDING,
    MOON,
    TOUCHED_DOWN_AT,
    SampleArticles,
    SampleAsker,
    answer,
    answering,
    cite,
    unsure,
)

ARTICLE_KEYS = set("id title source author published updated url label digest excerpt".split())
CITATION_KEYS = {
    *("number", "quote", "quote_start", "quote_end", "passage", "article", "when", "heading"),
    *("page", "score", "link", "source_link", "also_in", "answer_start", "answer_end"),
    "corrections",
}
ANSWER_KEYS = set(
    """
    id question asked_at status confidence unsure close understood_as understood_when unread_when
    unknown_names understood_spelling order reports_differ reply parts citations nearest
    suggestions page_article took_ms
    """.split()
)


class NoSearch:
    """Finds nothing."""

    def search(self, question: Question) -> list[Hit]:
        """No passage."""
        return []


def _fields(answer: dict[str, Any]) -> dict[str, Any]:
    citations = answer["citations"] + answer["nearest"]
    return {"AnswerModel": answer, "CitationModel": citations[0]}


def _asked_in_the_shell(question: str, data: Path) -> Any:
    printed = StringIO()
    with pytest.MonkeyPatch.context() as patch, redirect_stdout(printed):
        patch.setattr("index.encoders.ModelEncoder", lambda data, name: HashEncoder())
        assert main(["ask", question, "--json", "--data", str(data)]) == 0
    return json.loads(printed.getvalue())


def test_an_answer_has_the_keys_of_the_contract_and_no_others() -> None:
    sent = AnswerModel.of(answer(Question("ceremony?", id="q7"), cite(BLOG, CEREMONY))).model_dump()
    assert set(sent) == ANSWER_KEYS
    assert (sent["id"], sent["question"], sent["status"]) == ("q7", "ceremony?", "answered")
    assert (sent["asked_at"], sent["nearest"], sent["took_ms"]) == ("2026-01-31T09:00:00Z", [], 7.9)


def test_an_answer_that_is_not_covered_has_its_nearest_in_the_shape_of_citations() -> None:
    sent = AnswerModel.of(
        Answer(Question("tea?"), "2026", (), (cite(MOON, LANDING),), 1.04)
    ).model_dump()
    assert (sent["status"], sent["citations"], sent["took_ms"]) == ("not_covered", [], 1.0)
    assert [set(near) for near in sent["nearest"]] == [CITATION_KEYS]
    assert sent["id"] is None


def test_what_was_understood_is_told_and_without_more_it_is_the_question() -> None:
    when = When("on 1 May", "1 May 2022", "2022-05-01", "2022-05-01", is_exact=True)
    sent = AnswerModel.of(
        Answer(Question("why?"), "2026", (), (), 1.0, understood_when=when)
    ).model_dump()
    assert sent["understood_as"] == "why?"
    assert sent["understood_when"] == {
        "phrase": "on 1 May",
        "text": "1 May 2022",
        "after": "2022-05-01",
        "before": "2022-05-01",
        "exact": True,
        "other": None,
    }
    asked = Answer(Question("why?"), "2026", (), (), 1.0, understood_as="why did it leak?")
    assert AnswerModel.of(asked).model_dump()["understood_as"] == "why did it leak?"


def test_typing_errors_are_told_word_by_word_and_put_right_in_what_was_understood() -> None:
    spelling = Spelling("why the leak?", (Respelling("leek", "leak"),))
    asked = Answer(Question("why the leek?"), "2026", (), (), 1.0, understood_spelling=spelling)
    sent = AnswerModel.of(asked).model_dump()
    assert (sent["question"], sent["understood_as"]) == ("why the leek?", "why the leak?")
    assert sent["understood_spelling"] == {
        "text": "why the leak?",
        "words": [{"typed": "leek", "read": "leak"}],
    }


def test_a_citation_has_the_keys_of_the_contract_and_no_others() -> None:
    sent = CitationModel.of(cite(BLOG, CEREMONY, entry=BLOG.entries[1])).model_dump()
    assert set(sent) == CITATION_KEYS
    assert set(sent["passage"]) == {"id", "start", "end", "text"}
    assert set(sent["article"]) == ARTICLE_KEYS
    assert (sent["when"], sent["heading"]) == (
        "2022-09-29T21:13:00+02:00",
        "Signing set for Friday",
    )


def test_offsets_on_the_wire_count_in_the_articles_text() -> None:
    sent = CitationModel.of(cite(MOON, LANDING)).model_dump()
    assert MOON.text[sent["quote_start"] : sent["quote_end"]] == sent["quote"] == LANDING
    passage = sent["passage"]
    assert MOON.text[passage["start"] : passage["end"]] == passage["text"]
    assert passage["id"] == f"space/apollo-11:{passage['start']}-{passage['end']}"
    assert sent["article"]["digest"] == MOON.digest


def test_the_words_that_answer_are_told_by_their_span_and_null_where_they_are_not_known() -> None:
    sent = CitationModel.of(answering(cite(MOON, LANDING), TOUCHED_DOWN_AT)).model_dump()
    assert MOON.text[sent["answer_start"] : sent["answer_end"]] == TOUCHED_DOWN_AT
    assert sent["link"].endswith(f"&answer={sent['answer_start']}-{sent['answer_end']}")
    unknown = CitationModel.of(cite(MOON, LANDING)).model_dump()
    assert (unknown["answer_start"], unknown["answer_end"]) == (None, None)
    assert "answer=" not in unknown["link"]


def test_what_may_not_be_answered_is_not_covered_and_told_as_unsure() -> None:
    sent = AnswerModel.of(unsure(Question("tea?"), cite(MOON, LANDING))).model_dump()
    assert (sent["status"], sent["unsure"], len(sent["nearest"])) == ("not_covered", True, 1)
    sure = AnswerModel.of(Answer(Question("tea?"), "2026", (), (cite(MOON, LANDING),), 1.0))
    assert not sure.model_dump()["unsure"]


def test_the_same_words_elsewhere_are_named_by_article_and_passage() -> None:
    twin = Passage("copy", 10, 15, "words", ())
    said = Citation(1, Passage("a", 0, 5, "words", ()), Article("a", "words"), "words", 0, 5, 0.5)
    one = CitationModel.of(
        Citation(1, said.passage, said.article, "words", 0, 5, 0.5, (twin,))
    ).model_dump()
    assert one["also_in"] == [{"article_id": "copy", "passage_id": "copy:10-15"}]
    assert CitationModel.of(said).model_dump()["also_in"] == []


def test_hits_have_the_keys_of_the_contract_and_count_from_one() -> None:
    passages = [cite(MOON, LANDING).passage, cite(BLOG, CEREMONY).passage]
    sent = HitsModel.of(
        Question("moon?"), [Hit(passages[0], 1.23456), Hit(passages[1], -0.5)]
    ).model_dump()
    assert set(sent) == {"id", "question", "hits"}
    assert [set(hit) for hit in sent["hits"]] == [
        {"rank", "score", "article_id", "passage_id", "text"}
    ] * 2
    assert [(hit["rank"], hit["score"]) for hit in sent["hits"]] == [(1, 1.2346), (2, -0.5)]
    assert sent["hits"][0]["passage_id"] == passages[0].id


def test_a_whole_article_has_its_text_and_entries_beside_what_a_citation_tells() -> None:
    sent = WholeArticleModel.of(BLOG).model_dump()
    assert set(sent) == ARTICLE_KEYS | {
        *("text", "entries", "former", "published_from", "updated_from", "indexed")
    }
    assert [set(entry) for entry in sent["entries"]] == [{"start", "end", "time", "heading"}] * 2
    assert sent["entries"][0]["time"] is None
    assert sent["text"] == BLOG.text


def test_what_is_not_known_of_an_article_is_null() -> None:
    sent = WholeArticleModel.of(Article("a", "words")).model_dump()
    assert [name for name, value in sent.items() if value is None] == [
        *("title", "source", "author", "published", "updated", "url", "label"),
        *("published_from", "updated_from", "indexed"),
    ]


def test_an_error_has_one_shape() -> None:
    assert ErrorModel.of("bad_k", "k is 0").model_dump() == {
        "error": {"code": "bad_k", "message": "k is 0"}
    }


@pytest.mark.parametrize(
    "sent",
    [
        AnswerModel.of(
            answer(Question("fee \N{PILE OF POO}?"), cite(HOSTILE, "(alert(3)"[1:]))
        ).model_dump(),
        HitsModel.of(
            Question("дамба?"), [Hit(cite(HOSTILE, "1. one\n* two").passage, 0.5)]
        ).model_dump(),
        WholeArticleModel.of(HOSTILE).model_dump(),
    ],
)
def test_everything_can_be_sent_as_utf_8_and_read_back(sent: dict[str, Any]) -> None:
    assert json.loads(json.dumps(sent, ensure_ascii=False, allow_nan=False).encode()) == sent


def test_the_json_of_an_answer_is_what_it_always_was_to_the_letter() -> None:
    golden = Path(__file__).with_name("golden_wire.jsonl").read_text(encoding="utf-8")
    sent = [AnswerModel.of(each).model_dump() for each in answers()]
    assert [json.dumps(each, ensure_ascii=False) for each in sent] == golden.splitlines()


def test_an_answer_over_http_is_the_same_json_without_blanks() -> None:
    for each in answers():
        model = AnswerModel.of(each)
        compact = json.dumps(model.model_dump(), ensure_ascii=False, separators=(",", ":"))
        assert model.model_dump_json() == compact


FIELDS = [(model, name) for model in (AnswerModel, CitationModel) for name in model.model_fields]
FACES = ("command line", "HTTP", "agents", "OpenAPI", "its example")


@pytest.fixture(scope="module")
def spoken(read_only_data: Path) -> dict[str, dict[str, Any]]:
    """For each face the names of the fields of an answer, and of a citation, that it tells."""
    question = "When did people land on the Moon?"
    app = create_app(SampleAsker(), SampleArticles(), (), lambda: About(3))
    client = TestClient(app, base_url="http://127.0.0.1")
    agents = agent_tools(QuestionQueue(SampleAsker()), NoSearch(), SampleArticles())
    told: Any = anyio.run(agents.call_tool, "ask", {"question": question})
    schema = client.get("/openapi.json").json()
    shapes = schema["components"]["schemas"]
    return {
        "command line": _fields(_asked_in_the_shell(question, read_only_data)),
        "HTTP": _fields(client.post("/api/ask", json={"question": question}).json()),
        "agents": _fields(told.structured_content or {}),
        "OpenAPI": {
            "AnswerModel": shapes["AnswerModel"]["properties"],
            "CitationModel": shapes["CitationModel"]["properties"],
        },
        "its example": _fields(EXAMPLE_ANSWER),
    }


@pytest.mark.parametrize("face", FACES)
@pytest.mark.parametrize(("model", "name"), FIELDS)
def test_a_field_of_the_model_is_told_by_every_face(
    spoken: dict[str, dict[str, Any]], face: str, model: type, name: str
) -> None:
    assert name in spoken[face][model.__name__]


def test_no_face_tells_a_field_that_the_models_have_not(
    spoken: dict[str, dict[str, Any]],
) -> None:
    for fields in spoken.values():
        assert list(fields["AnswerModel"]) == list(AnswerModel.model_fields)
        assert list(fields["CitationModel"]) == list(CitationModel.model_fields)
