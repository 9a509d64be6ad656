"""Web pages saved as files."""

import json
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
<meta property="article:section" content="Sea, coast">
<meta property="article:tag" content="ferries"><meta name="keywords" content="fares, ferries">
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
    assert (article.section, article.tags) == ("Sea, coast", ("ferries", "fares"))


def declared(told: str) -> str:
    script = f'<script type="application/ld+json">{told}</script>'
    return PAGE.replace("</head>", f"{script}</head>")


@pytest.mark.parametrize(
    ("told", "visibility"),
    [
        ('{"@type": "NewsArticle", "isAccessibleForFree": false}', "members"),
        ('{"@type": "NewsArticle", "isAccessibleForFree": "False"}', "members"),
        ('{"@type": "Article", "isAccessibleForFree": "http://schema.org/False"}', "members"),
        (
            '{"@graph": [{"@type": "WebPage", "hasPart": {"@type": "WebPageElement", '
            '"isAccessibleForFree": false, "cssSelector": ".paid"}}]}',
            "members",
        ),
        (
            '{"@graph": [{"@type": "WebPage", "mainEntity": {"@type": "NewsArticle", '
            '"isAccessibleForFree": false}}]}',
            "members",
        ),
        ('{"@type": "NewsArticle", "isAccessibleForFree": true}', "public"),
        ('{"@type": "Product", "isAccessibleForFree": false}', "public"),
        ('{"@type": "NewsArticle", "hasPart": ["a", 1]}', "public"),
    ],
)
def test_what_a_page_does_not_give_for_free_is_for_members(
    tmp_path: Path, told: str, visibility: str
) -> None:
    [found] = read(tmp_path / "times.html", declared(told).encode())
    assert isinstance(found, Found)
    assert found.article.visibility == visibility


def test_its_sidecar_may_open_it_and_microdata_close_it(tmp_path: Path) -> None:
    page = PAGE.replace("</h1>", '</h1><meta itemprop="isAccessibleForFree" content="false">')
    [closed] = read(tmp_path / "times.html", page.encode())
    (tmp_path / "times.html.meta.json").write_text('{"visibility": "public"}')
    [opened] = read(tmp_path / "times.html", page.encode())
    assert isinstance(closed, Found)
    assert isinstance(opened, Found)
    assert (closed.article.visibility, opened.article.visibility) == ("members", "public")


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
        "<p>JUST WATCHED Ferry in a gale Replay More Videos MUST WATCH</p>",
        "<p>Just watched: the mate sings must watch</p>",
        "<p>Share this article on Facebook</p>",
        "<p>E-mail this story</p>",
        "<p>Share on Facebook, Twitter or by e-mail</p>",
        "<p>Tweet</p>",
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
        *(
            (line, line)
            for line in (
                "Share prices of the line fell.",
                "Share by party",
                "Share on the rise",
                "Tweet by the minister",
                "Tweet by minister causes outrage",
                "E-mail by the numbers",
                "Share by share, the bank fell",
                "Just watched the ferry film, it is a must watch",
            )
        ),
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


@settings(
    suppress_health_check=[HealthCheck.function_scoped_fixture],
    max_examples=50,
)
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


def found_in(tmp_path: Path, head: str, body: str = "") -> Found:
    """A page that declares nothing but what is in `head`."""
    page = f"<html><head><title>The ferry</title>{head}</head><body><article><h1>The ferry</h1>"
    [found] = read(tmp_path / "times.html", f"{page}{body}{BODY}</article></body></html>".encode())
    assert isinstance(found, Found)
    return found


JSON_LD = '<script type="application/ld+json">{}</script>'


@pytest.mark.parametrize(
    ("head", "published"),
    [
        (JSON_LD.format('{"@type":"NewsArticle","datePublished":"1963-11-22"}'), "1963-11-22"),
        ('<meta name="citation_publication_date" content="2019/08/04">', "2019-08-04"),
        (
            JSON_LD.format(
                '{"@graph":[{"@type":"WebSite"},{"@type":["Article"],'
                '"datePublished":"2024-03-05T23:30:00-05:00"}]}'
            ),
            "2024-03-05T23:30:00-05:00",
        ),
        (
            '<meta property="article:published_time" content="2024-03-05T09:00Z">',
            "2024-03-05T09:00:00+00:00",
        ),
        ('<meta itemprop="datePublished" content="1899-12-31">', "1899-12-31"),
        (JSON_LD.format('{"@type":"Article","datePublished":"0001-01-01T00:00:00Z"}'), None),
        (JSON_LD.format('{"@type":"Article","datePublished":"03/04/2024"}'), None),
        (JSON_LD.format('{"@type":"JobPosting","datePublished":"2024-03-05"}'), None),
        (JSON_LD.format('{"@type":"Article","datePublished":'), None),
    ],
)
def test_a_date_is_the_one_that_the_page_declares(
    tmp_path: Path, head: str, published: str | None
) -> None:
    assert found_in(tmp_path, head).article.published == published


@pytest.mark.parametrize(
    "words",
    [
        "<p>On 12 May 2012 the war began.</p>",
        "<footer>© 2021</footer>",
        "<p>Posted on 03/04/2024</p>",
        "<time datetime='2024-03-05'>Yesterday</time>",
        "<a href='/2019/11/18/other'>2019-11-18</a>",
    ],
)
def test_a_date_in_the_words_of_a_page_is_not_its_own(tmp_path: Path, words: str) -> None:
    assert found_in(tmp_path, "", words).article.published is None


