"""When the sample archive is answered from, and when not."""

from pathlib import Path

import pytest

from qa.answer import Question
from qa.ask import Asker
from tests.quality.sample import Sample

HERE = Path(__file__).parent


@pytest.fixture
def asker(sample: Sample) -> Asker:
    return sample.asker


def lines_of(name: str) -> list[str]:
    """The lines of a file beside this one."""
    return (HERE / name).read_text(encoding="utf-8").splitlines()


def answered(asker: Asker, lines: list[str]) -> list[str]:
    """Those that get citations."""
    return [line for line in lines if asker.ask(Question(line)).citations]


def test_of_a_hundred_lines_of_small_talk_at_most_two_get_citations(asker: Asker) -> None:
    lines = lines_of("small_talk.txt")
    assert len(lines) > 100
    assert len(answered(asker, lines)) <= 2


def test_of_forty_questions_that_are_not_covered_at_most_three_are_answered(asker: Asker) -> None:
    lines = lines_of("not_covered.txt")
    assert len(lines) == 40
    assert len(answered(asker, lines)) <= 3


def test_of_forty_questions_in_other_words_at_least_thirty_seven_are_answered(
    asker: Asker,
) -> None:
    lines = lines_of("paraphrases.txt")
    assert len(lines) == 40
    assert len(answered(asker, lines)) >= 37


def test_of_forty_near_misses_at_most_twenty_two_are_answered(asker: Asker) -> None:
    lines = lines_of("near_misses.txt")
    assert len(lines) == 40
    assert len(answered(asker, lines)) <= 22


@pytest.mark.parametrize(
    "line",
    ["When did Apollo 17 land?", "When was Sputnik 5 launched?", "Who flew on Vostok 2?"],
)
def test_a_thing_of_another_number_is_another_thing(asker: Asker, line: str) -> None:
    assert not asker.ask(Question(line)).citations


def test_key_words_that_match_are_served_as_searches(asker: Asker) -> None:
    lines = lines_of("keywords.txt")
    assert len(lines) == 30
    assert [line for line in lines if line not in answered(asker, [line])] == []
