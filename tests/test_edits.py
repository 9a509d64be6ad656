"""What the owner says of an article in place of its file, and what builds make of it."""

from contextlib import closing
from dataclasses import replace
from io import BytesIO
from pathlib import Path

import pytest

from index.article import Article
from index.build import build, edits
from index.build.backup import transfer
from index.build.edits import Facts, edit_article, kept_edits, read_edits, take_back
from index.build.owned import owned, owner_faults
from index.build.removal import remove_articles
from index.build.rules.kept import RULES, add_rules, added_rules
from index.build.withheld import restore
from index.errors import BuildError, BuildRunsError, DamagedError
from index.store import open_store
from index.store.writer import only_writer
from qa.web.admin.builds import add_file
from tests.fakes import HashEncoder, no_progress

DAM = Facts("The dam on the river Tessel", "2020-02-11", "Inland Gazette", "public")


def rebuilt(data: Path, *sources: Path) -> None:
    build(list(sources), data, HashEncoder(), no_progress)


def found(data: Path, article_id: str) -> Article | None:
    with closing(open_store(data)) as store:
        return store.article(article_id)


def facts(data: Path, article_id: str) -> Facts | None:
    article = found(data, article_id)
    return Facts.of(article) if article else None


def test_each_build_has_an_article_as_it_was_edited_and_knows_what_its_file_says(
    data: Path, sources: Path
) -> None:
    wanted = Facts("The Tessel dam", None, "Gazette", "members")
    edit_article(data, "dam", wanted)
    assert facts(data, "dam") == DAM, "it waits for the next build"
    rebuilt(data, sources)
    assert facts(data, "dam") == wanted
    dam = sources / "dam.md"
    dam.write_text(dam.read_text("utf-8").replace("title: The", "title: On the"), encoding="utf-8")
    rebuilt(data, sources)
    assert facts(data, "dam") == wanted
    [edit] = read_edits(data)
    assert edit.told == replace(DAM, title="On the dam on the river Tessel")
    assert edit.facts == wanted
    assert take_back(data, "dam")
    assert not take_back(data, "dam")
    rebuilt(data, sources)
    assert facts(data, "dam") == edit.told


def test_what_is_as_the_file_says_is_no_edit(data: Path) -> None:
    edit_article(data, "dam", replace(DAM, title="Other"))
    assert [each.changed for each in read_edits(data)] == [{"title": "Other"}]
    edit_article(data, "dam", DAM)
    assert read_edits(data) == ()


def test_what_is_hidden_leaves_at_once_and_stays_out_however_it_changes_and_moves(
    data: Path, sources: Path
) -> None:
    edit_article(data, "dam", replace(DAM, visibility="hidden"))
    assert found(data, "dam") is None
    (sources / "dam.md").write_text("The dam is higher now.", encoding="utf-8")
    rebuilt(data, sources)
    assert found(data, "dam") is None
    (sources / "more").mkdir()
    (sources / "dam.md").rename(sources / "more" / "dam.md")
    rebuilt(data, sources)
    assert not [each for each in ("dam", "more/dam") if found(data, each)]
    take_back(data, "dam")
    rebuilt(data, sources)
    assert found(data, "more/dam") is not None


def test_edits_follow_an_article_that_moves_and_are_added_to(data: Path, sources: Path) -> None:
    edit_article(data, "dam", replace(DAM, visibility="members"))
    rebuilt(data, sources)
    (sources / "more").mkdir()
    (sources / "dam.md").rename(sources / "more" / "dam.md")
    rebuilt(data, sources)
    assert [(each.of.id, each.told) for each in read_edits(data)] == [("more/dam", DAM)]
    wanted = replace(DAM, title="The dam", visibility="members")
    edit_article(data, "more/dam", wanted)
    rebuilt(data, sources)
    assert facts(data, "more/dam") == wanted
    assert take_back(data, "more/dam")
    rebuilt(data, sources)
    assert facts(data, "more/dam") == DAM
    assert kept_edits(data) == ()


def test_a_copy_of_an_edited_article_has_edits_of_its_own(data: Path, sources: Path) -> None:
    members = replace(DAM, visibility="members")
    edit_article(data, "dam", members)
    rebuilt(data, sources)
    (sources / "copy.md").write_bytes((sources / "dam.md").read_bytes())
    rebuilt(data, sources)
    assert facts(data, "copy") == members
    edit_article(data, "copy", replace(members, title="Copy"))
    rebuilt(data, sources)
    assert facts(data, "copy") == replace(members, title="Copy")
    assert facts(data, "dam") == members


