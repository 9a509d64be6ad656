"""Web pages saved as files."""

from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from index.readers import Finding, Found, Remark, Source, Unreadable, findings, read_sources
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
    return list(findings(HtmlReader(), Source(path, "times")))


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
    [fault] = findings(HtmlReader(), Source(tmp_path / "gone.html", "gone"))
    assert isinstance(fault, Unreadable)
    assert "cannot be opened" in fault.reason


def text_of(tmp_path: Path, inside: str) -> str:
    page = PAGE.replace("<h1>The ferry</h1>", f"<h1>The ferry</h1>{inside}")
    [found] = read(tmp_path / "times.html", page.encode())
    assert isinstance(found, Found)
    return found.article.text


@pytest.mark.parametrize(
    "unseen",
    [
        "<div hidden><p>What was said before print about the conductor.</p></div>",
        "<p aria-hidden='true'>What decorates the page, and no one reads out.</p>",
        "<p style='color:red;display : none'>What a script may show later on.</p>",
        "<p style='visibility: hidden'>What keeps its place and nothing else.</p>",
        "<p>Hide Caption</p><p>13 of 16 Photos</p>",
        "<p>Hide Caption 13 of 16</p>",
        "<p>JUST WATCHED</p><p>Replay</p>",
        "<p>By Ida Holm</p>",
        "<div class='article-Byline'><span>Ida Holm and the harbour staff</span></div>",
        "<p><a href='https://www.facebook.com/sharer?u=x'>Share on Facebook</a></p>",
        "<div class='photo-gallery'><p>A ferry at the quay.</p><p>The mate, in blue.</p></div>",
    ],
)
def test_what_no_reader_sees_or_what_stands_beside_the_article_is_left_out(
    tmp_path: Path, unseen: str
) -> None:
    assert text_of(tmp_path, unseen) == text_of(tmp_path, "")


def test_what_is_said_to_be_hidden_and_is_the_whole_article_is_read(tmp_path: Path) -> None:
    page = PAGE.replace("<article>", "<article style='display:none'>")
    [found] = read(tmp_path / "times.html", page.encode())
    assert isinstance(found, Found)
    assert "takes forty minutes" in found.article.text


@pytest.mark.parametrize(
    ("markup", "shown"),
    [
        ("It burns 10<sup>6</sup> litres of oil.", "It burns 10⁶ litres of oil."),
        ("The <q>old <b>mate</b></q> sold them.", "The “old mate” sold them."),
        ("It is late.<sup><a href='#n1'>1</a></sup> We wait.", "It is late. We wait."),
        ("Call <code>make</code> to begin.", "Call make to begin."),
        ("First line<br>second line", "First line\nsecond line"),
    ],
)
def test_a_quote_says_what_the_page_says(tmp_path: Path, markup: str, shown: str) -> None:
    assert text_of(tmp_path, f"<p>{markup}</p>").startswith(f"{shown}\n\n")


def test_items_and_cells_have_no_marks_that_the_page_does_not_have(tmp_path: Path) -> None:
    lists = "<ul><li>Dogs travel free.</li><li>Bicycles cost two crowns.</li></ul>"
    table = (
        "<table><tr><th>Day</th><th>Leaves</th></tr><tr><td>Monday</td><td>9:00</td></tr></table>"
    )
    shown = "Dogs travel free.\n\nBicycles cost two crowns.\n\nDay\u2003Leaves\n\nMonday\u20039:00"
    assert shown in text_of(tmp_path, f"<p>What it costs, and when it leaves:</p>{lists}{table}")


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
