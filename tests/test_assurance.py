"""Signals of the sentence that would be quoted."""

import pytest

from qa.answer import Question
from qa.answerability import SIGNALS, is_search, names_nothing_known, signals, sureness
from qa.search import Candidate
from tests.archives import Opened, build_records, open_index


@pytest.fixture(scope="module")
def mill(tmp_path_factory: pytest.TempPathFactory) -> Opened:
    records = [
        {
            "_id": "mill",
            "title": "Orrin mill",
            "text": "The mill burned in May. It was not insured.",
        },
        {
            "_id": "probe",
            "title": "Probe Selene 4",
            "text": "Selene 4 was launched in June. The old owner was Anna Berg.",
        },
    ]
    return open_index(build_records(tmp_path_factory.mktemp("mill") / "data", records))


def first(mill: Opened, text: str) -> tuple[Candidate, dict[str, float]]:
    """The first candidate and its signals by name."""
    ranking = mill.searcher.rank(Question(text))
    candidate = next(ranking.best(1))
    passage = mill.snapshot.locate(candidate.key).passage
    found = signals(ranking, candidate, passage)
    assert found.shape == (len(SIGNALS),)
    return candidate, dict(zip(SIGNALS, found.tolist(), strict=True))


def test_terms_of_the_quote_and_of_the_title_are_covered(mill: Opened) -> None:
    assert first(mill, "When was the Orrin mill burned?")[1]["quote_coverage"] == 1
    assert first(mill, "Which bakery burned?")[1]["quote_coverage"] < 1


@pytest.mark.parametrize(
    ("question", "denied"),
    [
        ("When didn't the mill burn?", 1),
        ("When did the mill burn?", 0),
        ("What was the mill not insured for?", 0),
        ("Which mill in May, not in June, burned?", 0),
    ],
)
def test_what_is_not_so_is_not_answered_by_what_is(
    mill: Opened, question: str, denied: float
) -> None:
    assert first(mill, question)[1]["denied"] == denied


@pytest.mark.parametrize(
    ("question", "torn", "other"),
    [
        ("When was Selene 4 launched?", 0, 0),
        ("When was Selene 5 launched?", 1, 1),
        ("When was the probe Selene Berg launched?", 1, 0),
        ("Who was the old owner, was it Anna Berg?", 0, 0),
        ("Was Selene 4 launched by June 2031?", 0, 0),
    ],
)
def test_a_name_of_two_words_has_to_stand_there_whole(
    mill: Opened, question: str, torn: float, other: float
) -> None:
    found = first(mill, question)[1]
    assert (found["torn_name"], found["other_number"]) == (torn, other)


@pytest.mark.parametrize(
    ("question", "unknown"),
    [
        ("When was the Narva mill burned?", True),
        ("Who of Narva owned Selene?", False),
        ("When was the mill burned?", False),
    ],
)
def test_of_names_that_all_stand_nowhere_nothing_tells(
    mill: Opened, question: str, *, unknown: bool
) -> None:
    ranking = mill.searcher.rank(Question(question))
    assert names_nothing_known(ranking.query) is unknown
    assert (sureness(ranking, mill.snapshot) == 0) is unknown


def test_a_quote_of_the_opposite_is_told(mill: Opened) -> None:
    assert first(mill, "Who was the old owner of Selene?")[1]["opposite"] == 0
    assert first(mill, "Who was the new owner of Selene?")[1]["opposite"] == 1


@pytest.mark.parametrize(
    ("text", "searched"),
    [
        ("Orrin mill", True),
        ("mill", True),
        ("mill burned", True),
        ("mill flood", False),
        ("mill?", False),
        ("the mill", False),
        ("when mill burned", False),
    ],
)
def test_key_words_that_all_stand_there_are_a_search(
    mill: Opened, text: str, searched: bool
) -> None:
    ranking = mill.searcher.rank(Question(text))
    assert is_search(ranking.query, next(ranking.best(1))) is searched
