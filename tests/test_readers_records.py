"""JSON, CSV and Parquet: each record an article, by its own names of things or by ours."""

import json
from datetime import date
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from index.errors import SettingError
from index.readers import (
    Finding,
    Found,
    Remark,
    Source,
    Unreadable,
    findings,
    read_keys,
    read_sources,
)
from index.readers.base import MOST_BYTES
from index.readers.records.json_file import JsonReader
from index.readers.records.table import TableReader
from tests.needs import optional_module

OURS = read_keys("title=headline,text=body,published=day")


def read(path: Path, content: str | bytes, keys: str = "") -> list[Finding]:
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return list(read_sources([path], read_keys(keys)))


def texts(found: list[Finding]) -> list[tuple[str | None, str]]:
    return [(one.article.title, one.article.text) for one in found if isinstance(one, Found)]


def reasons(found: list[Finding]) -> list[str]:
    return [one.reason for one in found if isinstance(one, Unreadable)]


STORY = {"title": "The dam", "text": "It held."}


@pytest.mark.parametrize(
    "content", [STORY, [STORY], {"articles": [STORY], "total": 1}, {"data": [STORY]}]
)
def test_a_json_file_is_an_article_or_a_list_of_them(tmp_path: Path, content: object) -> None:
    assert texts(read(tmp_path / "news.json", json.dumps(content))) == [("The dam", "It held.")]


@pytest.mark.parametrize("name", ["news.json", "news.jsonl"])
def test_other_names_of_keys_are_read_as_mapped(tmp_path: Path, name: str) -> None:
    story = {"headline": "The dam", "body": {"raw": "It held."}, "publish_date": "when"}
    found = read(tmp_path / name, json.dumps(story), "title=headline,text=body.raw")
    assert texts(found) == [("The dam", "It held.")]


def test_markup_is_read_as_it_shows(tmp_path: Path) -> None:
    story = json.dumps({"id": 1, "content": "<p>It <b>held</b>.</p><p>All night.</p>"})
    found = read(tmp_path / "news.json", story, "html=content")
    assert texts(found) == [(None, "It held.\n\nAll night.")]


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("news.json", '{"headline": "The dam", "body": "It held."}'),
        ("news.jsonl", '{"headline": "The dam", "body": "It held."}'),
        ("news.csv", "headline,body\nThe dam,It held.\n"),
    ],
)
def test_a_record_without_text_is_told_by_the_keys_it_has(
    tmp_path: Path, name: str, content: str
) -> None:
    [reason] = reasons(read(tmp_path / name, content))
    assert reason == (
        "has no text; its keys are 'headline', 'body': name the one that holds it, --map text=KEY"
    )


@pytest.mark.parametrize("told", ["text", "text=", "body=text", "=body", "text=body,x=y"])
def test_a_map_that_maps_nothing_is_quoted(told: str) -> None:
    with pytest.raises(SettingError, match="maps no key: write OURS=THEIRS"):
        read_keys(told)


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("news.csv", 'title,text,published\n"The dam","It held, all\nnight.",2022-09-29\n'),
        ("news.csv", 'title;text;published\r\nThe dam;"It held, all\r\nnight.";2022-09-29\r\n'),
        ("news.tsv", 'title\ttext\tpublished\nThe dam\t"It held, all\nnight."\t2022-09-29\n'),
        ("news.csv", '\ufefftitle , text,published\nThe dam,"It held, all\nnight.",2022-09-29'),
    ],
)
def test_a_table_is_an_article_a_row(tmp_path: Path, name: str, content: str) -> None:
    [found] = read(tmp_path / name, content)
    assert isinstance(found, Found)
    article = found.article
    assert (article.title, article.text) == ("The dam", "It held, all\nnight.")
    assert article.published == "2022-09-29"
    assert found.file == str(tmp_path / name)


def test_of_a_table_only_the_bad_rows_are_left_out(tmp_path: Path) -> None:
    rows = ["text", "One.", "", "x" * (MOST_BYTES + 1), "Two."]
    found = read(tmp_path / "news.csv", "\n".join(rows))
    assert [text for _, text in texts(found)] == ["One.", "Two."]
    [fault] = [each for each in found if isinstance(each, Unreadable)]
    assert fault.origin.endswith("news.csv row 4")
    assert fault.file == str(tmp_path / "news.csv")


@pytest.mark.parametrize(
    ("name", "content", "told"),
    [
        ("news.csv", "text\nA m\xe5te".encode("latin-1"), "not UTF-8 (0xe5)"),
        ("news.csv", "text\nOne".encode("utf-16"), "is UTF-16"),
        ("news.json", b'{"text": ', "is not JSON"),
        ("news.json", b"[1]", "is a JSON number"),
        ("news.json", b"\xff\xff", "is not UTF-8"),
        ("news.json", b"[" * 100_000, "is not JSON"),
    ],
)
def test_a_file_that_cannot_be_read_is_told_with_the_remedy(
    tmp_path: Path, name: str, content: bytes, told: str
) -> None:
    [reason] = reasons(read(tmp_path / name, content))
    assert told in reason


