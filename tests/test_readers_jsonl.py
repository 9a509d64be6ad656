import gzip
import hashlib
import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from index.article import Article
from index.readers import READERS, Found, Remark, Source, Unreadable, findings, read_sources
from index.readers.base import Finding
from index.readers.jsonl import JsonlReader


def read(folder: Path, *lines: object) -> list[Finding]:
    path = folder / "news.jsonl"
    path.write_bytes(b"\n".join(as_line(line) for line in lines))
    return list(findings(JsonlReader(), Source(path, "news")))


def as_line(line: object) -> bytes:
    return line if isinstance(line, bytes) else json.dumps(line).encode()


def only_article(found: list[Finding]) -> Article:
    assert isinstance(found[-1], Found)
    return found[-1].article


def test_the_form_of_beir_and_the_keys_of_articles_are_read(tmp_path: Path) -> None:
    line = {
        "_id": 7,
        "title": "The dam",
        "text": "It held.",
        "url": "https://bay.example/dam",
        "publish_date": "2022/09/29",
        "updated": "2022-09-30T10:00:00Z",
        "authors": ["Ann Writer", "Bo Writer"],
        "domain": "bay.example",
        "live_blog": False,
    }
    assert only_article(read(tmp_path, line)) == Article(
        id="7",
        text="It held.",
        title="The dam",
        source="bay.example",
        author="Ann Writer, Bo Writer",
        published="2022-09-29",
        updated="2022-09-30T10:00:00+00:00",
        published_from="record",
        updated_from="record",
        url="https://bay.example/dam",
    )


@pytest.mark.parametrize(
    ("values", "field", "value"),
    [
        ({"id": "a"}, "id", "a"),
        ({"author": "Ann"}, "author", "Ann"),
        ({"authors": "Ann"}, "author", "Ann"),
        ({"authors": [], "author": "Ann"}, "author", "Ann"),
        ({"source": "Bay"}, "source", "Bay"),
        ({"published": "2022-09-29"}, "published", "2022-09-29"),
        ({"date": "29 Sept. 2022"}, "published", "2022-09-29"),
        ({"publish_date": "", "date": "2022-09-29"}, "published", "2022-09-29"),
        ({"publish_date": "2021"}, "published", "2021"),
        ({"date": 2021, "updated": "2021-12"}, "updated", "2021-12"),
        ({"title": ""}, "title", None),
        ({"title": " a\n b\ud800 "}, "title", "a b\ufffd"),
    ],
)
def test_each_field_is_read_from_any_of_its_keys(
    tmp_path: Path, values: dict[str, object], field: str, value: str | None
) -> None:
    found = only_article(read(tmp_path, {"text": "Words."} | values))
    assert getattr(found, field) == value


def test_the_origin_of_a_line_is_its_file_and_its_id(tmp_path: Path) -> None:
    (found,) = read(tmp_path, {"_id": "a", "text": "Words."})
    assert isinstance(found, Found)
    assert found.origin == f"{(tmp_path / 'news.jsonl').as_posix()}#a"


def test_without_an_id_it_is_derived_from_the_url_or_from_title_and_text(tmp_path: Path) -> None:
    first, second = read(tmp_path, {"text": "a.", "url": "u"}, {"text": "a.", "title": "t"})
    assert isinstance(first, Found)
    assert isinstance(second, Found)
    assert first.article.id == "news-" + hashlib.sha256(b"u").hexdigest()[:8]
    assert second.article.id == "news-" + hashlib.sha256(b"ta.").hexdigest()[:8]


@pytest.mark.parametrize(
    ("line", "told"),
    [
        (b'{"text": "a', "not JSON"),
        (b"[1]", "a JSON list, not an object"),
        (b"12", "a JSON number"),
        (b"{}", "has no text"),
        (b'{"text": null}', "has no text"),
        (b'{"text": " "}', "has no text"),
        (b'{"text": ["a"]}', "has a list as text"),
        (b'{"text": true}', "has a truth value as text"),
        (b'{"text": "\xff"}', "not UTF-8 at byte 10 of the line"),
        (b"[" * 100_000, "not JSON"),
        (b'{"text": ' + b"1" * 5000 + b"}", "not JSON"),
    ],
)
def test_a_line_that_cannot_be_read_is_passed_over_by_its_number(
    tmp_path: Path, line: bytes, told: str
) -> None:
    before, broken, after = read(tmp_path, {"text": "a."}, b"", line, {"text": "b."})
    assert isinstance(before, Found)
    assert isinstance(after, Found)
    assert isinstance(broken, Unreadable)
    assert broken.origin.endswith("news.jsonl line 3")
    assert told in broken.reason


