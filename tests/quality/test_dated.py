"""Dated questions on the sample archive, with the real model."""

from bench.dated import OF_THE_SAMPLE, ask_dated, read_dated
from tests.quality.sample import Sample

# Of 44; a change of the model's weights may turn one or two.
AT_LEAST = 42


def test_the_time_of_dated_questions_is_understood_and_nothing_outside_it_is_shown(
    sample: Sample,
) -> None:
    wrong = [
        (dated.question.text, answer.understood_when)
        for dated, answer in ask_dated(sample.asker, OF_THE_SAMPLE)
        if not dated.is_right(answer)
    ]
    assert len(read_dated(OF_THE_SAMPLE)) - len(wrong) >= AT_LEAST, wrong
