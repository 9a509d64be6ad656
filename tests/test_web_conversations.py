"""A conversation has an address, which opens it again with the quotes that it cited."""

import asyncio
import html
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from index.article import Article
from qa.answer import Answer, Question, Respelling, Spelling
from qa.journal import Journal, KeptTurn
from qa.journal.reading import Reopener
from qa.web.chat.page import Chat
from qa.web.chat.request import ChatRequest, Conversations
from qa.web.i18n import words_in
from qa.web.queue import QuestionQueue
from tests.web_sample import (
    CEREMONY,
    FOLLOWED,
    HOSTILE,
    LANDING,
    MOON,
    SampleArticles,
    SampleAsker,
    conversations,
    unsure,
)

ASKER = SampleAsker()
ARTICLES = SampleArticles()


@pytest.fixture
def journal(tmp_path: Path) -> Iterator[Journal]:
    journal = Journal(tmp_path / "journal.sqlite")
    yield journal
    journal.close()


def asked(text: str) -> Answer:
    return ASKER.ask(Question(text))


def reopened(answer: Answer, *articles: Article) -> tuple[Answer, bool]:
    """The answer kept and opened again, with other versions of some articles."""
    changed = {each.id: each for each in articles}
    reopener = Reopener(lambda at: changed.get(at) or ARTICLES.article(at))
    turn = reopener.open(KeptTurn.load(KeptTurn.of(answer).dump()))
    return turn.answer, turn.is_lost


def quotes(answer: Answer) -> list[str]:
    return [each.quote for each in answer.citations]


def test_an_answer_is_opened_as_it_was_given() -> None:
    given = replace(
        asked("Where does the Eagle touch down?"),
        understood_spelling=Spelling("moon", (Respelling("mooon", "moon"),)),
        reports_differ=True,
    )
    opened, is_lost = reopened(given)
    [here], [there] = opened.citations, given.citations
    assert (here.quote, here.answer, here.score) == (there.quote, there.answer, there.score)
    assert replace(opened, citations=()) == replace(given, citations=())
    assert not is_lost


def test_a_middle_answer_is_opened_as_unsure() -> None:
    opened, _ = reopened(unsure(Question("lift off"), *asked("moon").citations))
    assert opened.is_unsure
    assert [each.quote for each in opened.nearest] == [LANDING, FOLLOWED]


def test_a_quote_is_found_where_it_stands_in_the_article_of_today() -> None:
    moved = replace(MOON, text=f"Corrected on Monday.\n\n{MOON.text}")
    opened, _ = reopened(asked("moon"), moved)
    assert quotes(opened) == [LANDING, FOLLOWED]
    assert opened.citations[0].article == moved


def test_a_quote_that_left_its_article_is_not_shown_and_the_rest_is_numbered_anew() -> None:
    opened, is_lost = reopened(asked("moon"), replace(MOON, text=MOON.text.replace(LANDING, "")))
    assert [(each.number, each.quote) for each in opened.citations] == [(1, FOLLOWED)]
    assert not is_lost


def test_an_answer_whose_quotes_are_all_gone_is_lost() -> None:
    assert reopened(asked("moon"), replace(MOON, text="Withdrawn."))[1]


def test_a_link_opens_the_conversation_up_to_its_answer(journal: Journal) -> None:
    kept = conversations(journal)
    first = kept.keep(asked("moon"), None)
    second = kept.keep(asked("ceremony"), first)
    assert second
    other = kept.keep(asked("fee"), first)
    turns = kept.open(second)
    assert [each.id for each in turns] == [first, second]
    assert quotes(turns[-1].reopened.answer)[0] == CEREMONY
    assert [each.id for each in kept.open(other or "")] == [first, other]
    assert kept.open("no-such-turn") == []


@pytest.mark.parametrize("mode", ["off", "not_covered"])
def test_where_not_every_question_is_kept_no_conversation_is(mode: str, tmp_path: Path) -> None:
    journal = Journal(tmp_path / "journal.sqlite", mode)  # type: ignore[arg-type]
    assert conversations(journal).keep(asked("moon"), None) is None
    assert not journal.path.exists()


def test_a_turn_that_cannot_be_read_is_left_out(journal: Journal) -> None:
    kept = conversations(journal)
    first = kept.keep(asked("moon"), None)
    second = kept.keep(asked("ceremony"), first)
    journal.flush()
    assert journal._db is not None
    journal._db.execute("UPDATE turns SET kept = x'00' WHERE id = ?", (first,))
    journal._db.commit()
    assert [each.id for each in kept.open(second or "")] == [second]


def test_the_page_shows_an_opened_conversation_in_its_own_language(journal: Journal) -> None:
    chat = Chat(QuestionQueue(ASKER), conversations(journal))
    first = asyncio.run(chat.reply("moon", ()))
    second = asyncio.run(chat.reply("the fee?", (first,)))
    german = words_in("de")
    opened = asyncio.run(chat.opened(second.id or "", german))
    assert [turn.question for turn in opened] == ["moon", "the fee?"]
    assert [len(turn.cited) for turn in opened] == [len(first.cited), len(second.cited)]
    assert f'href="/?c={second.id}"' in html.unescape(second.reply)
    assert german.of("chat")["copy_quote"] in opened[0].reply
    assert "<img" not in opened[1].reply
    [gone] = asyncio.run(chat.opened("none", german))
    assert not gone.is_answered
    assert gone.id is None


def test_what_left_its_article_is_told_in_its_place(journal: Journal) -> None:
    class Withdrawn(SampleArticles):
        def article(self, article_id: str) -> Article | None:
            return None if article_id == HOSTILE.id else super().article(article_id)

    kept = conversations(journal)
    last = kept.keep(asked("fee"), kept.keep(asked("moon"), None))
    chat = Chat(QuestionQueue(ASKER), Conversations(journal, Withdrawn()))
    moon, fee = asyncio.run(chat.opened(last or "", ChatRequest().words))
    assert "Tranquility" in moon.reply
    assert words_in("en").of("reader")["gone"] in fee.reply
    assert (fee.id, fee.is_answered) == (last, False)
