"""The states of the chat page between its answers: menus, chips, filters, what is not there yet."""

import re
import threading
from collections.abc import Iterator
from itertools import pairwise

import pytest

from qa.answer import Answer, Question
from qa.web.app import create_app
from qa.web.protocols import About
from tests.axe import violations
from tests.browsing import Browser, Page, expect
from tests.serving import serving
from tests.web_sample import (
    CEREMONY,
    EXAMPLES,
    LANDING,
    MOON,
    SampleArticles,
    SampleAsker,
    answer,
    cite,
    follow_up,
)

# Of forty-one days, all but two lie within two months.
DAYS = (
    ("1969-07-20", 2),
    ("1994-07-16", 1),
    *((f"2019-0{month}-{day:02}", 1) for month in (7, 8) for day in range(1, 21)),
)
SHIFTS = """
window.shifts = [];
window.watcher = new PerformanceObserver((list) => shifts.push(...list.getEntries()));
watcher.observe({ type: "layout-shift", buffered: true });
"""
SHIFTED = """() => [...shifts, ...watcher.takeRecords()]
  .reduce((sum, each) => sum + (each.hadRecentInput ? 0 : each.value), 0)"""
# The focused element's lower end, and the upper end of the box that stays in view.
HIDDEN = """() => {
  const at = document.activeElement.getBoundingClientRect();
  const foot = document.querySelector("#fn-foot");
  return !foot.contains(document.activeElement) && at.top >= foot.getBoundingClientRect().top;
}"""


class TellingAsker(SampleAsker):
    """Greets, too, tells much of craters, and knows no Narva; answers while it is `free`."""

    def __init__(self) -> None:
        self.free = threading.Event()
        self.free.set()

    def ask(self, question: Question) -> Answer:
        self.free.wait(20)
        if question.text == "hello":
            return Answer(question, "2026-01-31T09:00:00Z", (), (), 1.0, reply="greeting")
        if "Narva" in question.text:
            near = (cite(MOON, LANDING),)
            return Answer(question, "2026-01-31T09:00:00Z", (), near, 2.0, unknown_names=("Narva",))
        if "craters" in question.text:
            return answer(question, *(cite(MOON, LANDING, n) for n in range(1, 6)))
        return super().ask(question)


@pytest.fixture(scope="module")
def asker() -> TellingAsker:
    return TellingAsker()


@pytest.fixture(scope="module")
def address(asker: TellingAsker) -> Iterator[str]:
    offered = follow_up(DAYS)
    about = About(3, "2022-09-29", ("Newsroom 24", "The Orbital Record"))
    app = create_app(asker, SampleArticles(), EXAMPLES, lambda: about, follow_up=offered)
    with serving(app) as address:
        yield address


def ask(page: Page, question: str) -> None:
    page.locator("#fn-ask textarea").fill(question)
    page.locator("#fn-ask textarea").press("Enter")
    expect(page.locator(".fn-answer").last).to_be_visible()


def test_a_page_that_waits_for_its_reader_draws_no_frames(page: Page) -> None:
    page.add_init_script(
        """window.frames_asked = 0;
        const draw = requestAnimationFrame;
        window.requestAnimationFrame = (then) => { frames_asked++; return draw(then); };"""
    )
    page.goto("/")
    ask(page, "When on the Moon?")
    # Not one is asked for between two looks.
    still = "() => frames_asked === window.seen || ((window.seen = frames_asked), false)"
    page.wait_for_function(still, polling=500)


def test_the_box_is_as_high_as_its_text_and_no_higher_than_its_bound(page: Page) -> None:
    page.goto("/")
    box = page.locator("#fn-ask textarea")

    def height() -> float:
        return float(box.evaluate("box => box.getBoundingClientRect().height"))

    width = box.evaluate("box => box.offsetWidth")
    empty = height()
    box.fill("long words " * 20)
    grown = height()
    assert empty < grown
    assert box.evaluate("box => box.scrollHeight <= box.clientHeight")
    box.fill("long words " * 150)
    assert grown < height() < 200
    assert box.evaluate("box => box.offsetWidth") == width
    box.press("Enter")
    expect(page.locator(".fn-answer")).to_be_visible()
    assert height() == empty


