"""What a reader sees, in a real browser, served by a real server."""

import re
from collections.abc import Iterator

import pytest

from qa.present.links import reader_link
from qa.web.app import create_app
from qa.web.protocols import About
from tests.axe import violations
from tests.browsing import Browser, Page, Route, expect
from tests.serving import serving
from tests.web_sample import (
    BOLD,
    CEREMONY,
    EXAMPLES,
    FEE,
    FOLLOWED,
    HOSTILE,
    LANDING,
    LIFTED,
    MOON,
    TOUCHED_DOWN_AT,
    SampleArticles,
    SampleAsker,
    cite,
    follow_up,
)


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    about = About(3, "2022-09-29", ("Newsroom 24", "The Orbital Record"))
    offered = follow_up((("1969-07-20", 2), ("1969-07-22", 1), ("1969-07-24", 1)))
    app = create_app(SampleAsker(), SampleArticles(), EXAMPLES, lambda: about, follow_up=offered)
    with serving(app) as address:
        yield address


def ask(page: Page, question: str, label: str = "Your question") -> None:
    page.get_by_label(label).fill(question)
    page.get_by_label(label).press("Enter")


def test_an_answer_shows_its_quote_with_source_and_date(page: Page) -> None:
    page.goto("/")
    ask(page, "When on the Moon?")
    expect(page.locator(".fn-quote")).to_contain_text(LANDING)
    expect(page.locator(".fn-origin")).to_contain_text("The first landing on the Moon")
    expect(page.locator(".fn-origin")).to_contain_text("The Orbital Record · 20 July 2019")
    expect(page.locator(".fn-said")).to_have_text(LANDING)
    around = page.locator(".fn-around")
    expect(around.first).to_have_text("… Armstrong took over by hand.")
    expect(around.last).to_have_text("Houston heard it at once.")
    assert around.first.evaluate("one => getComputedStyle(one).color") != page.locator(
        ".fn-said"
    ).evaluate("one => getComputedStyle(one).color")
    expect(page.get_by_label("Your question")).to_have_value("")


def test_the_masthead_is_filled_in(page: Page) -> None:
    page.goto("/")
    expect(page.locator(".fn-masthead p")).to_have_text("3 articles, latest 29 September 2022")


def test_a_click_on_a_number_opens_the_reader_beside_with_the_quote_in_view(page: Page) -> None:
    page.goto("/")
    ask(page, "When on the Moon?")
    page.locator(".fn-quote .fn-number").click()
    mark = page.frame_locator(".fn-panel iframe").locator("mark#quote").first
    expect(mark).to_have_text(LANDING)
    expect(mark).to_be_in_viewport()
    # It is near the beginning of its article.
    headline = page.frame_locator(".fn-panel iframe").locator("h1")
    expect(headline).to_be_in_viewport(ratio=1)
    expect(page.locator(".fn-quote")).to_be_in_viewport()


@pytest.mark.parametrize("inside", [False, True])
def test_escape_closes_the_reader_and_focus_returns_to_the_number(page: Page, inside: bool) -> None:
    page.goto("/")
    ask(page, "When on the Moon?")
    number = page.locator(".fn-card .fn-number")
    number.click()
    frame = page.frame_locator(".fn-panel iframe")
    expect(frame.locator("mark#quote").first).to_be_in_viewport()
    if inside:
        frame.locator("body").press("Escape")
    else:
        page.keyboard.press("Escape")
    expect(page.locator(".fn-panel")).to_be_hidden()
    expect(number).to_be_focused()


def test_a_modified_click_opens_a_tab(page: Page) -> None:
    page.goto("/")
    ask(page, "When on the Moon?")
    with page.context.expect_page() as opened:
        page.locator(".fn-quote .fn-number").click(modifiers=["ControlOrMeta"])
    expect(opened.value.locator("mark#quote").first).to_have_text(LANDING)
    expect(page.locator(".fn-panel")).to_have_count(0)


def test_on_a_phone_the_reader_takes_the_whole_page(page: Page) -> None:
    page.set_viewport_size({"width": 320, "height": 640})
    page.goto("/")
    ask(page, "When on the Moon?")
    page.locator(".fn-quote .fn-number").click()
    mark = page.frame_locator(".fn-panel iframe").locator("mark#quote").first
    expect(mark).to_be_in_viewport()
    assert page.locator(".fn-panel").bounding_box() == {"x": 0, "y": 0, "width": 320, "height": 640}
    page.get_by_role("button", name="Close").click()
    expect(page.locator(".fn-quote .fn-number")).to_be_focused()


