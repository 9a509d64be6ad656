import os
from collections.abc import Iterable
from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from index.analysis import Analyzer, term_code, term_codes
from index.article import Article
from index.dates import time_range
from index.keys import first_key
from index.lexical import LexicalIndex, PassageWords, copy_lexical, extend_lexical
from index.period import Moments, Period, Selection, bound_of, moments

WORDS = {
    4: "The lighthouse of Cape Orrin was lit in 1874.",
    9: "The keeper of the lighthouse left, and the lighthouse stood empty.",
    2: "The ferry was turned away. Nobody wants empty quays.",
    11: "La préfecture a fermé le port de Besançon.",
}
UNKNOWN = Moments()


def passages(words: Iterable[tuple[int, str]]) -> list[PassageWords]:
    """One an article, under the article's number."""
    return [PassageWords(first_key(number), text, None, UNKNOWN) for number, text in words]


def written(folder: Path, added: Iterable[PassageWords]) -> Path:
    folder.mkdir(exist_ok=True)
    extend_lexical(folder, [], added, is_new=True)
    return folder


@pytest.fixture(scope="module")
def index(tmp_path_factory: pytest.TempPathFactory) -> LexicalIndex:
    return LexicalIndex(written(tmp_path_factory.mktemp("lexical"), passages(WORDS.items())))


def found(index: LexicalIndex, question: str, limit: int = 9) -> list[int]:
    """Numbers of articles."""
    return [key >> 24 for key in index.search(Analyzer().terms(question), limit).tolist()]


def test_every_passage_is_counted(index: LexicalIndex) -> None:
    assert len(index) == 4


def test_the_forms_that_passages_teach_are_kept_while_these_are(tmp_path: Path) -> None:
    taught = {1: "The Coast Rescue Team (CRT) came.", 2: "The F-16 and the F-16 landed."}
    folder = written(tmp_path / "forms", passages(taught.items()))
    forms = [("CRT", "Coast Rescue Team"), ("f16", "f 16")]
    assert LexicalIndex(folder).forms() == forms
    extend_lexical(folder, [1], [], is_new=False)
    assert LexicalIndex(folder).forms() == forms[1:]


def test_a_passage_that_names_a_term_more_often_comes_first(index: LexicalIndex) -> None:
    assert found(index, "lighthouse") == [9, 4]


def test_a_passage_with_more_of_the_terms_comes_first(index: LexicalIndex) -> None:
    assert found(index, "empty quays") == [2, 9]


@pytest.mark.parametrize("question", ["LIGHTED lighthouses", "Besancon", "keepers leaving"])
def test_case_accents_and_endings_do_not_matter(index: LexicalIndex, question: str) -> None:
    assert found(index, question)


def test_terms_keep_their_order_and_repeat() -> None:
    assert Analyzer().terms("Fourth LEAKS found, fourth") == ["fourth", "leak", "found", "fourth"]


def test_a_term_that_stands_twice_in_the_question_counts_once(index: LexicalIndex) -> None:
    twice = index.search(["ferri", "empti", "ferri"], 9)
    assert twice.tolist() == index.search(["ferri", "empti"], 9).tolist()
    assert len(twice) == 2


@pytest.mark.parametrize("limit", [0, 1, 10_000])
def test_no_more_passages_come_than_asked_for(index: LexicalIndex, limit: int) -> None:
    assert len(index.search(["the"], limit)) == min(limit, 3)


def test_no_terms_find_nothing(index: LexicalIndex) -> None:
    assert index.search([], 9).tolist() == []
    assert index.search(["zeppelin"], 9).tolist() == []


def test_the_frequency_of_a_term_is_the_number_of_its_passages(index: LexicalIndex) -> None:
    assert index.document_frequency("lighthous") == 2
    assert index.document_frequency("zeppelin") == 0


def test_words_are_known_as_they_are_spelt_with_how_many_passages_have_them(
    index: LexicalIndex,
) -> None:
    spellings = dict(index.spellings())
    assert (spellings["lighthouse"], spellings["préfecture"], spellings["1874"]) == (2, 1, 1)
    assert not {"lighthous", "The", "prefecture"} & spellings.keys()


def test_the_words_of_removed_passages_are_forgotten(tmp_path: Path) -> None:
    folder = written(tmp_path / "index", passages(WORDS.items()))
    extend_lexical(folder, [9, 11], [], is_new=False)
    spellings = dict(LexicalIndex(folder).spellings())
    assert spellings["lighthouse"] == 1
    assert not {"keeper", "besançon"} & spellings.keys()


@given(st.text(max_size=200))
def test_any_question_can_be_asked(index: LexicalIndex, question: str) -> None:
    assert set(found(index, question)) <= set(WORDS)