def test_filters_open_in_place_and_say_whether_they_are_open(page: Page) -> None:
    page.goto("/")
    filters = page.get_by_role("button", name="Filters")
    expect(filters).to_have_attribute("aria-expanded", "false")
    expect(page.get_by_label("From")).to_be_hidden()
    filters.press("Enter")
    expect(filters).to_have_attribute("aria-expanded", "true")
    page.keyboard.press("Tab")
    expect(page.get_by_label("From")).to_be_focused()
    page.get_by_label("From").fill("2019-01-01")
    expect(page.get_by_role("button", name="Filters (1)")).to_be_visible()
    page.get_by_role("button", name="Clear").click()
    expect(page.get_by_label("From")).to_have_value("")


def test_the_menu_of_files_closes_by_escape_or_a_click_elsewhere(page: Page) -> None:
    page.goto("/")
    ask(page, "When on the Moon?")
    menu = page.get_by_text("Export")
    menu.click()
    page.get_by_role("link", name="RIS").focus()
    page.keyboard.press("Escape")
    expect(page.get_by_role("link", name="RIS")).to_be_hidden()
    expect(menu).to_be_focused()
    menu.click()
    expect(page.get_by_role("link", name="RIS")).to_be_visible()
    page.locator(".fn-masthead h1").click()
    expect(page.get_by_role("link", name="RIS")).to_be_hidden()


def test_what_was_taken_back_is_shown_and_can_be_put_back(page: Page) -> None:
    page.goto("/?q=When+on+the+Moon%3F&ignore=when")
    page.get_by_role("button", name="Without the time").click()
    expect(page.locator(".fn-answer")).to_have_count(2)
    expect(page.locator(".fn-answer").nth(1).locator(".fn-chip")).to_have_count(0)
    assert "ignore" not in page.url


def test_a_greeting_offers_nothing_to_export_or_judge(page: Page) -> None:
    page.goto("/")
    ask(page, "hello")
    expect(page.locator(".fn-reply")).to_contain_text("Hello.")
    expect(page.locator(".fn-tools")).to_be_hidden()


def test_a_greeting_offers_what_to_begin_with(page: Page) -> None:
    page.goto("/")
    ask(page, "hello")
    offered = page.locator(".fn-further")
    expect(offered).to_have_text("".join(EXAMPLES))
    offered.get_by_role("button").first.click()
    expect(page.locator(".fn-quote")).to_contain_text(LANDING)


def test_what_can_be_done_with_an_answer_is_one_row_of_icons_with_labels(page: Page) -> None:
    page.goto("/")
    ask(page, "When on the Moon?")
    acts = page.locator(".fn-answer .fn-act")
    expect(acts).to_have_text(["Copy quote", "Share", "Export", "Helpful", "Not helpful"])
    icons = "all => all.map((one) => getComputedStyle(one, '::before').maskImage.slice(0, 9))"
    assert acts.evaluate_all(icons) == ['url("data'] * 5
    assert len({round(one.bounding_box()["y"]) for one in acts.all()}) == 1  # type: ignore[index]


def test_on_a_phone_both_rows_of_what_can_be_done_begin_on_one_line(page: Page) -> None:
    page.set_viewport_size({"width": 390, "height": 800})
    page.goto("/")
    ask(page, "When on the Moon?")
    first, second = (page.locator(each).bounding_box() for each in (".fn-copy", ".fn-up"))
    assert first is not None
    assert second is not None
    assert second["y"] > first["y"]
    assert abs(second["x"] - first["x"]) < 1


def test_on_a_phone_sharing_is_the_phones_own(browser: Browser, address: str) -> None:
    with browser.new_context(base_url=address, has_touch=True, is_mobile=True) as context:
        page = context.new_page()
        page.add_init_script("navigator.share = async (what) => { window.shared = what; }")
        page.goto("/")
        ask(page, "When on the Moon?")
        page.locator(".fn-permalink").click()
        page.wait_for_function("window.shared !== undefined")
        assert page.evaluate("shared") == {
            "title": "When on the Moon?",
            "url": f"{address}/?q=When%20on%20the%20Moon%3F",
        }


