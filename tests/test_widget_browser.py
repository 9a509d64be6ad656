"""The widget on the pages of another site, in a real browser."""

import re
import time
from collections.abc import Iterator
from typing import Any

import jwt
import pytest

from qa.web.i18n import languages, words_in
from tests.browsing import Browser, Page, expect
from tests.host_site import NAMES, READER_KEY, Site
from tests.web_sample import (
    BOLD,
    EXAMPLES,
    FEE,
    FOLLOWED,
    LANDING,
    LIFTED,
    MOON,
    NOTE,
    TOUCHED_DOWN_AT,
)

TOLD = """
const names = ["open", "ask", "answer", "cite", "feedback", "error"];
window.told = [];
for (const name of names) {
  document.addEventListener(`footnote:${name}`, (event) => told.push([name, event.detail]));
}
"""


@pytest.fixture
def page(browser: Browser, site: Site) -> Iterator[Page]:
    """A page that fails its test where it calls a third host, or a script fails."""
    with browser.new_context(
        viewport={"width": 1280, "height": 900}, reduced_motion="reduce"
    ) as context:
        faults: list[str] = []
        page = context.new_page()
        page.set_default_timeout(30_000)
        page.add_init_script(TOLD)
        page.on("request", lambda request: _check(request.url, site, faults))
        page.on("pageerror", lambda error: faults.append(str(error)))
        page.on("dialog", lambda dialog: faults.append(dialog.message))
        yield page
        assert faults == []


def _check(url: str, site: Site, faults: list[str]) -> None:
    if not url.startswith((site.server, site.host, "data:", "about:")):
        faults.append(f"a request to {url}")


def part(page: Page, name: str) -> Any:
    return page.locator(f"footnote-chat [part~={name}]")


def box(locator: Any) -> dict[str, float]:
    found: dict[str, float] = locator.evaluate("node => node.getBoundingClientRect().toJSON()")
    return found


def open_panel(page: Page, site: Site, name: str = "plain") -> None:
    page.goto(site.page(name))
    part(page, "launcher").click()


def ask(page: Page, question: str) -> None:
    part(page, "input").fill(question)
    part(page, "input").press("Enter")


def names_told(page: Page) -> list[str]:
    told: list[str] = page.evaluate("told.map(([name]) => name)")
    return told


def test_a_citation_shows_what_its_article_says_was_corrected_in_it(page: Page, site: Site) -> None:
    open_panel(page, site)
    ask(page, "When was the bridge opened?")
    note = part(page, "source").first.locator("p").last
    expect(note).to_have_text(f"Note in the article: {NOTE}")


def test_an_answer_shows_its_quote_with_source_and_date(page: Page, site: Site) -> None:
    open_panel(page, site)
    ask(page, "When on the Moon?")
    expect(part(page, "quote")).to_contain_text(LANDING)
    expect(part(page, "answer")).to_contain_text("The first landing on the Moon")
    expect(part(page, "source").first.locator("p").last).to_have_text(
        "The Orbital Record · 20 July 2019"
    )
    expect(part(page, "input")).to_have_value("")
    assert names_told(page) == ["open", "ask", "answer"]


def test_before_the_first_click_nothing_is_asked_for_but_the_script(page: Page, site: Site) -> None:
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.goto(site.page("plain"), wait_until="networkidle")
    expect(part(page, "launcher")).to_be_visible()
    assert asked == [site.page("plain"), f"{site.server}/widget.js"]
    part(page, "launcher").click()
    expect(part(page, "input")).to_be_focused()
    assert len(asked) == 2


@pytest.mark.parametrize(
    ("script", "words"),
    [("widget.js?language=fr", []), ("widget.js", ["footnote/widget/words/fr.json"])],
)
def test_a_page_in_another_language_asks_for_no_more_than_its_words(
    page: Page, site: Site, script: str, words: list[str]
) -> None:
    page.goto(f"{site.host}/blank")
    page.evaluate("document.documentElement.lang = 'fr'")
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.add_script_tag(url=f"{site.server}/{script}")
    expect(part(page, "launcher")).to_have_text("Interroger les archives")
    part(page, "launcher").click()
    assert asked == [f"{site.server}/{path}" for path in (script, *words)]


