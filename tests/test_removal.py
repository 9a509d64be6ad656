"""Articles taken out by the owner: gone at once, and gone after the next build."""

import shutil
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from io import BytesIO
from multiprocessing import get_context
from pathlib import Path

import pytest

from index.__main__ import main
from index.build import build
from index.build.owned import owner_faults, uploads
from index.build.removal import remove_articles
from index.build.withheld import (
    Withheld,
    read_withheld,
    restore,
    restore_file,
    was_removed,
    withhold,
)
from index.errors import BuildError, DamagedError
from index.status import keep_report, list_articles
from index.store import verify
from index.store.local import open_local
from index.store.writer import only_writer
from qa.answer import Question
from qa.journal import JOURNAL, Feedback, Journal
from qa.web.admin.builds import add_file
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


@pytest.mark.parametrize("leaves", ["hidden", "deleted"])
def test_old_links_to_what_was_published_and_left_tell_that_it_was_withdrawn(
    data: Path, sources: Path, leaves: str
) -> None:
    story = sources / "LEAVING.txt"
    story.write_text("The lamp was lit in May.")
    draft = sources / "DRAFT.txt"
    draft.write_text("visibility: hidden\ntitle: Draft\n\nIt is not.")
    build([sources], data, HashEncoder(), no_progress)
    assert not was_removed(data, "LEAVING")
    if leaves == "hidden":
        story.write_text("visibility: hidden\ntitle: Lamp\n\nThe lamp was lit in May.")
    else:
        story.unlink()
    build([sources], data, HashEncoder(), no_progress, prune=True)
    assert was_removed(data, "LEAVING")
    assert not was_removed(data, "DRAFT")


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


def test_of_a_withheld_article_origin_name_and_text_are_kept(data: Path, sources: Path) -> None:
    [digest] = (each.digest for each in open_local(data).listed() if each.id == "dam")
    title = "The dam on the river Tessel"
    remove_articles(data, ["dam"])
    path = str(sources / "dam.md")
    assert read_withheld(data) == (Withheld(path, "dam", title, path, None, digest),)


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


def build_in(data: Path, *sources: Path) -> list[str]:
    """The remarks of a build."""
    report = build(sources, data, HashEncoder(), no_progress)
    return [remark.message for remark in report.remarks]


def moved(sources: Path, target: Path) -> Path:
    shutil.copytree(sources, target)
    shutil.rmtree(sources)
    return target


@pytest.mark.parametrize("changed", [False, True], ids=["as it was", "changed"])
@pytest.mark.parametrize("way", ["moved folder", "link", "other index"])
def test_a_removed_article_stays_out_by_whatever_path_it_is_read(
    data: Path, sources: Path, tmp_path: Path, way: str, changed: bool
) -> None:
    remove_articles(data, ["dam", "comet"])
    if changed:
        (sources / "dam.md").write_text("The dam is higher now.", encoding="utf-8")
    read, into = sources, data
    if way == "moved folder":
        read = moved(sources, tmp_path / "moved")
    elif way == "link":
        read = tmp_path / "link"
        read.symlink_to(sources)
    else:
        read, into = moved(sources, tmp_path / "moved"), tmp_path / "new"
        shutil.copytree(data / "owner", into / "owner")
    remarks = build_in(into, read)
    assert ids(into) == ["bakery", "harbour", "lighthouse"]
    assert remarks == [
        f"stays out, as it was removed as {name!r}: restore that to read it"
        for name in ("dam", "comet")
    ]


def test_a_removed_article_whose_file_is_renamed_stays_out(data: Path, sources: Path) -> None:
    remove_articles(data, ["dam", "lighthouse"])
    (sources / "dam.md").rename(sources / "weir.md")
    tower = (sources / "lighthouse.txt").read_text() + "\nIt was painted white."
    (sources / "lighthouse.txt").unlink()
    (sources / "tower.txt").write_text(tower)
    build_in(data, sources)
    assert ids(data) == ["bakery", "comet", "harbour"]


def test_another_article_of_the_same_name_or_text_is_not_taken_for_a_removed_one(
    data: Path, sources: Path, tmp_path: Path
) -> None:
    (sources / "copy.md").write_bytes((sources / "dam.md").read_bytes())
    build_in(data, sources)
    remove_articles(data, ["dam"])
    (tmp_path / "other").mkdir()
    (tmp_path / "other" / "dam.md").write_text("This dam is of beavers.")
    assert build_in(data, sources, tmp_path / "other") == []
    assert {"copy", "dam"} <= set(ids(data))


