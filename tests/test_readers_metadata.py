import json
from pathlib import Path

import pytest

from index.article import Article
from index.readers import Found, Remark, Unreadable, read_sources
from index.readers.metadata import Metadata, merge, read_metadata


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
        published_from="sidecar",
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


def test_a_date_at_the_moment_of_fetching_is_doubted_and_one_of_a_day_is_not() -> None:
    told = {"published": "2026-03-05T10:01:10+01:00", "fetched_at": "2026-03-05T09:00:00Z"}
    doubted = read_metadata(told, "page")
    assert doubted.metadata.published is None
    assert "is when the page was fetched: left out" in doubted.remarks[0].message
    listed = read_metadata(told | {"date": "2026-03-05", "date_from": "feed"}, "page").metadata
    assert (listed.published, listed.published_from) == ("2026-03-05", "feed")
    earlier = read_metadata(told | {"published": "2026-03-05T09:40:00+01:00"}, "page").metadata
    assert (earlier.published, earlier.published_from) == ("2026-03-05T09:40:00+01:00", "record")


@pytest.mark.parametrize(
    ("name", "content", "origin"),
    [
        ("a.md", "---\ndate: 2024-03-05\n---\nThe dam held.", "header"),
        ("b.txt", "date: 2024-03-05\n\nThe dam held.", "header"),
        ("c.txt", "The dam holds\nBy Ida Holm\n5 March 2024\n\nIt held.", "opening"),
        ("d.json", '{"_id": "d", "text": "It held.", "date": "2024-03-05"}', "record"),
        ("e.csv", "text,published\nIt held.,2024-03-05\n", "record"),
        (
            "f.rss",
            "<rss><channel><item><title>Dam</title><description>It held.</description>"
            "<pubDate>Tue, 05 Mar 2024 00:00:00 GMT</pubDate></item></channel></rss>",
            "feed",
        ),
    ],
)
def test_an_article_says_what_told_its_date(
    tmp_path: Path, name: str, content: str, origin: str
) -> None:
    (tmp_path / name).write_text(content)
    [found] = [each for each in read_sources([tmp_path]) if isinstance(each, Found)]
    assert (found.article.published or "").startswith("2024-03-05")
    assert found.article.published_from == origin


def test_a_date_that_can_be_read_two_ways_is_told_as_such() -> None:
    [remark] = read_metadata({"date": "05.03.2024"}, "a.csv").remarks
    assert remark.message.startswith("date: '05.03.2024' could be either of two dates; write it")


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("a.txt", "title: Paid\nvisibility: members only\n\nThe vault is open."),
        ("b.txt", "title: Paid\nnote: Ask the desk.\nvisibility: members\n\nThe vault is open."),
        ("c.txt", "title: Paid\n\nvisibility: members\n\nThe vault is open."),
        ("d.txt", "embargo: 03/04/2999\n\nThe vault is open."),
        ("e.md", "---\ntitle: Paid\nvisibility: members\n\nThe vault is open."),
        ("f.md", "---\ntitle: 'Paid\nvisibility: members\n---\nThe vault is open."),
        ("g.md", '{"title": "Paid", "visibility": "members",\n\nThe vault is open.'),
        ("h.md", "title: Paid\nvisibility: members\n\nThe vault is open."),
        ("i.md", "visibility: memebrs\n\nThe vault is open."),
        ("j.md", "visibility: members-only\n\nThe vault is open."),
        ("k.md", "visibility: not public\n\nThe vault is open."),
        ("l.md", "Visibility: good\nvisibility: private\n\nThe vault is open."),
        ("m.md", "embargo: until Monday 5 March 2999\n\nThe vault is open."),
        ("n.md", "---\ntitle: 'Paid\nvisibility: friends\n---\nThe vault is open."),
    ],
)
def test_a_slip_in_a_header_opens_nothing_that_it_closes(
    tmp_path: Path, name: str, content: str
) -> None:
    (tmp_path / name).write_text(content)
    remark, found = read_sources([tmp_path / name])
    assert isinstance(remark, Remark)
    assert "hidden" in remark.message
    assert article([found]).visibility == "hidden"


@pytest.mark.parametrize(
    "text",
    [
        "Visibility: it was ten miles.\nMore.",
        "Visibility: 10 km\n\nMore.",
        "visibility: public\n\nMore.",
        "Embargo: how it began\n\nMore.",
        "More.\n\nvisibility: hidden",
    ],
)
def test_prose_about_visibility_or_an_embargo_hides_nothing(tmp_path: Path, text: str) -> None:
    (tmp_path / "a.txt").write_text(text)
    assert article(list(read_sources([tmp_path]))).visibility == "public"


@pytest.mark.parametrize("name", ["a.txt", "a.md"])
@pytest.mark.parametrize(
    "line",
    [
        "Visibility: good",
        "Visibility: good, occasionally poor",
        "Visibility: moderate to poor",
        "Visibility: unlimited",
        "Embargo: the oil crisis of 1973",
        "Embargo: what changes in 2999",
        "Embargo: 1973 oil crisis",
    ],
)
def test_a_line_that_may_be_prose_hides_nothing_and_is_told(
    tmp_path: Path, name: str, line: str
) -> None:
    (tmp_path / name).write_text(f"{line}\nWind: west, five.\n\nMore.")
    remark, found = read_sources([tmp_path / name])
    assert isinstance(remark, Remark)
    assert "so it is read as text" in remark.message
    told = article([found])
    assert told.visibility == "public"
    assert told.text.startswith(line)


@pytest.mark.parametrize(
    ("line", "told"),
    [
        ("visibility: members", {"visibility": "public"}),
        ("visibility: members", {"visibility": "members"}),
        ("embargo: 03/04/2999", {"embargo": "2999-04-03"}),
    ],
)
def test_a_slip_that_the_sidecar_mends_is_told_no_more(
    tmp_path: Path, line: str, told: dict[str, str]
) -> None:
    [found] = story(tmp_path, f"A title\n{line}\n\nMore.", told)
    assert article([found]).visibility == told.get("visibility", "public")
    assert article([found]).embargo == told.get("embargo")


def test_the_sidecar_of_a_file_of_several_articles_tells_what_they_share(tmp_path: Path) -> None:
    rows = ["text,source,visibility", "One.,Bay,", "Two.,,hidden"]
    told = {"title": "T", "source": "Sea", "tags": "a, b", "visibility": "members"}
    told["embargo"] = "2999-01-02"
    one, two = (article([each]) for each in story(tmp_path, "\n".join(rows), told, "news.csv"))
    assert [(each.source, each.visibility) for each in (one, two)] == [
        ("Bay", "members"),
        ("Sea", "hidden"),
    ]
    assert (one.title, one.tags, one.embargo) == (None, ("a", "b"), "2999-01-02")


def test_a_broken_sidecar_that_names_who_may_read_hides_all_that_is_in_its_file(
    tmp_path: Path,
) -> None:
    lines = "\n".join(json.dumps({"text": text}) for text in ("One.", "Two."))
    remark, *found = story(tmp_path, lines, b'{"visibility": "mem', "news.jsonl")
    assert isinstance(remark, Remark)
    assert [article([each]).visibility for each in found] == ["hidden", "hidden"]
