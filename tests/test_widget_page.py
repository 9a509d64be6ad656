"""What the widget makes of its tag and of the page around it, in a real browser."""

from collections.abc import Iterator

import pytest

from tests.browsing import Browser, Page, expect
from tests.host_site import Site
from tests.web_sample import FOLLOWED

MARKED = """
[...CSS.highlights.values()].flatMap((one) => [...one].map((range) =>
  [range.startContainer.parentElement.closest("p").id, range.toString()]))
"""
ARMSTRONG = "Six hours later Armstrong stepped onto the surface."


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    with browser.new_context(reduced_motion="reduce") as context:
        yield context.new_page()


def marked(page: Page, site: Site, article: str) -> list[list[str]]:
    """The id of the paragraph and the words that a click on the second number marks."""
    page.goto(site.page("plain"))
    page.locator("main").evaluate("(main, html) => (main.innerHTML = html)", article)
    page.evaluate("document.querySelector('footnote-chat').ask('When on the Moon?')")
    page.locator("footnote-chat .citation").nth(1).click()
    found: list[list[str]] = page.evaluate(MARKED)
    assert bool(found) != page.locator("footnote-chat .passage").is_visible()
    return found


def test_words_inside_other_words_are_not_marked(page: Page, site: Site) -> None:
    assert marked(page, site, f"<p id=a>Mc{FOLLOWED}") == []
    assert marked(page, site, f"<p id=a><b>Mc</b>{FOLLOWED}") == []


def test_of_several_places_the_one_in_the_same_passage_is_marked(page: Page, site: Site) -> None:
    article = f"<p id=a>{FOLLOWED}</p><p id=b>{ARMSTRONG} {FOLLOWED}</p><p id=c>{FOLLOWED}</p>"
    assert marked(page, site, article) == [["b", FOLLOWED]]


def test_of_several_places_alike_none_is_marked(page: Page, site: Site) -> None:
    assert marked(page, site, f"<p id=a>{FOLLOWED}</p><p id=b>{FOLLOWED}</p>") == []


@pytest.mark.parametrize(
    "article",
    [
        "<p id=a><b>Ald</b>rin followed him.<sup>1</sup>",
        "<p id=a>First.<br>Aldrin followed <i>him</i>.",
        "<p>First</p><p id=a>Aldrin followed him</p><p>Last</p>",
        "<p id=a>(1)Aldrin followed him, too.",
    ],
)
def test_words_are_found_whatever_the_page_makes_of_them(
    page: Page, site: Site, article: str
) -> None:
    ((place, words),) = marked(page, site, article)
    assert (place, words.rstrip(".,")) == ("a", FOLLOWED.rstrip("."))


def placed(page: Page, site: Site, **options: str) -> list[str]:
    """Put the script into an empty page; what it says in the console."""
    told: list[str] = []
    page.on("console", lambda message: told.append(message.text))
    page.goto(f"{site.host}/blank")
    add_script(page, site, **options)
    return told


def add_script(page: Page, site: Site, **options: str) -> None:
    page.evaluate(
        """([src, options]) => new Promise((loaded) => {
          const script = document.createElement("script");
          Object.assign(script.dataset, options);
          script.onload = loaded;
          script.src = src;
          document.body.append(script);
        })""",
        [f"{site.server}/widget.js", options],
    )


def test_unknown_attributes_and_values_are_named_with_those_that_there_are(
    page: Page, site: Site
) -> None:
    told = placed(page, site, position="middle", colour="red")
    assert told[0].startswith("footnote-chat: colour is unknown; use one of title, ")
    assert told[1:] == [
        'footnote-chat: position="middle" is unknown; '
        "use one of bottom-right, bottom-left, top-right, top-left"
    ]


def test_an_unknown_language_is_named_with_those_that_there_are(page: Page, site: Site) -> None:
    page.goto(f"{site.host}/blank")
    with page.expect_console_message() as told:
        add_script(page, site, language="tlh")
    assert told.value.text.startswith('footnote-chat: language="tlh" is unknown; use one of en, ')


def test_what_other_tools_put_on_the_element_is_not_named(page: Page, site: Site) -> None:
    told = placed(page, site, theme="dark")
    page.evaluate(
        "document.body.innerHTML = '<footnote-chat class=a id=b data-v-1 aria-label=c"
        " _ngcontent-x @click=d mode=inline language=de-AT></footnote-chat>'"
    )
    expect(page.locator("footnote-chat .input")).to_be_visible()
    assert told == []


def test_the_script_twice_places_one_launcher_and_says_so(page: Page, site: Site) -> None:
    told = placed(page, site, theme="light")
    add_script(page, site, theme="light")
    expect(page.locator("footnote-chat .launcher")).to_have_count(1)
    (words,) = told
    assert "more than once" in words


def test_the_script_twice_within_the_page_places_two(page: Page, site: Site) -> None:
    placed(page, site, mode="inline")
    add_script(page, site, mode="inline")
    expect(page.locator("footnote-chat .input")).to_have_count(2)


def test_what_a_framework_sets_as_a_property_is_an_attribute_and_methods_stay(
    page: Page, site: Site
) -> None:
    placed(page, site)
    found = page.evaluate(
        """() => {
          const chat = document.querySelector("footnote-chat");
          Object.assign(chat, { after: "2022-09", before: "2022-10", title: "Ask", open: true });
          const names = ["after", "before", "title", "open"];
          const attributes = names.map((name) => chat.getAttribute(name));
          const isOpen = chat.opened;
          chat.open = false;
          const isClosed = !chat.opened;
          chat.open();
          chat.after("beside");
          return [attributes, isOpen, isClosed, chat.opened, chat.nextSibling.data];
        }"""
    )
    assert found == [["2022-09", "2022-10", "Ask", "true"], True, True, True, "beside"]


def test_enter_that_ends_a_composition_sends_nothing(page: Page, site: Site) -> None:
    placed(page, site)
    page.locator("footnote-chat .launcher").click()
    box = page.locator("footnote-chat .input")
    box.fill("When on the Moon?")
    box.dispatch_event("keydown", {"key": "Enter", "keyCode": 229})
    expect(page.locator("footnote-chat .question")).to_have_count(0)
    box.press("Enter")
    expect(page.locator("footnote-chat .question")).to_have_count(1)


def test_on_a_touch_screen_the_keyboard_makes_way_for_the_answer(
    browser: Browser, site: Site
) -> None:
    with browser.new_context(has_touch=True, is_mobile=True) as context:
        page = context.new_page()
        placed(page, site)
        page.evaluate("document.querySelector('footnote-chat').open()")
        box = page.locator("footnote-chat textarea").first
        box.fill("When on the Moon?")
        box.press("Enter")
        expect(page.locator("footnote-chat .answer")).to_be_visible()
        expect(box).not_to_be_focused()


def test_on_a_touch_screen_a_field_has_letters_of_sixteen_pixels(
    browser: Browser, site: Site
) -> None:
    with browser.new_context(has_touch=True, is_mobile=True) as context:
        page = context.new_page()
        placed(page, site)
        page.add_style_tag(content="footnote-chat { --footnote-font-size: 12px }")
        page.evaluate("document.querySelector('footnote-chat').ask('When on the Moon?')")
        page.get_by_role("button", name="Not helpful").click()
        for field in page.locator("footnote-chat textarea").all():
            assert field.evaluate("node => getComputedStyle(node).fontSize") == "16px"
