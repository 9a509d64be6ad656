"""ZIP and WARC: what is in them is read as if it lay beside them."""

import gzip
import re
import stat
import zipfile
from collections.abc import Mapping
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from index.readers import Finding, Found, Remark, Source, Unreadable, findings, read_sources
from index.readers.warc import WarcReader
from tests.needs import optional_module
from tests.test_readers_html import PAGE

FEED = "<rss><channel><item><description>One item.</description></item></channel></rss>"


def packed(path: Path, parts: Mapping[str, str | bytes]) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as into:
        for name, content in parts.items():
            into.writestr(name, content)
    return path


def read(path: Path) -> list[Finding]:
    return list(read_sources([path]))


def articles(found: list[Finding]) -> list[str]:
    return [each.article.id for each in found if isinstance(each, Found)]


def faults(found: list[Finding]) -> dict[str, str]:
    return {each.origin: each.reason for each in found if isinstance(each, Unreadable)}


def test_each_file_of_a_zip_is_read_by_its_own_reader(tmp_path: Path) -> None:
    inner = packed(tmp_path / "book.docx", {"word/document.xml": "<a><t>Words.</t></a>"})
    path = packed(
        tmp_path / "news.zip",
        {
            "2024/ferry.html": PAGE,
            "note.txt": "A note.",
            "lines.jsonl": '{"_id": "one", "text": "A line."}',
            "feed.xml": FEED,
            "letter": inner.read_bytes(),
            "__MACOSX/note.txt": "A fork.",
            ".hidden.txt": "Hidden.",
            "empty/": "",
        },
    )
    found = read(path)
    assert articles(found)[:1] == ["news/2024/ferry"]
    assert articles(found)[2:] == ["news/letter", "one", "news/note"]
    assert {each.file for each in found if isinstance(each, Found)} == {str(path)}
    assert len({each.origin for each in found if isinstance(each, Found)}) == 5


def test_a_sidecar_in_a_zip_tells_of_the_story_beside_it(tmp_path: Path) -> None:
    parts: dict[str, str | bytes] = {
        "a.txt": "A note.",
        "a.txt.meta.json": '{"title": "Kept", "visibility": "members"}',
        "b.txt": "Another.",
        "b.txt.meta.json": '{"visibility": "hid',
    }
    found = read(packed(tmp_path / "news.zip", parts))
    stories = [each.article for each in found if isinstance(each, Found)]
    told = [(each.title, each.visibility) for each in stories]
    assert told == [("Kept", "members"), (None, "hidden")]
    [remark] = [each for each in found if isinstance(each, Remark)]
    assert remark.origin.endswith("news.zip#b.txt.meta.json")
    assert faults(found) == {}


def test_of_a_zip_only_what_cannot_be_read_is_left_out(tmp_path: Path) -> None:
    link = zipfile.ZipInfo("link.txt")
    link.external_attr = (stat.S_IFLNK | 0o777) << 16
    with zipfile.ZipFile(tmp_path / "news.zip", "w") as into:
        into.writestr(link, "/etc/hostname")
        for name in ("../out.txt", "/etc/out.txt", "C:/out.txt", "a.zip", "picture.png", "b.txt"):
            into.writestr(name, b"PK\x03\x04" if name == "a.zip" else "Words.")
    found = read(tmp_path / "news.zip")
    assert articles(found) == ["news/b"]
    reasons = list(faults(found).values())
    assert sum("leads out of the archive" in reason for reason in reasons) == 4
    assert sum("archive in another one" in reason for reason in reasons) == 1
    assert sum("unsupported format" in reason for reason in reasons) == 1