def test_what_is_undone_and_edited_before_the_next_build_is_as_it_was_entered(
    data: Path, sources: Path
) -> None:
    members = replace(DAM, visibility="members")
    edit_article(data, "dam", members)
    rebuilt(data, sources)
    take_back(data, "dam")
    assert facts(data, "dam") == members, "it waits for the next build"
    edit_article(data, "dam", replace(members, title="Other"))
    rebuilt(data, sources)
    assert facts(data, "dam") == replace(members, title="Other")


def test_what_was_hidden_by_a_killed_process_is_hidden_by_a_build_of_other_sources(
    data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def killed(data: Path, ids: list[str]) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(edits, "forget_versions", killed)
        with pytest.raises(KeyboardInterrupt):
            edit_article(data, "dam", replace(DAM, visibility="hidden"))
    assert found(data, "dam") is not None
    other = tmp_path / "other"
    other.mkdir()
    (other / "heron.txt").write_text("The heron nests in April.", encoding="utf-8")
    rebuilt(data, other)
    assert found(data, "dam") is None


def test_the_rules_of_the_house_still_close_what_an_edit_opens(data: Path, sources: Path) -> None:
    edit_article(data, "dam", replace(DAM, source="Members only"))
    own, _ = RULES.places(data)
    own.write_text("visibility:\n- {visibility: members, source: Members only}", encoding="utf-8")
    rebuilt(data, sources)
    assert facts(data, "dam") == Facts(DAM.title, DAM.published, "Members only", "members")
    assert [each.changed for each in read_edits(data)] == [{"source": "Members only"}]


def test_nothing_is_edited_under_an_unknown_id_or_while_a_build_runs(data: Path) -> None:
    with pytest.raises(BuildError, match="no article has the id 'nope'"):
        edit_article(data, "nope", DAM)
    with only_writer(data), pytest.raises(BuildRunsError):
        edit_article(data, "dam", replace(DAM, visibility="hidden"))
    assert read_edits(data) == ()


def test_edits_of_a_file_that_is_deleted_for_good_are_forgotten(data: Path, sources: Path) -> None:
    add_file(data, "heron.txt", BytesIO(b"The heron nests in April."))
    rebuilt(data, sources, owned(data) / "uploads")
    edit_article(data, "heron", Facts("Herons", None, None, "public"))
    remove_articles(data, ["heron"])
    assert read_edits(data) == ()


def test_a_hidden_article_is_removed_as_any_other(data: Path, sources: Path) -> None:
    edit_article(data, "dam", replace(DAM, visibility="hidden"))
    [removed] = remove_articles(data, ["dam"])
    assert removed.file == str(sources / "dam.md")
    assert take_back(data, "dam")
    rebuilt(data, sources)
    assert found(data, "dam") is None, "it is kept out, though it is hidden no more"
    assert restore(data, ["dam"])
    rebuilt(data, sources)
    assert facts(data, "dam") == DAM


@pytest.mark.parametrize("is_shown_before", [False, True])
def test_an_added_file_stays_while_one_of_its_articles_is_hidden_or_waits_to_be_shown(
    is_shown_before: bool, data: Path
) -> None:
    birds = b'{"_id": "heron", "text": "It nests."}\n{"_id": "owl", "text": "It hoots."}'
    added = add_file(data, "birds.jsonl", BytesIO(birds))
    rebuilt(data, added.parent)
    edit_article(data, "heron", Facts(None, None, None, "hidden"))
    assert not is_shown_before or take_back(data, "heron")
    remove_articles(data, ["owl"])
    assert added.exists()
    assert is_shown_before or take_back(data, "heron")
    rebuilt(data, added.parent)
    assert (found(data, "heron") is None, found(data, "owl") is None) == (False, True)


def test_edits_and_added_rules_are_backed_up_and_damage_is_told(
    data: Path, sources: Path, tmp_path: Path
) -> None:
    edit_article(data, "dam", replace(DAM, title="Other"))
    add_rules(data, {"sources": {"Inland Gazette": "The Gazette"}})
    transfer(data, tmp_path / "backup")
    assert read_edits(tmp_path / "backup") == read_edits(data)
    assert added_rules(tmp_path / "backup").sources == {"Inland Gazette": "The Gazette"}
    path = owned(data) / "edits.json"
    path.write_bytes(path.read_bytes().replace(b"Other", b"Mine!"))
    assert [str(path) in fault for fault in owner_faults(data)] == [True]
    with pytest.raises(DamagedError, match="put back a copy, or remove it to show all articles"):
        rebuilt(data, sources)
    assert facts(data, "dam") == DAM
