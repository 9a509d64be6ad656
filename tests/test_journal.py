"""The journal: what is kept, for how long, and that no answer waits for it or fails with it."""

import logging
import re
import sqlite3
import threading
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from qa.answer import Answer, Question, turns
from qa.journal import Feedback, Journal, Recorded
from qa.journal.writing import SCHEMA
from qa.present.links import read_cited
from tests.web_sample import SampleAsker

NOON = datetime(2026, 1, 31, 12, 0, tzinfo=UTC)
ASKER = SampleAsker()


def asked(text: str) -> Answer:
    return ASKER.ask(Question(text))


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "owner" / "journal.sqlite"


@pytest.fixture
def journal(path: Path) -> Iterator[Journal]:
    journal = Journal(path, clock=lambda: NOON)
    yield journal
    journal.close()


def test_nobody_but_its_owner_may_read_it(journal: Journal, path: Path) -> None:
    journal.asked(asked("moon"))
    assert journal.flush()
    assert {each.stat().st_mode & 0o777 for each in path.parent.glob("journal*")} == {0o600}


def test_a_question_is_kept_with_what_became_of_it(journal: Journal, path: Path) -> None:
    journal.asked(asked("moon"))
    journal.asked(asked("tea"))
    assert journal.flush()
    recorded = Recorded(path)
    tea, moon = recorded.asked(0, 9)
    assert (moon.question, moon.status, moon.cited) == ("moon", "answered", ("space/apollo-11",))
    assert (tea.question, tea.status, tea.cited) == ("tea", "not_covered", ())
    assert tea.at == "2026-01-31T12:00:00+00:00"
    [near] = recorded.not_covered("2026-01-01", 9)
    assert (near.nearest_article, near.times) == ("space/apollo-11", 1)
    assert near.nearest_text is not None
    assert recorded.suppliers("2026-01-01", 0, 9)[0].times == 1


def test_a_question_is_kept_with_what_it_followed_and_the_place_of_its_quote(
    journal: Journal, path: Path
) -> None:
    journal.asked(ASKER.ask(Question("moon", history=turns("tea", "Who flew?"))))
    for verdict in ("up", "up", "down"):
        journal.judged(Feedback("moon", verdict))
    assert journal.flush()
    [moon] = Recorded(path).asked(0, 9)
    assert (moon.followed, moon.up, moon.down) == ("Who flew?", 2, 1)
    cited = read_cited(moon.quote or "")
    assert cited is not None
    assert (cited.article_id, cited.version is None) == ("space/apollo-11", False)
    assert Recorded(path).numbered(moon.number) == moon
    assert Recorded(path).numbered(moon.number + 1) is None


def test_what_a_question_followed_is_not_kept_where_answered_ones_are_not(path: Path) -> None:
    journal = Journal(path, "not_covered")
    journal.asked(ASKER.ask(Question("tea", history=turns("moon"))))
    journal.close()
    assert [each.followed for each in Recorded(path).asked(0, 9)] == [None]


def test_why_nothing_was_cited_is_kept(journal: Journal, path: Path) -> None:
    journal.asked(asked("tea"))
    journal.asked(replace(asked("tea of Assam"), unknown_names=("Assam",)))
    assert journal.flush()
    kept = Recorded(path).not_covered("2026-01-01", 9)
    assert {each.question: each.gap for each in kept} == {
        "tea": "nothing_near",
        "tea of Assam": "unknown_name",
    }


def test_a_journal_of_before_is_read_on_and_written_on(journal: Journal, path: Path) -> None:
    journal.upgrade()
    assert not path.exists(), "there was none"
    path.parent.mkdir()
    with closing(sqlite3.connect(path)) as db, db:
        db.executescript(re.sub(r", gap TEXT,\s+quote TEXT, followed TEXT", "", SCHEMA))
        db.execute(
            "INSERT INTO questions VALUES (1, '2026-01-30', 'rye', 'not_covered', 0, '', '', '')"
        )
    journal.upgrade()
    recorded = Recorded(path)
    assert [each.gap for each in recorded.not_covered("2026-01-01", 9)] == [None]
    journal.asked(asked("tea"))
    assert journal.flush()
    assert {each.gap for each in recorded.not_covered("2026-01-01", 9)} == {None, "nothing_near"}
    assert [each.followed for each in recorded.asked(0, 9)] == [None, None]


def test_the_moment_is_the_servers_whatever_the_question_says(journal: Journal, path: Path) -> None:
    journal.asked(ASKER.ask(Question("tea", asked_at="1999-01-01")))
    assert journal.flush()
    assert Recorded(path).asked(0, 9)[0].at.startswith("2026-01-31")