def test_what_stands_around_it_is_not_changed(page: Page, site: Site) -> None:
    state = """() => {
      const copy = document.documentElement.cloneNode(true);
      copy.querySelectorAll("footnote-chat, script").forEach((node) => node.remove());
      const globals = Object.getOwnPropertyNames(window).filter((name) => !/^\\d+$/.test(name));
      return [copy.outerHTML.replace(/\\s+(?=<\\/body>)/, ""), globals.sort(), scrollX, scrollY,
        document.title, document.body.style.cssText, document.activeElement.localName,
        Object.keys(localStorage), Object.keys(sessionStorage), document.cookie];
    }"""
    page.route("**/widget.js", lambda route: route.abort())
    page.goto(site.page("plain"))
    before = page.evaluate(state)
    page.unroute("**/widget.js")
    page.goto(site.page("plain"))
    assert page.evaluate(state) == before
    part(page, "launcher").click()
    ask(page, "When on the Moon?")
    part(page, "citation").first.click()
    part(page, "close").click()
    changed = page.evaluate(state)
    before[6] = changed[6]
    assert changed == before


def test_a_click_on_a_number_marks_the_sentence_where_it_stands_in_the_page(
    page: Page, site: Site
) -> None:
    page.set_viewport_size({"width": 1280, "height": 300})
    open_panel(page, site)
    ask(page, "When on the Moon?")
    part(page, "citation").first.click()
    marked = page.evaluate(
        "[...CSS.highlights.values()].flatMap((one) => [...one].map((range) => range.toString()))"
    )
    assert [" ".join(text.split()) for text in marked] == [LANDING]
    box = page.evaluate(
        "() => { const [one] = [...CSS.highlights.values()][0];"
        " const { top, bottom } = one.getBoundingClientRect(); return [top, bottom]; }"
    )
    assert 0 <= box[0] < box[1] <= 300
    page.evaluate("document.querySelector('footnote-chat').reset()")
    assert page.evaluate("CSS.highlights.size + document.adoptedStyleSheets.length") == 0


def test_on_another_page_a_number_opens_the_passage_and_gives_the_focus_back(
    page: Page, site: Site
) -> None:
    page.goto(f"{site.host}/blank")
    page.add_script_tag(url=f"{site.server}/widget.js")
    part(page, "launcher").click()
    ask(page, "When on the Moon?")
    part(page, "citation").first.click()
    passage = part(page, "passage")
    expect(passage.locator("mark")).to_have_text(LANDING)
    expect(passage.get_by_role("link", name="Original")).to_have_attribute(
        "href", f"{MOON.url}#:~:text=" + LANDING.replace(" ", "%20").replace(":", "%3A")
    )
    link = passage.get_by_role("link", name="Read in the article").get_attribute("href")
    assert link is not None
    assert link.startswith(f"{site.server}/articles/space%2Fapollo-11?quote=")
    expect(part(page, "back")).to_be_focused()
    page.keyboard.press("Escape")
    expect(passage).to_be_hidden()
    expect(part(page, "citation").first).to_be_focused()
    assert names_told(page)[-1] == "cite"


def test_a_number_shows_its_passage_to_the_pointer_and_to_the_keyboard(
    page: Page, site: Site
) -> None:
    open_panel(page, site)
    ask(page, "When on the Moon?")
    preview = part(page, "preview")
    part(page, "citation").first.hover()
    expect(preview.locator("mark")).to_have_text(LANDING)
    page.mouse.move(0, 0)
    expect(preview).to_be_hidden()
    part(page, "input").focus()
    for _ in range(30):
        page.keyboard.press("Shift+Tab")
        if part(page, "citation").first.evaluate("node => node.matches(':focus')"):
            break
    expect(preview).to_be_visible()
    page.keyboard.press("Escape")
    expect(preview).to_be_hidden()
    expect(part(page, "panel")).to_be_visible()
    part(page, "citation").first.hover()
    expect(preview).to_be_visible()
    part(page, "conversation").first.dispatch_event("scroll")
    expect(preview).to_be_hidden()


def test_the_article_of_the_page_can_be_searched_alone(page: Page, site: Site) -> None:
    open_panel(page, site)
    expect(part(page, "scope")).to_be_hidden()
    ask(page, "When on the Moon?")
    page.get_by_role("button", name="This article").click()
    ask(page, "Where on the Moon?")
    expect(part(page, "answer")).to_have_count(2)
    asked = site.asker.asked[-1]
    assert (asked.within, asked.page_url) == ("page", site.page("plain"))
    page.get_by_role("button", name="Whole archive").click()
    ask(page, "Who on the Moon?")
    expect(part(page, "answer")).to_have_count(3)
    assert site.asker.asked[-1].within is None


