"""What axe-core sees broken is told, in frames too."""

from collections.abc import Callable, Iterator

import pytest

from tests.axe import violations
from tests.browsing import Browser, Page, Route

WHOLE = '<html lang="en"><head><title>A page</title></head><body><main>%s</main></body></html>'


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    with browser.new_context() as context:
        yield context.new_page()


def test_a_sound_page_breaks_nothing(page: Page) -> None:
    page.set_content(WHOLE % "<h1>Words</h1><p><a href='/a'>A link</a></p>")
    assert violations(page) == []


@pytest.mark.parametrize(
    ("broken", "rule"),
    [
        ("<img src='data:,'>", "image-alt"),
        ("<p style='color:#aaa;background:#fff'>pale words</p>", "color-contrast"),
        ("<button style='all:unset;display:block;height:9px'>a</button>" * 3, "target-size"),
    ],
)
def test_what_is_broken_is_told(page: Page, broken: str, rule: str) -> None:
    page.set_content(WHOLE % broken)
    assert {line.split(":")[0] for line in violations(page)} == {rule}


def test_what_is_broken_in_a_frame_is_told(page: Page) -> None:
    frame, whole = "<img src='data:,'>", "<iframe title='part' src='/part'></iframe>"
    for path, body in (("part", frame), ("", whole)):
        page.route(f"http://site.test/{path}", _fulfil(WHOLE % body))
    page.goto("http://site.test/")
    [line] = violations(page)
    assert line.startswith("image-alt: iframe img")


def _fulfil(html: str) -> Callable[[Route], None]:
    return lambda route: route.fulfill(body=html, content_type="text/html")


def test_what_lies_outside_the_part_looked_at_is_not_told(page: Page) -> None:
    page.set_content(WHOLE % "<img src='data:,'><p id='part'>words</p>")
    assert violations(page, "#part") == []
