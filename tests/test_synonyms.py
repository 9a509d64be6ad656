"""The words that an owner says mean the same."""

from contextlib import closing
from pathlib import Path

import pytest

from index.build.synonyms import SYNONYMS, read_synonyms
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


def test_a_list_counts_as_soon_as_it_is_saved(data: Path) -> None:
    encoder = HashEncoder()
    question = Question("Who left the pharos of Cape Orrin in 1978?")
    with closing(LiveIndex(data, encoder, encoder.model)) as live:
        before = live.ask(question)
        SYNONYMS.write(data, ["pharos = lighthouse"])
        live.refresh()
        assert live.ask(question).confidence > before.confidence