def test_earlier_questions_are_sent_along_and_forgotten_on_reset(page: Page, site: Site) -> None:
    open_panel(page, site)
    for number, question in enumerate(("When on the Moon?", "And the ceremony?"), start=1):
        ask(page, question)
        expect(part(page, "answer")).to_have_count(number)
    assert "When on the Moon?" in str(site.asker.asked[-1].history)
    part(page, "reset").click()
    expect(part(page, "answer")).to_have_count(0)
    ask(page, "When on the Moon?")
    expect(part(page, "answer")).to_have_count(1)
    assert site.asker.asked[-1].history == ()


def test_what_was_understood_can_be_taken_back(page: Page, site: Site) -> None:
    open_panel(page, site)
    ask(page, "When in 1969 on the Moon?")
    expect(part(page, "chip")).to_contain_text("Time: 1969")
    expect(part(page, "note")).to_have_text("Reports differ: compare their numbers and dates.")
    part(page, "undo").click()
    expect(part(page, "chip")).to_have_count(0)
    expect(part(page, "answer")).to_have_count(1)
    assert site.asker.asked[-1].ignore == {"when"}


def test_suggestions_are_asked_by_a_click(page: Page, site: Site) -> None:
    page.goto(f"{site.host}/blank")
    page.add_script_tag(url=f"{site.server}/widget.js")
    page.evaluate(
        "document.querySelector('footnote-chat').suggestions = ['Who follows on the Moon?', 'B']"
    )
    part(page, "launcher").click()
    part(page, "suggestion").first.click()
    expect(part(page, "question")).to_have_text("Who follows on the Moon?")
    expect(part(page, "answer").get_by_role("heading")).to_have_text("Related questions")
    # Of the examples the one that the cited article answers.
    part(page, "answer").get_by_role("button", name=EXAMPLES[0]).click()
    expect(part(page, "question").last).to_have_text(EXAMPLES[0])


def test_a_question_that_is_not_covered_folds_the_nearest_passages(page: Page, site: Site) -> None:
    open_panel(page, site)
    ask(page, "Who is the mayor?")
    expect(part(page, "said")).to_have_text("The articles do not cover this")
    expect(part(page, "card").first).to_be_hidden()
    page.get_by_text("Not an answer").click()
    expect(part(page, "card").first).to_be_visible()
    expect(part(page, "citation")).to_have_count(0)


def test_the_nearest_passages_are_open_where_they_are_close(page: Page, site: Site) -> None:
    open_panel(page, site)
    ask(page, "Who is the deputy mayor?")
    expect(part(page, "card").first).to_be_visible()
    page.get_by_text("Not an answer").click()
    expect(part(page, "card").first).to_be_hidden()


def test_a_name_that_no_article_mentions_is_the_reason_that_is_told(page: Page, site: Site) -> None:
    open_panel(page, site)
    ask(page, "Who is Narva?")
    expect(part(page, "said")).to_have_text("No article mentions “Narva”")
    ask(page, "Who is Narva of Tartu?")
    expect(part(page, "said").last).to_have_text("No article mentions “Narva” or “Tartu”")


def test_a_card_ends_with_its_paragraph(page: Page, site: Site) -> None:
    open_panel(page, site)
    ask(page, "Which paragraph is of the Moon?")
    text = part(page, "card").locator(".passage-text").inner_text()
    assert text.startswith("… Six hours later Armstrong stepped onto the surface. ")
    assert text.endswith(f"{FOLLOWED} …")


def test_the_words_that_answer_stand_out_in_the_quote_and_in_its_passage(
    page: Page, site: Site
) -> None:
    page.goto(f"{site.host}/blank")
    page.add_script_tag(url=f"{site.server}/widget.js")
    part(page, "launcher").click()
    ask(page, "When did it touch down?")
    words = part(page, "quote").locator("strong")
    expect(words).to_have_text(TOUCHED_DOWN_AT)
    assert words.evaluate("words => getComputedStyle(words).fontWeight") == "700"
    expect(part(page, "quote")).to_contain_text(LANDING)
    expect(part(page, "link").first).to_have_attribute("href", re.compile(r"&answer=\d+-\d+$"))
    part(page, "citation").click()
    expect(part(page, "passage").locator("mark")).to_have_text(LANDING)
    expect(part(page, "passage").locator("mark strong")).to_have_text(TOUCHED_DOWN_AT)