def test_on_a_phone_back_closes_the_reader_and_stays_on_the_page(page: Page) -> None:
    page.set_viewport_size({"width": 320, "height": 640})
    page.goto("/")
    ask(page, "When on the Moon?")
    page.wait_for_url("**/?q=*")
    address = page.url
    page.locator(".fn-quote .fn-number").click()
    expect(page.frame_locator(".fn-panel iframe").locator("mark#quote").first).to_be_in_viewport()
    page.go_back()
    expect(page.locator(".fn-panel")).to_be_hidden()
    expect(page.locator(".fn-quote .fn-number")).to_be_focused()
    page.locator(".fn-quote .fn-number").click()
    page.get_by_role("button", name="Close").click()
    page.wait_for_function("history.state === null")
    expect(page.locator(".fn-quote")).to_contain_text(LANDING)
    assert page.url.split("#")[0] == address.split("#")[0]


def test_beside_the_answer_the_reader_takes_no_step_of_the_history(page: Page) -> None:
    page.goto("/")
    ask(page, "When on the Moon?")
    steps = page.evaluate("history.length")
    page.locator(".fn-quote .fn-number").click()
    expect(page.frame_locator(".fn-panel iframe").locator("mark#quote").first).to_be_in_viewport()
    assert page.evaluate("history.length") == steps


def test_the_whole_way_works_by_keyboard(page: Page) -> None:
    page.goto("/")
    ask(page, "When on the Moon?")
    expect(page.locator(".fn-quote")).to_be_visible()
    page.keyboard.press("Shift+Tab")
    for _ in range(40):
        if page.locator(".fn-quote .fn-number:focus").count():
            break
        page.keyboard.press("Shift+Tab")
    expect(page.get_by_role("tooltip")).to_contain_text("Houston heard it")
    page.keyboard.press("Escape")
    expect(page.get_by_role("tooltip")).to_have_count(0)
    page.keyboard.press("Enter")
    mark = page.frame_locator(".fn-panel iframe").locator("mark#quote").first
    expect(mark).to_be_in_viewport()
    page.keyboard.press("Escape")
    expect(page.locator(".fn-quote .fn-number")).to_be_focused()


def test_a_number_shows_its_passage_and_the_pointer_can_go_there(page: Page) -> None:
    page.goto("/")
    ask(page, "When on the Moon?")
    page.locator(".fn-quote .fn-number").hover()
    shown = page.get_by_role("tooltip")
    expect(shown.locator("mark")).to_have_text(LANDING)
    expect(shown).to_contain_text("The Orbital Record")
    shown.hover()
    expect(shown).to_be_visible()
    page.get_by_label("Your question").hover()
    expect(shown).to_have_count(0)


def test_the_address_of_an_answer_asks_it_again(page: Page) -> None:
    page.goto("/?q=When+on+the+Moon%3F&source=The+Orbital+Record")
    expect(page.locator(".fn-quote")).to_contain_text(LANDING)
    chip = page.get_by_role("button", name="Source: The Orbital Record")
    expect(chip).to_be_visible()
    chip.click()
    expect(page.locator(".fn-answer")).to_have_count(2)
    expect(page.locator(".fn-answer").nth(1).locator(".fn-chip")).to_have_count(0)
    expect(page).to_have_url(re.compile(r"/\?q=When%20on%20the%20Moon%3F$"))


def test_a_filter_goes_along_with_the_question(page: Page) -> None:
    page.goto("/")
    page.get_by_text("Filters").click()
    page.get_by_label("From").fill("2019-01-01")
    page.get_by_label("Source").select_option("The Orbital Record")
    ask(page, "When on the Moon?")
    expect(page.locator(".fn-chip")).to_have_text(
        ["From 1 January 2019×", "Source: The Orbital Record×"]
    )


def test_the_citations_of_an_answer_are_had_as_a_file(page: Page) -> None:
    page.goto("/")
    ask(page, "When on the Moon?")
    page.get_by_text("Export").click()
    with page.expect_download() as loaded:
        page.get_by_role("link", name="BibTeX").click()
    assert loaded.value.path().read_text(encoding="utf-8").count("@") >= 2


def test_a_quote_is_copied_with_its_citation(page: Page) -> None:
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    page.goto("/")
    ask(page, "When on the Moon?")
    page.get_by_role("button", name="Copy quote").click()
    expect(page.locator(".fn-copy")).to_have_text("Copied")
    copied = page.evaluate("navigator.clipboard.readText()")
    assert copied.startswith(f"“{LANDING}” — The first landing on the Moon")


