"""When an answer to a question on the news counts as right."""

from collections.abc import Sequence
from dataclasses import replace

import pytest

from bench.news import NewsQuestion, Outcome, markdown, spans_of
from qa.answer import Answer, Citation, Hit, Question
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


@pytest.mark.parametrize(
    ("words", "text"),
    [
        ("the 'old' pier", "at the ‘old’\n pier"),
        ('"Nobody wants\tit"', "“Nobody wants it”, she said"),
        ("about 2,200 flights (2%)", "about 2,200 flights (2%) of all"),
    ],
)
def test_words_are_found_whatever_their_white_space_and_quotation_marks(
    words: str, text: str
) -> None:
    assert len(list(spans_of(words, text))) == 1


def test_other_words_are_not_found() -> None:
    assert list(spans_of("2,200 flights", "2.200 flights")) == []


def test_the_first_quote_has_to_hold_the_answer() -> None:
    assert outcome(LANDED, cited=[LANDING, FOLLOWED]).quotes_answer
    assert not outcome(LANDED, cited=[FOLLOWED, LANDING]).quotes_answer
    assert not outcome(LANDED).quotes_answer


def test_the_right_passage_holds_the_sentence_and_counts_down_to_a_depth() -> None:
    found = outcome(LANDED, found=[LIFTED, LIFTED, LIFTED, LANDING])
    assert found.finds_article
    assert (found.finds_passage(3), found.finds_passage(5)) == (False, True)


@pytest.mark.parametrize(("words", "is_right"), [("Tranquility", True), ("The Eagle", False)])
def test_marked_words_are_right_where_they_overlap_an_answer(
    monkeypatch: pytest.MonkeyPatch, words: str, is_right: bool
) -> None:
    def mark(citation: Citation) -> tuple[int, int]:
        start = citation.article.text.index(words, citation.quote_start)
        return start, start + len(words)

    assert outcome(LANDED, cited=[LANDING]).marks_answer is None
    monkeypatch.setattr("bench.news.marked_span", mark)
    assert outcome(LANDED, cited=[LANDING]).marks_answer is is_right


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