def test_one_question_in_two_spellings_is_one(journal: Journal, path: Path) -> None:
    for text in ("Tea price?", "tea price", " TEA PRICE "):
        journal.asked(asked(text))
    assert journal.flush()
    assert [each.times for each in Recorded(path).not_covered("2026-01-01", 9)] == [3]


def test_what_was_answered_is_told_once_the_most_asked_first(journal: Journal, path: Path) -> None:
    for text in ("fee?", "When on the moon?", "when on the moon", "tea", "ceremony", "Tea?"):
        journal.asked(asked(text))
    journal.judged(Feedback("fee?", "down"))
    journal.judged(Feedback("ceremony", "up"))
    assert journal.flush()
    assert [text.casefold() for text in Recorded(path).answered()] == [
        "when on the moon?",
        "ceremony",
    ]
    assert len(Recorded(path).answered(1)) == 1


def test_a_greeting_is_not_kept(journal: Journal, path: Path) -> None:
    journal.asked(replace(asked("hello"), reply="greeting"))
    assert journal.flush()
    assert Recorded(path).asked(0, 9) == []


def test_days_are_counted(journal: Journal, path: Path) -> None:
    journal.asked(asked("tea"))
    journal.judged(Feedback("tea", "down", ("other",)))
    assert journal.flush()
    recorded = Recorded(path)
    assert recorded.days("not_covered", "2026-01-01") == {"2026-01-31": 1}
    assert recorded.days("down", "2026-01-01") == {"2026-01-31": 1}
    assert recorded.days("up", "2026-01-01") == {}
    assert recorded.days("cited", "2026-02-01") == {}


def test_what_is_older_than_a_year_goes(path: Path) -> None:
    now = [NOON - timedelta(days=366)]
    old = Journal(path, clock=lambda: now[0])
    old.asked(asked("moon"))
    old.close()
    now[0] = NOON
    young = Journal(path, clock=lambda: now[0])
    young.asked(asked("tea"))
    young.close()
    assert [each.question for each in Recorded(path).asked(0, 9)] == ["tea"]
    assert Recorded(path).suppliers("2000-01-01", 0, 9) == []


def test_no_more_than_the_most_are_kept(path: Path) -> None:
    journal = Journal(path, most=3)
    for number in range(9):
        journal.asked(asked(f"tea {number}"))
        assert journal.flush()
    journal.close()
    kept = [each.question for each in Recorded(path).asked(0, 99)]
    assert len(kept) <= 5
    assert kept[0] == "tea 8"


def test_where_it_cannot_write_answers_go_on_and_it_is_said_once(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    (tmp_path / "file").write_text("no folder")
    journal = Journal(tmp_path / "file" / "journal.sqlite")
    with caplog.at_level(logging.WARNING):
        for _ in range(3):
            journal.asked(asked("tea"))
            assert journal.flush()
    journal.close()
    assert len(caplog.records) == 1
    assert "answers continue" in caplog.text


def test_it_writes_again_once_it_can(tmp_path: Path) -> None:
    path = tmp_path / "later" / "journal.sqlite"
    path.parent.write_text("in the way")
    journal = Journal(path)
    journal.asked(asked("moon"))
    assert journal.flush()
    path.parent.unlink()
    journal.asked(asked("tea"))
    journal.close()
    assert [each.question for each in Recorded(path).asked(0, 9)] == ["tea"]


def test_a_slow_disk_holds_up_nobody(path: Path, caplog: pytest.LogCaptureFixture) -> None:
    journal = Journal(path)
    journal.asked(asked("moon"))
    assert journal.flush()
    answer = asked("tea")
    with closing(sqlite3.connect(path)) as held:
        held.execute("BEGIN IMMEDIATE")
        noting = threading.Thread(target=note_often, args=(journal, answer))
        noting.start()
        noting.join(timeout=4)
        # The writer waits for the lock, those who ask do not.
        assert not noting.is_alive()
        held.rollback()
    journal.close()
    assert "notes are waiting to be written" in caplog.text


def note_often(journal: Journal, answer: Answer) -> None:
    for _ in range(5_000):
        journal.asked(answer)


def test_without_a_journal_everything_is_empty(path: Path) -> None:
    recorded = Recorded(path)
    assert not recorded.asked(0, 9)
    assert not recorded.judged(0, 9)
    assert not recorded.not_covered("", 9)
    assert not recorded.suppliers("", 0, 9)
    path.parent.mkdir()
    sqlite3.connect(path).close()
    assert recorded.asked(0, 9) == []


def test_off_leaves_no_trace(path: Path) -> None:
    journal = Journal(path, "off")
    journal.asked(asked("tea"))
    journal.judged(Feedback("tea", "up"))
    journal.close()
    assert not path.exists()