@pytest.mark.parametrize("question", ['lighthouse AND NOT "ferry"', "words:ferry OR -cape^2 (*"])
def test_operators_of_query_languages_are_words(index: LexicalIndex, question: str) -> None:
    assert {2, 4} <= set(found(index, question))


@given(st.text(max_size=100))
def test_terms_have_one_code_each_of_32_bits(text: str) -> None:
    terms = Analyzer().terms(text)
    codes = term_codes(terms)
    assert codes.tolist() == [term_code(term) for term in terms]
    assert codes.dtype == "uint32"


def test_other_terms_have_other_codes() -> None:
    terms = {*" ".join(WORDS.values()).split()}
    assert len({term_code(term) for term in terms}) == len(terms)


DATED = {
    1: ("The strike began.", "S", "2022-09-28"),
    2: ("The strike went on.", "Gazette", "2022-09-29T21:13:00+02:00"),
    3: ("The strike ended.", "S", "2023"),
    4: ("The strike was long.", None, None),
}


@pytest.fixture(scope="module")
def dated(tmp_path_factory: pytest.TempPathFactory) -> LexicalIndex:
    added = [
        PassageWords(first_key(n), words, source, moments(Article("a", words, published=day), None))
        for n, (words, source, day) in DATED.items()
    ]
    return LexicalIndex(written(tmp_path_factory.mktemp("dated"), added))


@pytest.mark.parametrize(
    ("after", "before", "source", "numbers"),
    [
        (None, None, None, {1, 2, 3, 4}),
        ("2022", None, None, {1, 2, 3}),
        ("2022", "2022", None, {1, 2}),
        ("2022-09-29", "2022-12", None, {2}),
        ("2022-09-29T21:13", "2022-09-29T21:13", None, {2}),
        ("2022-09-29T19:13Z", "2022-09-29T19:13Z", None, {2}),
        ("2022-09-29T19:14Z", "2022", None, set()),
        (None, None, "S", {1, 3}),
        (None, None, "s", set()),
        (None, None, "Nowhere", set()),
        ("2023", None, "S", {3}),
        ("2023", None, "Gazette", set()),
    ],
)
def test_only_passages_of_the_selection_come(
    dated: LexicalIndex,
    after: str | None,
    before: str | None,
    source: str | None,
    numbers: set[int],
) -> None:
    period = Period(time_range(after) if after else None, time_range(before) if before else None)
    keys = dated.search(["strike"], 9, Selection(period, source)).tolist()
    assert {key >> 24 for key in keys} == numbers


@pytest.mark.parametrize("articles", [{2}, {1, 3}, set(), {9}])
def test_only_passages_of_the_selected_articles_come(
    dated: LexicalIndex, articles: set[int]
) -> None:
    keys = dated.search(["strike"], 9, Selection(articles=frozenset(articles))).tolist()
    assert {key >> 24 for key in keys} == articles & set(DATED)


@pytest.mark.parametrize(("by", "numbers"), [("2022", {1, 2, 4}), ("2023", {1, 2, 3, 4})])
def test_what_was_not_known_by_a_moment_does_not_come_but_the_undated_does(
    dated: LexicalIndex, by: str, numbers: set[int]
) -> None:
    selection = Selection(known_by=bound_of(time_range(by).end - timedelta(seconds=1)))
    assert {key >> 24 for key in dated.search(["strike"], 9, selection).tolist()} == numbers


def test_a_second_period_bounds_too(dated: LexicalIndex) -> None:
    selection = Selection(
        Period(after=time_range("2022")), within=Period(before=time_range("2022-12"))
    )
    assert {key >> 24 for key in dated.search(["strike"], 9, selection).tolist()} == {1, 2}


def test_a_selection_does_not_change_the_order(tmp_path: Path) -> None:
    texts = {n: "strike " * n + "quiet " * (9 - n) for n in range(1, 9)}
    added = [PassageWords(first_key(n), text, "S", UNKNOWN) for n, text in texts.items()]
    index = LexicalIndex(written(tmp_path / "words", added))
    everywhere = index.search(["strike"], 9).tolist()
    assert index.search(["strike"], 9, Selection(source="S")).tolist() == everywhere
    assert [key >> 24 for key in everywhere] == [8, 7, 6, 5, 4, 3, 2, 1]


def test_removed_articles_are_gone_and_added_ones_there(tmp_path: Path) -> None:
    folder = written(tmp_path / "words", passages(WORDS.items()))
    extend_lexical(folder, [9, 77], passages([(12, "A new lighthouse.")]), is_new=False)
    index = LexicalIndex(folder)
    assert len(index) == 4
    assert set(found(index, "lighthouse")) == {4, 12}
    assert found(index, "keeper") == []


