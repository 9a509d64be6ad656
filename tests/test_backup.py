"""A backup is the archive as it was at one moment, whoever serves, builds or pulls the plug."""

import errno
import random
import stat
from contextlib import closing
from io import BytesIO
from pathlib import Path
from shutil import copytree

import pytest

from index.__main__ import main
from index.build import build
from index.build.backup import transfer
from index.build.lists import FIRST_QUESTIONS
from index.build.owned import OWNED, owner_faults, uploads
from index.build.removal import remove_articles
from index.build.rules.kept import RULES, rules_of
from index.build.rules.model import NO_RULES
from index.build.withheld import read_withheld
from index.errors import BuildError, DamagedError, IndexMissingError, SettingError
from index.store import verify
from index.store.local import open_local
from index.store.manifest import MANIFEST, published_files
from qa.answer import Answer, Question
from qa.journal import JOURNAL, Journal, Recorded
from qa.web.admin.builds import add_file
from tests.fakes import HashEncoder, no_progress
from tests.killed import NEVER, run_killed
from tests.killed_backup import back_up_until

Captured = pytest.CaptureFixture[str]
ASKED = Answer(Question("Who kept the light?"), "2026-01-31T09:00:00Z", (), (), 2.0)


def held(data: Path) -> dict[str, bytes]:
    """The files of an archive, but for SQLite's own, and locks."""
    return {
        path.relative_to(data).as_posix(): path.read_bytes()
        for path in data.rglob("*")
        if path.is_file() and path.suffix != ".lock" and not path.name.startswith(JOURNAL)
    }


def own(data: Path) -> None:
    """The owner removes an article, adds another, and keeps a list."""
    remove_articles(data, ["dam"])
    add_file(data, "heron.txt", BytesIO(b"The heron nests in April."))
    FIRST_QUESTIONS.write(data, ["When does the heron nest?"])


def test_a_backup_holds_index_uploads_lists_and_journal_and_can_be_served(
    data: Path, tmp_path: Path
) -> None:
    own(data)
    journal = Journal(data / OWNED / JOURNAL)
    journal.asked(ASKED)
    assert journal.flush()
    copy = tmp_path / "far" / "away"
    # While the server still has the journal open.
    assert transfer(data, copy).counts.articles == 4
    journal.close()
    assert held(copy) == held(data)
    assert [each.question for each in Recorded(copy / OWNED / JOURNAL).asked(0, 9)] == [
        "Who kept the light?"
    ]
    assert stat.S_IMODE((copy / OWNED / JOURNAL).stat().st_mode) == 0o600
    assert [*verify(copy), *owner_faults(copy)] == []
    with closing(open_local(copy, HashEncoder().model)) as store:
        assert store.article("comet") is not None


def test_a_restored_archive_is_gone_on_with_as_if_nothing_had_been(
    data: Path, sources: Path, tmp_path: Path
) -> None:
    own(data)
    transfer(data, tmp_path / "copy")
    transfer(tmp_path / "copy", tmp_path / "data again")
    again = tmp_path / "data again"
    assert [each.id for each in read_withheld(again)] == ["dam"]
    report = build([sources, uploads(again)], again, HashEncoder(), no_progress)
    assert (report.added, report.changed, report.unchanged) == (1, 0, 4)


def test_a_build_that_publishes_amidst_the_copying_changes_nothing_of_it(
    data: Path, sources: Path
) -> None:
    before = held(data)
    with published_files(data) as files:
        (sources / "new.txt").write_text("This article is new.")
        build([sources], data, HashEncoder(), no_progress)
        assert {name: file.read() for name, file in files.items()} == before


def test_what_is_there_gives_way_only_where_it_is_told_to(data: Path, tmp_path: Path) -> None:
    copy = tmp_path / "copy"
    transfer(data, copy)
    own(data)
    with pytest.raises(BuildError, match=r"there is an archive in '.*copy': .* with --replace"):
        transfer(data, copy)
    transfer(data, copy, replace=True)
    assert held(copy) == held(data)


def test_rules_that_the_backup_has_not_are_not_those_of_what_is_put_back(
    data: Path, tmp_path: Path
) -> None:
    copy = tmp_path / "copy"
    transfer(data, copy)
    (data / RULES.name).write_text("exclude:\n- section: Town\n", encoding="utf-8")
    transfer(copy, data, replace=True)
    assert rules_of(data) == NO_RULES


