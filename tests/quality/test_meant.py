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
    assert str(row["words"]) in answer.citations[0].quote
    assert answer.understood_as == row["shown"]


@pytest.mark.parametrize(
    ("question", "words"),
    [
        (
            "When and where did Gagarin land, and who met him?",
            {
                "When did Gagarin land": "12 April 1961",
                "where did Gagarin land": "near the city of Engels",
                "who met him": "Anna Takhtarova",
            },
        ),
        (
            "When did Apollo 13 lift off, and who was its commander?",
            {"When did Apollo 13 lift off": "11 April 1970", "who was its commander": "Jim Lovell"},
        ),
        (
            "What is the difference between Vostok 1 and Vostok 6?",
            {"Vostok 1": "His ship, Vostok 1", "Vostok 6": "aboard Vostok 6"},
        ),
        (
            "When did Tereshkova fly and who paid for the lunch?",
            {"When did Tereshkova fly": "16 June 1963", "who paid for the lunch": ""},
        ),
    ],
)
def test_each_part_of_a_question_is_cited_or_named(
    sample: Sample, question: str, words: dict[str, str]
) -> None:
    answer = sample.asker.ask(Question(question))
    assert [part.text for part in answer.parts] == list(words)
    for part in answer.parts:
        quotes = [answer.citations[number - 1].quote for number in part.numbers]
        assert any(words[part.text] in quote for quote in quotes) == bool(words[part.text])


def test_what_one_quote_compares_is_not_taken_apart(sample: Sample) -> None:
    answer = sample.asker.ask(Question("Did both China and India abstain?"))
    assert (answer.status, answer.parts) == ("answered", ())


@pytest.mark.parametrize(
    ("question", "words"),
    [
        # Nothing that is read says when; the entry of the live blog has its time.
        ("When did the Eagle land?", "The Eagle has landed."),
        ("When did Eagle dock with Columbia?", "at 5:35pm"),
        # Who she was is said in the sentence after the one that says what she was.
        ("Who was the first woman in space?", "Valentina Tereshkova, born on"),
        ("Who was the first American woman in space?", "Sally Ride"),
    ],
)
def test_the_first_quote_says_what_is_asked(sample: Sample, question: str, words: str) -> None:
    assert words in sample.asker.ask(Question(question)).citations[0].quote


@pytest.mark.parametrize(
    ("question", "folder"),
    [
        ("What articles do you have about space?", "spaceflight/"),
        ("Show me articles on insulin", "medicine/insulin"),
    ],
)
def test_articles_about_a_topic_are_listed(sample: Sample, question: str, folder: str) -> None:
    citations = sample.asker.ask(Question(question)).citations
    assert len(citations) > 1
    assert all(citation.article.id.startswith(folder) for citation in citations)