def test_on_a_phone_the_keyboard_makes_way_for_the_answer(browser: Browser, address: str) -> None:
    with browser.new_context(base_url=address, has_touch=True, is_mobile=True) as context:
        page = context.new_page()
        page.goto("/")
        ask(page, "When on the Moon?")
        expect(page.locator("#fn-ask textarea")).not_to_be_focused()


def test_with_a_mouse_the_box_keeps_the_focus_for_the_next_question(page: Page) -> None:
    page.goto("/")
    ask(page, "When on the Moon?")
    expect(page.locator("#fn-ask textarea")).to_be_focused()


@pytest.mark.parametrize("language", ["ar", "de", "en", "es", "fr", "uk"])
def test_on_a_narrow_phone_what_the_box_asks_for_is_one_line(page: Page, language: str) -> None:
    page.set_viewport_size({"width": 320, "height": 700})
    page.goto(f"/?lang={language}")
    box = page.locator("#fn-ask textarea")
    empty = box.evaluate("box => box.offsetHeight")
    box.fill("a")
    assert box.evaluate("box => box.offsetHeight") == empty


def test_a_thumb_stays_pressed_and_counts_once(page: Page) -> None:
    sent: list[str] = []
    page.on("request", lambda made: sent.append(made.url) if "feedback" in made.url else None)
    page.route("**/api/feedback", lambda route: route.fulfill(status=202, json={}))
    page.goto("/")
    ask(page, "When on the Moon?")
    up, down = page.locator(".fn-up"), page.locator(".fn-down")
    expect(up).to_have_attribute("aria-pressed", "false")
    up.click()
    expect(up).to_have_text("Thank you")
    expect(up).to_have_attribute("aria-pressed", "true")
    expect(down).to_have_attribute("aria-pressed", "false")
    up.click()
    expect(up).to_have_text("Helpful")
    assert len(sent) == 1


@pytest.mark.parametrize("width", [390, 1280])
def test_the_reasons_lie_over_the_page_and_move_nothing(page: Page, width: int) -> None:
    page.set_viewport_size({"width": width, "height": 800})
    page.goto("/")
    ask(page, "When on the Moon?")
    expect(page.locator(".fn-next").last).to_be_attached()
    height = "document.documentElement.scrollHeight"
    before, down = page.evaluate(height), page.locator(".fn-down")
    down.click()
    expect(page.get_by_label("It is out of date")).to_be_in_viewport()
    expect(page.get_by_role("button", name="Send")).to_be_in_viewport()
    expect(down).to_have_attribute("aria-expanded", "true")
    assert page.evaluate(height) == before
    page.keyboard.press("Escape")
    expect(page.locator(".fn-why")).to_have_count(0)
    expect(down).to_be_focused()


def test_a_bar_says_how_much_it_has_and_narrows_its_own_answer_only(page: Page) -> None:
    page.goto("/")
    ask(page, "When on the Moon?")
    expect(page.locator(".fn-day span").first).to_have_text("2")
    expect(page.locator(".fn-timeline")).to_contain_text("Pick a bar to narrow this answer")
    page.locator(".fn-day").first.click()
    narrowed = page.locator(".fn-answer").nth(1).locator(".fn-chip")
    expect(narrowed.first).to_have_text("From 20 July 1969×")
    expect(page.get_by_role("button", name="Filters", exact=True)).to_be_visible()
    ask(page, "Where is the ceremony?")
    expect(page.locator(".fn-answer")).to_have_count(3)
    expect(page.locator(".fn-answer").nth(2).locator(".fn-chip")).to_have_count(0)


def test_a_name_that_no_article_mentions_is_the_reason_that_is_told(page: Page) -> None:
    page.goto("/")
    ask(page, "Who is Narva?")
    expect(page.locator(".fn-none")).to_have_text("No article mentions “Narva”")
    expect(page.locator(".fn-cards")).to_be_hidden()


def test_a_question_that_is_too_long_is_told_in_brief_and_stays_to_be_shortened(page: Page) -> None:
    question = f"Why {'so ' * 700}long?"
    page.goto("/")
    box = page.locator("#fn-ask textarea")
    box.fill(question)
    box.press("Enter")
    expect(page.locator(".fn-problem")).to_contain_text("too long")
    told = page.locator(".fn-question").inner_text()
    assert told.startswith("Why so so ")
    assert told.endswith(" so …")
    assert len(told) < 210
    expect(box).to_have_value(question)


