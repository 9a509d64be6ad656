from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from index.article import Article
from index.build.ledger import Change, Entered, Ledger, record_digest
from index.build.rules.model import NO_RULES, Labelled, Rules
from index.readers import Found, Unreadable
from index.store.base import Known

TEXT = "The ferry left at noon."


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name in ("story.txt", "story.md", "story.text", "news.jsonl", "more.jsonl"):
        (tmp_path / name).touch()
    return tmp_path


def found(path: Path, natural: str, text: str = TEXT, title: str | None = None) -> Found:
    return Found(path.as_posix(), Article(natural, text, title=title))


def line(path: Path, line_id: str, text: str = TEXT) -> Found:
    return Found(f"{path.as_posix()}#{line_id}", Article(line_id, text))


def known(entered: Sequence[Entered]) -> list[Known]:
    return [
        Known(number, e.article.id, e.place, e.record, e.article.digest, e.article.url)
        for number, e in enumerate(entered, start=1)
    ]


def build(before: Sequence[Known], *articles: Found, rules: Rules = NO_RULES) -> list[Entered]:
    ledger = Ledger(before, rules=rules)
    return [ledger.enter(article) for article in articles]


def ids(entered: Sequence[Entered]) -> list[str]:
    return [each.article.id for each in entered]


def changes(entered: Sequence[Entered]) -> list[Change]:
    return [each.change for each in entered]


def test_a_new_article_is_added_under_its_natural_id(folder: Path) -> None:
    [entered] = build([], found(folder / "story.txt", "story"))
    assert (entered.article.id, entered.change) == ("story", Change.ADDED)
    assert entered.place.file == entered.place.origin == str(folder / "story.txt")


@pytest.mark.parametrize(
    ("text", "title", "change"),
    [
        (TEXT, None, Change.UNCHANGED),
        ("The ferry came back.", None, Change.CHANGED),
        (TEXT, "A ferry", Change.CHANGED),
    ],
)
def test_an_article_is_changed_where_its_text_or_metadata_is(
    folder: Path, text: str, title: str | None, change: Change
) -> None:
    before = known(build([], found(folder / "story.txt", "story")))
    [entered] = build(before, found(folder / "story.txt", "story", text, title))
    assert (entered.article.id, entered.change, entered.replaces) == ("story", change, None)


def test_two_files_with_one_natural_id_are_two_articles_that_keep_their_ids(
    folder: Path,
) -> None:
    pair = [found(folder / "story.md", "story"), found(folder / "story.txt", "story", "It sank.")]
    first = build([], *pair)
    suffix = pair[1].article.digest[7:15]
    assert ids(first) == ["story", f"story~{suffix}"]
    again = build(known(first), *reversed(pair))
    assert ids(again) == [f"story~{suffix}", "story"]
    assert changes(again) == [Change.UNCHANGED, Change.UNCHANGED]


def test_an_article_added_later_does_not_take_the_id_of_an_older_one(folder: Path) -> None:
    older = found(folder / "story.txt", "story")
    entered = build(known(build([], older)), found(folder / "story.md", "story", "New."), older)
    assert ids(entered)[1] == "story"
    assert ids(entered)[0].startswith("story~")


def test_a_changed_article_keeps_the_id_that_told_it_apart(folder: Path) -> None:
    first = build([], found(folder / "story.md", "story"), found(folder / "story.txt", "story"))
    changed = found(folder / "story.txt", "story", "All is new.")
    again = build(known(first), found(folder / "story.md", "story"), changed)
    assert ids(again) == ids(first)
    assert changes(again) == [Change.UNCHANGED, Change.CHANGED]


def test_three_files_with_one_natural_id_and_one_text_are_three_articles(folder: Path) -> None:
    three = [found(folder / f"story.{kind}", "story") for kind in ("md", "text", "txt")]
    first = build([], *three)
    assert len(set(ids(first))) == 3
    again = build(known(first), *three)
    assert ids(again) == ids(first)
    assert set(changes(again)) == {Change.UNCHANGED}


def test_one_source_read_twice_is_repeated_and_counted_once(folder: Path) -> None:
    story = found(folder / "story.txt", "story")
    assert changes(build([], story, story)) == [Change.ADDED, Change.REPEATED]


def test_two_lines_with_one_id_and_other_words_are_two_articles(folder: Path) -> None:
    lines = [line(folder / "news.jsonl", "7"), line(folder / "news.jsonl", "7", "It sank.")]
    first = build([], *lines)
    assert len(set(ids(first))) == 2
    again = build(known(first), *lines)
    assert ids(again) == ids(first)
    assert set(changes(again)) == {Change.UNCHANGED}


def labelling(article_id: str) -> Rules:
    return Rules(labels=(Labelled(article=(article_id,), label="ad"),))


def test_a_rule_is_about_the_id_that_an_article_has_and_not_the_one_it_shares(
    folder: Path,
) -> None:
    lines = [line(folder / "news.jsonl", "7"), line(folder / "news.jsonl", "7", "It sank.")]
    plain = build([], *lines)
    for shown in ids(plain):
        ruled = build([], *lines, rules=labelling(shown))
        assert [each.article.id for each in ruled if each.article.label] == [shown]


def test_a_change_of_rules_changes_articles_and_neither_ids_nor_origins(folder: Path) -> None:
    lines = [line(folder / "news.jsonl", "7"), line(folder / "news.jsonl", "7", "It sank.")]
    plain = build([], *lines)
    ruled = build(known(plain), *lines, rules=labelling("7*"))
    assert [(each.article.id, each.place) for each in ruled] == [
        (each.article.id, each.place) for each in plain
    ]
    assert changes(ruled) == [Change.CHANGED, Change.CHANGED]
    again = build(known(ruled), *lines, rules=labelling("7*"))
    assert changes(again) == [Change.UNCHANGED, Change.UNCHANGED]


