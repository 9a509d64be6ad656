"""The same question asked again is answered without a search, and never with another's answer."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from index.store import LocalStore
from qa.answer import Answer, Question, turns
from qa.ask import Asker
from qa.journal import Journal, Recorded
from qa.live import KeptAnswers
from qa.search import Searcher
from qa.web.admin import Recording
from tests.archives import Record, build_records, open_index
from tests.fakes import HashEncoder

DAM = Question("How much water does the dam hold?")
NEWS: list[Record] = [
    {
        "_id": f"dam-{day}",
        "text": f"The dam holds {day} million litres of water. The mayor of Orrin spoke.",
        "published": f"2022-09-{day:02}",
        "source": "Courier" if day % 2 else "Herald",
    }
    for day in range(26, 31)
]


class Clock:
    """Stands still until it is set."""

    def __init__(self) -> None:
        self.now = datetime(2022, 9, 30, 12, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.now


class CountedAsker(Asker):
    """Counts what it answers itself."""

    answered = 0

    def ask(self, question: Question, asked_at: str | None = None) -> Answer:
        """As any other."""
        self.answered += 1
        return super().ask(question, asked_at)


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> LocalStore:
    return open_index(build_records(tmp_path_factory.mktemp("kept") / "data", NEWS)).snapshot


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def asker(store: LocalStore, clock: Clock) -> CountedAsker:
    return CountedAsker(store, Searcher(store, HashEncoder()), clock)


@pytest.fixture
def kept(asker: CountedAsker) -> KeptAnswers:
    return KeptAnswers(asker)


def test_what_was_answered_is_not_searched_again_and_is_the_same(
    kept: KeptAnswers, asker: CountedAsker
) -> None:
    first, again = kept.ask(DAM), kept.ask(DAM)
    assert asker.answered == 1
    assert first.citations or first.nearest
    assert replace(again, took_ms=first.took_ms) == first


def test_an_answer_tells_the_id_and_the_moment_of_its_own_question(
    kept: KeptAnswers, asker: CountedAsker, clock: Clock
) -> None:
    kept.ask(replace(DAM, id="one"))
    clock.now += timedelta(days=1)
    again = kept.ask(replace(DAM, id="two"))
    assert asker.answered == 1
    assert (again.question.id, again.asked_at) == ("two", "2022-10-01T12:00:00Z")


@pytest.mark.parametrize(
    "other",
    [
        replace(DAM, text="How much water does the dam on the Tessel hold?"),
        replace(DAM, k=1),
        replace(DAM, source="Herald"),
        replace(DAM, after="2022-09-29"),
        replace(DAM, before="2022-09-27"),
        replace(DAM, asked_at="2022-09-27T09:00:00Z"),
        replace(DAM, history=turns("Who is the mayor of Orrin?")),
        replace(DAM, ignore=frozenset({"spelling"})),
        replace(DAM, page_url="https://news.example/dam", within="page"),
    ],
)
def test_what_is_asked_otherwise_is_answered_for_itself(
    kept: KeptAnswers, asker: CountedAsker, other: Question
) -> None:
    kept.ask(DAM)
    answer = kept.ask(other)
    assert asker.answered == 2
    assert replace(answer, took_ms=0.0) == replace(asker.ask(other), took_ms=0.0)


def test_yesterday_is_another_day_tomorrow(
    kept: KeptAnswers, asker: CountedAsker, clock: Clock
) -> None:
    yesterday = replace(DAM, text="How much water did the dam hold yesterday?")
    days: list[set[str | None]] = []
    for hours in (0, 6, 18):
        clock.now = datetime(2022, 9, 29, 12, tzinfo=UTC) + timedelta(hours=hours)
        answer = kept.ask(yesterday)
        shown = (*answer.citations, *answer.nearest)
        days.append({each.article.published for each in shown})
    assert days == [{"2022-09-28"}, {"2022-09-28"}, {"2022-09-29"}]
    assert asker.answered == 2


def test_no_more_is_kept_than_may_be(asker: CountedAsker) -> None:
    kept = KeptAnswers(asker, most=9_000)
    for source in ("Courier", "Herald", "Courier"):
        kept.ask(replace(DAM, source=source))
    assert asker.answered == 2
    for text in ("Who is the mayor?", "Who spoke in Orrin?", "Who is the mayor of Orrin?"):
        kept.ask(Question(text))
    kept.ask(replace(DAM, source="Herald"))
    assert asker.answered == 6
    nothing = KeptAnswers(asker, most=1)
    assert nothing.ask(DAM).nearest == nothing.ask(DAM).nearest
    assert asker.answered == 8


@pytest.fixture
def journal(tmp_path: Path) -> Iterator[Journal]:
    journal = Journal(tmp_path / "journal.sqlite")
    yield journal
    journal.close()


def test_the_journal_has_each_time_that_it_was_asked(kept: KeptAnswers, journal: Journal) -> None:
    recording = Recording(kept, journal)
    for _ in range(3):
        recording.ask(DAM)
    assert journal.flush()
    assert [each.question for each in Recorded(journal.path).asked(0, 9)] == [DAM.text] * 3
