"""The reader in a real browser: quote in view, others a click away, nothing of an article run."""

import re
from collections.abc import Iterator
from urllib.parse import urlsplit

import pytest

from index.article import Article
from qa.present.links import Cited, cited, cited_span, page_of, reader_link, reader_page
from qa.web.app import create_app
from qa.web.protocols import About
from tests.axe import violations
from tests.browsing import Browser, Page, Route, expect
from tests.serving import serving
from tests.web_sample import (
    BLOG,
    CEREMONY,
    EXAMPLES,
    FEE,
    FOLLOWED,
    HOSTILE,
    LANDING,
    MOON,
    SampleArticles,
    SampleAsker,
    cite,
)

DAM = Article(
    id="ar/سد",
    text="انهار جزء من السد صباح الاثنين. لم يصب أحد بأذى.\n\n"
    + "وصلت فرق الإنقاذ بعد ساعة.\n\n" * 40,
    title="انهيار جزء من السد",
    source="الجريدة",
    author="عمر ناصر",
    published="2022-09-29",
    url="https://example.org/سد",
)
HURT = "لم يصب أحد بأذى."
TRAPS = (
    "<script>alert(1)</script>",
    "<img src=//evil.example/a.png onerror=alert(2)>",
    '"><svg/onload=alert(3)>',
    "' onmouseover='alert(4)' autofocus onfocus='alert(5)",
    "</title></textarea></style></script><script>alert(6)</script>",
    "{{ 7*7 }}{% raw %}<iframe src=//evil.example></iframe>",
    '<link rel=stylesheet href=//evil.example/a.css><base href="//evil.example/">',
    '<meta http-equiv=refresh content="0;url=//evil.example">',
    "javascript:alert(7)",
    'https://evil.example/"><script>alert(8)</script>',
    "\u202egnp.exe\u2066 <form action=//evil.example><button autofocus>",
)
TRAPPED = {
    f"trap/{number}/{trap}": Article(
        id=f"trap/{number}/{trap}",
        text=f"{trap} It opened so. {trap} It went on.\n\n{trap}",
        title=trap,
        source=trap,
        author=trap,
        published=trap,
        updated=trap,
        url=trap,
    )
    for number, trap in enumerate(TRAPS)
}
ANSWER = (cite(MOON, FOLLOWED), cite(MOON, LANDING, 2), cite(BLOG, CEREMONY, 3))


class Archive(SampleArticles):
    """The sample's articles, one in Arabic, and the traps."""

    def article(self, article_id: str) -> Article | None:
        if article_id == DAM.id:
            return DAM
        return TRAPPED.get(article_id) or super().article(article_id)


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    app = create_app(SampleAsker(), Archive(), EXAMPLES, lambda: About(3))
    with serving(app) as address:
        yield address


def quoting(article: Article, words: str) -> Cited:
    start = article.text.index(words)
    return cited_span(article, (start, start + len(words)))


def test_the_next_and_the_previous_citation_of_the_answer_are_a_click_away(page: Page) -> None:
    page.goto(reader_page(ANSWER[1], ANSWER))
    expect(page.locator(".position")).to_have_text("2 of 3")
    page.get_by_role("link", name="Next").click()
    expect(page.locator("mark#quote")).to_have_text(CEREMONY)
    expect(page.locator("mark#quote")).to_be_in_viewport()
    expect(page.locator(".position")).to_have_text("3 of 3")
    expect(page.get_by_role("link", name="Next")).to_have_count(0)
    for left in (2, 1):
        page.get_by_role("link", name="Previous").click()
        expect(page.locator(".position")).to_have_text(f"{left} of 3")
    expect(page.locator("mark#quote")).to_have_text(FOLLOWED)
    expect(page.get_by_role("link", name="Previous")).to_have_count(0)


def test_the_quote_is_copied_with_its_citation(page: Page) -> None:
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    page.goto(reader_page(ANSWER[1]))
    page.get_by_role("button", name="Copy quote with citation").click()
    expect(page.get_by_role("status")).to_have_text("Copied")
    copied = page.evaluate("navigator.clipboard.readText()")
    assert copied.startswith(f"“{LANDING}” — The first landing on the Moon, Mara Lindqvist, ")
    assert copied.endswith("on%2020%20July%201969.")


def test_where_the_clipboard_is_closed_the_citation_is_copied_all_the_same(page: Page) -> None:
    page.add_init_script("delete Navigator.prototype.clipboard")
    page.goto(reader_page(ANSWER[1]))
    page.get_by_role("button", name="Copy quote with citation").press("Enter")
    expect(page.get_by_role("status")).to_have_text("Copied")
    expect(page.get_by_role("button", name="Copy quote with citation")).to_be_focused()


