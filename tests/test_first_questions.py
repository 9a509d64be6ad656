"""The list of questions that an archive is opened with."""

from pathlib import Path

import pytest

from index.__main__ import main
from index.build.lists import FIRST_QUESTIONS
from index.readers.walk import QUESTIONS_FILE, read_sources
from tests.fakes import HashEncoder


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    folder = tmp_path / "sources"
    folder.mkdir()
    (folder / "dam.txt").write_text("The Alder Dam was built in 1936. It leaks.")
    (folder / QUESTIONS_FILE).write_text("When was the Alder Dam built?\n\n Does  it leak? \n")
    return folder


def test_without_a_list_there_are_no_questions(tmp_path: Path) -> None:
    assert FIRST_QUESTIONS.read(tmp_path) == ()


def test_a_build_keeps_the_list_of_a_source_folder_which_is_no_article(
    folder: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setattr("index.encoders.ModelEncoder", lambda data, name: HashEncoder())
    data = tmp_path / "data"
    assert main(["build", str(folder), "--data", str(data)]) == 0
    assert "read 1 articles (1 new, 0 changed, 0 unchanged), skipped 0" in capsys.readouterr().out
    assert FIRST_QUESTIONS.read(data) == ("When was the Alder Dam built?", "Does it leak?")


def test_a_file_of_any_other_name_is_an_article(folder: Path) -> None:
    (folder / "questions.txt").write_text("Why did the dam leak?")
    assert len(list(read_sources([folder]))) == 2


def test_what_the_owner_writes_stands_whatever_is_built(folder: Path, tmp_path: Path) -> None:
    data = tmp_path / "data"
    data.mkdir()
    FIRST_QUESTIONS.adopt([folder], data)
    FIRST_QUESTIONS.write(data, ["Who built the dam?"])
    FIRST_QUESTIONS.adopt([folder], data)
    assert FIRST_QUESTIONS.read(data) == ("Who built the dam?",)
    FIRST_QUESTIONS.write(data, [])
    assert FIRST_QUESTIONS.read(data) == ()


def test_a_build_of_sources_without_a_list_leaves_the_one_that_is_there(
    folder: Path, tmp_path: Path
) -> None:
    FIRST_QUESTIONS.adopt([folder], tmp_path)
    FIRST_QUESTIONS.adopt([folder / "dam.txt", tmp_path / "nowhere"], tmp_path)
    assert len(FIRST_QUESTIONS.read(tmp_path)) == 2


def test_a_list_that_is_no_text_can_be_read(tmp_path: Path) -> None:
    (tmp_path / "questions.txt").write_bytes(b"Who?\n\xff\xfe\n")
    assert FIRST_QUESTIONS.read(tmp_path)[0] == "Who?"
