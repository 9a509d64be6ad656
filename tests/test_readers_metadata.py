import json
from pathlib import Path

import pytest

from index.article import Article
from index.readers import Found, Remark, Unreadable, read_sources
from index.readers.metadata import Metadata, merge


def story(folder: Path, text: str, sidecar: object, name: str = "story.txt") -> list[object]:
    (folder / name).write_text(text)
    written = sidecar if isinstance(sidecar, bytes) else json.dumps(sidecar).encode()
    (folder / f"{name}.meta.json").write_bytes(written)
    return list(read_sources([folder]))


def article(found: list[object]) -> Article:
    assert isinstance(found[-1], Found)
    return found[-1].article


def test_a_sidecar_gives_and_overrides_what_the_story_tells_and_is_no_article(
    tmp_path: Path,
) -> None:
    told = {"id": 12, "title": "Over", "authors": ["Ann"], "published": "2022-09-30"}
    found = story(tmp_path, "title: Under\ndate: 2022-09-29\nsource: Bay\n\nIt held.", told)
    assert len(found) == 1
    assert article(found) == Article(
        id="12",
        text="It held.",
        title="Over",
        source="Bay",
        author="Ann",
        published="2022-09-30",
    )


def test_a_sidecar_counts_for_markdown_too_and_its_title_leaves_the_heading(
    tmp_path: Path,
) -> None:
    found = article(story(tmp_path, "# Heading\n\nIt held.", {"title": "Over"}, "story.md"))
    assert (found.title, found.text) == ("Over", "Heading\n\nIt held.")


def test_the_entries_of_a_live_blog_are_dated_by_the_sidecar(tmp_path: Path) -> None:
    text = "The lead goes here.\n4:25am: One\nA.\n9:45pm: Two\nB.\n10:42am, September 29: Three\nC."
    found = article(story(tmp_path, text, {"published": "2022-09-29"}))
    assert [entry.time for entry in found.entries] == [
        *("2022-09-30T04:25:00", "2022-09-29T21:45:00", "2022-09-29T10:42:00")
    ]
    longer = text.replace("9:45pm: Two", "9:45pm: Two\nB.\n8:00pm: Also")
    found = article(story(tmp_path, longer, {"published": "2022-09-29"}))
    assert found.entries[0].time == "2022-09-30T04:25:00"


@pytest.mark.parametrize(
    ("written", "told"),
    [
        (b'{"title": ', "JSON"),
        (b"[1]", "no JSON object"),
        (b"\xff\x00", "binary"),
        (b"[" * 100_000, "JSON"),
    ],
)
def test_a_broken_sidecar_is_remarked_on_and_its_story_is_read(
    tmp_path: Path, written: bytes, told: str
) -> None:
    remark, found = story(tmp_path, "It held.", written)
    assert isinstance(remark, Remark)
    assert remark.origin.endswith("story.txt.meta.json")
    assert told in remark.message
    assert isinstance(found, Found)


def test_a_sidecar_without_its_story_is_remarked_on(tmp_path: Path) -> None:
    (tmp_path / "gone.txt.meta.json").write_text("{}")
    (remark,) = read_sources([tmp_path])
    assert isinstance(remark, Remark)
    assert "'gone.txt'" in remark.message


def test_a_sidecar_given_as_a_source_is_refused_with_the_name_of_its_story(tmp_path: Path) -> None:
    path = tmp_path / "story.txt.meta.json"
    path.write_text("{}")
    (found,) = read_sources([path])
    assert isinstance(found, Unreadable)
    assert "'story.txt'" in found.reason


def test_a_date_in_a_sidecar_that_is_none_is_quoted_and_does_not_hide_that_of_the_story(
    tmp_path: Path,
) -> None:
    remark, found = story(tmp_path, "date 2022-09-29 It held.", {"published": "soon"})
    assert isinstance(remark, Remark)
    assert "'soon'" in remark.message
    assert isinstance(found, Found)
    assert found.article.published == "2022-09-29"


def test_merging_keeps_what_only_one_knows() -> None:
    merged = merge(Metadata(title="a", url="u"), Metadata(title="b", source="s"))
    assert merged == Metadata(title="b", url="u", source="s")