def test_a_thumb_down_asks_why_and_sends_it(page: Page) -> None:
    sent: list[object] = []

    def take(route: Route) -> None:
        sent.append(route.request.post_data_json)
        route.fulfill(status=202, json={"status": "taken"})

    page.route("**/api/feedback", take)
    page.goto("/")
    ask(page, "When on the Moon?")
    page.get_by_role("button", name="Not helpful").click()
    page.get_by_label("It is out of date").check()
    page.get_by_role("button", name="Send").click()
    expect(page.locator(".fn-down")).to_have_text("Thank you")
    first, second = cite(MOON, LANDING), cite(MOON, FOLLOWED)
    assert sent == [
        {
            "question": "When on the Moon?",
            "verdict": "down",
            "reasons": ["outdated"],
            "comment": "",
            "citations": [first.passage.id, second.passage.id],
        }
    ]


def test_days_narrow_the_answer_and_questions_go_on(page: Page) -> None:
    page.goto("/")
    ask(page, "When on the Moon?")
    expect(page.locator(".fn-day")).to_have_count(3)
    page.get_by_role("button", name="20 July 1969").click()
    expect(page.locator(".fn-answer").nth(1).locator(".fn-chip")).to_have_text(
        ["From 20 July 1969×", "Until 20 July 1969×"]
    )
    # Of the examples the one that the cited article answers.
    page.locator(".fn-answer").nth(0).get_by_role("button", name=EXAMPLES[0]).click()
    expect(page.locator(".fn-answer")).to_have_count(3)
    expect(page.locator(".fn-quote").nth(2)).to_contain_text(LANDING)


def test_what_follows_on_an_answer_is_fetched_once_that_is_painted(page: Page) -> None:
    page.goto("/")
    expect(page.locator(".fn-filters")).to_be_visible()
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.evaluate(
        "() => { window.held = []; window.requestAnimationFrame = (each) => held.push(each); }"
    )
    ask(page, "When on the Moon?")
    expect(page.locator(".fn-quote")).to_contain_text(LANDING)
    assert not any("/footnote/further" in address for address in asked)
    page.evaluate("() => held.forEach((each) => each())")
    expect(page.locator(".fn-day")).to_have_count(3)


def test_an_answer_is_told_to_who_cannot_see_it(page: Page) -> None:
    page.goto("/")
    ask(page, "When on the Moon?")
    expect(page.get_by_role("status").filter(has_text="Answer:")).to_have_text(
        f"Answer: {LANDING} From The first landing on the Moon, The Orbital Record · 20 July 2019. "
        "Further citations: 1."
    )


def test_the_page_is_arabic_from_the_right(page: Page) -> None:
    page.goto("/?lang=ar")
    ask(page, "When on the Moon?", "سؤالك")
    expect(page.locator(".fn-answer")).to_have_css("direction", "rtl")
    number = page.locator(".fn-card .fn-number").bounding_box()
    passage = page.locator(".fn-card .fn-passage").bounding_box()
    assert number is not None
    assert passage is not None
    assert number["x"] > passage["x"] + passage["width"]
    assert page.evaluate("document.documentElement.lang") == "ar"


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("question", ["When on the Moon?", "The price of tea?"])
def test_axe_finds_nothing_on_the_chat(page: Page, question: str, scheme: str) -> None:
    page.emulate_media(color_scheme="dark" if scheme == "dark" else "light")
    page.goto("/?source=A&q=" + question)
    expect(page.locator(".fn-answer")).to_be_visible()
    assert violations(page) == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_on_the_panel(page: Page, scheme: str) -> None:
    page.emulate_media(color_scheme="dark" if scheme == "dark" else "light")
    page.goto("/")
    ask(page, "When on the Moon?")
    page.locator(".fn-quote .fn-number").click()
    expect(page.frame_locator(".fn-panel iframe").locator("mark#quote").first).to_be_visible()
    assert violations(page) == []


@pytest.mark.parametrize("fragment", ["", "#quote"])
def test_the_reader_brings_a_quote_far_down_into_view(page: Page, fragment: str) -> None:
    page.set_viewport_size({"width": 390, "height": 300})
    page.goto(reader_link(cite(MOON, LANDING)) + fragment)
    expect(page.locator("mark#quote")).to_be_in_viewport()


def test_the_reader_works_without_javascript(browser: Browser, address: str) -> None:
    with browser.new_context(java_script_enabled=False, base_url=address) as context:
        page = context.new_page()
        page.set_viewport_size({"width": 390, "height": 300})
        page.goto(f"{reader_link(cite(MOON, LANDING))}#quote")
        expect(page.locator("mark#quote")).to_be_in_viewport()