def test_what_unpacks_without_end_is_left_at_its_bound(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("index.readers.zipped._MOST_UNPACKED", 1_000)
    words = {f"{n}.txt": "x" * 200_000 for n in range(9)}
    found = read(packed(tmp_path / "bomb.zip", words))
    assert len(articles(found)) < 3
    [reason] = faults(found).values()
    assert "unpacks to far more than it should" in reason


def test_a_zip_with_a_password_and_one_cut_off_are_told(tmp_path: Path) -> None:
    path = packed(tmp_path / "news.zip", {"a.txt": "Words."})
    whole = path.read_bytes()
    path.write_bytes(whole[:-9])
    assert "is damaged as ZIP" in faults(read(path))[str(path)]
    # The lowest bit of the flags, in both places, says that it is encrypted.
    at = whole.rindex(b"PK\x01\x02") + 8
    path.write_bytes(whole[:6] + b"\x01" + whole[7:at] + b"\x01" + whole[at + 1 :])
    assert "encrypted" in faults(read(path))[f"{path}#a.txt"]


def captured(path: Path, pages: list[tuple[str, str, str]]) -> Path:
    optional_module("warcio")
    with path.open("wb") as file:
        for address, status, content in pages:
            answer = f"HTTP/1.1 {status}\r\nContent-Type: text/html\r\n\r\n{content}".encode()
            head = (
                f"WARC/1.0\r\nWARC-Type: response\r\nWARC-Target-URI: {address}\r\n"
                "WARC-Record-ID: <urn:uuid:0>\r\nWARC-Date: 2024-03-06T00:00:00Z\r\n"
                "Content-Type: application/http; msgtype=response\r\n"
                f"Content-Length: {len(answer)}\r\n\r\n"
            )
            record = head.encode() + answer + b"\r\n\r\n"
            file.write(gzip.compress(record) if path.suffix == ".gz" else record)
    return path


FERRY = "https://ferry.example/times"


@pytest.mark.parametrize("name", ["crawl.warc", "crawl.warc.gz"])
def test_a_warc_gives_the_article_of_each_page(tmp_path: Path, name: str) -> None:
    pages = [(FERRY, "200 OK", PAGE), (FERRY, "200 OK", PAGE), ("https://a.example", "404", PAGE)]
    found = read(captured(tmp_path / name, pages))
    [article] = [each.article for each in found if isinstance(each, Found)]
    assert (article.title, article.url, article.published) == ("The ferry", FERRY, "2024-03-05")
    assert article.id.startswith("crawl-")
    [remark] = [each.message for each in found if isinstance(each, Remark)]
    assert "first capture" in remark


def test_of_a_warc_that_breaks_off_the_pages_before_are_read(tmp_path: Path) -> None:
    path = captured(
        tmp_path / "crawl.warc.gz", [(FERRY, "200 OK", PAGE), ("https://b.example", "200 OK", PAGE)]
    )
    whole = path.read_bytes()
    path.write_bytes(whole[: len(whole) * 3 // 4])
    found = read(path)
    assert len(articles(found)) >= 1


@pytest.mark.parametrize("name", ["crawl.warc", "crawl.warc.gz"])
def test_of_a_warc_with_a_damaged_record_all_others_are_read(tmp_path: Path, name: str) -> None:
    pages = [(f"https://{each}.example", "200 OK", PAGE) for each in "abc"]
    path = captured(tmp_path / name, pages)
    whole = path.read_bytes()
    begins = len(whole) // 3
    path.write_bytes(whole[:begins] + b"\0" * 40 + whole[begins + 40 :])
    found = read(path)
    urls = [each.article.url for each in found if isinstance(each, Found)]
    assert urls == ["https://a.example", "https://c.example"]
    [reason] = [each.reason for each in found if isinstance(each, Unreadable)]
    assert reason.startswith("is damaged as WARC after 1 pages")
    assert reason.isprintable()


@pytest.mark.parametrize(
    ("count", "told"),
    [(1, "1 record is longer than it says"), (2, "2 records are longer than they say")],
)
def test_a_record_longer_than_it_says_is_told_and_not_printed(
    count: int, told: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = captured(tmp_path / "crawl.warc", [(FERRY, "200 OK", f"{PAGE}<p>A secret.</p>")])
    whole = path.read_bytes()
    length = re.search(rb"Content-Length: (\d+)", whole)
    assert length is not None
    short = whole.replace(length[1], b"%d" % (int(length[1]) - len("secret.</p>")))
    path.write_bytes(short * count)
    # Of the page that is there twice, the second is told too.
    *_, remark = [each.message for each in read(path) if isinstance(each, Remark)]
    assert remark.startswith(f"{told}: the rest is left out")
    assert capsys.readouterr() == ("", "")


@settings(
    suppress_health_check=[HealthCheck.function_scoped_fixture],
    max_examples=30,
)
@given(st.binary(max_size=80) | st.just(b"WARC/1.0\r\nWARC-Type: response\r\n\r\n"))
def test_no_warc_makes_it_raise(tmp_path: Path, content: bytes) -> None:
    optional_module("warcio")
    path = tmp_path / "any.warc"
    path.write_bytes(content)
    for found in findings(WarcReader(), Source(path, "any")):
        assert found.origin


def test_what_a_library_mends_in_an_address_is_not_logged(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    found = read(captured(tmp_path / "crawl.warc", [("https://b.example/a b", "200 OK", PAGE)]))
    assert [each.article.url for each in found if isinstance(each, Found)] == [
        "https://b.example/a%20b"
    ]
    assert caplog.records == []


def test_a_page_dated_by_its_capture_has_no_date(tmp_path: Path) -> None:
    page = PAGE.replace("2024-03-05", "2024-03-06T00:00:03Z")
    found = read(captured(tmp_path / "crawl.warc", [(FERRY, "200 OK", page)]))
    assert [each.article.published for each in found if isinstance(each, Found)] == [None]