def test_all_passages_of_a_removed_article_are_gone(tmp_path: Path) -> None:
    three = [PassageWords(first_key(5) + n, f"strike day {n}", None, UNKNOWN) for n in range(3)]
    folder = written(tmp_path / "words", [*three, *passages([(6, "strike")])])
    extend_lexical(folder, [5], [], is_new=False)
    index = LexicalIndex(folder)
    assert (len(index), found(index, "strike")) == (1, [6])


def test_more_articles_than_one_query_names_can_be_removed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("index.lexical._MOST_NUMBERS", 2)
    folder = written(tmp_path / "words", passages(WORDS.items()))
    extend_lexical(folder, [2, 4, 9], [], is_new=False)
    assert found(LexicalIndex(folder), "the le") == [11]


def test_nothing_at_all_can_be_written(tmp_path: Path) -> None:
    index = LexicalIndex(written(tmp_path / "words", []))
    assert (len(index), found(index, "lighthouse")) == (0, [])


def contents(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir() if path.suffix != ".lock"}


def test_a_copy_can_be_changed_and_leaves_the_original_as_it_is(tmp_path: Path) -> None:
    folder = written(tmp_path / "words", passages(WORDS.items()))
    before, reader = contents(folder), LexicalIndex(folder)
    copy_lexical(folder, tmp_path / "copy")
    assert contents(tmp_path / "copy") == before
    extend_lexical(tmp_path / "copy", [4, 9], passages([(12, "A new ferry.")]), is_new=False)
    assert contents(folder) == before
    assert found(reader, "lighthouse") == found(LexicalIndex(folder), "lighthouse") == [9, 4]
    assert set(found(LexicalIndex(tmp_path / "copy"), "lighthouse ferry")) == {2, 12}


def test_a_copy_shares_its_files_with_the_original(tmp_path: Path) -> None:
    folder = written(tmp_path / "words", passages(WORDS.items()))
    copy_lexical(folder, tmp_path / "copy")
    for path in (tmp_path / "copy").iterdir():
        assert path.samefile(folder / path.name)


def test_where_files_cannot_be_linked_a_copy_holds_its_own(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(source: Path, copy: Path) -> None:
        raise OSError("no links here")

    monkeypatch.setattr("index.lexical.os.link", refuse)
    folder = written(tmp_path / "words", passages(WORDS.items()))
    copy_lexical(folder, tmp_path / "copy")
    assert contents(tmp_path / "copy") == contents(folder)
    assert found(LexicalIndex(tmp_path / "copy"), "lighthouse") == [9, 4]


def test_an_original_can_be_removed_while_its_copy_is_read(tmp_path: Path) -> None:
    folder = written(tmp_path / "words", passages(WORDS.items()))
    copy_lexical(folder, tmp_path / "copy")
    reader = LexicalIndex(tmp_path / "copy")
    for path in folder.iterdir():
        path.unlink()
    assert found(reader, "lighthouse") == found(LexicalIndex(tmp_path / "copy"), "lighthouse")


CHANGES = st.lists(
    st.tuples(st.booleans(), st.integers(1, 6), st.sampled_from(["ferry", "dam", "ferry dam"])),
    max_size=6,
)


@given(CHANGES)
@settings(max_examples=15)
def test_many_small_changes_are_one_large_one(
    tmp_path_factory: pytest.TempPathFactory, changes: list[tuple[bool, int, str]]
) -> None:
    home = tmp_path_factory.mktemp("changes")
    folder, held = written(home / "0", []), dict[int, str]()
    for step, (is_new, number, words) in enumerate(changes, start=1):
        copy_lexical(folder, home / str(step))
        folder = home / str(step)
        extend_lexical(
            folder, [number], passages([(number, words)] if is_new else []), is_new=False
        )
        held.pop(number, None)
        held |= {number: words} if is_new else {}
    index = LexicalIndex(folder)
    assert len(index) == len(held)
    for word in ("ferry", "dam"):
        assert set(found(index, word)) == {n for n, words in held.items() if word in words}


def test_a_folder_that_holds_no_index_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=r"."):
        LexicalIndex(tmp_path)


def test_a_folder_that_must_not_be_written_is_opened_and_stays_as_it_is(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Root may write anywhere, whatever the folder's mode says.
    monkeypatch.setattr(os, "access", lambda path, mode: False)
    written(tmp_path, passages(WORDS.items()))
    for lock in tmp_path.glob("*.lock"):
        lock.unlink()
    before = sorted(tmp_path.iterdir())
    tmp_path.chmod(0o555)
    opened = LexicalIndex(tmp_path)
    assert found(opened, "lighthouse") == [9, 4]
    assert opened.document_frequency("lighthous") == 2
    assert sorted(tmp_path.iterdir()) == before
