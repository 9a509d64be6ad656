"""A question asked on the page of an article."""

from pathlib import Path

import pytest

from qa.answer import Question
from qa.present.wire import AnswerModel
from qa.question import BadQuestionError, read_question
from tests.archives import Opened, build_records, open_index

STRIKE = "https://example.org/strike"


@pytest.fixture(scope="module")
def opened(tmp_path_factory: pytest.TempPathFactory) -> Opened:
    records = [
        {"_id": "strike", "url": STRIKE, "text": "The strike at the harbour ended at dawn."},
        {"_id": "quay", "url": f"{STRIKE}/quay", "text": "The strike at the quay ended at noon."},
        {"_id": "bare", "text": "The strike at the mill ended at night."},
    ]
    return open_index(build_records(tmp_path_factory.mktemp("pages") / "data", records))


def cited(opened: Opened, question: Question) -> set[str]:
    answer = opened.asker.ask(question)
    return {each.article.id for each in (*answer.citations, *answer.nearest)}


def test_the_answer_names_the_article_of_the_page(opened: Opened) -> None:
    question = Question("When did the strike end?", page_url=f"{STRIKE}/?utm_source=x#top")
    assert AnswerModel.of(opened.asker.ask(question)).page_article == "strike"


@pytest.mark.parametrize("url", [None, "https://example.org/", "about:blank"])
def test_of_another_page_no_article_is_named(opened: Opened, url: str | None) -> None:
    answer = opened.asker.ask(Question("When did the strike end?", page_url=url))
    assert AnswerModel.of(answer).page_article is None


def test_within_the_page_only_its_article_is_found(opened: Opened) -> None:
    text = "When did the strike end?"
    assert cited(opened, Question(text, page_url=STRIKE, within="page")) == {"strike"}
    assert cited(opened, Question(text, page_url=STRIKE)) > {"quay"}


def test_within_a_page_that_is_no_article_nothing_is_found(opened: Opened) -> None:
    question = Question("When did the strike end?", page_url="https://example.org", within="page")
    assert cited(opened, question) == set()


def test_the_article_of_a_page_is_found_after_it_was_changed(tmp_path: Path) -> None:
    data = tmp_path / "data"
    build_records(data, [{"_id": "a", "url": STRIKE, "text": "The strike began."}])
    build_records(data, [{"_id": "a", "url": STRIKE, "text": "The strike ended."}])
    snapshot = open_index(data).snapshot
    [number] = snapshot.articles_at(STRIKE)
    article = snapshot.article_numbered(number)
    assert article is not None
    assert article.text == "The strike ended."


def test_a_page_is_read_with_the_question() -> None:
    asked = {"question": "When did the strike end?", "page_url": STRIKE, "within": "page"}
    question = read_question(asked)
    assert (question.page_url, question.within) == (STRIKE, "page")


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        ({"within": "page"}, "bad_within"),
        ({"within": "site", "page_url": STRIKE}, "bad_within"),
        ({"within": 1}, "bad_within"),
        ({"page_url": 1}, "bad_page_url"),
        ({"page_url": f"{STRIKE}?{'x' * 2000}"}, "bad_page_url"),
    ],
)
def test_a_page_that_cannot_be_read_is_told(fields: dict[str, object], code: str) -> None:
    with pytest.raises(BadQuestionError) as caught:
        read_question({"question": "When did the strike end?", **fields})
    assert caught.value.code == code