def test_where_it_is_unsure_the_closest_passages_are_open(page: Page, site: Site) -> None:
    open_panel(page, site)
    ask(page, "When did it lift off?")
    expect(part(page, "said")).to_have_text(
        "The articles may not answer this. The closest passages:"
    )
    expect(part(page, "card").locator("mark")).to_have_text(LIFTED)
    expect(part(page, "card").locator("strong")).to_have_text("16 July 1969")
    expect(part(page, "citation")).to_have_count(0)


def test_a_line_that_asks_nothing_is_answered_in_kind(page: Page, site: Site) -> None:
    open_panel(page, site)
    ask(page, "thanks")
    expect(part(page, "said")).to_have_text("You’re welcome.")
    expect(part(page, "feedback")).to_have_count(0)


def test_feedback_is_sent_with_reasons(page: Page, site: Site) -> None:
    open_panel(page, site)
    ask(page, "When on the Moon?")
    page.get_by_role("button", name="Not helpful").click()
    page.get_by_label("It is out of date").check()
    page.get_by_label("Comment (optional)").fill("There is a newer one.")
    with page.expect_response("**/api/feedback"):
        page.get_by_role("button", name="Send").first.click()
    expect(part(page, "feedback")).to_have_text("Thank you.")
    sent = site.feedback[-1]
    assert sent.verdict == "down"
    assert sent.question == "When on the Moon?"
    assert sent.reasons == ("outdated", "other")
    assert sent.comment == "There is a newer one."
    assert len(sent.citations) == 2
    assert "feedback" in names_told(page)


def test_what_an_article_says_never_runs(page: Page, site: Site) -> None:
    open_panel(page, site)
    ask(page, "What is the fee?")
    expect(part(page, "quote")).to_contain_text(FEE)
    expect(part(page, "answer")).to_contain_text(BOLD)
    part(page, "citation").first.click()
    expect(part(page, "passage").locator("mark")).to_have_text(FEE)
    expect(part(page, "passage").get_by_role("link", name="Original")).to_have_count(0)
    assert part(page, "panel").locator("img, iframe, script").count() == 0


@pytest.mark.parametrize(
    ("status", "words"),
    [
        (429, "Too many questions right now."),
        (503, "Too many questions right now."),
        (500, "Something went wrong on the server."),
        (502, "Something went wrong on the server."),
        (404, "Something went wrong on the server."),
        (200, "Something went wrong on the server."),
    ],
)
def test_a_fault_of_the_server_is_told_and_the_question_kept(
    page: Page, site: Site, status: int, words: str
) -> None:
    page.clock.install()
    open_panel(page, site)
    fail(page, "ask", status)
    ask(page, "When on the Moon?")
    expect(part(page, "error")).to_contain_text(words)
    expect(part(page, "input")).to_have_value("When on the Moon?")
    page.unroute("**/api/ask")
    page.clock.run_for(5_000)
    page.get_by_role("button", name="Try again", exact=True).click()
    expect(part(page, "quote")).to_contain_text(LANDING)
    expect(part(page, "error")).to_have_count(0)
    expect(part(page, "input")).to_have_value("")


def fail(page: Page, path: str, status: int, **headers: str) -> None:
    """From now on, that route answers as something between browser and server does."""
    told = {name.replace("_", "-"): value for name, value in headers.items()}
    cors = {"Access-Control-Allow-Origin": "*", "Access-Control-Expose-Headers": "Retry-After"}
    page.route(
        f"**/api/{path}",
        lambda route: (
            route.fallback()
            if route.request.method == "OPTIONS"
            else route.fulfill(status=status, headers=cors | told, body="<h1>proxy</h1>")
        ),
    )


def stop_the_clock(page: Page) -> None:
    """From now on time passes only where the test lets it, however slow the machine is."""
    page.clock.pause_at(page.evaluate("Date.now()") / 1000 + 1)


@pytest.mark.parametrize(
    ("language", "waits", "again"),
    [
        ("en", "Try again · 3 seconds", "Try again"),
        ("de", "Erneut versuchen · 3 Sekunden", "Erneut versuchen"),
        ("uk", "Спробувати ще раз · 3 секунди", "Спробувати ще раз"),
    ],
)
def test_a_busy_server_is_asked_again_only_after_the_seconds_that_it_told(
    page: Page, site: Site, language: str, waits: str, again: str
) -> None:
    page.clock.install()
    open_panel(page, site)
    page.evaluate(f"document.querySelector('footnote-chat').language = '{language}'")
    stop_the_clock(page)
    fail(page, "ask", 429, Retry_After="3")
    ask(page, "When on the Moon?")
    button = part(page, "error").get_by_role("button")
    expect(button).to_have_text(waits)
    expect(button).to_be_disabled()
    expect(page.locator("footnote-chat").get_by_role("status")).to_contain_text(waits)
    page.clock.run_for(2_000)
    expect(button).to_be_disabled()
    page.clock.run_for(1_000)
    expect(button).to_have_text(again)
    page.unroute("**/api/ask")
    button.click()
    expect(part(page, "quote")).to_contain_text(LANDING)