def test_what_the_owner_adds_by_hand_is_read_though_its_text_was_removed(
    data: Path, sources: Path
) -> None:
    text = (sources / "dam.md").read_bytes()
    remove_articles(data, ["dam"])
    add_file(data, "weir.md", BytesIO(text))
    build_in(data, sources, uploads(data))
    assert "weir" in ids(data)


def test_articles_read_by_another_path_are_not_doubled(
    data: Path, sources: Path, tmp_path: Path
) -> None:
    (tmp_path / "link").symlink_to(sources)
    before = ids(data)
    (sources / "dam.md").write_text("The dam is higher now.", encoding="utf-8")
    build_in(data, tmp_path / "link")
    assert ids(data) == before


def test_of_many_restores_and_removals_at_once_each_has_its_effect(data: Path) -> None:
    """Side by side in processes of their own, as the shell and the owner's page are."""
    every = [Withheld(f"/news/{number}.txt", str(number)) for number in range(40)]
    withhold(data, every[:20])
    with ProcessPoolExecutor(2, get_context("forkserver")) as pool:
        restored = [pool.submit(restore, data, [str(number)]) for number in range(20)]
        for each in every[20:]:
            withhold(data, [each])
        assert all(len(each.result()) == 1 for each in restored)
    assert set(read_withheld(data)) == set(every[20:])


def test_a_second_restore_of_one_article_says_that_it_had_no_effect(data: Path) -> None:
    remove_articles(data, ["dam"])
    with ThreadPoolExecutor(3) as pool:
        found = list(pool.map(lambda _: restore(data, ["dam"]), range(3)))
    assert sorted(map(len, found)) == [0, 0, 1]


def test_nothing_is_restored_in_a_folder_that_is_not_there(tmp_path: Path) -> None:
    assert restore(tmp_path / "mistyped", ["dam"]) == []
    assert not (tmp_path / "mistyped").exists()


def test_what_a_killed_process_left_beside_the_list_is_cleared(data: Path) -> None:
    remove_articles(data, ["dam"])
    (data / "owner" / "withheld.json.12ab34cd.new").write_text("{")
    restore(data, ["dam"])
    assert not list((data / "owner").glob("*.new"))


def test_a_list_of_the_version_before_checksums_is_read_and_then_sealed(data: Path) -> None:
    (data / "owner").mkdir()
    path = data / "owner" / "withheld.json"
    path.write_text(
        '[\n {"origin": "/a.txt", "id": "a", "title": null},\n'
        ' {"origin": "/b.jsonl#b", "id": "b", "title": "B"}\n]'
    )
    assert list(owner_faults(data)) == []
    assert [each.id for each in restore(data, ["a"])] == ["a"]
    assert read_withheld(data) == (Withheld("/b.jsonl#b", "b", "B"),)
    assert b"sha256" in path.read_bytes()


@pytest.mark.parametrize("name", ["withheld.json", "last-build.json"])
def test_a_changed_byte_of_what_the_owner_keeps_is_named(
    data: Path, sources: Path, name: str, capsys: pytest.CaptureFixture[str]
) -> None:
    keep_report(data, build([sources], data, HashEncoder(), no_progress))
    remove_articles(data, ["dam"])
    path = data / "owner" / name
    stored = path.read_bytes()
    for place in range(0, len(stored), 7):
        path.write_bytes(stored[:place] + bytes([stored[place] ^ 1]) + stored[place + 1 :])
        [fault] = owner_faults(data)
        assert fault.startswith(str(path))
    assert main(["verify", "--data", str(data)]) == 1
    assert name in capsys.readouterr().err


def test_a_journal_that_is_damaged_is_named(data: Path) -> None:
    journal = Journal(data / "owner" / JOURNAL)
    journal.judged(Feedback("Who?", "up"))
    journal.close()
    assert list(owner_faults(data)) == []
    with journal.path.open("r+b") as file:
        file.seek(4096)
        file.write(b"\xff" * 2000)
    [fault] = owner_faults(data)
    assert fault.startswith(f"{journal.path} is damaged")
