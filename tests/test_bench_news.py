"""When an answer to a question on the news counts as right."""

from collections.abc import Sequence
from dataclasses import replace

from bench.news import NewsQuestion, Outcome, markdown
from qa.answer import Answer, Hit, Question
from tests.web_sample import FOLLOWED, LANDING, LIFTED, MOON, cite

LANDED = NewsQuestion(
    text="Where did the Eagle land?",
    kind="plain",
    is_answerable=True,
    article=MOON.id,
    answers=("in the Sea of Tranquility",),
    sentence=LANDING,
    date="2019-07-21",
)
NEAR_MISS = replace(LANDED, kind="other_entity", is_answerable=False, answers=(), sentence="")
OFF = replace(NEAR_MISS, kind="off_archive", article=None, date=None)


def outcome(
    asked: NewsQuestion, *, cited: Sequence[str] = (), found: Sequence[str] = (), sure: float = 0.0
) -> Outcome:
    """The question with these quotes cited, and the passages of these found."""
    citations = tuple(cite(MOON, quote, number) for number, quote in enumerate(cited, 1))
    hits = tuple(Hit(cite(MOON, quote).passage, 1.0) for quote in found)
    question = Question(asked.text)
    answer = Answer(question, "2026-01-31T09:00:00Z", citations, (), 1.0, confidence=sure)
    return Outcome(asked, hits, answer)


def test_the_right_passage_holds_the_sentence_and_counts_down_to_a_depth() -> None:
    found = outcome(LANDED, found=[LIFTED, LIFTED, LIFTED, LANDING])
    assert found.finds_article
    assert (found.finds_passage(3), found.finds_passage(5)) == (False, True)


def test_marked_words_count_of_all_that_are_answerable() -> None:
    found = outcome(LANDED, cited=[LANDING])
    start = MOON.text.index("Tranquility")
    first = replace(found.answer.citations[0], answer_start=start, answer_end=start + 11)
    marked = replace(found, answer=replace(found.answer, citations=(first,)))
    report = markdown([marked, outcome(LANDED)]).splitlines()
    assert "| marked words overlap an answer | 0.500 (1 of 2) |" in report
    assert f"| F1 of marked words, SQuAD's measure | {2 * 1 / (1 + 4) / 2:.3f} |" in report


def test_the_tables_tell_of_all_questions_and_of_each_kind() -> None:
    report = markdown(
        [
            outcome(LANDED, cited=[LANDING], found=[LANDING], sure=0.9),
            outcome(replace(LANDED, kind="typo"), found=[LIFTED], sure=0.2),
            outcome(NEAR_MISS, cited=[FOLLOWED], sure=0.7),
            outcome(OFF),
        ]
    )
    for line in (
        "| right article first | 1.000 (2 of 2) |",
        "| right passage among the first 3 | 0.500 (1 of 2) |",
        "| first quote holds an answer | 0.500 (1 of 2) |",
        "| marked words overlap an answer | none |",
        "| wrongly refused | 0.500 (1 of 2) |",
        "| near misses declined | 0.000 (0 of 1) |",
        "| off-archive declined | 1.000 (1 of 1) |",
        "| AUROC of `confidence`, answerable against near misses | 0.500 |",
        "| typo | yes | 1 | 0.000 (0 of 1) | 1.000 (1 of 1) |",
        "| other entity | no | 1 |  | 0.000 (0 of 1) |",
    ):
        assert line in report.splitlines()
