"""When the sample archive is answered from, and when not."""

from pathlib import Path

import pytest

from bench.pictured import ANSWERED, UNSURE, WORLD_CUP
from index.readers.walk import QUESTIONS_FILE
from qa.answer import Question
from qa.ask import Asker
from tests.quality.sample import ARCHIVE, Sample

HERE = Path(__file__).parent
# What the archive's own list of questions to begin with asks, and words of the answer.
FIRST_QUESTIONS = {
    "How many times did Tereshkova circle the Earth?": "48 times",
    "When did Apollo 13 lift off?": "11 April 1970",
    "What was the magnitude of the Valdivia earthquake?": "a magnitude of 9.5",
    "How high were the waves of Krakatoa?": "more than 30 metres",
    "What is the mirror of the Webb telescope made of?": "beryllium",
    "How many children took part in the trial of Salk's polio vaccine?": "1.8 million",
    "How much height did Mount St. Helens lose?": "1,300 feet",
    "How many moons did Voyager 2 discover at Uranus?": "ten moons",
}


@pytest.fixture
def asker(sample: Sample) -> Asker:
    return sample.asker


def lines_of(name: str) -> list[str]:
    """The lines of a file beside this one."""
    return (HERE / name).read_text(encoding="utf-8").splitlines()


def answered(asker: Asker, lines: list[str]) -> list[str]:
    """Those that get citations."""
    return [line for line in lines if asker.ask(Question(line)).citations]


def test_the_archive_ships_the_questions_that_are_checked_here() -> None:
    kept = (ARCHIVE / QUESTIONS_FILE).read_text(encoding="utf-8").splitlines()
    assert kept == list(FIRST_QUESTIONS)


@pytest.mark.parametrize(("question", "words"), FIRST_QUESTIONS.items())
def test_the_first_quote_answers_each_question_to_begin_with(
    asker: Asker, question: str, words: str
) -> None:
    assert words in asker.ask(Question(question)).citations[0].quote


@pytest.mark.parametrize(("question", "words"), ANSWERED.items())
def test_the_pictures_show_questions_that_the_first_quote_answers(
    asker: Asker, question: str, words: str
) -> None:
    assert words in asker.ask(Question(question)).citations[0].quote


@pytest.mark.parametrize(("question", "words"), UNSURE.items())
def test_the_picture_of_what_may_not_be_answered_shows_that(
    asker: Asker, question: str, words: str
) -> None:
    answer = asker.ask(Question(question))
    assert answer.is_unsure
    assert any(words in near.quote for near in answer.nearest)


def test_the_picture_of_what_is_not_covered_shows_that(asker: Asker) -> None:
    answer = asker.ask(Question(WORLD_CUP))
    assert not answer.citations
    assert not answer.is_unsure


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