def test_where_nothing_can_be_copied_the_page_says_where_the_citation_stands(page: Page) -> None:
    page.add_init_script("delete Navigator.prototype.clipboard; document.execCommand = () => false")
    page.goto(reader_page(ANSWER[1]))
    page.get_by_role("button", name="Copy quote with citation").click()
    expect(page.get_by_role("status")).to_contain_text("Cite this")
    page.get_by_text("Cite this", exact=True).click()
    expect(page.locator(".line")).to_contain_text(f"“{LANDING}” — The first landing")


def test_the_quote_is_had_as_a_file(page: Page) -> None:
    page.goto(reader_page(ANSWER[1]))
    page.get_by_text("Cite this", exact=True).click()
    with page.expect_download() as download:
        page.get_by_role("link", name="BibTeX").click()
    assert download.value.suggested_filename == "citations.bib"


def test_everything_is_read_and_gone_through_without_javascript(
    browser: Browser, address: str
) -> None:
    with browser.new_context(java_script_enabled=False, base_url=address) as context:
        page = context.new_page()
        page.set_viewport_size({"width": 390, "height": 400})
        page.goto(reader_page(ANSWER[1], ANSWER))
        expect(page.locator("mark#quote")).to_be_in_viewport()
        expect(page.get_by_role("button")).to_have_count(0)
        page.get_by_text("Cite this", exact=True).click()
        expect(page.locator(".line")).to_contain_text(LANDING)
        page.get_by_role("link", name="Next").click()
        expect(page.locator("mark#quote")).to_have_text(CEREMONY)
        expect(page.locator("mark#quote")).to_be_in_viewport()


def test_everything_is_reached_by_keyboard_and_seen_where_the_focus_is(page: Page) -> None:
    page.goto(reader_page(ANSWER[1], ANSWER).removesuffix("#quote"))
    reached = []
    for _ in range(9):
        page.keyboard.press("Tab")
        focused = page.locator(":focus")
        expect(focused).to_be_in_viewport()
        reached.append(focused.get_attribute("aria-label") or focused.inner_text())
    assert reached == [
        *("Go to the quote", "Footnote1", "Ask the articles"),
        *("Read the original at example.org", "Cite this", "Previous", "Next"),
        *("Go to the quote", "Copy quote with citation"),
    ]


def test_in_a_panel_there_is_no_masthead_and_links_stay_in_the_panel(page: Page) -> None:
    page.goto(reader_page(ANSWER[1], ANSWER, view="panel"))
    expect(page.locator(".masthead")).to_have_count(0)
    page.get_by_role("link", name="Next").click()
    expect(page.locator("mark#quote")).to_have_text(CEREMONY)
    expect(page.locator(".masthead")).to_have_count(0)
    with page.expect_popup() as opened:
        page.get_by_role("link", name="Open full page").click()
    expect(opened.value.locator(".masthead")).to_be_visible()
    expect(opened.value.locator("mark#quote")).to_be_in_viewport()


def test_a_page_of_this_server_can_frame_the_panel_and_is_told_of_escape(
    page: Page, address: str
) -> None:
    panel = reader_page(ANSWER[1], view="panel")
    around = f"""<!doctype html><title>chat</title><iframe src="{panel}" width=400 height=600>
        </iframe><p id=told></p><script>addEventListener("message", (event) => {{
        if (event.origin === location.origin) told.textContent = event.data; }})</script>"""

    def serve(route: Route) -> None:
        route.fulfill(body=around, content_type="text/html")

    page.route(f"{address}/around", serve)
    page.goto("/around")
    frame = page.frame_locator("iframe")
    expect(frame.locator("mark#quote")).to_be_in_viewport()
    frame.get_by_role("button", name="Copy quote").press("Escape")
    expect(page.locator("#told")).to_have_text("footnote:close")


def test_the_page_speaks_the_browsers_language_and_that_of_its_link(
    browser: Browser, address: str
) -> None:
    with browser.new_context(base_url=address, locale="uk") as context:
        page = context.new_page()
        page.goto(reader_page(ANSWER[1], ANSWER))
        expect(page.locator("html")).to_have_attribute("lang", "uk")
        expect(page.locator(".position")).to_have_text("2 з 3")
        expect(page.locator(".byline")).to_contain_text("20 липня 2019")
        page.goto(reader_page(ANSWER[1], ANSWER, lang="de"))
        page.get_by_role("link", name="Nächstes").click()
        expect(page.locator("html")).to_have_attribute("lang", "de")


def test_an_article_is_written_its_own_way_and_the_page_another(page: Page) -> None:
    quoted = quoting(DAM, HURT)
    for lang, direction in (("en", "ltr"), ("ar", "rtl")):
        page.goto(page_of(quoted, lang=lang))
        expect(page.locator("html")).to_have_attribute("dir", direction)
        for shown in ("h1", ".text p >> nth=0", ".line"):
            expect(page.locator(shown)).to_have_css("direction", "rtl")
        expect(page.locator(".bar")).to_have_css("direction", direction)
    page.goto(reader_page(ANSWER[1], lang="ar"))
    expect(page.locator("h1")).to_have_css("direction", "ltr")
    expect(page.locator("mark#quote")).to_be_in_viewport()