@pytest.mark.parametrize("width", [390, 1280])
def test_nothing_shifts_while_the_page_comes_and_answers_however_late(
    page: Page, asker: TellingAsker, width: int
) -> None:
    page.set_viewport_size({"width": width, "height": 800})
    page.add_init_script(SHIFTS)
    page.goto("/")
    expect(page.locator(".fn-filters")).to_be_visible()
    assert page.evaluate(SHIFTED) == 0
    asker.free.clear()
    page.locator("#fn-ask textarea").fill("When on the Moon?")
    page.locator("#fn-ask textarea").press("Enter")
    # What moves within half a second of a key counts as moved by it.
    asked = page.evaluate("performance.now()")
    page.wait_for_function("asked => performance.now() > asked + 600", arg=asked)
    asker.free.set()
    expect(page.locator(".fn-day").first).to_be_attached()
    assert page.evaluate(SHIFTED) < 0.001


def test_until_it_can_be_asked_the_page_shows_its_name(browser: Browser, address: str) -> None:
    with browser.new_context(base_url=address) as context:
        page = context.new_page()
        page.route("**/assets/**", lambda route: route.abort())
        page.goto("/")
        name = page.locator("#fn-awaiting .name")
        expect(name).to_have_text("Footnote1")
        expect(name).to_have_css("border-bottom-width", "1px")


def test_the_name_makes_way_for_the_page(page: Page) -> None:
    page.goto("/")
    expect(page.locator(".fn-masthead h1")).to_be_visible()
    expect(page.locator("#fn-awaiting")).to_have_count(0)


def test_without_javascript_the_page_says_what_it_needs(page: Page) -> None:
    html = page.context.request.get("/?lang=de").text()
    assert "<noscript><p>Zum Fragen wird JavaScript gebraucht" in html


def test_a_server_that_is_gone_is_told_in_the_pages_words_and_asked_again(
    browser: Browser, address: str
) -> None:
    with browser.new_context(base_url=address, locale="fr") as context:
        page = context.new_page()
        page.goto("/")
        expect(page.locator(".fn-filters")).to_be_visible()
        page.route("**/gradio_api/**", lambda route: route.abort())
        page.locator("#fn-ask textarea").fill("When on the Moon?")
        page.locator("#fn-ask textarea").press("Enter")
        expect(page.locator(".fn-lost")).to_contain_text("Le serveur est injoignable")
        expect(page.locator(".toast-body").first).to_be_hidden()
        expect(page).to_have_url(re.compile(r"\?q=When\+on\+the\+Moon%3F$"))
        assert violations(page) == []
        page.unroute_all()
        page.reload()
        expect(page.locator(".fn-quote")).to_contain_text(LANDING)


@pytest.mark.parametrize(
    ("status", "headers", "told"),
    [
        (429, {}, "Too many questions are waiting. Ask again in a moment."),
        (503, {"Retry-After": "2"}, "Too many questions are waiting. Ask again in a moment."),
        (413, {}, "The question could not be sent. Shorten it or try again."),
    ],
)
def test_a_question_that_is_refused_stays_to_be_asked_again_and_the_page_says_why(
    browser: Browser, address: str, status: int, headers: dict[str, str], told: str
) -> None:
    with browser.new_context(base_url=address) as context:
        page = context.new_page()
        page.goto("/")
        error = {"error": {"code": "refused", "message": "it was refused"}}
        page.route(
            "**/gradio_api/run/**",
            lambda route: route.fulfill(status=status, headers=headers, json=error),
        )
        page.locator("#fn-ask textarea").fill("When on the Moon?")
        page.locator("#fn-ask textarea").press("Enter")
        shown = page.locator("#fn-ask .error")
        expect(shown).to_be_visible()
        assert shown.evaluate("(at) => getComputedStyle(at, '::after').content") == f'"{told}"'
        expect(page.locator(".fn-unseen[role=status]")).to_have_text(told)
        page.unroute_all()
        page.locator("#fn-ask textarea").press("Enter")
        expect(page.locator(".fn-quote")).to_contain_text(LANDING)


