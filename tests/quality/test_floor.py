"""What the real model finds in the sample archive, pinned: `baseline.json` may only rise.

`python -m tests.quality.test_floor` prints the figures of this code. To lower the baseline,
change the file by hand and give the reason in the commit.
"""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from index.build import build
from index.encoders import ModelEncoder
from index.store import Store, open_store
from qa.answer import Answer, Hit, Question
from qa.ask import Asker
from qa.rank.batching import SharedEncoder
from qa.search import Searcher

HERE = Path(__file__).parent
ARCHIVE = HERE.parent.parent / "articles"


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
def archive(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Store, list[Outcome]]]:
    snapshot, outcomes = run(tmp_path_factory.mktemp("data"))
    yield snapshot, outcomes
    snapshot.close()


def test_the_questions_are_thirty_covered_and_ten_not() -> None:
    marked = read_questions()
    assert len([one for one in marked if one.article]) == 30
    assert len([one for one in marked if not one.article]) == 10


def test_every_marked_passage_stands_in_its_article(
    archive: tuple[Store, list[Outcome]],
) -> None:
    snapshot, _ = archive
    for marked in read_questions():
        if marked.article:
            article = snapshot.article(marked.article)
            assert article is not None
            assert marked.words in article.text


def test_no_figure_falls_below_its_baseline(archive: tuple[Store, list[Outcome]]) -> None:
    baseline = json.loads((HERE / "baseline.json").read_text(encoding="utf-8"))
    found = figures(archive[1])
    assert found.keys() == baseline.keys()
    fallen = {name: (found[name], floor) for name, floor in baseline.items() if found[name] < floor}
    assert fallen == {}


def test_every_quote_is_the_text_of_its_article(archive: tuple[Store, list[Outcome]]) -> None:
    snapshot, outcomes = archive
    citations = [c for one in outcomes for c in (*one.answer.citations, *one.answer.nearest)]
    assert citations
    for citation in citations:
        article = snapshot.article(citation.article.id)
        assert article is not None
        assert citation.quote == article.text[citation.quote_start : citation.quote_end]


def run(data: Path) -> tuple[Store, list[Outcome]]:
    """Build the index of the sample archive with the real model, and ask everything."""
    encoder = ModelEncoder(data)
    build([ARCHIVE], data, encoder, lambda stage, done, total: None)
    snapshot = open_store(data, encoder.model)
    searcher = Searcher(snapshot, SharedEncoder(encoder))
    asker = Asker(snapshot, searcher)
    outcomes = []
    for marked in read_questions():
        question = Question(marked.question)
        outcomes.append(Outcome(marked, searcher.search(question), asker.ask(question)))
    return snapshot, outcomes


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
    with TemporaryDirectory() as folder:
        opened, results = run(Path(folder))
        print(json.dumps(figures(results), indent=2))
        opened.close()
