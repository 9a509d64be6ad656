"""The whole product as a new user meets it: `python app.py` on a machine without an index."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.browsing import Page, expect, launched, watched

ROOT = Path(__file__).parent.parent
ADDRESS = "Footnote answers at "


@pytest.fixture(scope="module")
def printed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[list[str]]:
    """What the app prints until it answers; it runs, on an index of its own making, meanwhile."""
    data = tmp_path_factory.mktemp("served") / "data"
    environment = os.environ | {"FOOTNOTE_DATA": str(data), "FOOTNOTE_PORT": "0"}
    command = [sys.executable, "app.py"]
    with subprocess.Popen(
        command, cwd=ROOT, env=environment, stdout=subprocess.PIPE, text=True
    ) as app:
        yield list(_until_it_answers(app))
        app.send_signal(signal.SIGINT)
        assert app.wait(timeout=30) == 0


@pytest.fixture(scope="module")
def page(printed: list[str]) -> Iterator[Page]:
    address = printed[-1].removeprefix(ADDRESS)
    with launched() as browser, watched(browser, address) as page:
        yield page


def _until_it_answers(app: subprocess.Popen[str]) -> Iterator[str]:
    assert app.stdout is not None
    for line in app.stdout:
        yield line.strip()
        if line.startswith(ADDRESS):
            return


def test_without_an_index_that_of_the_sample_archive_is_built_and_the_address_comes_last(
    printed: list[str],
) -> None:
    assert printed[0].startswith("no index in")
    assert "the index holds 44 articles" in printed[-2]
    assert printed[-1].startswith(f"{ADDRESS}http://127.0.0.1:")


def test_an_example_question_is_answered_with_a_quote_marked_in_the_reader(page: Page) -> None:
    page.goto("/")
    example = page.locator(".fn-example").first
    expect(example).to_be_visible()
    example.click()
    quote = page.locator(".fn-quote")
    expect(quote).to_be_visible()
    with page.expect_popup() as opened:
        quote.locator(".fn-number").click()
    mark = opened.value.locator("mark").first
    expect(mark).to_be_in_viewport()
    assert mark.inner_text()[:40] in quote.inner_text()


def test_an_entry_of_a_live_blog_is_cited_with_its_own_time(page: Page) -> None:
    page.goto("/")
    page.get_by_label("Your question").fill("Who called the annexation the gravest escalation?")
    page.get_by_label("Your question").press("Enter")
    expect(page.locator(".fn-answer")).to_contain_text("30 September 2022, 20:44 (UTC+03:00)")


def test_what_the_archive_does_not_hold_is_not_answered(page: Page) -> None:
    page.goto("/")
    page.get_by_label("Your question").fill("Which country won the football World Cup in 1998?")
    page.get_by_label("Your question").press("Enter")
    expect(page.locator(".fn-answer")).to_contain_text("The articles do not cover this")
    expect(page.locator(".fn-answer")).to_contain_text("Not an answer")