@pytest.mark.parametrize("trap", TRAPPED.values(), ids=range(len(TRAPPED)))
def test_a_trap_is_shown_as_text_and_does_nothing(page: Page, trap: Article) -> None:
    quoted = quoting(trap, "It opened so.")
    page.goto(page_of(quoted, [quoted, quoting(trap, "It went on.")]))
    expect(page.locator("h1")).to_have_text(" ".join(trap.headline.split()))
    expect(page.locator("mark#quote")).to_have_text("It opened so.")
    inside = page.locator("article").locator("script, img, svg, iframe, form, style, link, meta")
    expect(inside).to_have_count(0)
    expect(page.locator("script")).to_have_count(1)
    links = page.locator("a").evaluate_all("all => all.map(each => each.protocol)")
    assert set(links) <= {"http:", "https:"}
    handlers = "all => all.flatMap(e => e.getAttributeNames()).filter(n => n.startsWith('on'))"
    assert page.locator("*").evaluate_all(handlers) == []
    page.get_by_role("link", name="Next").click()
    expect(page.locator("mark#quote")).to_have_text("It went on.")


@pytest.mark.parametrize("missing", ["?quote=1-999999", f"?quote=0-5&v={'0' * 12}-{'0' * 12}", "x"])
def test_the_page_of_a_trap_that_is_missing_runs_nothing(page: Page, missing: str) -> None:
    for trap in list(TRAPPED.values())[:5]:
        # The browser tells in its console of every 404; it is what is asked for here.
        response = page.context.request.get(urlsplit(page_of(quoting(trap, "It"))).path + missing)
        assert response.status == 404
        page.set_content(response.text())
        expect(page.locator("script, img, svg, iframe")).to_have_count(0)


def test_a_foreign_page_cannot_frame_the_reader(page: Page) -> None:
    response = page.goto(reader_link(cite(HOSTILE, FEE)))
    assert response is not None
    policy = response.headers["content-security-policy"].split("; ")
    assert {"default-src 'none'", "script-src 'self'", "frame-ancestors 'self'"} <= set(policy)
    assert "unsafe" not in str(policy)


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [320, 1280])
def test_nothing_of_wcag_2_2_aa_is_broken(page: Page, scheme: str, width: int) -> None:
    page.emulate_media(color_scheme="dark" if scheme == "dark" else "light")
    page.set_viewport_size({"width": width, "height": 800})
    changed = re.sub("v=[0-9a-f]{12}", f"v={'0' * 12}", reader_page(ANSWER[1], ANSWER))
    for path in (
        changed,
        reader_page(ANSWER[2], ANSWER, view="panel"),
        page_of(quoting(DAM, HURT), lang="ar"),
        "/articles/live%2Fblog",
        "/docs",
    ):
        page.goto(path)
        if page.locator("summary").count():
            page.locator("summary").click()
        assert violations(page) == []
        assert page.evaluate("document.documentElement.scrollWidth") <= width


def test_nothing_of_wcag_2_2_aa_is_broken_where_something_is_missing(page: Page) -> None:
    page.set_content(page.context.request.get("/articles/nothing").text())
    assert violations(page) == []


def test_a_page_is_one_document_one_style_sheet_and_one_script_of_30_kb(page: Page) -> None:
    sizes: list[int] = []
    devtools = page.context.new_cdp_session(page)
    devtools.send("Network.enable")
    devtools.on("Network.loadingFinished", lambda told: sizes.append(told["encodedDataLength"]))
    page.goto(reader_page(ANSWER[1], ANSWER), wait_until="networkidle")
    assert len(sizes) == 3
    assert sum(sizes) < 30_000


def test_on_paper_stand_the_text_the_quote_and_its_citation_alone(page: Page) -> None:
    page.goto(reader_page(ANSWER[1], ANSWER))
    page.emulate_media(media="print")
    for hidden in (".masthead", ".bar", "summary", ".files"):
        expect(page.locator(hidden)).to_be_hidden()
    expect(page.locator(".line")).to_be_visible()
    expect(page.locator("mark#quote")).to_have_css("text-decoration-line", "underline")


def test_a_changed_article_says_so_beside_the_quote(page: Page) -> None:
    quoted = cited(ANSWER[1])
    page.goto(re.sub("v=[0-9a-f]{12}", f"v={'0' * 12}", page_of(quoted)))
    expect(page.locator("mark#quote")).to_be_in_viewport()
    expect(page.get_by_role("note")).to_be_in_viewport()
    expect(page.get_by_role("note")).to_contain_text("This article has changed")