def test_a_rule_is_about_the_id_that_an_article_keeps(folder: Path) -> None:
    before = known(build([], found(folder / "story.txt", "town/story")))
    [entered] = build(before, found(folder / "story.txt", "story"), rules=labelling("town/story"))
    assert (entered.article.id, entered.article.label) == ("town/story", "ad")


def test_an_article_that_a_rule_names_keeps_its_id_when_its_file_moves(folder: Path) -> None:
    rules = labelling("story")
    before = known(build([], found(folder / "gone.txt", "story"), rules=rules))
    [entered] = build(before, found(folder / "story.txt", "story"), rules=rules)
    assert (entered.article.id, entered.article.label) == ("story", "ad")


def test_of_lines_with_one_id_only_those_alike_to_the_letter_are_repeated(folder: Path) -> None:
    path = folder / "news.jsonl"
    origin = f"{path.as_posix()}#7"
    lines = [line(path, "7"), line(path, "7", "It sank."), line(path, "7", "It sank.")]
    titled = Found(origin, Article("7", "It sank.", title="A wreck"))
    entered = build([], *lines, titled)
    added, repeated = Change.ADDED, Change.REPEATED
    assert changes(entered) == [added, added, repeated, added]
    kept = [each for each in entered if each.change is added]
    assert len(set(ids(kept))) == len({each.place.origin for each in kept}) == 3


def test_an_article_whose_natural_id_changed_replaces_itself(folder: Path) -> None:
    before = known(build([], found(folder / "story.txt", "story")))
    [entered] = build(before, found(folder / "story.txt", "renamed"))
    assert (entered.article.id, entered.replaces) == ("renamed", "story")


def test_an_article_whose_file_is_gone_is_not_pushed_out_by_another(folder: Path) -> None:
    before = known(build([], found(folder / "story.txt", "story")))
    (folder / "story.txt").unlink()
    [entered] = build(before, found(folder / "story.md", "story", "Another story."))
    assert entered.change is Change.ADDED
    assert entered.article.id.startswith("story~")


def test_an_article_keeps_its_id_when_it_is_read_from_a_folder_further_in(folder: Path) -> None:
    before = known(build([], found(folder / "story.txt", "live/story")))
    [entered] = build(before, found(folder / "story.txt", "story"))
    assert (entered.article.id, entered.change) == ("live/story", Change.UNCHANGED)


def test_an_id_that_browsers_take_for_a_folder_is_told_apart(folder: Path) -> None:
    [entered] = build([], line(folder / "news.jsonl", ".."))
    assert entered.article.id.startswith("..~")


def test_a_file_that_cannot_be_looked_at_is_not_gone(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = known(build([], found(folder / "story.txt", "story")))

    def refuse(path: Path) -> bool:
        raise PermissionError(path)

    monkeypatch.setattr(Path, "exists", refuse)
    assert Ledger(before).gone() == []


def test_an_article_moved_with_its_folder_keeps_its_id(folder: Path) -> None:
    before = known(build([], found(folder / "story.txt", "story")))
    (folder / "story.txt").rename(folder / "moved.txt")
    [entered] = build(before, found(folder / "moved.txt", "story"))
    assert entered.article.id == "story"
    assert entered.place.file == str(folder / "moved.txt")


def test_an_article_is_gone_with_its_file_and_not_before(folder: Path) -> None:
    ledger = Ledger(known(build([], found(folder / "story.txt", "story"))))
    ledger.enter(found(folder / "story.md", "other"))
    assert ledger.gone() == []
    (folder / "story.txt").unlink()
    assert ledger.gone() == ["story"]


def test_an_article_is_gone_with_its_line(folder: Path) -> None:
    lines = [line(folder / "news.jsonl", "7"), line(folder / "news.jsonl", "8")]
    ledger = Ledger(known(build([], *lines, line(folder / "more.jsonl", "9"))))
    ledger.enter(lines[0])
    assert ledger.gone() == ["8"]


@pytest.mark.parametrize("origin", ["news.jsonl line 2", "news.jsonl"])
def test_nothing_of_a_file_with_a_fault_is_gone(folder: Path, origin: str) -> None:
    lines = [line(folder / "news.jsonl", "7"), line(folder / "news.jsonl", "8")]
    ledger = Ledger(known(build([], *lines)))
    ledger.enter(lines[0])
    ledger.fault(Unreadable(str(folder / origin), "is no JSON"))
    assert ledger.gone() == []


def test_one_source_named_in_two_ways_is_one(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    before = known(build([], found(folder / "story.txt", "story")))
    monkeypatch.chdir(folder)
    for name in ("story.txt", "./story.txt", f"../{folder.name}/story.txt"):
        [entered] = build(before, found(Path(name), "story"))
        assert entered.change is Change.UNCHANGED


def test_the_record_changes_with_anything_that_is_stored_but_the_id() -> None:
    article = Article("a", TEXT)
    assert record_digest(replace(article, id="b")) == record_digest(article)
    changed = [
        replace(article, text="Other."),
        replace(article, title="T"),
        replace(article, source="S"),
        replace(article, author="A"),
        replace(article, published="2022"),
        replace(article, updated="2022"),
        replace(article, url="u"),
    ]
    assert len({record_digest(each) for each in [article, *changed]}) == 8