@pytest.mark.parametrize(
    ("language", "told"),
    [
        ("en", "Too many questions came from here. Ask again in 3 minutes."),
        ("uk", "Звідси надійшло забагато запитань. Запитайте ще раз через 3 хвилини."),
    ],
)
def test_a_reader_over_the_rate_is_told_when_to_ask_again(
    browser: Browser, address: str, language: str, told: str
) -> None:
    with browser.new_context(base_url=address) as context:
        page = context.new_page()
        page.goto(f"/?lang={language}")
        expect(page.locator(".fn-filters")).to_be_visible()
        page.route(
            "**/gradio_api/run/**",
            lambda route: route.fulfill(status=429, headers={"Retry-After": "121"}, json={}),
        )
        page.locator("#fn-ask textarea").fill("When on the Moon?")
        page.locator("#fn-ask textarea").press("Enter")
        expect(page.locator(".fn-unseen[role=status]")).to_have_text(told)


def test_what_is_no_answer_is_told_in_words_too(page: Page) -> None:
    page.goto("/")
    # As a proxy sends its own page, once it wants somebody to sign in.
    page.route("**/gradio_api/run/**", lambda route: route.fulfill(body="<p>Sign in</p>"))
    page.locator("#fn-ask textarea").fill("When on the Moon?")
    page.locator("#fn-ask textarea").press("Enter")
    shown = page.locator("#fn-ask .error")
    expect(shown).to_be_visible()
    told = shown.evaluate("(at) => getComputedStyle(at, '::after').content")
    assert told == '"The question could not be sent. Shorten it or try again."'


def test_what_has_the_focus_never_stands_behind_the_box(page: Page) -> None:
    page.set_viewport_size({"width": 390, "height": 500})
    page.goto("/")
    ask(page, "Which craters are there?")
    expect(page.locator(".fn-next").last).to_be_attached()
    page.locator(".fn-number").first.focus()
    for _ in range(40):
        assert page.evaluate(HIDDEN) is False
        page.keyboard.press("Tab")


def test_bars_of_days_near_each_other_are_one(page: Page) -> None:
    page.goto("/")
    ask(page, "When on the Moon?")
    expect(page.locator(".fn-day").first).to_be_visible()
    boxes = [each.bounding_box() for each in page.locator(".fn-day").all()]
    assert 2 < len(boxes) < 10
    for left, right in pairwise(boxes):
        assert left is not None
        assert right is not None
        assert left["x"] + left["width"] <= right["x"] + 0.5
    page.locator(".fn-day").last.click()
    expect(page.locator(".fn-answer").nth(1).locator(".fn-chip").last).to_have_text(
        "Until 20 August 2019×"
    )


def test_two_bars_say_nothing_and_take_no_room(page: Page) -> None:
    # Of three days, so that two of them are one bar.
    days = [["1969-07-20", 2], ["2019-07-01", 1], ["2019-07-02", 1]]
    further = {"days": days, "questions": ["Next?"]}
    page.route("**/footnote/further**", lambda route: route.fulfill(json=further))
    page.goto("/")
    ask(page, "When on the Moon?")
    expect(page.locator(".fn-next")).to_have_text("Next?")
    expect(page.locator(".fn-timeline")).to_be_hidden()


def test_under_a_reader_as_large_as_the_page_nothing_is_reached(page: Page) -> None:
    page.set_viewport_size({"width": 390, "height": 700})
    page.goto("/")
    ask(page, "When on the Moon?")
    page.locator(".fn-quote .fn-number").click()
    expect(page.frame_locator(".fn-panel iframe").locator("mark#quote")).to_be_visible()
    expect(page.locator("main.contain")).to_have_js_property("inert", True)
    page.set_viewport_size({"width": 1280, "height": 700})
    expect(page.locator("main.contain")).to_have_js_property("inert", False)
    page.keyboard.press("Escape")
    expect(page.locator(".fn-quote .fn-number")).to_be_focused()


