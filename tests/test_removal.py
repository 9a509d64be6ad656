"""Articles taken out by the owner: gone at once, and gone after the next build."""

import shutil
from pathlib import Path

import pytest

from index.__main__ import main
from index.build import build
from index.build.ledger import Withheld, read_withheld, restore, restore_file, uploads
from index.build.removal import remove_articles
from index.errors import BuildError, DamagedError
from index.status import list_articles
from index.store import verify
from index.store.local import open_local
from index.store.writer import only_writer
from qa.answer import Question
from tests.archives import open_index
from tests.fakes import HashEncoder, no_progress


def ids(data: Path) -> list[str]:
    return sorted(row.article.id for row in list_articles(open_local(data), "", 0, 99).rows)


def test_a_removed_article_is_gone_at_once_and_the_rest_is_whole(data: Path) -> None:
    assert "dam" in ids(data)
    [removed] = remove_articles(data, ["dam"])
    assert removed.title == "The dam on the river Tessel"
    assert "dam" not in ids(data)
    assert open_local(data).manifest.counts.articles == 4
    assert list(verify(data)) == []


def test_a_build_does_not_bring_it_back_until_it_is_restored(data: Path, sources: Path) -> None:
    remove_articles(data, ["dam", "comet"])
    build([sources], data, HashEncoder(), no_progress)
    assert not {"dam", "comet"} & set(ids(data))
    assert {each.id for each in restore(data, ["dam"])} == {"dam"}
    build([sources], data, HashEncoder(), no_progress)
    assert "dam" in ids(data)
    assert "comet" not in ids(data)
    assert list(verify(data)) == []


def test_a_removed_article_that_changes_stays_out(data: Path, sources: Path) -> None:
    remove_articles(data, ["dam"])
    (sources / "dam.md").write_text("The dam is higher now.", encoding="utf-8")
    build([sources], data, HashEncoder(), no_progress)
    assert "dam" not in ids(data)


def test_what_is_withheld_but_was_not_yet_taken_out_goes_with_the_next_build(
    data: Path, sources: Path
) -> None:
    whole = data.with_name("whole")
    shutil.copytree(data, whole)
    remove_articles(data, ["dam"])
    shutil.copytree(data / "owner", whole / "owner")
    assert "dam" in ids(whole)
    build([sources], whole, HashEncoder(), no_progress)
    assert "dam" not in ids(whole)


def test_an_added_file_goes_with_its_last_article(data: Path) -> None:
    folder = uploads(data)
    folder.mkdir(parents=True)
    (folder / "two.jsonl").write_text(
        '{"_id": "a", "text": "A heron stands."}\n{"_id": "b", "text": "An egret flies."}'
    )
    build([folder], data, HashEncoder(), no_progress)
    remove_articles(data, ["a"])
    assert (folder / "two.jsonl").exists()
    assert [each.id for each in read_withheld(data)] == ["a"]
    remove_articles(data, ["b"])
    assert not (folder / "two.jsonl").exists()
    assert {"a", "b"}.isdisjoint(ids(data))


def test_a_file_that_is_added_anew_is_read_anew(data: Path, sources: Path) -> None:
    remove_articles(data, ["dam", "comet", "bakery"])
    restore_file(data, sources / "shorts.jsonl")
    assert [each.id for each in read_withheld(data)] == ["dam"]


def test_an_id_that_is_none_is_refused_and_nothing_is_removed(data: Path) -> None:
    before = ids(data)
    with pytest.raises(BuildError, match="no article has the id 'x'"):
        remove_articles(data, ["dam", "x"])
    assert ids(data) == before
    assert read_withheld(data) == ()


def test_the_last_article_goes_too_and_a_restored_one_comes_back(data: Path, sources: Path) -> None:
    remove_articles(data, ids(data))
    assert ids(data) == []
    assert list(verify(data)) == []
    answer = open_index(data).asker.ask(Question("How much water does the dam hold?"))
    assert (answer.status, answer.nearest) == ("not_covered", ())
    build([sources], data, HashEncoder(), no_progress)
    assert ids(data) == []
    restore(data, ["dam"])
    build([sources], data, HashEncoder(), no_progress)
    assert ids(data) == ["dam"]
    assert list(verify(data)) == []


def test_the_last_article_that_was_added_from_the_browser_goes_with_its_file(
    tmp_path: Path,
) -> None:
    added = uploads(tmp_path / "data")
    added.mkdir(parents=True)
    (added / "heron.txt").write_text("The heron nests in April.", encoding="utf-8")
    build([added], tmp_path / "data", HashEncoder(), no_progress)
    remove_articles(tmp_path / "data", ["heron"])
    assert ids(tmp_path / "data") == []
    assert list(added.iterdir()) == []


def test_while_a_build_runs_nothing_is_removed(data: Path) -> None:
    with only_writer(data), pytest.raises(BuildError, match="another build"):
        remove_articles(data, ["dam"])


def test_a_list_that_cannot_be_read_is_named_with_the_remedy(data: Path) -> None:
    (data / "owner").mkdir()
    (data / "owner" / "withheld.json").write_text("{")
    with pytest.raises(DamagedError, match="repair it, or remove it"):
        read_withheld(data)


def test_a_removed_article_is_not_cited(data: Path) -> None:
    question = "How much water does the dam hold?"
    remove_articles(data, ["dam"])
    opened = open_index(data)

    answer = opened.asker.ask(Question(question))
    found = (*answer.citations, *answer.nearest)
    assert "dam" not in {citation.article.id for citation in found}


def test_the_shell_removes_and_restores(data: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["remove", "dam", "--data", str(data)]) == 0
    assert capsys.readouterr().out == "removed dam\n"
    assert main(["restore", "dam", "x", "--data", str(data)]) == 1
    told = capsys.readouterr()
    assert told.out == "the next build reads dam again\n"
    assert told.err == "error: 'x' was not removed: check the id\n"
    assert read_withheld(data) == ()


def test_of_a_withheld_article_origin_and_name_are_kept(data: Path, sources: Path) -> None:
    remove_articles(data, ["dam"])
    title = "The dam on the river Tessel"
    assert read_withheld(data) == (Withheld(str(sources / "dam.md"), "dam", title),)


def test_the_list_finds_words_in_title_id_source_and_file(data: Path) -> None:
    def found(wanted: str) -> list[str]:
        rows = list_articles(open_local(data), wanted, 0, 9).rows
        return [row.article.id for row in rows]

    assert found("RIVER tessel") == ["dam"]
    assert found("sky notes") == ["comet"]
    assert sorted(found("shorts.jsonl")) == ["bakery", "comet"]
    assert found("no such words") == []


def test_the_list_is_cut_into_pages(data: Path) -> None:
    snapshot = open_local(data)
    first, last = list_articles(snapshot, "", 0, 3), list_articles(snapshot, "", 3, 3)
    assert (len(first.rows), first.has_more, len(last.rows), last.has_more) == (3, True, 2, False)
    assert {row.passages > 0 for row in (*first.rows, *last.rows)} == {True}
