"""Sources of any size and kind: what is too long or no file is named, and reading goes on."""

import gzip
import os
from pathlib import Path

import pytest

from index.readers import Found, Remark, Unreadable, read_sources
from index.readers.base import MOST_BYTES, Finding
from index.readers.walk import LEADS_OUT

STORY = "The dam held."


def read(folder: Path) -> list[Finding]:
    return list(read_sources([folder]))


def faults(found: list[Finding]) -> list[str]:
    return [each.reason for each in found if isinstance(each, Unreadable)]


def articles(found: list[Finding]) -> list[str]:
    return [each.article.id for each in found if isinstance(each, Found)]


@pytest.mark.parametrize("name", ["long.txt", "long.md", "long.html"])
def test_a_file_longer_than_an_article_is_named_and_not_read(tmp_path: Path, name: str) -> None:
    with (tmp_path / name).open("wb") as file:
        file.truncate(MOST_BYTES + 1)
    (tmp_path / "story.txt").write_text(STORY)
    found = read(tmp_path)
    assert faults(found) == ["is longer than 20 MB: cut it into files"]
    assert articles(found) == ["story"]


@pytest.mark.parametrize("packed", [False, True])
def test_of_a_line_that_is_too_long_only_the_line_is_left_out(tmp_path: Path, packed: bool) -> None:
    lines = b'{"_id": "a", "text": "One."}\n{"_id": "b", "text": "%b"}\n{"_id": "c", "text": "C."}'
    lines %= b"x" * (2 * MOST_BYTES + 7)
    path = tmp_path / ("news.jsonl.gz" if packed else "news.jsonl")
    path.write_bytes(gzip.compress(lines, 1) if packed else lines)
    found = read(tmp_path)
    assert articles(found) == ["a", "c"]
    assert faults(found) == ["is longer than 20 MB: cut its article in parts"]
    assert [each.origin for each in found if isinstance(each, Unreadable)] == [f"{path} line 2"]


def test_a_pipe_beside_a_story_is_not_waited_for(tmp_path: Path) -> None:
    (tmp_path / "story.txt").write_text(STORY)
    os.mkfifo(tmp_path / "story.txt.meta.json")
    found = read(tmp_path)
    assert articles(found) == ["story"]
    [remark] = [each for each in found if isinstance(each, Remark)]
    assert "is not a regular file" in remark.message


@pytest.mark.parametrize("name", ["story.txt", "story.jsonl", "story.txt.meta.json"])
def test_a_device_without_an_end_is_not_read(tmp_path: Path, name: str) -> None:
    (tmp_path / "other.txt").write_text(STORY)
    (tmp_path / "story.txt").write_text(STORY)
    (tmp_path / name).unlink(missing_ok=True)
    (tmp_path / name).symlink_to("/dev/zero")
    assert "other" in articles(read(tmp_path))


def test_folders_deeper_than_calls_can_nest_are_read(tmp_path: Path) -> None:
    folder = tmp_path
    for _ in range(1_200):
        folder = folder / "d"
        folder.mkdir()
    story = folder / "story.txt"
    story.write_text(STORY)
    found = articles(read(tmp_path))
    # pytest clears old folders by calls that nest as deep, and would fail.
    story.unlink()
    while folder != tmp_path:
        folder.rmdir()
        folder = folder.parent
    assert found == ["/".join("d" * 1_200) + "/story"]


def test_a_link_that_leads_out_of_its_source_is_named_and_not_read(tmp_path: Path) -> None:
    source, outside = tmp_path / "source", tmp_path / "secret.txt"
    source.mkdir()
    outside.write_text(STORY)
    (source / "story.txt").write_text(STORY)
    (source / "again.txt").symlink_to("story.txt")
    (source / "out.txt").symlink_to(outside)
    # A sidecar's title would be told as well.
    (source / "paired.txt").write_text(STORY)
    (tmp_path / "secret.json").write_text('{"title": "A secret"}')
    (source / "paired.txt.meta.json").symlink_to(tmp_path / "secret.json")
    found = read(source)
    assert articles(found) == ["again", "story"]
    assert faults(found) == [LEADS_OUT] * 2
    followed = list(read_sources([source], follow_links=True))
    assert articles(followed) == ["again", "out", "paired", "story"]
    # A source is where it leads, however it is named.
    (tmp_path / "named").symlink_to(source)
    assert articles(read(tmp_path / "named")) == ["again", "story"]


def test_a_line_end_in_the_name_of_a_file_is_none_in_its_id(tmp_path: Path) -> None:
    (tmp_path / "two\nlines\x1b.txt").write_text(STORY)
    assert articles(read(tmp_path)) == ["two lines "]
