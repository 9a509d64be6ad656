"""Whether reports differ in a number, and on which days something is told of."""

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qa.answer import Question, turns
from qa.order import differ
from tests.archives import Record, build_records, open_index

KILLED = "How many people were killed in Zaporizhzhia?"
EARLY = "At least 23 people were killed in Zaporizhzhia."
LATE = "In Zaporizhzhia 30 people have been killed, officials say."


def test_another_number_for_the_same_thing_differs() -> None:
    assert differ(KILLED, EARLY, LATE)
    assert differ(KILLED, EARLY, "In Zaporizhzhia eleven civilians died: killed by a missile.")


@pytest.mark.parametrize(
    "other",
    [
        EARLY,
        "In Kherson 30 people were killed.",
        "In Zaporizhzhia 16 missiles fell where people were killed.",
        "In Zaporizhzhia people were killed on 30 September.",
        "In Zaporizhzhia 30 people lived.",
        "In Zaporizhzhia 30 people were killed, 23 of them in the market.",
        "In Zaporizhzhia people were killed in 2022.",
        "In Zaporizhzhia people were killed at 9:30pm, and 30% of the roof fell.",
    ],
)
def test_a_number_of_something_else_or_one_that_both_tell_does_not_differ(other: str) -> None:
    assert not differ(KILLED, EARLY, other)


def test_a_rounded_number_does_not_differ() -> None:
    question = "How many homes in Pakistan were destroyed?"
    rough = "About 1,000 homes in Pakistan were destroyed."
    exact = "In Pakistan 1,036 homes were destroyed."
    assert not differ(question, rough, exact)


def test_days_are_those_of_articles_that_are_cited_or_about_what_is_asked(tmp_path: Path) -> None:
    texts = {
        "2020-01-01": "The mill of Orrin burned in a night. Nobody was hurt.",
        "2020-01-02": "In Orrin they ask how the mill burned. The miller was away.",
        "2020-02-01": "The old mill burned when the mill of Narva did.",
        "2020-03-01": "A fair was held.",
        "2020-03-02": "When is the fair of Lake Mirren? In June, with a ferry.",
    }
    records = [{"_id": day, "text": text, "published": day} for day, text in texts.items()]
    asker = open_index(build_records(tmp_path / "data", records)).asker
    question = Question("When did the mill of Orrin burn?")
    assert [day for day, _ in asker.days(question)] == ["2020-01-01", "2020-01-02"]
    with_cited = asker.days(question, {"2020-02-01"})
    assert [day for day, _ in with_cited] == ["2020-01-01", "2020-01-02", "2020-02-01"]


def test_a_question_that_asks_for_no_number_has_no_reports_that_differ() -> None:
    one, other = "Kyiv named 23 people.", "Kyiv named 30 people."
    assert not differ("Who named people in Kyiv?", one, other)


def test_of_sixty_pairs_of_reports_those_said_to_differ_do() -> None:
    lines = (Path(__file__).parent / "reports.jsonl").read_text("utf-8").splitlines()
    pairs = [json.loads(line) for line in lines]
    said = [pair for pair in pairs if differ(pair["question"], pair["one"], pair["other"])]
    right = sum(pair["differ"] for pair in said)
    assert len(pairs) == 60
    assert right / len(said) >= 0.95
    assert right / sum(pair["differ"] for pair in pairs) >= 0.95


@given(st.text(max_size=80), st.text(max_size=80))
def test_nothing_that_is_said_makes_it_raise(question: str, quote: str) -> None:
    assert not differ(question, quote, quote)


@pytest.mark.parametrize(
    ("before", "towns", "differs"),
    [
        ("What happened in Varna?", ("Varna", "Varna"), True),
        ("Tell me about the crane in Varna.", ("Varna", "Varna"), True),
        ("Where is Varna?", ("Varna", "Varna"), True),
        ("What happened in Varna?", ("Varna", "Narva"), False),
        ("Tell me about the crane in Varna.", ("Varna", "Narva"), False),
    ],
)
def test_reports_of_what_a_conversation_is_on_differ_however_it_was_asked(
    tmp_path: Path, before: str, towns: tuple[str, str], differs: bool
) -> None:
    told = zip(towns, ("Three", "Five"), ("2022-05-10", "2022-05-12"), strict=True)
    records: list[Record] = [
        {
            "_id": count,
            "title": "A crane",
            "text": f"{count} people died in {town}.",
            "published": on,
        }
        for town, count, on in told
    ]
    asker = open_index(build_records(tmp_path / "data", records)).asker
    answer = asker.ask(Question("How many people died?", history=turns(before)))
    assert (bool(answer.citations), answer.reports_differ) == (True, differs)


def test_reports_of_two_events_do_not_differ_in_a_conversation_on_one(tmp_path: Path) -> None:
    towns = (("Varna", "Three", "2022-05-10"), ("Narva", "Five", "2022-05-12"))
    records: list[Record] = [
        {
            "_id": town,
            "title": "A crane",
            "text": f"{count} people died in {town}.",
            "published": on,
        }
        for town, count, on in towns
    ]
    asker = open_index(build_records(tmp_path / "data", records)).asker
    asked = "How many people died?"
    by_itself = asker.ask(Question(asked))
    of_the_crane = asker.ask(Question(asked, history=turns("Where is the crane?")))
    assert (len(of_the_crane.citations), of_the_crane.reports_differ) == (2, False)
    assert by_itself.reports_differ
