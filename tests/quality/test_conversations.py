"""What follow-up questions find in the sample archive: `conversations.json` may only rise.

`python -m tests.quality.test_conversations` prints the figures of this code. To lower one, change
the file by hand and give the reason in the commit.
"""

import json
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from qa.answer import Answer, Hit, Question, Turn
from qa.ask import Asker
from qa.search import Searcher
from tests.quality.sample import Sample, new_sample

HERE = Path(__file__).parent
CHANGES_SUBJECT = "subject"


@dataclass(frozen=True, slots=True)
class Conversation:
    """Questions in their order, and words of the passage that answers the last.

    `kind` is what the last does: it asks the same of another thing, points back, is a bare
    interrogative, speaks of something as known, goes on in a chain, or changes the subject.
    """

    kind: str
    before: tuple[str, ...]
    question: str
    article: str
    words: str

    def is_first(self, hits: list[Hit]) -> bool:
        """The best hit is the passage that answers."""
        return any(
            hit.passage.article_id == self.article and self.words in hit.passage.text
            for hit in hits[:1]
        )

    def is_cited(self, answer: Answer) -> bool:
        """The passage that answers is among the citations."""
        return any(
            citation.article.id == self.article and self.words in citation.passage.text
            for citation in answer.citations
        )


@dataclass(frozen=True, slots=True)
class Outcome:
    """The last question of a conversation: alone, and after the others."""

    conversation: Conversation
    alone: list[Hit]
    hits: list[Hit]
    answer: Answer


@pytest.fixture(scope="module")
def outcomes(sample: Sample) -> list[Outcome]:
    return hold_all(sample)


def test_the_conversations_are_forty_and_nine_of_them_change_the_subject() -> None:
    kinds = [each.kind for each in read_conversations()]
    assert len(kinds) == 40
    assert kinds.count(CHANGES_SUBJECT) == 9


def test_every_marked_passage_stands_in_its_article(sample: Sample) -> None:
    for each in read_conversations():
        article = sample.store.article(each.article)
        assert article is not None
        assert each.words in article.text


def test_no_figure_of_conversations_falls_below_its_baseline(
    outcomes: list[Outcome],
) -> None:
    baseline = json.loads((HERE / "conversations.json").read_text(encoding="utf-8"))
    found = figures(outcomes)
    assert found.keys() == baseline.keys()
    fallen = {name: (found[name], floor) for name, floor in baseline.items() if found[name] < floor}
    assert fallen == {}


def test_a_change_of_subject_is_searched_for_as_if_nothing_had_been_asked(
    outcomes: list[Outcome],
) -> None:
    changes = [one for one in outcomes if one.conversation.kind == CHANGES_SUBJECT]
    assert [one.hits for one in changes] == [one.alone for one in changes]
    assert {one.answer.understood_as for one in changes} == {None}


@pytest.mark.parametrize(
    ("before", "question", "article"),
    [
        ("How many times did Tereshkova circle the Earth?", "insulin", "insulin-discovery-toronto"),
        ("Tell me about Vesuvius", "penicillin", "penicillin-mould-to-medicine"),
        ("When did Apollo 13 lift off?", "Who was on board?", "apollo-13"),
    ],
)
def test_a_word_may_change_the_subject_and_a_question_without_a_thing_keeps_it(
    sample: Sample, before: str, question: str, article: str
) -> None:
    held = hold(Conversation("", (before,), question, article, ""), sample.searcher, sample.asker)
    assert [each.article.id.rpartition("/")[2] for each in held.answer.citations][:1] == [article]


def hold_all(sample: Sample) -> list[Outcome]:
    """Hold every conversation."""
    return [hold(each, sample.searcher, sample.asker) for each in read_conversations()]


def hold(conversation: Conversation, searcher: Searcher, asker: Asker) -> Outcome:
    """Ask one question after the other, as a page does."""
    history: tuple[Turn, ...] = ()
    for text in conversation.before:
        answer = asker.ask(Question(text, history=history))
        cited = tuple(citation.passage.id for citation in answer.citations)
        history = (*history, Turn(text, cited))
    question = Question(conversation.question, history=history)
    alone = searcher.search(replace(question, history=()))
    return Outcome(conversation, alone, searcher.search(question), asker.ask(question))


def read_conversations() -> list[Conversation]:
    """The forty conversations."""
    with (HERE / "conversations.jsonl").open(encoding="utf-8") as lines:
        rows = [json.loads(line) for line in lines]
    return [
        Conversation(
            row["kind"], tuple(row["before"]), row["question"], row["article"], row["passage"]
        )
        for row in rows
    ]


def figures(outcomes: list[Outcome]) -> dict[str, int]:
    """Of 31 follow-ups and 9 changes of subject, how many are found first and how many cited."""
    found = {}
    for name, changes in (("follow-ups", False), ("changes of subject", True)):
        some = [one for one in outcomes if (one.conversation.kind == CHANGES_SUBJECT) is changes]
        found[f"{name} first"] = sum(one.conversation.is_first(one.hits) for one in some)
        found[f"{name} cited"] = sum(one.conversation.is_cited(one.answer) for one in some)
    return found


if __name__ == "__main__":
    with new_sample() as opened:
        print(json.dumps(figures(hold_all(opened)), indent=2))
