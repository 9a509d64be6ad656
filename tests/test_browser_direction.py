"""On pages from right to left, what English articles say is read from left to right."""

from collections.abc import Iterator

import pytest

from qa.present.links import reader_page
from tests.browsing import Browser, Locator, Page, expect
from tests.host_site import Site
from tests.web_sample import FOLLOWED, LANDING, MOON, cite

CHAT = "footnote-chat"
# Boxes of the sign before the last full stop of an element's text, and of that full stop.
FULL_STOP = """(quote) => {
  const texts = document.createTreeWalker(quote, NodeFilter.SHOW_TEXT);
  let last;
  while (texts.nextNode()) if (texts.currentNode.data.includes(".")) last = texts.currentNode;
  const end = last.data.lastIndexOf(".");
  return [end - 1, end].map((at) => {
    const sign = document.createRange();
    sign.setStart(last, at);
    sign.setEnd(last, at + 1);
    return sign.getBoundingClientRect().toJSON();
  });
}"""


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    # So wide that no number stands alone on a line.
    with browser.new_context(viewport={"width": 1280, "height": 900}) as context:
        yield context.new_page()


def ends_on_the_right(quote: Locator) -> bool:
    """Whether a quote's full stop stands to the right of what it ends."""
    before, stop = quote.evaluate(FULL_STOP)
    return bool(before["right"] <= stop["left"] + 1)


def follows(number: Locator, quote: Locator) -> bool:
    """Whether a citation's number stands to the right of the full stop, on its line."""
    _, stop = quote.evaluate(FULL_STOP)
    box = number.bounding_box()
    return box is not None and stop["right"] <= box["x"] and box["y"] < stop["bottom"]


def test_in_the_chat_a_quote_ends_on_the_right_and_its_number_follows(
    page: Page, site: Site
) -> None:
    page.goto(f"{site.server}/?lang=ar&q=When+on+the+Moon%3F")
    quote, passage = page.locator(".fn-quote p"), page.locator(".fn-card .fn-passage")
    expect(quote).to_contain_text(LANDING)
    assert page.evaluate("document.querySelector('.fn-answer').closest('[dir]').dir") == "rtl"
    assert ends_on_the_right(page.locator(".fn-said"))
    assert follows(page.locator(".fn-quote .fn-number"), page.locator(".fn-said"))
    expect(passage).to_contain_text(FOLLOWED)
    assert ends_on_the_right(passage)
    number, text = page.locator(".fn-card .fn-number").bounding_box(), passage.bounding_box()
    assert number is not None
    assert text is not None
    # In a list it stands where lines of the page begin.
    assert number["x"] > text["x"] + text["width"]


@pytest.mark.parametrize("language", ["en", "ar"])
def test_in_the_widget_they_do_so_whatever_language_it_speaks(
    page: Page, site: Site, language: str
) -> None:
    page.goto(site.page("rtl"))
    chat = page.locator(CHAT)
    chat.evaluate("(chat, code) => chat.setAttribute('language', code)", language)
    chat.locator(".launcher").click()
    chat.locator(".input").fill("When on the Moon?")
    chat.locator(".input").press("Enter")
    quote = chat.locator(".quote")
    expect(quote).to_contain_text(LANDING)
    expect(chat.locator(".root")).to_have_attribute("dir", "rtl" if language == "ar" else "ltr")
    assert ends_on_the_right(quote)
    assert follows(quote.locator(".citation"), quote)
    assert ends_on_the_right(chat.locator(".card .passage-text"))
    quote.locator(".citation").focus()
    expect(chat.locator(".preview")).to_be_visible()
    assert ends_on_the_right(chat.locator(".preview .passage-text"))


def test_in_the_reader_the_article_is_read_from_the_left(page: Page, site: Site) -> None:
    cited = cite(MOON, LANDING)
    page.goto(site.server + reader_page(cited, lang="ar"))
    expect(page.locator("html")).to_have_attribute("dir", "rtl")
    assert ends_on_the_right(page.locator("mark#quote"))
    expect(page.locator("h1")).to_have_css("direction", "ltr")
