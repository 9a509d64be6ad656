from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from index.lexical import Analyzer, LexicalIndex, write_lexical

WORDS = {
    4: "The lighthouse of Cape Orrin was lit in 1874.",
    9: "The keeper of the lighthouse left, and the lighthouse stood empty.",
    2: "The ferry was turned away. Nobody wants empty quays.",
    11: "La préfecture a fermé le port de Besançon.",
}


@pytest.fixture(scope="module")
def index(tmp_path_factory: pytest.TempPathFactory) -> LexicalIndex:
    folder = tmp_path_factory.mktemp("lexical")
    write_lexical(folder, WORDS.items())
    return LexicalIndex(folder)


def found(index: LexicalIndex, question: str, limit: int = 9) -> list[int]:
    return [match.key for match in index.search(Analyzer().terms(question), limit)]


def test_every_passage_is_counted(index: LexicalIndex) -> None:
    assert len(index) == 4


def test_a_passage_that_names_a_term_more_often_comes_first(index: LexicalIndex) -> None:
    assert found(index, "lighthouse") == [9, 4]


def test_a_passage_with_more_of_the_terms_comes_first(index: LexicalIndex) -> None:
    assert found(index, "empty quays") == [2, 9]


def test_scores_fall_and_are_above_nought(index: LexicalIndex) -> None:
    scores = [match.score for match in index.search(["lighthous", "cape", "ferri"], 9)]
    assert len(scores) == 3
    assert scores == sorted(scores, reverse=True)
    assert scores[-1] > 0


@pytest.mark.parametrize("question", ["LIGHTED lighthouses", "Besancon", "keepers leaving"])
def test_case_accents_and_endings_do_not_matter(index: LexicalIndex, question: str) -> None:
    assert found(index, question)


def test_terms_keep_their_order_and_repeat() -> None:
    assert Analyzer().terms("Fourth LEAKS found, fourth") == ["fourth", "leak", "found", "fourth"]


def test_a_term_that_stands_twice_in_the_question_counts_once(index: LexicalIndex) -> None:
    assert index.search(["ferri", "ferri"], 9) == index.search(["ferri"], 9)


@pytest.mark.parametrize("limit", [0, 1, 10_000])
def test_no_more_passages_come_than_asked_for(index: LexicalIndex, limit: int) -> None:
    assert len(index.search(["the"], limit)) == min(limit, 3)


def test_only_passages_among_the_given_keys_come_with_the_scores_they_have(
    index: LexicalIndex,
) -> None:
    everywhere = {match.key: match.score for match in index.search(["lighthous"], 9)}
    among = index.search(["lighthous"], 9, np.array([4, 2], dtype=np.int64))
    assert [match.key for match in among] == [4]
    assert among[0].score == pytest.approx(everywhere[4])
    assert index.search(["lighthous"], 9, []) == []


def test_no_terms_find_nothing(index: LexicalIndex) -> None:
    assert index.search([], 9) == []
    assert index.search(["zeppelin"], 9) == []


def test_the_frequency_of_a_term_is_the_number_of_its_passages(index: LexicalIndex) -> None:
    assert index.document_frequency("lighthous") == 2
    assert index.document_frequency("zeppelin") == 0


@given(st.text(max_size=200))
def test_any_question_can_be_asked(index: LexicalIndex, question: str) -> None:
    assert set(found(index, question)) <= set(WORDS)


@pytest.mark.parametrize("question", ['lighthouse AND NOT "ferry"', "words:ferry OR -cape^2 (*"])
def test_operators_of_query_languages_are_words(index: LexicalIndex, question: str) -> None:
    assert {2, 4} <= set(found(index, question))


def test_a_folder_that_holds_no_index_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=r"."):
        LexicalIndex(tmp_path)


def test_a_folder_that_must_not_be_written_is_opened_and_stays_as_it_is(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Root may write anywhere, whatever the folder's mode says.
    monkeypatch.setattr("index.lexical.os.access", lambda path, mode: False)
    write_lexical(tmp_path, WORDS.items())
    for lock in tmp_path.glob("*.lock"):
        lock.unlink()
    before = sorted(tmp_path.iterdir())
    tmp_path.chmod(0o555)
    opened = LexicalIndex(tmp_path)
    assert found(opened, "lighthouse") == [9, 4]
    assert opened.document_frequency("lighthous") == 2
    assert sorted(tmp_path.iterdir()) == before