def test_a_live_blog_tells_the_time_and_heading_of_the_entry(page: Page) -> None:
    page.goto("/")
    ask(page, "Where is the ceremony?")
    expect(page.locator(".fn-quote")).to_contain_text(CEREMONY)
    expect(page.locator(".fn-origin")).to_contain_text("Signing set for Friday")
    expect(page.locator(".fn-origin")).to_contain_text("29 September 2022, 21:13 (UTC+02:00)")
    expect(page.locator(".fn-card")).to_contain_text("4:25am")


def test_what_is_not_covered_says_so_and_folds_what_is_near(page: Page) -> None:
    page.goto("/")
    ask(page, "What does tea cost?")
    expect(page.locator(".fn-none")).to_be_visible()
    near = page.locator(".fn-nearest").get_by_text(LIFTED)
    expect(near).to_be_hidden()
    page.get_by_text("Not an answer: the closest passages").click()
    expect(near).to_be_visible()


def test_the_words_that_answer_stand_out_and_the_quote_is_copied_as_it_is(page: Page) -> None:
    page.goto("/")
    ask(page, "When did it touch down?")
    strong = page.locator(".fn-quote strong")
    expect(strong).to_have_text(TOUCHED_DOWN_AT)
    assert strong.evaluate("words => getComputedStyle(words).fontWeight") == "700"
    expect(page.get_by_role("status").filter(has_text="Answer: ")).to_contain_text(LANDING)
    selected = page.locator(".fn-said").evaluate(
        "mark => (getSelection().selectAllChildren(mark), String(getSelection()))"
    )
    assert selected == LANDING
    page.locator(".fn-quote .fn-number").click()
    frame = page.frame_locator(".fn-panel iframe")
    expect(frame.locator("mark#quote strong")).to_have_text(TOUCHED_DOWN_AT)


def test_where_it_is_unsure_the_closest_passages_are_open(page: Page) -> None:
    page.goto("/")
    ask(page, "When did it lift off?")
    expect(page.locator(".fn-none")).to_have_text(
        "The articles may not answer this. The closest passages:"
    )
    expect(page.locator(".fn-card mark")).to_have_text(LIFTED)
    expect(page.locator(".fn-card mark strong")).to_have_text("16 July 1969")


def test_a_hostile_article_is_shown_as_text(page: Page) -> None:
    page.goto("/")
    ask(page, "What is the **fee** of <img src=x onerror=alert(8)>?")
    expect(page.locator(".fn-quote")).to_contain_text(FEE)
    expect(page.locator(".fn-card mark")).to_have_text(BOLD)
    expect(page.locator(".fn-origin")).to_contain_text(f"{HOSTILE.title}<b>src</b>")
    question = "What is the **fee** of <img src=x onerror=alert(8)>?"
    expect(page.locator(".fn-question")).to_have_text(question)
    inside = page.locator("#fn-conversation").locator("img, script, iframe, b, strong, .katex")
    expect(inside).to_have_count(0)


def test_the_page_of_a_hostile_article_runs_nothing(page: Page) -> None:
    page.goto(reader_link(cite(HOSTILE, FEE)))
    expect(page.locator("mark#quote")).to_have_text(FEE)
    expect(page.locator("h1")).to_have_text(HOSTILE.title or "")
    expect(page.locator("article img, article script, article iframe")).to_have_count(0)


def test_an_example_asks_itself(page: Page) -> None:
    page.goto("/")
    page.get_by_role("button", name=EXAMPLES[0]).click()
    expect(page.locator(".fn-quote")).to_contain_text(LANDING)
    expect(page.locator(".fn-question")).to_have_text(EXAMPLES[0])
    expect(page.locator(".fn-example").first).to_be_hidden()


def test_a_new_conversation_begins_empty(page: Page) -> None:
    page.goto("/")
    ask(page, "When on the Moon?")
    expect(page.locator(".fn-answer")).to_have_count(1)
    page.get_by_role("button", name="New conversation").click()
    expect(page.locator(".fn-answer")).to_have_count(0)
    expect(page.get_by_role("button", name=EXAMPLES[1])).to_be_visible()
    ask(page, "Where is the ceremony?")
    expect(page.locator(".fn-answer")).to_have_count(1)