def test_nul_characters_leave_the_text_with_a_remark_and_lone_surrogates_are_replaced(
    tmp_path: Path,
) -> None:
    remark, found = read(tmp_path, {"text": "a\0b\ud800\r\nc"})
    assert isinstance(remark, Remark)
    assert "1 NUL" in remark.message
    assert isinstance(found, Found)
    assert found.article.text == "ab\ufffd\nc"


def test_a_date_that_is_none_is_quoted_and_the_article_is_kept(tmp_path: Path) -> None:
    remark, found = read(tmp_path, {"text": "a.", "published": "03/04/2022"})
    assert isinstance(remark, Remark)
    assert "'03/04/2022'" in remark.message
    assert remark.origin.endswith("line 1")
    assert isinstance(found, Found)
    assert found.article.published is None


def test_a_live_blog_in_a_line_has_entries(tmp_path: Path) -> None:
    text = "Lead.\n9:00: One\nWords.\n10:00: Two\nWords.\n11:00: Three\nWords."
    found = only_article(read(tmp_path, {"text": text, "date": "2022-09-29"}))
    assert [entry.time for entry in found.entries][-1] == "2022-09-29T11:00:00"


def test_a_byte_order_mark_is_passed_over_and_utf_16_is_refused_once(tmp_path: Path) -> None:
    assert isinstance(read(tmp_path, b'\xef\xbb\xbf{"text": "a."}')[0], Found)
    (found,) = read(tmp_path, '{"text": "a."}\n{"text": "b."}'.encode("utf-16"))
    assert isinstance(found, Unreadable)
    assert "UTF-16" in found.reason


def test_gzip_is_read_and_what_came_before_the_damage_stays(tmp_path: Path) -> None:
    lines = b"\n".join(
        as_line({"_id": str(n), "text": hashlib.sha512(b"%d" % n).hexdigest()}) for n in range(3000)
    )
    path = tmp_path / "news.jsonl.gz"
    whole = gzip.compress(lines)
    path.write_bytes(whole)
    assert len(list(read_sources([path]))) == 3000
    path.write_bytes(whole[: len(whole) // 2])
    *before, last = read_sources([path])
    assert len(before) > 100
    assert all(isinstance(one, Found) for one in before)
    assert isinstance(last, Unreadable)
    assert "damaged as gzip" in last.reason
    path.write_bytes(lines)
    (found,) = read_sources([path])
    assert isinstance(found, Unreadable)


def test_lines_are_read_one_by_one_and_never_all_at_once(tmp_path: Path) -> None:
    path = tmp_path / "news.ndjson"
    path.write_bytes(b'{"text": "a."}\n' * 10)
    reading = READERS[".ndjson"].read(Source(path, "news"))
    first = next(reading)
    path.write_bytes(b"")
    assert isinstance(first, Found)


ANY_TEXT = st.text(alphabet=st.characters(codec="utf-8", exclude_characters="\0\r"), max_size=60)


@given(text=ANY_TEXT.map(lambda text: "x" + text), name=ANY_TEXT)
def test_every_text_comes_back_to_the_code_point(
    tmp_path_factory: pytest.TempPathFactory, text: str, name: str
) -> None:
    found = only_article(read(tmp_path_factory.mktemp("round"), {"_id": name, "text": text}))
    assert found.text == text
    assert found.id == " ".join(name.split()) or not name.strip()


@given(st.binary(max_size=60))
def test_no_bytes_make_the_reader_raise(
    tmp_path_factory: pytest.TempPathFactory, data: bytes
) -> None:
    found = read(tmp_path_factory.mktemp("bytes"), data)
    assert all(isinstance(one, Found | Unreadable | Remark) for one in found)
