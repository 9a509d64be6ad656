"""A conversation in the browser: its address, and what reload, Back and a link make of it."""

import re
from collections.abc import Iterator

import pytest

from index.store.base import Listed
from qa.journal import Journal
from qa.typeahead import Matched, PassageMatch
from qa.web.admin import Owner
from qa.web.app import create_app
from qa.web.protocols import About
from tests.axe import violations
from tests.browsing import Page, expect
from tests.serving import serving
from tests.web_sample import EXAMPLES, LANDING, MOON, SampleArticles, SampleAsker, cite

KEPT = re.compile(r"/\?c=[\w-]{16}$")


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    journal = Journal(tmp_path_factory.mktemp("kept") / "journal.sqlite")
    about = About(3, "2022-09-29", ("Newsroom 24", "The Orbital Record"))
    app = create_app(
        SampleAsker(),
        SampleArticles(),
        EXAMPLES,
        lambda: about,
        owner=Owner(journal),
        match=matched,
    )
    with serving(app) as address:
        yield address
    journal.close()


def matched(text: str) -> Matched:
    """The Moon, for what begins so."""
    if not "moon landing".startswith(text.casefold()):
        return Matched()
    listed = Listed(
        *(1, MOON.id, "", MOON.digest, MOON.title, MOON.source, MOON.author, MOON.published),
        *(MOON.url, "public", None),
    )
    landing = cite(MOON, LANDING)
    return Matched((listed,), (PassageMatch(MOON, landing.passage, landing.quote_span),))


def ask(page: Page, question: str) -> None:
    box = page.locator("#fn-ask textarea")
    answers = page.locator(".fn-answer").count()
    box.fill(question)
    box.press("Enter")
    expect(page.locator(".fn-answer")).to_have_count(answers + 1)


def test_reload_back_and_a_link_open_the_whole_conversation(page: Page) -> None:
    page.goto("/")
    ask(page, "When on the Moon?")
    expect(page).to_have_url(KEPT)
    first = page.url
    ask(page, "Where is the ceremony?")
    expect(page).to_have_url(KEPT)
    second = page.url
    links = page.locator(".fn-permalink")
    assert [links.nth(n).evaluate("link => link.href") for n in (0, 1)] == [first, second]
    assert len(second) < 120
    page.reload()
    expect(page.locator(".fn-question")).to_have_text(
        ["When on the Moon?", "Where is the ceremony?"]
    )
    expect(page.locator(".fn-quote")).to_have_count(2)
    page.get_by_role("button", name="New conversation").click()
    expect(page).to_have_url(re.compile(r"/$"))
    expect(page.locator(".fn-answer")).to_have_count(0)
    page.go_back()
    expect(page.locator(".fn-answer")).to_have_count(2)
    expect(page).to_have_url(second)
    # From another site the link of the first answer opens the conversation as it was then.
    page.goto(first)
    expect(page.locator(".fn-question")).to_have_text(["When on the Moon?"])
    ask(page, "What is the fee?")
    expect(page.locator(".fn-question")).to_have_text(["When on the Moon?", "What is the fee?"])


def test_a_link_that_is_not_kept_says_so(page: Page) -> None:
    page.goto("/?c=0000000000000000&lang=de")
    expect(page.locator(".fn-problem")).to_contain_text("nicht mehr aufbewahrt")
    expect(page.locator(".fn-question")).to_have_count(0)


def test_what_matches_is_offered_while_typing_and_reached_by_keyboard(page: Page) -> None:
    page.goto("/")
    box = page.locator("#fn-ask textarea")
    # On a desktop one can type at once.
    expect(box).to_be_focused()
    page.keyboard.type("mo")
    offered = page.locator(".fn-typed")
    expect(offered).to_be_hidden()
    page.keyboard.type("on")
    links = offered.get_by_role("link")
    expect(links).to_have_text([re.compile("first landing"), re.compile("The Eagle")])
    expect(offered.locator("b")).to_have_text(["Moon"])
    expect(offered).to_contain_text("Enter asks your question")
    expect(page.locator("[role=status].fn-unseen")).to_have_text(re.compile("^2 matches"))
    assert violations(page) == []
    # It hangs on the box: nothing stands between the two.
    below = "node => Math.round(node.getBoundingClientRect().bottom)"
    gap = offered.bounding_box()["y"] - page.locator("#fn-ask").evaluate(below)  # type: ignore[index]
    assert 0 <= gap < 12
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowDown")
    expect(links.last).to_be_focused()
    page.keyboard.press("Enter")
    panel = page.frame_locator(".fn-panel iframe")
    expect(panel.locator("mark").first).to_contain_text("The Eagle touched down")
    expect(offered).to_be_hidden()
    page.keyboard.press("Escape")
    expect(box).to_be_focused()
    page.keyboard.type(" l")
    expect(offered).to_be_visible()
    page.keyboard.press("Escape")
    expect(offered).to_be_hidden()
    expect(box).to_have_value("moon l")
    page.keyboard.press("Enter")
    expect(page.locator(".fn-answer")).to_have_count(1)
    page.locator(".fn-answer .fn-up").focus()
    page.keyboard.press("Control+k")
    expect(box).to_be_focused()
    page.locator(".fn-answer .fn-up").focus()
    page.keyboard.press("/")
    expect(box).to_be_focused()
    expect(box).to_have_value("")
