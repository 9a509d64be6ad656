"""What is meant by conversations, several questions in one and topics, in the sample archive."""

import json
from pathlib import Path

import pytest

from qa.answer import Answer, Question, Turn
from tests.quality.sample import Sample

CONVERSATIONS = [
    json.loads(line)
    for line in (Path(__file__).parent / "meant.jsonl").read_text("utf-8").splitlines()
]


def talk(sample: Sample, questions: list[str]) -> Answer:
    """The answer to the last, asked after the others as a page does."""
    history: tuple[Turn, ...] = ()
    for text in questions:
        answer = sample.asker.ask(Question(text, history=history))
        cited = tuple(citation.passage.id for citation in answer.citations)
        if answer.reply is None:
            history = (*history, Turn(text, cited))
    return answer


@pytest.mark.parametrize("row", CONVERSATIONS, ids=lambda row: " ".join(row["questions"][-2:]))
def test_a_turn_is_understood_from_those_before_it(sample: Sample, row: dict[str, object]) -> None:
    questions = row["questions"]
    assert isinstance(questions, list)
    answer = talk(sample, questions)
    assert row["words"] in answer.citations[0].quote
    assert answer.understood_as == row["shown"]