def test_other_files_never_give_way(data: Path, tmp_path: Path) -> None:
    (tmp_path / "home").mkdir()
    (tmp_path / "home" / "thesis.odt").write_text("years of work")
    with pytest.raises(BuildError, match=r"holds other files, 'thesis.odt' among them"):
        transfer(data, tmp_path / "home", replace=True)
    for place in (data, data / "inside", tmp_path):
        with pytest.raises(BuildError, match="are in one: name another folder"):
            transfer(data, place, replace=True)
    with pytest.raises(IndexMissingError):
        transfer(tmp_path / "nothing", tmp_path / "copy")
    with pytest.raises(SettingError, match="is an archive in Milvus: copy it with"):
        transfer(Path("milvus://db:19530/news"), tmp_path / "copy")


def test_of_a_damaged_archive_there_is_no_backup_and_the_one_before_stays(
    data: Path, tmp_path: Path
) -> None:
    copy = tmp_path / "copy"
    transfer(data, copy)
    before = held(copy)
    vectors = data / "segment-000001" / "vectors.bin"
    vectors.write_bytes(vectors.read_bytes()[::-1])
    with pytest.raises(DamagedError, match=r"not whole \(.*vectors.bin is damaged"):
        transfer(data, copy, replace=True)
    assert held(copy) == before
    assert {path.name[0] for path in copy.iterdir()}.isdisjoint(".")


def test_what_the_owner_changed_by_hand_is_copied_as_it_is(data: Path, tmp_path: Path) -> None:
    own(data)
    (data / OWNED / FIRST_QUESTIONS.name).write_text("Who asks?")
    assert len(list(owner_faults(data))) == 1
    transfer(data, tmp_path / "copy")
    assert FIRST_QUESTIONS.read(tmp_path / "copy") == ("Who asks?",)


def test_a_full_disk_ends_a_backup_in_one_line_and_leaves_nothing(
    data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: Captured
) -> None:
    def fail(*_: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr("index.build.backup.shutil.copyfileobj", fail)
    assert main(["backup", str(tmp_path / "copy"), "--data", str(data)]) == 1
    [line] = capsys.readouterr().err.splitlines()
    assert line.startswith(f"error: '{tmp_path / 'copy'}/")
    assert line.endswith(
        "no space left on device: check that the disk has space and that its folder may be written"
    )
    assert list((tmp_path / "copy").iterdir()) == []


def test_the_shell_backs_up_and_restores(data: Path, tmp_path: Path, capsys: Captured) -> None:
    copy, again = str(tmp_path / "copy"), str(tmp_path / "again")
    assert main(["backup", copy, "--data", str(data)]) == 0
    assert main(["restore", copy, "--data", again]) == 0
    assert main(["verify", "--data", again]) == 0
    backed, restored, _ = capsys.readouterr().out.splitlines()
    assert backed == "backed up and checked: 5 articles, 11 passages"
    assert restored == "restored and checked: 5 articles, 11 passages"
    assert main(["restore", copy, "--data", again]) == 1
    assert main(["restore", copy, "--data", again, "--replace"]) == 0


def back_up_killed(data: Path, target: Path, moment: int) -> int | None:
    """How many touches there were, if it came to its end."""
    told, _ = run_killed(back_up_until, data, target, moment)
    return told[0] if told else None


def test_a_backup_killed_at_any_moment_loses_neither_the_archive_nor_the_backup(
    tmp_path: Path, data: Path, kills: int
) -> None:
    first = tmp_path / "first"
    transfer(data, first)
    own(data)
    before, now = held(first), held(data)
    touches = back_up_killed(data, Path(copytree(first, tmp_path / "measured")), NEVER)
    assert touches is not None
    for moment in random.sample(range(1, touches), kills):
        copy = Path(copytree(first, tmp_path / str(moment)))
        assert back_up_killed(data, copy, moment) is None
        assert held(data) == now, moment
        if (copy / MANIFEST).exists():
            assert list(verify(copy)) == [], moment
        else:
            # All has come: once it is put in its place, nothing is missing.
            assert (copy / ".come" / MANIFEST).exists(), moment
        transfer(data, copy, replace=True)
        assert held(copy) == now, moment
        assert [*verify(copy), *owner_faults(copy)] == [], moment
    assert held(first) == before
