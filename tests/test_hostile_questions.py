"""No question, however odd, does more than find something, find nothing or be refused."""

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from qa.answer import Answer, Question
from qa.present.terminal import show_answer
from qa.present.wire import AnswerModel
from qa.question import LONGEST_QUESTION, BadQuestionError, read_question
from tests.archives import Opened, open_index

ODD = [
    *("OR", "NOT", "AND the lighthouse", "lighthouse*", "*", "?", '"', "(", "\\", "%", "_", "a"),
    "'; DROP TABLE passages; --",
    "' OR '1'='1",
    'title:"dam" AND (flood OR [a TO z])^5 ~2',
    "lighthouse " * (LONGEST_QUESTION // 11),
    "x" * LONGEST_QUESTION,
    " ".join(f"w{number}" for number in range(400)),
    "\u202eأين يقع السد؟\u202c",
    "איפה הסכר? dam",
    "大坝在哪里？" * 50,
    "ダム ﾀﾞﾑ",
    "🏗️🌊 the dam 👩\u200d🔧",
    "<script>alert('dam')</script> <img src=x onerror=alert(1)>",
    "&lt;dam&gt; {{ 7*7 }} ${dam} %s %n {0}",
    "d\u0301\u0302\u0303a\u0304m\u0305 " + "z\u0335" * 300,
    "ｆｕｌｌ ｗｉｄｔｈ ｄａｍ",
    "ﬁrst ﬂood ß İ ǅ",
    *("Was İ?", "ⓐ the", "x" * 70 + " ⓐ", "किताब कहाँ है?"),
    "1234567890",
    "1e999999999 -0 NaN Infinity 0x7f",
    "٣ نوفمبر ١٨٧٤",
    "\u00adsoft\u00adhyphen dam\ufeff",
    "dam\u2028lighthouse\u2029keeper",
    "dam\r\n\tlighthouse",
    "𝕿𝖍𝖊 𝖉𝖆𝖒",
    "\U0010ffff dam \ufffe",
    "../../etc/passwd dam",
    "What?" * 300,
]
FILTERS: list[dict[str, object]] = [
    {"source": "' OR 1=1 --"},
    {"source": "%"},
    {"source": "\U0010ffff"},
    {"after": "1000", "before": "9998"},
    {"after": "9998-12-31T23:59:59-14:00"},
    {"before": "1000-01-01T00:00:00+14:00"},
    {"k": 1},
    {"k": 1_000},
    {"history": ["why?"] * 100},
    {"question": "Was İ?", "history": ["Who built the dam?"]},
]


@pytest.fixture(scope="module")
def opened(read_only_data: Path) -> Opened:
    return open_index(read_only_data)


def ask(opened: Opened, record: dict[str, object]) -> Answer | BadQuestionError:
    """The answer, or the one error that a question may be refused with."""
    try:
        question = read_question(record)
        assert len(opened.searcher.search(question)) <= question.k
        return opened.asker.ask(question)
    except BadQuestionError as error:
        return error


def check(answered: Answer | BadQuestionError) -> None:
    """An answer can be sent and shown; an error has one line."""
    if isinstance(answered, BadQuestionError):
        assert len(str(answered).splitlines()) == 1
        return
    assert AnswerModel.of(answered).status in ("answered", "not_covered")
    assert show_answer(answered).encode()
    for citation in answered.citations or answered.nearest:
        text = citation.article.text[citation.quote_start : citation.quote_end]
        assert text == citation.quote


@pytest.mark.parametrize("text", ODD, ids=range(len(ODD)))
def test_an_odd_question_is_answered_or_refused_and_never_an_accident(
    opened: Opened, text: str
) -> None:
    check(ask(opened, {"question": text}))


@pytest.mark.parametrize("record", FILTERS, ids=str)
def test_odd_filters_only_filter(opened: Opened, record: dict[str, object]) -> None:
    answered = ask(opened, {"question": "Who kept the lighthouse?", **record})
    check(answered)
    assert isinstance(answered, Answer) or "source" in record


@settings(max_examples=150)
@given(st.text(st.characters(), min_size=1, max_size=200))
def test_any_text_is_answered_or_refused(opened: Opened, text: str) -> None:
    check(ask(opened, {"question": text}))


@pytest.mark.parametrize("text", ["🙂", "\x00dam", "what is it", "\ud800", "", "x" * 20_000])
def test_what_asks_nothing_is_refused_before_the_search(opened: Opened, text: str) -> None:
    assert isinstance(ask(opened, {"question": text}), BadQuestionError)


def test_a_question_that_came_past_the_reader_is_still_no_accident(opened: Opened) -> None:
    for text in ("", " ", "🙂", "what is it", "\x00"):
        check(opened.asker.ask(Question(text)))
