"""Web pages saved as files."""

from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from index.readers import Finding, Found, Remark, Source, Unreadable, read_sources
from index.readers.html import HtmlReader

BODY = (
    "<p>The ferry to Skarholm sails at nine each morning and takes forty minutes to cross.</p>"
    "<p>It carries ninety people and eleven cars. Tickets are sold on board by the mate.</p>"
)
PAGE = f"""<!doctype html><html lang="en"><head><meta charset="utf-8"><title>The ferry</title>
<link rel="canonical" href="https://ferry.example/times">
<meta property="article:published_time" content="2024-03-05">
<meta name="author" content="Ida Holm">
</head><body><nav><a href="/">Home</a><a href="/news">All news</a></nav>
<article><h1>The ferry</h1>{BODY}</article><footer>All rights reserved</footer></body></html>"""


def read(path: Path, content: bytes) -> list[Finding]:
    path.write_bytes(content)
    return list(HtmlReader().read(Source(path, "times")))


def test_a_saved_page_is_its_article_without_what_stands_around_it(tmp_path: Path) -> None:
    [found] = read(tmp_path / "times.html", PAGE.encode())
    assert isinstance(found, Found)
    article = found.article
    assert article.text.startswith("The ferry to Skarholm sails at nine")
    assert article.text.endswith("Tickets are sold on board by the mate.")
    assert (article.id, article.title, article.author) == ("times", "The ferry", "Ida Holm")
    assert (article.published, article.url) == ("2024-03-05", "https://ferry.example/times")
    assert article.source == "ferry.example"


@pytest.mark.parametrize("name", ["times.html", "times.htm", "TIMES.HTML"])
def test_the_command_line_reads_saved_pages(tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_text(PAGE, encoding="utf-8")
    [found] = read_sources([tmp_path])
    assert isinstance(found, Found)
    assert found.article.title == "The ferry"


def test_what_its_sidecar_tells_counts_more(tmp_path: Path) -> None:
    (tmp_path / "times.html.meta.json").write_text('{"title": "Times", "published": "when"}')
    remark, found = read(tmp_path / "times.html", PAGE.encode())
    assert isinstance(remark, Remark)
    assert isinstance(found, Found)
    assert (found.article.title, found.article.published) == ("Times", "2024-03-05")


def test_a_page_that_tells_its_encoding_is_read_by_it(tmp_path: Path) -> None:
    page = PAGE.replace("utf-8", "iso-8859-1").replace("Skarholm", "Skårholm")
    [found] = read(tmp_path / "times.html", page.encode("iso-8859-1"))
    assert isinstance(found, Found)
    assert "Skårholm" in found.article.text


@pytest.mark.parametrize(
    "content", [b"", b"<html></html>", b"<p>" * 10_000, b"\xff\xfe\x00<", b"\0", b"<p>...</p>"]
)
def test_a_page_without_an_article_is_named(tmp_path: Path, content: bytes) -> None:
    [fault] = read(tmp_path / "none.html", content)
    assert isinstance(fault, Unreadable)
    assert "no article" in fault.reason


def test_a_page_that_is_not_there_is_named(tmp_path: Path) -> None:
    [fault] = HtmlReader().read(Source(tmp_path / "gone.html", "gone"))
    assert isinstance(fault, Unreadable)
    assert "cannot be opened" in fault.reason


PARTS = st.sampled_from(
    ["<p>", "</p>", "<article>", "<!--", "<a href='//[x'>", "&#0;", "&#xD800;", BODY, "\0", "]]>"]
)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=50)
@given(
    st.one_of(
        st.binary(max_size=300),
        st.lists(PARTS | st.text())
        .map("".join)
        .map(lambda text: text.encode(errors="surrogatepass")),
    )
)
def test_no_page_makes_it_raise(tmp_path: Path, content: bytes) -> None:
    for found in read(tmp_path / "any.html", content):
        assert isinstance(found, Found | Unreadable | Remark)
