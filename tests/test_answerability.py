"""Whether what was found answers: the features of the quote, the model and its exceptions."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from qa.answer import Answer, Question
from qa.answerability import (
    FEATURES,
    THRESHOLDS,
    UNSURE,
    confidence,
    is_denied,
    is_search,
    names_nothing_known,
    read_features,
)
from qa.rank import features
from qa.rank.weights import ANSWER_WEIGHTS
from qa.search import Candidate
from tests.archives import Opened, build_records, open_index
from tests.web_sample import LANDING, MOON, cite, unsure

AGAINST = ("missing_name", "torn_name", "other_number", "denied")


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
    """The first candidate and its features by name."""
    ranking = mill.searcher.rank(Question(text))
    candidate = next(ranking.best(1))
    passage = mill.snapshot.locate(candidate.key).passage
    found = read_features(ranking, candidate, passage)
    assert found.shape == (len(FEATURES),)
    return candidate, dict(zip(FEATURES, found.tolist(), strict=True))


def test_the_model_has_a_weight_for_each_feature_and_those_that_rank_come_first() -> None:
    assert tuple(ANSWER_WEIGHTS) == FEATURES
    assert FEATURES[: len(features.FEATURES)] == features.FEATURES


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
    assert (mill.asker.ask(Question(question)).confidence == 0) is unknown


@pytest.mark.parametrize(
    ("question", "names"),
    [
        ("When did Jens Stoltenburg visit the mill?", ("Jens Stoltenburg",)),
        ("when did stoltenburg's guests visit the mill", ("stoltenburg",)),
        ("Did Anna Stoltenburg, of Narva, own the mill?", ("Anna Stoltenburg", "Narva")),
        ("Who won the World Cup in July 1998?", ("World Cup",)),
        ("Which submarine visited Selene 4?", ()),
    ],
)
def test_names_that_no_article_has_are_told_where_nothing_is_cited(
    mill: Opened, question: str, names: tuple[str, ...]
) -> None:
    answer = mill.asker.ask(Question(question, ignore=frozenset({"spelling"})))
    assert not answer.citations
    assert answer.unknown_names == names


@pytest.mark.parametrize(
    ("answer", "gap"),
    [
        (Answer(Question("why?"), "", (), (), 0.0), "nothing_near"),
        (Answer(Question("why?", source="Daily"), "", (), (), 0.0), "filtered"),
        (Answer(Question("Hello"), "", (), (), 0.0, reply="greeting"), None),
        (unsure(Question("why?", source="Daily"), cite(MOON, LANDING)), "unsure"),
        (
            replace(unsure(Question("why?"), cite(MOON, LANDING)), unknown_names=("Narva",)),
            "unknown_name",
        ),
    ],
)
def test_the_likeliest_reason_why_nothing_is_cited_is_told(answer: Answer, gap: str | None) -> None:
    assert answer.gap == gap


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


@pytest.mark.parametrize(
    ("question", "sentence", "denied"),
    [
        ("Where were the tribes not settled?", "They were settled in the south.", True),
        ("Who never signed the treaty?", "Nobody from Kherson signed it.", False),
        ("What can reason not be used to test?", "It tests men, but not God.", False),
        ("Where were the tribes settled?", "They were settled in the south.", False),
    ],
)
def test_a_sentence_that_denies_nothing_does_not_tell_what_is_not_so(
    question: str, sentence: str, denied: bool
) -> None:
    assert is_denied(question, sentence) is denied


@given(st.text(), st.text())
def test_any_two_lines_can_be_laid_side_by_side(question: str, sentence: str) -> None:
    assert is_denied(question, sentence) in (True, False)


def values(**known: float) -> NDArray[np.float64]:
    """These features, the others nothing."""
    return np.array([known.get(name, 0.0) for name in FEATURES])


NOTHING = values()
EVERYTHING = {name: 1.0 for name in FEATURES if name not in AGAINST}


@given(st.lists(st.floats(-1, 50), min_size=len(FEATURES), max_size=len(FEATURES)))
def test_it_is_a_probability_whatever_the_features(drawn: list[float]) -> None:
    assert 0 <= confidence(np.array(drawn)) <= 1


def test_nothing_is_no_answer_and_everything_is_one() -> None:
    assert confidence(NOTHING) < THRESHOLDS["open"]
    assert confidence(values(**EVERYTHING)) > THRESHOLDS["strict"]
    assert confidence(values(**EVERYTHING)) > 0.9


@pytest.mark.parametrize("feature", ["sentence_cosine", "sentence_coverage"])
def test_a_sentence_that_fits_better_answers_more_likely(feature: str) -> None:
    some = values(**(EVERYTHING | {feature: 0.4}))
    assert confidence(values(**EVERYTHING)) > confidence(some)


@pytest.mark.parametrize("feature", AGAINST)
def test_what_speaks_against_an_answer_makes_it_less_likely(feature: str) -> None:
    against = values(**(EVERYTHING | {feature: 1.0}))
    assert confidence(against) < confidence(values(**EVERYTHING))


def test_the_stricter_the_surer_an_answer_has_to_be() -> None:
    assert THRESHOLDS["strict"] > THRESHOLDS["balanced"] > THRESHOLDS["open"]


def test_below_the_threshold_there_is_room_to_be_unsure_and_room_to_decline() -> None:
    assert UNSURE.keys() == THRESHOLDS.keys()
    assert all(0 < UNSURE[name] < threshold for name, threshold in THRESHOLDS.items())