def test_the_panel_is_named_by_the_article_that_it_shows(page: Page) -> None:
    page.goto("/")
    ask(page, "Where is the ceremony?")
    page.locator(".fn-quote .fn-number").click()
    title = page.locator(".fn-panel-title")
    expect(title).to_have_text("Live: the decrees")
    expect(page.frame_locator(".fn-panel iframe").locator("mark#quote")).to_have_text(CEREMONY)


def test_a_panel_that_cannot_be_loaded_says_so_and_tries_again(
    browser: Browser, address: str
) -> None:
    with browser.new_context(base_url=address) as context:
        page = context.new_page()
        page.goto("/")
        ask(page, "When on the Moon?")
        page.route("**/articles/**", lambda route: route.abort())
        page.locator(".fn-quote .fn-number").click()
        lost = page.locator(".fn-panel-lost")
        expect(lost).to_contain_text("The server cannot be reached.")
        page.unroute("**/articles/**")
        lost.get_by_role("button", name="Try again").click()
        expect(page.frame_locator(".fn-panel iframe").locator("mark#quote")).to_have_text(LANDING)
        expect(lost).to_have_count(0)


HEAR = """
window.heard = [];
new MutationObserver(() => {
  for (const each of document.querySelectorAll("[role=status], [aria-live=polite]")) {
    const text = each.checkVisibility() && each.textContent.trim();
    if (text && heard.at(-1) !== text) heard.push(text);
  }
}).observe(document, { childList: true, subtree: true, characterData: true });
"""


def test_after_an_answer_a_screen_reader_hears_it_and_nothing_else(page: Page) -> None:
    page.add_init_script(HEAR)
    page.goto("/")
    ask(page, "When on the Moon?")
    expect(page.locator(".fn-quote")).to_be_visible()
    page.wait_for_function("heard.some((text) => text.startsWith('Answer: '))")
    page.wait_for_timeout(500)
    assert not [text for text in page.evaluate("heard") if not text.startswith("Answer: ")]


def test_from_right_to_left_the_button_stands_at_the_end_of_its_box(page: Page) -> None:
    page.goto("/?lang=ar")
    expect(page.locator(".fn-filters")).to_be_visible()
    button = page.locator("#fn-ask .submit-button").bounding_box()
    box = page.locator("#fn-ask textarea").bounding_box()
    assert button is not None
    assert box is not None
    assert button["x"] < box["x"]
    expect(page.locator(".fn-example").first).to_have_css("unicode-bidi", "plaintext")


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("language", ["en", "ar"])
def test_axe_finds_nothing_where_all_is_open(page: Page, scheme: str, language: str) -> None:
    page.emulate_media(color_scheme="dark" if scheme == "dark" else "light")
    page.goto(f"/?lang={language}&q=When+on+the+Moon%3F&ignore=when&source=The+Orbital+Record")
    expect(page.locator(".fn-next").first).to_be_attached()
    page.locator(".fn-filters").click()
    page.locator(".fn-down").click()
    expect(page.locator(".fn-why")).to_be_visible()
    assert violations(page) == []
    page.locator(".fn-export summary").click()
    expect(page.locator(".fn-file").first).to_be_visible()
    page.locator(".fn-up").evaluate("one => (one.ariaPressed = 'true')")
    assert violations(page, ".fn-tools") == []


@pytest.mark.parametrize("question", [" ", "hello", "Who is Narva?"])
def test_axe_finds_nothing_on_what_is_no_answer(page: Page, question: str) -> None:
    page.goto("/")
    page.locator("#fn-ask textarea").fill(question)
    page.locator("#fn-ask textarea").press("Enter")
    expect(page.locator(".fn-problem, .fn-none").first).to_be_visible()
    assert violations(page) == []


@pytest.mark.parametrize("language", ["fr", "de", "es", "uk", "ar"])
def test_on_a_narrow_phone_no_language_needs_sideways_scrolling(page: Page, language: str) -> None:
    page.set_viewport_size({"width": 320, "height": 640})
    page.goto(f"/?lang={language}&q=When+on+the+Moon%3F&ignore=when")
    expect(page.locator(".fn-next").first).to_be_attached()
    page.locator(".fn-filters").click()
    page.locator(".fn-down").click()
    assert page.evaluate("document.documentElement.scrollWidth") == 320