def test_a_long_wait_is_told_in_minutes(page: Page, site: Site) -> None:
    page.clock.install()
    open_panel(page, site)
    stop_the_clock(page)
    fail(page, "ask", 429, Retry_After="121")
    ask(page, "When on the Moon?")
    expect(part(page, "error").get_by_role("button")).to_have_text("Try again · 3 minutes")


def test_feedback_that_does_not_arrive_is_told_and_can_be_sent_again(
    page: Page, site: Site
) -> None:
    open_panel(page, site)
    ask(page, "When on the Moon?")
    fail(page, "feedback", 500)
    page.get_by_role("button", name="Not helpful").click()
    page.get_by_label("Comment (optional)").fill("There is a newer one.")
    page.get_by_role("button", name="Send").first.click()
    expect(part(page, "feedback")).to_contain_text("Something went wrong on the server.")
    assert names_told(page)[-1] == "error"
    page.unroute("**/api/feedback")
    page.get_by_role("button", name="Try again").click()
    expect(part(page, "feedback")).to_have_text("Thank you.")
    assert site.feedback[-1].comment == "There is a newer one."
    assert names_told(page)[-1] == "feedback"


@pytest.mark.parametrize(
    ("language", "words"),
    [("en", "Oldest first"), ("fr", "Du plus ancien au plus récent"), ("ar", "الأقدم أولًا")],
)
def test_an_answer_in_the_order_of_time_says_so(
    page: Page, site: Site, language: str, words: str
) -> None:
    open_panel(page, site)
    page.evaluate(f"document.querySelector('footnote-chat').language = '{language}'")
    expect(page.locator("footnote-chat .root")).to_have_attribute("lang", language)
    ask(page, "What is the course of events on the Moon?")
    expect(part(page, "note")).to_have_text(words)


def test_a_server_that_is_gone_is_told(page: Page, site: Site) -> None:
    open_panel(page, site)
    page.route("**/api/ask", lambda route: route.abort())
    ask(page, "When on the Moon?")
    expect(part(page, "error")).to_contain_text("The server cannot be reached.")
    assert names_told(page)[-1] == "error"


def test_a_server_that_takes_ten_seconds_is_told(page: Page, site: Site) -> None:
    page.clock.install()
    # The browser's own timeout follows the page's clock as well.
    page.add_init_script(
        "AbortSignal.timeout = (wait) => { const end = new AbortController();"
        " setTimeout(() => end.abort(new DOMException('', 'TimeoutError')), wait);"
        " return end.signal; };"
    )
    open_panel(page, site)
    stop_the_clock(page)
    page.route("**/api/ask", lambda route: None)
    ask(page, "When on the Moon?")
    expect(part(page, "wait")).to_have_text("Searching…")
    page.clock.run_for(9_900)
    expect(part(page, "error")).to_have_count(0)
    page.clock.run_for(200)
    expect(part(page, "error")).to_contain_text("The answer is taking too long.")
    expect(part(page, "input")).to_have_value("When on the Moon?")


def test_the_panel_keeps_the_focus_and_gives_it_back_to_the_button(page: Page, site: Site) -> None:
    open_panel(page, site)
    panel = part(page, "panel")
    expect(panel).to_have_attribute("role", "dialog")
    expect(panel).to_have_attribute("aria-modal", "true")
    for key in ("Tab", "Shift+Tab"):
        for _ in range(8):
            page.keyboard.press(key)
            assert panel.evaluate("node => !!node.querySelector(':focus')")
    page.keyboard.press("Escape")
    expect(panel).to_be_hidden()
    expect(part(page, "launcher")).to_be_focused()


def test_an_answer_is_announced(page: Page, site: Site) -> None:
    open_panel(page, site)
    ask(page, "When on the Moon?")
    status = page.locator("footnote-chat").get_by_role("status")
    expect(status).to_contain_text(LANDING)


