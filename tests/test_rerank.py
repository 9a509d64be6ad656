"""The best candidates ranked anew: which, by what, how often, and what their scores mean."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from qa.answer import Hit, Question
from qa.ask import Asker
from qa.live import LiveIndex
from qa.rank.rerank import RERANKED, Reranker, Scores, load_reranker, rerank
from qa.search import Searcher
from tests.archives import Opened, Record, build_records, open_index
from tests.fakes import HashEncoder

ROOT = Path(__file__).parent.parent
DAMS: list[Record] = [
    {
        "_id": f"dam-{n}",
        "title": f"Dam {n}",
        "text": f"The dam of {'the long river ' * (n % 7)}holds.",
        "source": "Even Post" if n % 2 == 0 else "Odd Post",
        "published": f"20{10 + n % 10}-05-04",
    }
    for n in range(RERANKED + 20)
]
ASKED = Question("Which dam of the river holds?", k=1_000)


class LastFirst:
    """Scores what it is given by its place, the last best; remembers what that was."""

    def __init__(self) -> None:
        self.read: list[tuple[str, Sequence[str]]] = []

    def scores(self, question: str, passages: Sequence[str]) -> Scores:
        """1, 2, 3 and so on."""
        self.read.append((question, passages))
        return np.arange(1.0, len(passages) + 1)


class Alike:
    """Takes every passage to answer alike."""

    def scores(self, question: str, passages: Sequence[str]) -> Scores:
        """Halves."""
        return np.full(len(passages), 0.5)


@pytest.fixture(scope="module")
def dams(tmp_path_factory: pytest.TempPathFactory) -> Opened:
    return open_index(build_records(tmp_path_factory.mktemp("dams") / "data", DAMS))


def search(opened: Opened, reranker: Reranker | None, question: Question = ASKED) -> list[Hit]:
    return Searcher(opened.snapshot, HashEncoder(), reranker).search(question)


def ids(hits: Sequence[Hit]) -> list[str]:
    return [hit.passage.id for hit in hits]


def test_the_best_are_ordered_by_the_rerankers_scores_and_the_others_keep_theirs_behind(
    dams: Opened,
) -> None:
    usual, anew = search(dams, None), search(dams, LastFirst())
    assert len(usual) > RERANKED
    assert ids(anew) == [*ids(usual[:RERANKED])[::-1], *ids(usual[RERANKED:])]


def test_a_question_is_one_call_with_no_more_than_the_best(dams: Opened) -> None:
    reranker = LastFirst()
    usual = search(dams, None)
    search(dams, reranker, replace(ASKED, k=1))
    ((question, passages),) = reranker.read
    assert question == ASKED.text
    assert len(passages) == RERANKED == 50
    titles = [f"Dam {hit.passage.article_id.removeprefix('dam-')}\n" for hit in usual[:RERANKED]]
    texts = [hit.passage.text for hit in usual[:RERANKED]]
    assert passages == [title + text for title, text in zip(titles, texts, strict=True)]


def test_a_reranker_reads_title_and_heading_in_front_of_a_passage(read_only_data: Path) -> None:
    reranker = LastFirst()
    search(open_index(read_only_data), reranker, Question("the strike of the ferry"))
    front = "Live: the strike at Vessel Bay\nFerry turned away\n"
    read = reranker.read[0][1]
    assert f"{front}The ferry from the islands was turned away. Its captain waited" in read[0]


def test_no_more_than_k_come_back_and_they_are_the_best_anew(dams: Opened) -> None:
    everything = search(dams, LastFirst())
    for k in (1, 3, 60):
        assert search(dams, LastFirst(), replace(ASKED, k=k)) == everything[:k]


def test_scores_are_the_rerankers_and_fall_on_behind_them(dams: Opened) -> None:
    usual = [hit.score for hit in search(dams, None)]
    anew = [hit.score for hit in search(dams, LastFirst())]
    assert anew[:RERANKED] == [*range(RERANKED, 0, -1)]
    assert anew == sorted(anew, reverse=True)
    apart = [1 - (usual[RERANKED] - score) for score in usual[RERANKED:]]
    assert anew[RERANKED:] == pytest.approx(apart)


def test_passages_scored_alike_keep_their_order(dams: Opened) -> None:
    assert ids(search(dams, Alike())) == ids(search(dams, None))


def test_filters_hold(dams: Opened) -> None:
    reranker = LastFirst()
    asked = replace(ASKED, source="Odd Post", after="2013", before="2015")
    usual, anew = search(dams, None, asked), search(dams, reranker, asked)
    assert ids(anew) == ids(usual)[::-1] != []
    assert len(reranker.read[0][1]) == len(usual) < RERANKED


def test_where_nothing_is_found_nothing_is_reranked(dams: Opened) -> None:
    reranker = LastFirst()
    assert search(dams, reranker, replace(ASKED, source="The Post")) == []
    assert reranker.read == []


def test_citations_come_in_the_order_of_the_reranker_with_the_confidence_of_the_evidence(
    dams: Opened, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("qa.answerability.confidence", lambda signals: 0.75)
    monkeypatch.setattr("qa.answerability.passage_probabilities", lambda found: [0.75] * len(found))
    searcher = Searcher(dams.snapshot, HashEncoder(), LastFirst())
    (one,) = Asker(dams.snapshot, searcher).ask(replace(ASKED, k=1)).citations
    assert search(dams, None)[RERANKED - 1].passage in (one.passage, *one.also_in)
    assert one.score == 0.75


def test_a_live_index_reranks(read_only_data: Path) -> None:
    reranker, encoder = LastFirst(), HashEncoder()
    live = LiveIndex(read_only_data, encoder, encoder.model, reranker)
    live.ask(Question("Who was the last keeper?"))
    assert [question for question, _ in reranker.read] == ["Who was the last keeper?"]


@pytest.mark.parametrize(
    ("given", "order", "scores"),
    [
        ([7], [2, 0, 1], [7, 7 - (5 - 3), 7]),
        ([1, 4], [0, 2, 1], [4, 1, 1]),
        ([1, 4, 2], [0, 1, 2], [4, 2, 1]),
    ],
)
def test_the_first_are_ranked_by_what_they_are_given_and_the_others_lie_below(
    given: list[float], order: list[int], scores: list[float]
) -> None:
    usual = np.array([2, 0, 1]), np.array([5.0, 3.0, 6.0])
    anew, now = rerank(*usual, np.array(given, dtype=np.float64))
    assert (anew.tolist(), now.tolist()) == (order, scores)


def test_without_a_name_there_is_no_reranker() -> None:
    assert load_reranker("") is None