def test_the_second_answer_is_read_from_its_question(page: Page) -> None:
    page.goto("/")
    ask(page, "When on the Moon?")
    expect(page.locator(".fn-answer")).to_have_count(1)
    ask(page, "Where is the ceremony?")
    expect(page.locator(".fn-question").nth(1)).to_be_in_viewport()
    expect(page.locator(".fn-quote").nth(1)).to_be_in_viewport()


@pytest.mark.parametrize("question", [" ", "crash"])
def test_what_cannot_be_answered_is_told_in_words(page: Page, question: str) -> None:
    page.goto("/")
    ask(page, question)
    expect(page.locator(".fn-problem")).to_contain_text(
        "is empty" if question == " " else "went wrong"
    )


def test_a_message_is_not_named_by_its_source(page: Page) -> None:
    page.goto("/")
    ask(page, "When on the Moon?")
    expect(page.locator(".fn-answer")).to_be_visible()
    expect(page.locator("#fn-conversation [data-testid=bot][aria-label]")).to_have_count(0)


def test_with_a_mouse_the_box_has_the_focus_on_load(page: Page) -> None:
    page.goto("/")
    expect(page.get_by_label("Your question")).to_be_focused()


@pytest.mark.parametrize("path", ["/", "/docs", "/articles/live%2Fblog"])
def test_a_narrow_phone_needs_no_sideways_scrolling(page: Page, path: str) -> None:
    page.set_viewport_size({"width": 320, "height": 640})
    page.goto(path)
    expect(page.locator("h1")).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth") == 320


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_chat_follows_the_theme_of_the_system(page: Page, scheme: str) -> None:
    page.emulate_media(color_scheme="dark" if scheme == "dark" else "light")
    page.goto("/")
    ask(page, "When on the Moon?")
    mark = page.locator(".fn-card mark")
    shade = "rgb(85, 71, 17)" if scheme == "dark" else "rgb(253, 238, 176)"
    expect(mark).to_have_css("background-color", shade)


def test_the_chat_stays_light(page: Page) -> None:
    sizes: list[int] = []
    begun: list[str] = []
    devtools = page.context.new_cdp_session(page)
    devtools.send("Network.enable")
    devtools.on("Network.loadingFinished", lambda told: sizes.append(told["encodedDataLength"]))
    # Pictures within a style sheet are no requests; a stream that stays open is one.
    page.on("request", lambda made: begun.append(made.url))
    with page.expect_request("**/heartbeat/*"):
        page.goto("/")
    expect(page.get_by_label("Your question")).to_be_visible()
    expect(page.locator(".fn-masthead")).to_be_visible()
    asked = [url for url in begun if not url.startswith("data:")]
    assert sum(sizes) <= 260_000
    assert 1 < len(asked) <= 46


def test_the_answer_gives_way_to_the_reader_beside_it(page: Page) -> None:
    page.set_viewport_size({"width": 1280, "height": 800})
    page.goto("/")
    ask(page, "When on the Moon?")
    page.locator(".fn-quote .fn-number").click()
    panel, answer = page.locator(".fn-panel"), page.locator(".fn-answer")
    expect(panel).to_be_visible()
    beside, text = panel.bounding_box(), answer.bounding_box()
    assert beside is not None
    assert text is not None
    assert text["x"] + text["width"] <= beside["x"]


def test_nothing_moves_for_those_who_want_less_motion(page: Page) -> None:
    page.emulate_media(reduced_motion="reduce")
    page.goto("/")
    expect(page.locator(".fn-masthead")).to_be_visible()
    moving = """() => [...document.querySelectorAll(".gradio-container *")].filter((each) => {
      const style = getComputedStyle(each);
      return style.animationName !== "none" || style.transitionProperty !== "none";
    }).length"""
    assert page.evaluate(moving) == 0


def test_bars_of_the_timeline_stand_on_its_ends(page: Page) -> None:
    page.goto("/")
    ask(page, "When on the Moon?")
    plot, last = page.locator(".fn-plot"), page.locator(".fn-day").last
    expect(last).to_be_visible()
    line, bar = plot.bounding_box(), last.bounding_box()
    assert line is not None
    assert bar is not None
    assert abs(bar["x"] + bar["width"] / 2 - line["x"] - line["width"]) < 1


def test_in_a_page_from_right_to_left_a_quote_keeps_its_own_direction(page: Page) -> None:
    page.goto("/?lang=ar")
    ask(page, "When on the Moon?", "سؤالك")
    quote = page.locator(".fn-quote")
    expect(quote).to_have_attribute("dir", "auto")
    expect(quote).to_have_css("direction", "ltr")
    expect(page.locator(".fn-origin .fn-title")).to_have_css("text-align", "right")