def test_it_is_used_by_its_methods_and_properties(page: Page, site: Site) -> None:
    page.goto(f"{site.host}/blank")
    page.add_script_tag(url=f"{site.server}/widget.js")
    told = page.evaluate(
        """async () => {
          const chat = document.querySelector("footnote-chat");
          chat.title = "Ask us";
          chat.position = "top-left";
          chat.zIndex = 7;
          chat.open();
          const answer = await chat.ask("When on the Moon?");
          const opened = chat.opened;
          chat.close();
          return [answer.status, opened, chat.opened, chat.getAttribute("z-index")];
        }"""
    )
    assert told == ["answered", True, False, "7"]
    expect(part(page, "launcher")).to_have_text("Ask us")
    box = part(page, "launcher").bounding_box()
    assert box is not None
    assert (box["x"], box["y"]) == (20, 20)


def test_a_token_is_sent_as_attribute_and_property_and_one_that_is_wrong_left_out(
    page: Page, site: Site
) -> None:
    sent: list[tuple[str | None, int]] = []

    def note(response: Any) -> None:
        if response.url.endswith("/api/ask") and response.request.method == "POST":
            sent.append((response.request.headers.get("reader-token"), response.status))

    page.on("response", note)
    right = jwt.encode({"aud": "footnote", "exp": int(time.time()) + 600}, READER_KEY, "HS256")
    page.goto(f"{site.host}/blank")
    page.evaluate(
        """([server, token]) => new Promise((done) => {
          const script = document.createElement("script");
          Object.assign(script, { src: `${server}/widget.js`, onload: done });
          script.dataset.token = token;
          document.body.append(script);
        })""",
        [site.server, right],
    )
    asking = """async (token) => {
      const chat = document.querySelector("footnote-chat");
      chat.token = token ?? chat.token;
      return (await chat.ask("When on the Moon?")).status;
    }"""
    told = [page.evaluate(asking, token) for token in (None, "no.token.this", right)]
    assert told == ["answered"] * 3
    assert sent == [(right, 200), ("no.token.this", 401), (None, 200), (right, 200)]


@pytest.mark.parametrize("corner", ["bottom-right", "bottom-left", "top-left", "top-right"])
@pytest.mark.parametrize(
    ("offset", "x", "y"), [(None, 20, 20), ("40", 40, 40), ("10 60", 10, 60), ("2em 5%", 32, 45)]
)
def test_button_and_panel_stand_in_their_corner_as_far_from_it_as_is_set(
    page: Page, site: Site, corner: str, offset: str | None, x: int, y: int
) -> None:
    page.goto(f"{site.host}/blank")
    page.add_script_tag(url=f"{site.server}/widget.js")
    page.evaluate(
        """([corner, offset]) => {
          const chat = document.querySelector("footnote-chat");
          [chat.position, chat.offset, chat.zIndex] = [corner, offset, 31];
        }""",
        [corner, offset],
    )
    for name in ("launcher", "panel"):
        place = part(page, name).evaluate(
            """node => { const { left, top, right, bottom } = node.getBoundingClientRect();
            return { left, top, right: innerWidth - right, bottom: innerHeight - bottom,
              z: getComputedStyle(node).zIndex }; }"""
        )
        vertical, horizontal = corner.split("-")
        assert (place[horizontal], place[vertical]) == pytest.approx((x, y), abs=1)
        assert place["z"] == "31"
        part(page, "launcher").click() if name == "launcher" else None


def test_an_event_can_stop_what_it_tells(page: Page, site: Site) -> None:
    open_panel(page, site)
    page.evaluate("addEventListener('footnote:ask', (event) => event.preventDefault())")
    count = len(site.asker.asked)
    ask(page, "When on the Moon?")
    expect(part(page, "question")).to_have_count(0)
    assert len(site.asker.asked) == count


def test_several_stand_on_a_page_and_answer_each_for_itself(page: Page, site: Site) -> None:
    page.goto(f"{site.host}/blank")
    page.evaluate(
        "document.body.innerHTML = '<div style=height:300px><footnote-chat></footnote-chat></div>"
        "<footnote-chat mode=inline language=de></footnote-chat>'"
    )
    page.add_script_tag(url=f"{site.server}/widget.js")
    first, second = page.locator("footnote-chat").all()
    second.locator(".input").fill("When on the Moon?")
    second.locator(".input").press("Enter")
    expect(second.locator(".quote")).to_contain_text(LANDING)
    expect(first.locator(".quote")).to_have_count(0)
    assert first.bounding_box() == {"x": 8, "y": 8, "width": 1264, "height": 300}
    expect(second.locator(".panel")).to_have_attribute("role", "region")