def test_parquet_is_an_article_a_row(tmp_path: Path) -> None:
    pyarrow, parquet = optional_module("pyarrow"), optional_module("pyarrow.parquet")
    path = tmp_path / "news.parquet"
    columns = {
        "headline": ["The dam", None],
        "body": ["It held.", "It broke."],
        "day": [date(2022, 9, 29), None],
    }
    parquet.write_table(pyarrow.table(columns), path)
    found = list(read_sources([path], OURS))
    assert texts(found) == [("The dam", "It held."), (None, "It broke.")]
    assert isinstance(found[0], Found)
    assert found[0].article.published == "2022-09-29"
    whole = path.read_bytes()
    [reason] = reasons(read(path, whole[: len(whole) // 2]))
    assert "is damaged as Parquet" in reason


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=9),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(
                ["text", "db", "data", "posts", "items", "version", "content", "title"]
            ),
            inner,
            max_size=4,
        )
    ),
    max_leaves=8,
)


@settings(
    suppress_health_check=[HealthCheck.function_scoped_fixture],
    max_examples=30,
)
@given(JSON)
def test_no_json_makes_it_raise(tmp_path: Path, content: object) -> None:
    path = tmp_path / "any.json"
    path.write_text(json.dumps(content))
    for found in findings(JsonReader(), Source(path, "any")):
        assert isinstance(found, Found | Unreadable | Remark)


@settings(
    suppress_health_check=[HealthCheck.function_scoped_fixture],
    max_examples=30,
)
@given(st.binary(max_size=60) | st.text(alphabet='a,"\n\r;\0 ', max_size=30).map(str.encode))
def test_no_table_makes_it_raise(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "any.csv"
    path.write_bytes(content)
    for found in findings(TableReader(), Source(path, "any")):
        assert isinstance(found, Found | Unreadable | Remark)


def test_what_has_none_of_the_named_keys_keeps_its_own(tmp_path: Path) -> None:
    (tmp_path / "export.json").write_text('{"headline": "Ice", "body": "The ice is thick."}')
    (tmp_path / "own.json").write_text('{"title": "Thaw", "text": "The ice melts."}')
    keys = read_keys("title=headline,text=body")
    found = [each for each in read_sources([tmp_path], keys=keys) if isinstance(each, Found)]
    assert {each.article.title: each.article.text for each in found} == {
        "Ice": "The ice is thick.",
        "Thaw": "The ice melts.",
    }


def test_a_remark_calls_a_column_what_its_owner_calls_it(tmp_path: Path) -> None:
    content = "Body,Date\nIt held.,03/04/2024\n"
    remark, _ = read(tmp_path / "news.csv", content, "text=Body,published=Date")
    assert isinstance(remark, Remark)
    assert remark.message.startswith("Date: '03/04/2024' could be either of two dates; write it")


def test_a_row_with_more_cells_than_columns_is_told_and_not_cut_off(tmp_path: Path) -> None:
    content = "title,text,\nDam,It held, all night.,by luck\nSea,It rose.,, \n"
    found = read(tmp_path / "news.csv", content)
    assert texts(found) == [("Sea", "It rose.")]
    [reason] = reasons(found)
    assert reason.startswith("has 4 cells under 3 names of columns: put texts that have ','")


def test_a_table_may_tell_its_delimiter_in_a_line_above(tmp_path: Path) -> None:
    found = read(tmp_path / "news.csv", "\ufeffsep=|\r\ntitle|text\r\nDam, old|It held.\r\n")
    assert texts(found) == [("Dam, old", "It held.")]


def test_a_quotation_mark_is_no_delimiter(tmp_path: Path) -> None:
    found = read(tmp_path / "news.csv", 'sep="\r\ntitle,text\r\nDam,It held.\r\n')
    assert [each[:17] for each in reasons(found)] == 2 * ["has 2 cells under"]


def test_keys_may_be_in_any_case_and_people_objects_with_a_name(tmp_path: Path) -> None:
    path = tmp_path / "news.json"
    told = {"Title": "Lamp", "TEXT": "It burns.", "Source": {"id": None, "name": "Isle"}}
    path.write_text(json.dumps([told | {"Authors": [{"name": "Ida"}, "Jon"]}]))
    [found] = read_sources([path])
    assert isinstance(found, Found)
    assert (found.article.text, found.article.title) == ("It burns.", "Lamp")
    assert (found.article.source, found.article.author) == ("Isle", "Ida, Jon")


@pytest.mark.parametrize(
    "closed",
    [
        {"visibility": {"name": "public", "tier": "gold"}},
        {"visibility": [{"name": "public"}]},
        {"embargo": {"name": "2001-01-01"}},
    ],
)
def test_an_object_that_tells_who_may_read_hides_its_article(
    tmp_path: Path, closed: dict[str, object]
) -> None:
    path = tmp_path / "news.json"
    path.write_text(json.dumps([{"text": "It burns."} | closed]))
    articles = [each.article for each in read_sources([path]) if isinstance(each, Found)]
    assert [each.visibility for each in articles] == ["hidden"]


def test_a_dot_reaches_into_each_object_of_a_list_and_to_moments(tmp_path: Path) -> None:
    pyarrow = optional_module("pyarrow")
    parquet = optional_module("pyarrow.parquet")
    told = {
        "body": {"raw": "It held."},
        "people": [{"name": "Ida"}, {"name": "Bo"}],
        "meta": {"day": date(2022, 9, 29)},
    }
    path = tmp_path / "news.parquet"
    parquet.write_table(pyarrow.Table.from_pylist([told]), path)
    [found] = read_sources([path], read_keys("text=body.raw,author=people.name,published=meta.day"))
    assert isinstance(found, Found)
    assert (found.article.author, found.article.published) == ("Ida, Bo", "2022-09-29")
