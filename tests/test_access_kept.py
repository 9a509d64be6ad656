"""What is kept to be told again: to each reader as much as that one may read, when it is told."""

import asyncio
from contextlib import nullcontext
from datetime import timedelta
from functools import partial
from pathlib import Path

import pytest

from index.article import Article
from index.split import split
from qa.access import Snippets, as_member, without_embargoed
from qa.answer import Answer, AnsweredPart, Citation, Question
from qa.journal import Journal
from qa.web.chat.page import Chat
from qa.web.chat.request import Conversations
from qa.web.i18n import words_in
from qa.web.queue import QuestionQueue
from tests.access_sample import (
    CANARY,
    OPENING,
    QUESTIONS,
    RECORDS,
    SECRET,
    SNIPPET,
    TODAY,
    leaked,
    opened,
)
from tests.archives import build_records


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return build_records(tmp_path_factory.mktemp("access") / "data", RECORDS)


def test_a_member_is_one_for_the_request_alone(data: Path) -> None:
    live = opened(data)
    with as_member():
        assert [getattr(live.article("paid"), "text", "")] == [SECRET]
    assert getattr(live.article("paid"), "text", "") == f"{OPENING} A"


@pytest.mark.parametrize("member_is_first", [True, False])
def test_an_answer_that_is_kept_is_given_to_each_as_each_may_read_it(
    data: Path, member_is_first: bool
) -> None:
    live, asked = opened(data), Question("Who was the keeper of the vault, who counted coins?")

    def quotes(*, is_member: bool) -> str:
        with as_member() if is_member else nullcontext():
            answer = live.ask(asked)
        return " ".join(each.quote for each in (*answer.citations, *answer.nearest))

    told = {is_member: quotes(is_member=is_member) for is_member in (member_is_first, True, False)}
    assert f"{CANARY}two" in told[True]
    assert OPENING in told[False]
    assert CANARY not in told[False]


def test_a_conversation_is_opened_again_as_whoever_opens_it_may_read(
    data: Path, tmp_path: Path
) -> None:
    live, journal = opened(data), Journal(tmp_path / "journal.sqlite")
    conversations = Conversations(journal, live)
    # Of before an article was for members: its quotes are kept by their places.
    with as_member():
        answers = [live.ask(Question(question)) for question in QUESTIONS]
        kept = [conversations.keep(answer, None) or "" for answer in answers]
        [whole, *_] = [each.reopened.answer for each in conversations.open(kept[0])]
    assert any(CANARY in each.quote for each in whole.citations)
    # And of an answer as others got it.
    kept += [conversations.keep(live.ask(Question(each)), None) or "" for each in QUESTIONS]
    chat = Chat(QuestionQueue(live), conversations)
    shown = [asyncio.run(chat.opened(each, words_in("en"))) for each in kept]
    asked = dict(zip(kept, (*QUESTIONS, *QUESTIONS), strict=True))
    for turn_id, (turn,) in zip(kept, shown, strict=True):
        assert leaked(asked[turn_id], turn.reply) == set()
    assert "vault of Orrin was opened" in shown[len(QUESTIONS)][0].reply
    journal.close()


def test_an_embargo_that_ends_is_the_end_of_what_was_kept_before(
    data: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = TODAY
    clocked = partial(without_embargoed, clock=lambda: now)
    monkeypatch.setattr("qa.live.without_embargoed", clocked)
    live, early = opened(data), f"{CANARY}early"

    def found() -> list[bool]:
        answer, matched = live.ask(Question(f"Who is {early}keeper?")), live.match(f"{early}ti")
        shown = [*answer.citations, *answer.nearest]
        return [
            any(each.article.id == f"{early}id" for each in shown),
            any(each.id == f"{early}id" for each in matched.articles),
        ]

    assert found() == [False, False]
    now = TODAY + timedelta(days=3, seconds=1)
    live.refresh()
    assert found() == [True, True]


def test_parts_name_the_citations_that_are_left(data: Path) -> None:
    live = opened(data)
    with as_member():
        paid = live.article("paid")
    plain = live.article("plain")
    assert paid is not None
    assert plain is not None

    def quoted(number: int, article: Article, place: int) -> Citation:
        passage = split(article)[0]
        start, end = passage.sentences[place]
        text = article.text[start:end]
        return Citation(number, passage, article, text, start, end, 1.0)

    cited = (quoted(1, paid, 0), quoted(2, plain, 0), quoted(3, paid, 1))
    parts = (AnsweredPart("a", (1, 3)), AnsweredPart("b", (2,)), AnsweredPart("c", ()))
    shown = Snippets(SNIPPET).answer(Answer(Question("?"), "", cited, (), 0.0, parts=parts))
    assert [each.number for each in shown.citations] == [1, 2]
    assert [each.numbers for each in shown.parts] == [(1,), (2,), ()]
