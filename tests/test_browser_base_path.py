"""The chat behind a path, in a browser that lets it call nothing outside of that path."""

import re
from collections.abc import Iterator

import pytest

from qa.web.app import create_app
from qa.web.guard.policy import Policy
from qa.web.protocols import About
from tests.browsing import Page, expect
from tests.serving import serving
from tests.web_sample import EXAMPLES, SampleArticles, SampleAsker, follow_up


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    days = follow_up((("1969-07-20", 2), ("1999-07-01", 1), ("2019-07-01", 1)))
    policy = Policy(base_path="/kb")
    app = create_app(
        SampleAsker(), SampleArticles(), EXAMPLES, lambda: About(3), follow_up=days, policy=policy
    )
    with serving(app) as address:
        yield f"{address}/kb"


def test_behind_a_path_the_chat_answers_reads_and_keeps_its_address(
    page: Page, address: str
) -> None:
    page.goto(f"{address}/?q=When+on+the+Moon%3F")
    number = page.locator(".fn-quote .fn-number")
    expect(number).to_have_attribute("href", re.compile(r"^/kb/articles/"))
    expect(page.locator(".fn-day")).to_have_count(3)
    expect(page).to_have_url(re.compile(r"/kb/\?q=When%20on%20the%20Moon%3F$"))
    number.click()
    expect(page.frame_locator(".fn-panel iframe").locator("mark").first).to_be_visible()
    page.goto(f"{address}/embed")
    page.get_by_placeholder("Ask a question").fill("moon")
    page.get_by_placeholder("Ask a question").press("Enter")
    links = page.locator("a.link", has_text="Read in the article")
    expect(links.first).to_have_attribute("href", re.compile(rf"^{address}/articles/"))