def test_added_and_removed_again_it_leaves_nothing_behind(page: Page, site: Site) -> None:
    open_panel(page, site)
    ask(page, "When on the Moon?")
    part(page, "citation").first.click()
    assert page.evaluate("CSS.highlights.size") == 1
    held = page.evaluate_handle("document.querySelector('footnote-chat')")
    page.evaluate("chat => chat.remove()", held)
    assert page.evaluate("CSS.highlights.size + document.adoptedStyleSheets.length") == 0
    page.evaluate("chat => document.body.append(chat)", held)
    expect(part(page, "quote")).to_contain_text(LANDING)
    session = page.context.new_cdp_session(page)
    counts = []
    for _ in range(2):
        page.evaluate(
            """() => { for (let i = 0; i < 200; i++) {
              const chat = document.createElement("footnote-chat");
              chat.setAttribute("position", "top-left");
              document.body.append(chat); chat.open(); chat.remove();
            } }"""
        )
        session.send("HeapProfiler.collectGarbage")
        counters = session.send("Memory.getDOMCounters")
        counts.append((counters["nodes"], counters["jsEventListeners"]))
    assert counts[1][0] <= counts[0][0] + 20
    assert counts[1][1] <= counts[0][1] + 5


def test_removed_while_it_asks_it_gives_up_and_keeps_the_question(page: Page, site: Site) -> None:
    open_panel(page, site)
    page.route("**/api/ask", lambda route: None)
    with page.expect_event("requestfailed"):
        ask(page, "When on the Moon?")
        page.evaluate("window.chat = document.querySelector('footnote-chat'); chat.remove()")
    page.evaluate("document.body.append(chat)")
    expect(part(page, "input")).to_have_value("When on the Moon?")
    assert "error" not in names_told(page)


def test_on_a_phone_the_panel_covers_the_page_and_gives_way_to_a_mark(
    page: Page, site: Site
) -> None:
    page.set_viewport_size({"width": 390, "height": 700})
    open_panel(page, site)
    box = part(page, "panel").bounding_box()
    assert box == {"x": 0, "y": 0, "width": 390, "height": 700}
    ask(page, "When on the Moon?")
    part(page, "citation").first.click()
    expect(part(page, "panel")).to_be_hidden()
    assert page.evaluate("CSS.highlights.size") == 1


@pytest.mark.parametrize("name", NAMES)
def test_it_works_on_every_page(page: Page, site: Site, name: str) -> None:
    faults: list[str] = []
    page.on("console", lambda told: faults.append(told.text) if told.type == "error" else None)
    open_panel(page, site, name)
    ask(page, "When on the Moon?")
    expect(part(page, "quote")).to_contain_text(LANDING)
    part(page, "citation").first.click()
    assert page.evaluate("CSS.highlights.size") == 1
    assert faults == []


def test_a_colour_that_cannot_be_read_gives_way(page: Page, site: Site) -> None:
    page.goto(site.page("plain"))
    colours = """() => {
      const { style } = document.querySelector("footnote-chat").shadowRoot.querySelector(".root");
      return ["paper", "ink", "accent", "on"].map((name) => style.getPropertyValue("--" + name));
    }"""
    set_colours = """(all) => {
      const chat = document.querySelector("footnote-chat");
      for (const [name, value] of all) chat.setAttribute(name, value);
    }"""
    page.evaluate(set_colours, [["accent", "#ff0"], ["ink", "nonsense"]])
    assert page.evaluate(colours) == ["#fbfaf7", "#1d1c1a", "#9a3324", "#fff"]
    page.evaluate(set_colours, [["accent", "rgb(0 90 60)"], ["ink", "black"]])
    assert page.evaluate(colours) == ["#fbfaf7", "black", "rgb(0 90 60)", "#fff"]
    page.evaluate(set_colours, [["paper", "#102030"]])
    assert page.evaluate(colours) == ["#102030", "#ebe8e1", "#f0907c", "#15161a"]
    page.evaluate(
        "document.querySelector('footnote-chat').removeAttribute('accent');"
        "document.querySelector('footnote-chat').style.setProperty('--footnote-accent', 'gold');"
        "document.querySelector('footnote-chat').setAttribute('theme', 'dark')"
    )
    assert page.evaluate(colours)[2] == "gold"


