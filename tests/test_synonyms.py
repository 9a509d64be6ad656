"""The words that an owner says mean the same."""

from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path

import pytest

from index.build.lists import SYNONYMS, mark_of, merged, read_synonyms
from index.build.owned import owner_faults
from index.readers.walk import SYNONYMS_FILE, read_sources
from qa.answer import Question
from qa.live import LiveIndex
from tests.fakes import HashEncoder


def test_a_line_is_a_group_and_one_without_two_forms_says_nothing(tmp_path: Path) -> None:
    SYNONYMS.write(tmp_path, ["FCDO = Foreign Office =  FO", "alone", "= =", "a = b", "a = b"])
    assert read_synonyms(tmp_path) == (("FCDO", "Foreign Office", "FO"), ("a", "b"))


def test_without_a_list_nothing_is_said(tmp_path: Path) -> None:
    assert read_synonyms(tmp_path) == ()


@pytest.mark.parametrize("line", ["pharos = lighthouse", "lighthouse=pharos"])
def test_a_list_beside_articles_is_none_and_is_adopted(tmp_path: Path, line: str) -> None:
    (tmp_path / SYNONYMS_FILE).write_text(line, encoding="utf-8")
    assert not list(read_sources([tmp_path]))
    data = tmp_path / "data"
    data.mkdir()
    SYNONYMS.adopt([tmp_path], data)
    assert set(*read_synonyms(data)) == {"pharos", "lighthouse"}


def test_of_many_who_add_a_line_at_once_nobody_loses_any(data: Path) -> None:
    lines = [f"form {number} = other {number}" for number in range(40)]
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda line: SYNONYMS.change(data, lambda held: (*held, line)), lines))
    assert sorted(SYNONYMS.read(data)) == sorted(lines)
    assert list(owner_faults(data)) == []


def test_a_change_that_fails_leaves_the_list_as_it_was(data: Path) -> None:
    SYNONYMS.write(data, ["a = b"])
    with pytest.raises(ZeroDivisionError):
        SYNONYMS.change(data, lambda held: [str(1 // 0)])
    assert SYNONYMS.read(data) == ("a = b",)
    (data / "owner" / "synonyms.txt").write_text("a = c\n")
    assert len(list(owner_faults(data))) == 1, "its checksum is still there"


@pytest.mark.parametrize(
    ("held", "seen", "lines", "expected"),
    [
        ("a b", "a b", "b a c", "b a c"),
        ("a b d", "a b", "a b c", "a b d c"),
        ("a b d", "a b", "b", "b d"),
        ("b", "a b", "a b c", "b c"),
        ("a d", "a", "a d", "a d"),
        ("a", "", "b", "a b"),
        ("", "a", "a", ""),
    ],
)
def test_what_two_make_of_a_list_becomes_one_list(
    held: str, seen: str, lines: str, expected: str
) -> None:
    marks = list(map(mark_of, seen.split()))
    assert merged(held.split(), marks, lines.split()) == expected.split()


def test_a_list_counts_as_soon_as_it_is_saved(data: Path) -> None:
    encoder = HashEncoder()
    question = Question("Who left the pharos of Cape Orrin in 1978?")
    with closing(LiveIndex(data, encoder, encoder.model)) as live:
        before = live.ask(question)
        SYNONYMS.write(data, ["pharos = lighthouse"])
        live.refresh()
        assert live.ask(question).confidence > before.confidence
