"""The reader page: the quote marked, nothing of an article run."""

import re
from collections.abc import Iterator
from dataclasses import replace
from html.parser import HTMLParser
from urllib.parse import quote, urlencode

import pytest
from hypothesis import given
from hypothesis import strategies as st
from starlette.testclient import TestClient

from index.article import Article, Entry
from qa.present.dates import in_words
from qa.present.links import Cited, cited, page_of, reader_link, reader_page
from qa.web.app import create_app
from qa.web.i18n import View, words_in
from qa.web.protocols import About
from qa.web.reader import Marked, article_page, sections
from tests.web_sample import (
    BLOG,
    EXAMPLES,
    FEE,
    FOLLOWED,
    HOSTILE,
    LANDING,
    MOON,
    TOUCHED_DOWN_AT,
    SampleArticles,
    SampleAsker,
    answering,
    cite,
)

ENGLISH = View(words_in("en"))
MOON_CITED = cite(MOON, LANDING)


class Page(HTMLParser):
    """The tags of a page, its text, and the text of its marks."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.text = ""
        self.marks: list[str] = []
        self._is_in_mark = False
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        if tag == "mark":
            self._is_in_mark = True
            self.marks.append("")

    def handle_endtag(self, tag: str) -> None:
        if tag == "mark":
            self._is_in_mark = False

    def handle_data(self, data: str) -> None:
        self.text += data
        if self._is_in_mark:
            self.marks[-1] += data

    def links(self) -> list[str]:
        return [attributes["href"] or "" for tag, attributes in self.tags if tag == "a"]


@pytest.fixture(scope="module")
def client() -> Iterator[TestClient]:
    app = create_app(SampleAsker(), SampleArticles(), EXAMPLES, lambda: About(3))
    with TestClient(app) as client:
        yield client


def article_as_page(article: Article, quoted: str | None = None) -> Page:
    span = None
    if quoted is not None:
        start = article.text.index(quoted)
        span = (start, start + len(quoted))
    marked = Marked(span) if span else None
    return Page(bytes(article_page(article, marked, ENGLISH).body).decode())


def test_the_link_of_a_citation_opens_the_page_with_its_quote_marked(client: TestClient) -> None:
    page = Page(client.get(reader_link(cite(MOON, LANDING))).text)
    assert page.marks == [LANDING]
    told = {"data-begins": "quote begins", "data-ends": "quote ends"}
    assert ("mark", {"id": "quote", **told}) in page.tags


TOUCHED_DOWN = answering(MOON_CITED, TOUCHED_DOWN_AT)


def strong_in(html: str) -> list[str]:
    return re.findall("<strong>(.*?)</strong>", html)


@pytest.mark.parametrize(
    "link",
    [
        reader_link(TOUCHED_DOWN),
        reader_page(TOUCHED_DOWN),
        reader_page(TOUCHED_DOWN, view="panel"),
        re.sub("v=[0-9a-f]{12}", f"v={'0' * 12}", reader_page(TOUCHED_DOWN)),
    ],
)
def test_in_the_quote_the_words_that_answer_are_strong(client: TestClient, link: str) -> None:
    html = client.get(link).text
    assert strong_in(html) == [TOUCHED_DOWN_AT]
    assert Page(html).marks == [LANDING]


def test_words_that_answer_move_with_a_quote_that_moved(client: TestClient) -> None:
    there = cited(TOUCHED_DOWN)
    link = page_of(there.moved((there.start + 7, there.end + 7)))
    assert strong_in(client.get(link).text) == [TOUCHED_DOWN_AT]


@pytest.mark.parametrize("answer", ["", "x", "5", "9-3", "0-10", "0-99999", "-1-4", "٣-٤"])
def test_an_answer_that_is_not_inside_the_quote_is_passed_over(
    client: TestClient, answer: str
) -> None:
    response = client.get(f"{reader_link(MOON_CITED)}&answer={answer}")
    assert (response.status_code, strong_in(response.text)) == (200, [])
    assert Page(response.text).marks == [LANDING]


def test_words_that_answer_can_go_over_paragraphs() -> None:
    start = MOON.text.index("Houston heard")
    end = MOON.text.index(" later Armstrong")
    answer = (start + 8, end)
    html = bytes(article_page(MOON, Marked((start, end), answer=answer), ENGLISH).body).decode()
    assert strong_in(html) == ["heard it at once.", "Six hours"]
    assert Page(html).marks == ["Houston heard it at once.", "Six hours"]


def test_the_steps_to_other_citations_keep_the_words_that_answer(client: TestClient) -> None:
    other = cite(MOON, FOLLOWED, 2)
    page = Page(client.get(reader_page(other, [TOUCHED_DOWN, other])).text)
    (previous,) = [link for link in page.links() if "answer=" in link]
    assert strong_in(client.get(previous).text) == [TOUCHED_DOWN_AT]


def test_an_old_link_to_what_was_taken_out_says_so() -> None:
    gone = "2019/the-old <b>pier"
    app = create_app(
        SampleAsker(),
        SampleArticles(),
        EXAMPLES,
        lambda: About(3),
        is_withdrawn={gone}.__contains__,
    )
    client = TestClient(app)
    told = client.get(f"/articles/{quote(gone)}?quote=1-9")
    assert told.status_code == 410
    assert "The publisher has withdrawn this article." in told.text
    assert client.get("/articles/nothing").status_code == 404


def test_the_page_tells_title_source_author_and_dates() -> None:
    text = article_as_page(MOON).text
    for told in ("The first landing on the Moon", "The Orbital Record", "By Mara Lindqvist"):
        assert told in text
    assert "20 July 2019" in text
    assert "Updated 2 January 2020" in " ".join(text.split())


def test_a_date_says_what_told_it() -> None:
    page = article_as_page(replace(MOON, published_from="markup", updated_from="owner"))
    told = [attributes.get("title") for tag, attributes in page.tags if tag == "time"]
    assert told == ["told by its page (<meta> or <time>)", "entered by the owner"]
    assert "title" not in dict(article_as_page(MOON).tags)["time"]


def test_the_link_to_the_original_goes_to_the_quoted_words() -> None:
    assert "https://example.org/apollo-11?a=1&b=2" in article_as_page(MOON).links()
    found = [link for link in article_as_page(MOON, LANDING).links() if ":~:text=" in link]
    assert found == [f"https://example.org/apollo-11?a=1&b=2#:~:text={quote(LANDING, safe='')}"]


def test_an_article_without_a_title_shows_its_opening_words() -> None:
    page = article_as_page(Article("a", "One two three four five six seven eight nine ten."))
    assert "One two three four five six seven eight nine …" in page.text
    assert ("h1", {"dir": "auto", "class": "untitled"}) in page.tags


def test_the_language_of_an_article_is_not_made_up() -> None:
    assert ("article", {"lang": ""}) in article_as_page(MOON).tags


def test_an_entry_has_its_time_its_heading_and_an_anchor() -> None:
    page = article_as_page(BLOG)
    assert ("time", {"dir": "auto", "datetime": "2022-09-29T21:13:00+02:00"}) in page.tags
    assert "29 September 2022, 21:13 (UTC+02:00)" in page.text
    anchors = [attributes["id"] for tag, attributes in page.tags if tag == "section"]
    assert anchors == [f"entry-{entry.start}" for entry in BLOG.entries]


def test_a_clock_time_whose_day_is_unknown_stays_as_the_article_writes_it() -> None:
    page = article_as_page(BLOG)
    assert ("time", {"dir": "auto"}) in page.tags
    assert "4:25am" in page.text


def test_a_quote_over_paragraphs_is_marked_in_each() -> None:
    quoted = "Houston heard it at once.\n\nSix hours later"
    page = article_as_page(MOON, quoted)
    assert page.marks == ["Houston heard it at once.", "Six hours later"]
    assert [attributes for tag, attributes in page.tags if tag == "mark"] == [
        {"id": "quote", "data-begins": "quote begins"},
        {"data-ends": "quote ends"},
    ]


def test_a_quote_in_a_heading_is_marked_there() -> None:
    assert article_as_page(BLOG, "Signing set").marks == ["Signing set"]


def test_a_quoted_clock_time_is_shown_and_marked() -> None:
    assert article_as_page(BLOG, "9:13pm: Signing").marks == ["9:13pm: Signing"]


def test_offsets_count_code_points() -> None:
    article = Article("a", "🚀🚀 é e\u0301 𝔘 The quote. End.")
    assert article_as_page(article, "The quote.").marks == ["The quote."]


def test_a_hostile_article_is_text(client: TestClient) -> None:
    page = Page(client.get(reader_link(cite(HOSTILE, FEE))).text)
    tags = [tag for tag, _ in page.tags]
    assert tags.count("script") == 1
    assert ("script", {"src": "/footnote/reader.js", "defer": None}) in page.tags
    assert not {"img", "iframe", "b", "i"} & set(tags)
    assert page.marks == [FEE]
    for told in (HOSTILE.title, HOSTILE.source, HOSTILE.author, HOSTILE.published):
        assert told is not None
        assert told in page.text


def test_only_web_addresses_are_linked() -> None:
    for url in ("javascript:alert(1)", " JaVaScRiPt:alert(1)", "data:text/html,x", "file:///x"):
        links = article_as_page(Article("a", "Words.", url=url)).links()
        assert all(link.startswith(("/", "#")) for link in links)


def test_an_unknown_article_is_a_page_that_says_so(client: TestClient) -> None:
    response = client.get("/articles/%3Cscript%3E")
    assert (response.status_code, response.headers["content-type"]) == (
        404,
        "text/html; charset=utf-8",
    )
    assert "Article not found" in response.text
    assert "<script>" not in response.text


@pytest.mark.parametrize(
    "span",
    ["", "1", "5-5", "9-3", "-1-4", "a-b", "0-99999", "1-2-3", "٣-٤", " 1-2", "0-9999999999999"],
)
def test_a_span_that_is_none_is_a_404_with_the_whole_article(client: TestClient, span: str) -> None:
    response = client.get("/articles/live%2Fblog", params={"quote": span})
    assert response.status_code == 404
    assert "/articles/live%2Fblog" in Page(response.text).links()


def test_a_page_is_one_document_one_style_sheet_and_one_script() -> None:
    page = article_as_page(MOON, LANDING)
    loaded = [a.get("href") or a.get("src") for t, a in page.tags if t in ("link", "script")]
    icon, *loaded = loaded
    assert (icon or "").startswith("data:image/svg+xml,")
    assert loaded == ["/footnote/reader.css", "/footnote/reader.js"]
    assert not [tag for tag, attributes in page.tags if tag == "style" or "style" in attributes]


@given(st.text(alphabet="ab \n\t.é🚀", min_size=1), st.data())
def test_no_word_of_an_article_is_lost_on_its_page(text: str, data: st.DataObject) -> None:
    first = data.draw(st.integers(0, len(text) - 1))
    last = data.draw(st.integers(first + 1, len(text)))
    shown = sections(Article("a", text), (first, last))
    pieces = [piece for part in shown for line in part.paragraphs for piece in line]
    marked = "".join(piece.text for piece in pieces if piece.is_marked)
    assert "".join("".join(piece.text for piece in pieces).split()) == "".join(text.split())
    assert "".join(marked.split()) == "".join(text[first:last].split())


def test_no_word_of_a_live_blog_is_lost_on_its_page() -> None:
    text = "Lead.\n9pm: Head\nBody one.\nno heading here\nTail of it.\nAfter all."
    entries = (
        Entry(6, 25, None, "Head", "9pm", 16),
        Entry(26, 53, None, "", "", 42),
    )
    shown = sections(Article("a", text, entries=entries), None)
    words = [p.text for part in shown for line in (part.heading, *part.paragraphs) for p in line]
    assert words == ["Lead.", "Head", "Body one.", "no heading here", "Tail of it.", "After all."]


@pytest.mark.parametrize("head", ["The waves", "## The waves", "Who was “Anak”?"])
def test_a_short_line_before_a_paragraph_is_its_heading(head: str) -> None:
    page = article_as_page(
        Article("a", f"It began.\n\n{head}\n\nThe port was swept away.", "Waves")
    )
    assert [tag for tag, attributes in page.tags if tag == "h2"] == ["h2"]
    assert "##" not in page.text


@pytest.mark.parametrize(
    "line",
    ["He left.", "- the port of Anjer", "1. the port of Anjer", "the port", "A long line " * 9],
)
def test_other_lines_before_a_paragraph_are_no_headings(line: str) -> None:
    page = article_as_page(
        Article("a", f"{line}\n\nThe port of Anjer was swept away by {line} it.")
    )
    assert "h2" not in [tag for tag, _ in page.tags]


def test_lines_of_a_list_are_no_headings() -> None:
    page = article_as_page(Article("a", "Anjer\n\nMerak\n\nTelok Betong"))
    assert "h2" not in [tag for tag, _ in page.tags]


def test_a_quote_in_a_heading_is_marked_and_one_of_its_signs_keeps_them() -> None:
    article = Article("a", "## The waves\n\nThe port of Anjer was swept away.")
    assert article_as_page(article, "waves").marks == ["waves"]
    assert article_as_page(article, "## The").marks == ["## The"]


def test_lines_wrapped_by_an_editor_are_one_paragraph_and_those_of_a_list_are_not() -> None:
    wrapped = "\n".join(
        [*["several words of running text that an editor broke"] * 2, "at a margin."]
    )
    [section] = sections(Article("a", f"{wrapped}\n\none\ntwo"), None)
    words = ["".join(piece.text for piece in pieces) for pieces in section.paragraphs]
    assert words == [wrapped, "one", "two"]


@pytest.mark.parametrize(
    ("iso", "words"),
    [
        ("2022", "2022"),
        ("2022-09", "September 2022"),
        ("2022-09-29", "29 September 2022"),
        ("2022-09-29T21:13:00", "29 September 2022, 21:13"),
        ("2022-09-29T21:13:00Z", "29 September 2022, 21:13 (UTC)"),
        ("2022-09-29T21:13:00+02:00", "29 September 2022, 21:13 (UTC+02:00)"),
        ("yesterday", "yesterday"),
        ("2022-13-45", "2022-13-45"),
    ],
)
def test_dates_are_told_as_far_as_they_are_known(iso: str, words: str) -> None:
    assert in_words(iso) == words


def changed(link: str) -> str:
    """The link as it was made of an earlier version."""
    return re.sub("v=[0-9a-f]{12}", f"v={'0' * 12}", link)


def test_a_link_of_todays_version_says_nothing_of_changes(client: TestClient) -> None:
    page = Page(client.get(reader_page(cite(MOON, LANDING))).text)
    assert page.marks == [LANDING]
    assert "has changed" not in page.text


def test_a_quote_of_an_older_version_that_still_stands_is_marked_and_said_so(
    client: TestClient,
) -> None:
    moved = re.sub("quote=[0-9]+-[0-9]+", f"quote=0-{len(LANDING)}", reader_page(MOON_CITED))
    for link in (reader_page(MOON_CITED), moved):
        page = Page(client.get(changed(link)).text)
        assert page.marks == [LANDING]
        assert "This article has changed since the link was made." in page.text


def test_a_quote_of_an_older_version_that_is_gone_is_a_404_that_says_so(
    client: TestClient,
) -> None:
    link = re.sub("-[0-9a-f]{12}#", f"-{'0' * 12}#", changed(reader_page(MOON_CITED)))
    response = client.get(link)
    assert response.status_code == 404
    assert "no longer contains the quoted words" in response.text
    assert "/articles/space%2Fapollo-11" in Page(response.text).links()


def test_words_that_a_tampered_link_does_not_tell_are_not_marked(client: TestClient) -> None:
    link = reader_page(MOON_CITED).replace(f"quote={MOON_CITED.quote_start}-", "quote=0-")
    response = client.get(link)
    assert response.status_code == 404
    assert "is not a span of this article" in response.text


def test_the_only_citation_of_an_answer_has_no_way_to_others(client: TestClient) -> None:
    page = Page(client.get(reader_page(MOON_CITED, [MOON_CITED])).text)
    assert not [attributes for _, attributes in page.tags if attributes.get("rel") == "next"]
    assert " of 1" not in page.text


@pytest.mark.parametrize(
    "told",
    [
        ["space/apollo-11:0-9", "live/blog:0-9"],
        ["{here}", "nonsense"],
        ["{here}"] * 40,
        ["{here}", "a" * 2000 + ":1-2"],
    ],
)
def test_an_answer_that_a_link_does_not_tell_whole_is_not_counted(
    client: TestClient, told: list[str]
) -> None:
    here = str(cited(MOON_CITED))
    asked = [("quote", f"{MOON_CITED.quote_start}-{MOON_CITED.quote_end}")]
    asked += [("cited", text.replace("{here}", here)) for text in told]
    response = client.get(f"/articles/space%2Fapollo-11?{urlencode(asked)}")
    assert response.status_code == 200
    assert 'class="steps"' not in response.text


def test_a_hostile_id_among_the_citations_stays_on_this_server(client: TestClient) -> None:
    here = cited(MOON_CITED)
    link = page_of(here, [here, Cited('//evil.example/"><script>', 0, 1)])
    [following] = [
        a["href"]
        for t, a in Page(client.get(link).text).tags
        if a.get("rel") == "next" and t == "a"
    ]
    assert (following or "").startswith("/articles/%2F%2Fevil.example%2F%22%3E%3Cscript%3E?")


def test_the_language_of_the_page_is_the_links_else_the_browsers(client: TestClient) -> None:
    for asked, accepted, code in (
        ("", "uk, en;q=0.5", "uk"),
        ("?lang=de", "uk", "de"),
        ("?lang=xx", "ar", "ar"),
        ("", "", "en"),
    ):
        response = client.get(
            f"/articles/live%2Fblog{asked}", headers={"Accept-Language": accepted}
        )
        direction = "rtl" if code == "ar" else "ltr"
        assert ("html", {"lang": code, "dir": direction}) in Page(response.text).tags
        assert "accept-language" in response.headers["vary"].lower()


def test_a_panel_has_no_masthead_and_its_ways_out_open_elsewhere(client: TestClient) -> None:
    page = Page(client.get(reader_page(MOON_CITED, view="panel")).text)
    assert not [a for _, a in page.tags if a.get("class") == "masthead"]
    outside = [a for t, a in page.tags if t == "a" and (a["href"] or "").startswith("https://")]
    assert [a["target"] for a in outside] == ["_blank"]


def test_the_original_is_named_by_its_host() -> None:
    for url, told in (
        ("https://user:pw@evil.example/x", "at evil.example"),
        ("https://[::1/x", "at https://[::1/x"),
    ):
        assert told in article_as_page(Article("a", "Words.", url=url)).text