@pytest.mark.parametrize("mark", ["pubdate", 'class="entry published"', 'itemprop="datePublished"'])
def test_a_time_marked_as_publication_is_its_date(tmp_path: Path, mark: str) -> None:
    marked = f"<time {mark} datetime='2024-03-05'>5 March</time>"
    article = found_in(tmp_path, "", marked).article
    assert (article.published, article.published_from) == ("2024-03-05", "markup")


def test_a_page_says_which_of_its_dates_is_from_where(tmp_path: Path) -> None:
    head = JSON_LD.format('{"@type":"Article","datePublished":"2024-03-05"}')
    head += '<meta property="article:modified_time" content="2024-03-06">'
    article = found_in(tmp_path, head).article
    assert (article.published_from, article.updated_from) == ("json_ld", "markup")


@pytest.mark.parametrize(
    ("head", "author"),
    [
        (JSON_LD.format('{"@type":"Article","author":"Ida Holm"}'), "Ida Holm"),
        (
            JSON_LD.format('{"@type":"Article","author":[{"name":"Ida Holm"},"Jon Berg"]}'),
            "Ida Holm; Jon Berg",
        ),
        (
            JSON_LD.format(
                '{"@graph":[{"@type":"Article","author":{"@id":"#ida"}},'
                '{"@type":"Person","@id":"#ida","name":"Ida Holm"}]}'
            ),
            "Ida Holm",
        ),
        (
            JSON_LD.format('{"@type":"Article","author":["https://isle.example/ida"]}')
            + '<meta name="author" content="Ida Holm">',
            "Ida Holm",
        ),
        *(
            (
                JSON_LD.format(json.dumps({"@type": "Article", "author": told}))
                + '<meta name="author" content="Ida Holm">',
                "Ida Holm",
            )
            for told in (
                {"@type": "NewsMediaOrganization", "name": "Coast Weekly"},
                "ida@coast.example",
                {"@type": "Person", "name": "@ida"},
                2 * [{"@type": "Person", "name": "By Ida Holm"}],
            )
        ),
        (
            '<meta name="citation_author" content="Holm, Ida">'
            '<meta name="citation_author" content="Berg, Jon">',
            "Holm, Ida; Berg, Jon",
        ),
    ],
)
def test_a_page_has_the_authors_that_it_declares(tmp_path: Path, head: str, author: str) -> None:
    assert found_in(tmp_path, head).article.author == author


def test_a_live_blog_may_name_its_posts_by_their_ids(tmp_path: Path) -> None:
    posts = [
        {"@type": "BlogPosting", "@id": f"#{hour}", "headline": f"News of {hour}"}
        | {"datePublished": f"2022-09-30T{hour}:00:00Z", "articleBody": f"It is {hour} sharp."}
        for hour in ("12", "11")
    ]
    named = [{"@id": post["@id"]} for post in posts]
    live = {"@type": "LiveBlogPosting", "headline": "Strike", "liveBlogUpdate": named}
    graph = json.dumps({"@graph": [live, *posts]})
    article = found_in(tmp_path, JSON_LD.format(graph)).article
    assert [(each.heading, each.time) for each in article.entries] == [
        ("News of 12", "2022-09-30T12:00:00+00:00"),
        ("News of 11", "2022-09-30T11:00:00+00:00"),
    ]


LIVE = """{"@type": "LiveBlogPosting", "headline": "Strike at the quay: live",
"datePublished": "2022-09-30T06:00:00+02:00", "author": [{"name": "Ida Holm"}],
"liveBlogUpdate": [
 {"headline": "Pilots&#39; union returns", "datePublished": "2022-09-30T04:25:00+02:00",
  "articleBody": "The union ended its strike.\\nThe first ship left at five.",
  "author": {"name": "Jon Berg"}},
 {"headline": "Talks break off", "datePublished": "2022-09-29T16:04:00+02:00", "articleBody": ""},
 {"headline": "Tugs leave", "articleBody": "<p>Three <b>tugs</b> left.</p><p>None came back.</p>"}
]}"""
SHOWN = (
    "<p>The harbour of Vessel Bay was closed by a strike that lasted for two days.</p>"
    "<h2>Pilots' union returns</h2><p>The union ended its strike.</p>"
)


def test_a_live_blog_has_the_entries_that_its_page_declares(tmp_path: Path) -> None:
    article = found_in(tmp_path, JSON_LD.format(LIVE), SHOWN).article
    assert (article.title, article.author) == ("Strike at the quay: live", "Ida Holm")
    assert article.text.startswith("The harbour of Vessel Bay was closed")
    told = [
        (each.time, each.heading, article.text[each.body : each.end]) for each in article.entries
    ]
    assert told == [
        (
            "2022-09-30T04:25:00+02:00",
            "Pilots' union returns",
            "The union ended its strike.\nThe first ship left at five.",
        ),
        ("2022-09-29T16:04:00+02:00", "Talks break off", "Talks break off"),
        (None, "Tugs leave", "Three tugs left.\n\nNone came back."),
    ]
