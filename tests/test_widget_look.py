"""The widget looks the same on every page and can be used by everyone."""

import io
from collections.abc import Callable

import pytest
from PIL import Image, ImageChops, ImageDraw

from tests.axe import violations
from tests.browsing import Browser, Page, expect
from tests.host_site import NAMES, Site
from tests.web_sample import LANDING

# Where round corners let the page itself show through.
_CORNER = 28
CHAT = "footnote-chat"


def closed(page: Page) -> str:
    return ".launcher"


def opened(page: Page) -> str:
    page.locator(f"{CHAT} .launcher").click()
    expect(page.locator(f"{CHAT} .input")).to_be_visible()
    return ".panel"


def answered(page: Page) -> str:
    opened(page)
    page.locator(f"{CHAT} .input").fill("Who follows in 1969 on the Moon?")
    page.locator(f"{CHAT} .input").press("Enter")
    expect(page.locator(f"{CHAT} .quote")).to_contain_text(LANDING)
    return ".panel"


def passage_shown(page: Page) -> str:
    answered(page)
    # So that it opens on the article's own page too.
    page.evaluate("history.replaceState(null, '', '?other')")
    page.locator(f"{CHAT} .citation").first.click()
    expect(page.locator(f"{CHAT} .passage mark")).to_have_text(LANDING)
    return ".panel"


def complained(page: Page) -> str:
    answered(page)
    page.locator(f"{CHAT} .feedback").get_by_role("button", name="Not helpful").click()
    return ".panel"


def not_covered(page: Page) -> str:
    opened(page)
    page.locator(f"{CHAT} .input").fill("Who is the mayor?")
    page.locator(f"{CHAT} .input").press("Enter")
    page.locator(f"{CHAT} summary").click()
    return ".panel"


def failed(page: Page) -> str:
    opened(page)
    page.route("**/api/ask", lambda route: route.abort())
    page.locator(f"{CHAT} .input").fill("Who is the mayor?")
    page.locator(f"{CHAT} .input").press("Enter")
    expect(page.locator(f"{CHAT} .error")).to_be_visible()
    return ".panel"


State = Callable[[Page], str]
STATES: tuple[State, ...] = (closed, opened, answered, passage_shown)


def shown(browser: Browser, site: Site, name: str, state: State, scheme: str = "light") -> Page:
    context = browser.new_context(
        viewport={"width": 1280, "height": 800},
        reduced_motion="reduce",
        color_scheme="dark" if scheme == "dark" else "light",
    )
    page = context.new_page()
    page.goto(site.page(name))
    return page


def picture(page: Page, selector: str) -> Image.Image:
    page.mouse.move(0, 0)
    page.evaluate(f"document.querySelector('{CHAT}').shadowRoot.activeElement?.blur()")
    taken = page.locator(f"{CHAT} {selector}").screenshot(animations="disabled", caret="hide")
    image = Image.open(io.BytesIO(taken)).convert("RGB")
    draw, (width, height) = ImageDraw.Draw(image), image.size
    for x in (0, width - _CORNER):
        for y in (0, height - _CORNER):
            draw.rectangle((x, y, x + _CORNER, y + _CORNER), fill="black")
    return image


@pytest.fixture(scope="module")
def plain(browser: Browser, site: Site) -> dict[State, Image.Image]:
    pictures = {}
    for state in STATES:
        page = shown(browser, site, "plain", state)
        pictures[state] = picture(page, state(page))
        page.context.close()
    return pictures


@pytest.mark.parametrize("state", STATES)
@pytest.mark.parametrize("name", NAMES)
def test_it_looks_the_same_on_every_page(
    browser: Browser, site: Site, plain: dict[State, Image.Image], name: str, state: State
) -> None:
    page = shown(browser, site, name, state)
    taken = picture(page, state(page))
    page.context.close()
    assert taken.size == plain[state].size
    assert ImageChops.difference(taken, plain[state]).getbbox() is None


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("state", [*STATES, complained, not_covered, failed])
def test_axe_finds_nothing(browser: Browser, site: Site, state: State, scheme: str) -> None:
    page = shown(browser, site, "plain", state, scheme)
    page.evaluate(f"document.querySelector('{CHAT}').removeAttribute('theme')")
    state(page)
    assert violations(page, CHAT) == []
    page.context.close()


def test_axe_finds_nothing_in_the_builder_and_in_a_frame(browser: Browser, site: Site) -> None:
    page = browser.new_page()
    for path in ("/widget", "/embed"):
        page.goto(f"{site.server}{path}")
        expect(page.locator(f"{CHAT} .input")).to_be_visible()
        assert violations(page) == []
    page.context.close()


def test_at_four_times_the_size_nothing_is_cut_off(browser: Browser, site: Site) -> None:
    page = browser.new_page(viewport={"width": 320, "height": 256}, reduced_motion="reduce")
    page.goto(site.page("plain"))
    answered(page)
    wide = f"""() => {{
      const nodes = document.querySelector("{CHAT}").shadowRoot.querySelectorAll(".panel *");
      const right = (node) => node.checkVisibility() && node.getBoundingClientRect().right;
      return [...nodes].filter((node) => right(node) > 321).length;
    }}"""
    assert page.evaluate(wide) == 0
    page.locator(f"{CHAT} .send").scroll_into_view_if_needed()
    expect(page.locator(f"{CHAT} .send")).to_be_in_viewport()
    page.context.close()


def test_without_motion_nothing_moves(browser: Browser, site: Site) -> None:
    page = browser.new_page(reduced_motion="reduce")
    page.goto(site.page("plain"))
    answered(page)
    assert page.evaluate("document.getAnimations().length") == 0
    page.context.close()


def test_in_forced_colours_buttons_have_a_border(browser: Browser, site: Site) -> None:
    page = browser.new_page(forced_colors="active")
    page.goto(site.page("plain"))
    for part in (".launcher", ".send"):
        border = page.locator(f"{CHAT} {part}").evaluate(
            "node => getComputedStyle(node).borderTopStyle"
        )
        assert border == "solid"
    page.context.close()
