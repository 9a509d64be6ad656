"""What the real model finds in the sample archive, pinned: `baseline.json` may only rise.

`python -m tests.quality.test_floor` prints the figures of this code. To lower the baseline,
change the file by hand and give the reason in the commit.
"""

import json
from dataclasses import dataclass
from pathlib import Path

import pytest

from index.store import verify
from qa.answer import Answer, Hit, Question
from tests.quality.sample import Sample, new_sample

HERE = Path(__file__).parent


@dataclass(frozen=True, slots=True)
class Marked:
    """A question and words of the passage that answers it; no article where none does."""

    question: str
    article: str | None
    words: str

    def is_in(self, hit: Hit) -> bool:
        """The hit is the passage that answers."""
        return hit.passage.article_id == self.article and self.words in hit.passage.text


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of one question."""

    marked: Marked
    hits: list[Hit]
    answer: Answer


@pytest.fixture(scope="module")
def outcomes(sample: Sample) -> list[Outcome]:
    return ask_all(sample)


def test_the_questions_are_thirty_covered_and_ten_not() -> None:
    marked = read_questions()
    assert len([one for one in marked if one.article]) == 30
    assert len([one for one in marked if not one.article]) == 10


def test_every_marked_passage_stands_in_its_article(sample: Sample) -> None:
    for marked in read_questions():
        if marked.article:
            article = sample.store.article(marked.article)
            assert article is not None
            assert marked.words in article.text


def test_no_figure_falls_below_its_baseline(outcomes: list[Outcome]) -> None:
    baseline = json.loads((HERE / "baseline.json").read_text(encoding="utf-8"))
    found = figures(outcomes)
    assert found.keys() == baseline.keys()
    fallen = {name: (found[name], floor) for name, floor in baseline.items() if found[name] < floor}
    assert fallen == {}


def test_every_quote_is_the_text_of_its_article(sample: Sample, outcomes: list[Outcome]) -> None:
    citations = [c for one in outcomes for c in (*one.answer.citations, *one.answer.nearest)]
    assert citations
    for citation in citations:
        article = sample.store.article(citation.article.id)
        assert article is not None
        assert citation.quote == article.text[citation.quote_start : citation.quote_end]


def test_the_index_of_the_sample_archive_has_no_faults(sample_index: Path) -> None:
    """Its articles have notes on themselves, which are in no passage."""
    assert list(verify(sample_index)) == []


def ask_all(sample: Sample) -> list[Outcome]:
    """Search for and ask every question."""
    questions = [(marked, Question(marked.question)) for marked in read_questions()]
    return [
        Outcome(marked, sample.searcher.search(question), sample.asker.ask(question))
        for marked, question in questions
    ]


def read_questions() -> list[Marked]:
    """The forty questions."""
    with (HERE / "questions.jsonl").open(encoding="utf-8") as lines:
        rows = [json.loads(line) for line in lines]
    return [Marked(row["question"], row["article"], row.get("passage", "")) for row in rows]


def figures(outcomes: list[Outcome]) -> dict[str, int]:
    """How many of thirty are found and answered, and how many of ten are declined."""
    covered = [one for one in outcomes if one.marked.article]
    return {
        "hit@1": sum(any(map(one.marked.is_in, one.hits[:1])) for one in covered),
        "hit@3": sum(any(map(one.marked.is_in, one.hits[:3])) for one in covered),
        "cited": sum(
            any(one.marked.words in c.passage.text for c in one.answer.citations) for one in covered
        ),
        "quoted first": sum(
            any(one.marked.words in c.quote for c in one.answer.citations[:1]) for one in covered
        ),
        "declined": sum(
            one.answer.status == "not_covered" for one in outcomes if not one.marked.article
        ),
    }


if __name__ == "__main__":
    with new_sample() as opened:
        print(json.dumps(figures(ask_all(opened)), indent=2))
