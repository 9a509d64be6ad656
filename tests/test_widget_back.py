"""Back on a phone, where the widget covers the page, closes what was opened and nothing else."""

from collections.abc import Iterator
from typing import Any

import pytest

from tests.browsing import Browser, Page, ViewportSize, expect
from tests.host_site import Site

CHAT = "document.querySelector('footnote-chat')"
THERE_AND_BACK = """() => new Promise((done) => {
  let steps = 0;
  addEventListener("popstate", () => (++steps == 1 ? history.forward() : done()));
  history.back();
})"""
PHONE = ViewportSize(width=390, height=700)
DESKTOP = ViewportSize(width=1280, height=900)


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    """A page of a phone, which fails its test where a script fails."""
    with browser.new_context(viewport=PHONE, reduced_motion="reduce") as context:
        faults: list[str] = []
        page = context.new_page()
        page.on("pageerror", lambda error: faults.append(str(error)))
        yield page
        assert faults == []


def part(page: Page, name: str) -> Any:
    return page.locator(f"footnote-chat [part~={name}]")


def answered(page: Page) -> None:
    part(page, "launcher").click()
    part(page, "input").fill("Who is on the Moon?")
    part(page, "input").press("Enter")
    expect(part(page, "citation").first).to_be_visible()


def open_app(page: Page, site: Site, script: str = "") -> None:
    """A site that keeps a state of its own in the history, and ran `script` before the widget's."""
    page.goto(f"{site.host}/blank")
    page.evaluate(f"history.pushState({{ host: 7 }}, ''); {script}")
    page.add_script_tag(url=f"{site.server}/widget.js")


def test_back_closes_passage_and_panel_before_it_leaves_the_site(page: Page, site: Site) -> None:
    open_app(page, site)
    launcher, panel, passage = (part(page, name) for name in ("launcher", "panel", "passage"))
    answered(page)
    part(page, "citation").first.click()
    expect(passage).to_be_visible()
    page.go_back()
    expect(passage).to_be_hidden()
    expect(part(page, "citation").first).to_be_focused()
    part(page, "citation").first.click()
    part(page, "back").click()
    page.wait_for_function("history.state.footnote === 1")
    expect(panel).to_be_visible()
    page.go_back()
    expect(panel).to_be_hidden()
    expect(launcher).to_be_focused()
    # Closed by hand it leaves no step behind, and the site's own state as it was.
    launcher.click()
    part(page, "citation").first.click()
    page.evaluate(f"{CHAT}.close()")
    page.wait_for_function("history.state.footnote === undefined && history.state.host === 7")
    expect(panel).to_be_hidden()


def test_a_panel_closed_after_the_site_has_gone_on_leaves_the_reader_there(
    page: Page, site: Site
) -> None:
    go_on = "history.pushState({ host: 8 }, '', '?article')"
    routed = f"event => {{ event.preventDefault(); {go_on}; {CHAT}.close(); }}"
    open_app(page, site, f"addEventListener('footnote:cite', {routed})")
    answered(page)
    part(page, "citation").first.click()
    expect(part(page, "panel")).to_be_hidden()
    # A step that was still to be taken would come first, and lead elsewhere.
    page.evaluate(THERE_AND_BACK)
    assert page.url.endswith("?article")


def test_back_closes_the_passage_only_where_the_site_has_gone_on_beneath_the_panel(
    page: Page, site: Site
) -> None:
    open_app(page, site)
    answered(page)
    page.evaluate("history.pushState({ host: 8 }, '', '?article')")
    part(page, "citation").first.click()
    expect(part(page, "passage")).to_be_visible()
    page.go_back()
    expect(part(page, "passage")).to_be_hidden()
    expect(part(page, "panel")).to_be_visible()


def test_a_site_that_closes_the_panel_at_each_step_back_keeps_no_step_of_it(
    page: Page, site: Site
) -> None:
    open_app(page, site, f"addEventListener('popstate', () => {CHAT}.close())")
    answered(page)
    part(page, "citation").first.click()
    expect(part(page, "passage")).to_be_visible()
    page.go_back()
    page.wait_for_function("history.state.footnote === undefined && history.state.host === 7")
    expect(part(page, "panel")).to_be_hidden()


@pytest.mark.parametrize("leave", ["cite", "reload"])
def test_back_closes_a_panel_opened_again_over_a_step_that_was_left(
    page: Page, site: Site, leave: str
) -> None:
    page.goto(site.page("plain"))
    answered(page)
    if leave == "cite":
        part(page, "citation").first.click()
    else:
        page.reload()
    expect(part(page, "panel")).to_be_hidden()
    assert page.evaluate("history.state.footnote") == 1
    part(page, "launcher").click()
    expect(part(page, "panel")).to_be_visible()
    page.go_back()
    expect(part(page, "panel")).to_be_hidden()


def test_a_browser_that_cannot_tell_what_a_hand_did_opens_the_panel_without_a_step(
    page: Page, site: Site
) -> None:
    page.add_init_script("delete Navigator.prototype.userActivation")
    page.goto(site.page("plain"))
    steps = page.evaluate("history.length")
    part(page, "launcher").click()
    expect(part(page, "panel")).to_be_visible()
    assert page.evaluate("history.length") == steps


def test_beside_the_page_the_panel_takes_no_step_of_the_history(page: Page, site: Site) -> None:
    page.set_viewport_size(DESKTOP)
    page.goto(site.page("plain"))
    steps = page.evaluate("history.length")
    part(page, "launcher").click()
    part(page, "close").click()
    assert page.evaluate("history.length") == steps