@pytest.mark.parametrize(
    ("language", "direction", "title"),
    [
        ("fr", "ltr", "Interroger les archives"),
        ("ar", "rtl", "اسأل الأرشيف"),
        ("xx", "ltr", "Ask the archive"),
    ],
)
def test_it_speaks_the_language_that_is_set(
    page: Page, site: Site, language: str, direction: str, title: str
) -> None:
    page.goto(site.page("plain"))
    page.evaluate(f"document.querySelector('footnote-chat').language = '{language}'")
    expect(part(page, "launcher")).to_have_text(title)
    expect(page.locator("footnote-chat .root")).to_have_attribute("dir", direction)
    part(page, "launcher").click()
    ask(page, "When on the Moon?")
    page.evaluate("history.replaceState(null, '', '?other')")
    part(page, "citation").first.click()
    # The way back is that towards the beginning of a line.
    turned = part(page, "back").evaluate("node => getComputedStyle(node).rotate")
    assert turned == ("180deg" if direction == "rtl" else "none")


@pytest.mark.parametrize("around", ["server", "host"])
@pytest.mark.parametrize("sandbox", [None, "allow-scripts", "allow-scripts allow-same-origin"])
def test_it_works_in_a_frame_and_in_a_sandboxed_one(
    page: Page, site: Site, sandbox: str | None, around: str
) -> None:
    page.goto(f"{getattr(site, around)}/blank")
    page.evaluate(
        """([src, sandbox]) => {
          const frame = document.createElement("iframe");
          if (sandbox !== null) frame.sandbox = sandbox;
          frame.src = src;
          document.body.append(frame);
        }""",
        [f"{site.server}/embed?title=Ask+us", sandbox],
    )
    frame = page.frame_locator("iframe")
    frame.locator(".input").fill("When on the Moon?")
    frame.locator(".input").press("Enter")
    expect(frame.locator(".quote")).to_contain_text(LANDING)
    expect(frame.locator("h2").first).to_have_text("Ask us")


def test_the_builder_writes_a_tag_that_looks_as_its_preview(page: Page, site: Site) -> None:
    page.goto(f"{site.server}/widget")
    expect(part(page, "title")).to_have_text("Ask the archive")
    page.get_by_label("Title").fill('Ask "us"')
    page.locator("[name=position]").select_option("bottom-left")
    page.get_by_label("Suggestions").fill("One?\nTwo?")
    expect(part(page, "title")).to_have_text('Ask "us"')
    expect(part(page, "suggestion")).to_have_text(["One?", "Two?"])
    expect(page.locator("#snippet")).to_have_text(
        f'<script src="{site.server}/widget.js" data-position="bottom-left" '
        'data-title="Ask &quot;us&quot;" data-suggestions="One?|Two?" async></script>'
    )
    page.get_by_role("button", name="Copy").click()
    expect(page.locator("#copied")).not_to_be_empty()


@pytest.mark.parametrize("window", [(1280, 720), (390, 844)])
def test_the_builder_shows_the_whole_panel_in_any_size_and_corner(
    page: Page, site: Site, window: tuple[int, int]
) -> None:
    page.set_viewport_size({"width": window[0], "height": window[1]})
    page.goto(f"{site.server}/widget")
    for size, corner in [("", ""), ("large", "top-left"), ("small", "bottom-left")]:
        page.locator("[name=size]").select_option(size)
        page.locator("[name=position]").select_option(corner)
        stage, panel = box(page.locator("#stage")), box(part(page, "panel"))
        for start, end in (("left", "right"), ("top", "bottom")):
            assert stage[start] <= panel[start] <= panel[end] <= stage[end]


def test_the_builder_speaks_each_language_and_so_does_its_preview(page: Page, site: Site) -> None:
    for code in languages():
        page.goto(f"{site.server}/widget?lang={code}")
        words = words_in(code)
        expect(page.locator("h1")).to_have_text(words.of("builder")["title"])
        expect(page.locator("html")).to_have_attribute("dir", words.direction)
        expect(part(page, "title")).to_have_text(words.of("widget")["title"])
        page.get_by_label(words.of("builder")["open"]).check()
        expect(page.locator("#snippet")).to_contain_text('data-open="true"')
        page.get_by_role("button", name=words.of("builder")["copy"], exact=True).click()
        told = [words.of("builder")[key] for key in ("copied", "selected")]
        expect(page.locator("#copied")).to_have_text(re.compile("|".join(map(re.escape, told))))


def test_a_question_does_not_follow_on_what_only_got_a_reply(page: Page, site: Site) -> None:
    open_panel(page, site)
    ask(page, "thanks")
    expect(part(page, "answer")).to_have_count(1)
    ask(page, "When on the Moon?")
    expect(part(page, "quote")).to_contain_text(LANDING)
    assert site.asker.asked[-1].history == ()
