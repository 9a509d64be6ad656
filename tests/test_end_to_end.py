"""The whole product as a new user meets it: `python app.py` on a machine without an index."""

import json
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from time import monotonic
from urllib.request import Request, urlopen

import pytest

from tests.browsing import Page, expect, launched, watched
from tests.calls import SERVING as TELLING_CALLS

ROOT = Path(__file__).parent.parent
ADDRESS = "Footnote is running at "
PATIENCE = 60.0
# All that `python app.py` does, up to where it would wait for visitors.
SERVING = """
import sys, uvicorn
uvicorn.Server.run = lambda server, sockets: None
import app
code = app.main([])
"""
ASKING = """
import sys
from qa.__main__ import main
code = main(["ask", "Who stayed in orbit?"])
"""
THEN_TELL = """
heavy = [name for name in ("torch", "transformers", "sentence_transformers") if name in sys.modules]
print(f"code {code}, imported {heavy}")
"""


@dataclass(frozen=True, slots=True)
class Served:
    """The app as it runs: its index, its process, what it printed at first, whom it calls."""

    data: Path
    process: int
    printed: list[str]
    calls: Path

    @property
    def address(self) -> str:
        """Where it answers."""
        return self.printed[-1].removeprefix(ADDRESS)


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """The app on an index of its own making."""
    data = tmp_path_factory.mktemp("served") / "data"
    environment = os.environ | {"FOOTNOTE_DATA": str(data), "FOOTNOTE_PORT": "0"}
    calls = data.with_name("calls")
    command = [sys.executable, "-c", TELLING_CALLS, str(calls)]
    with subprocess.Popen(
        command, cwd=ROOT, env=environment, stdout=subprocess.PIPE, text=True
    ) as app:
        yield Served(data, app.pid, list(_until_it_answers(app)), calls)
        app.send_signal(signal.SIGINT)
        assert app.wait(timeout=30) == 0


@pytest.fixture(scope="module")
def page(served: Served) -> Iterator[Page]:
    with launched() as browser, watched(browser, served.address) as page:
        yield page


def _articles(served: Served) -> int:
    """How many articles the server says it has."""
    with urlopen(f"{served.address}/healthz", timeout=30) as response:
        return int(json.load(response)["articles"])


def _until_it_answers(app: subprocess.Popen[str]) -> Iterator[str]:
    assert app.stdout is not None
    for line in app.stdout:
        yield line.strip()
        if line.startswith(ADDRESS):
            return


def test_without_an_index_that_of_the_sample_archive_is_built_and_the_address_comes_last(
    served: Served,
) -> None:
    assert served.printed[0].startswith("no index in")
    assert "the index holds 44 articles" in served.printed[-2]
    assert served.printed[-1].startswith(f"{ADDRESS}http://127.0.0.1:")


def test_what_the_first_build_took_is_not_kept_by_the_server(served: Served) -> None:
    mapped = Path(f"/proc/{served.process}/maps").read_text(encoding="utf-8")
    assert "onnxruntime" in mapped
    assert "torch" not in mapped


@pytest.mark.parametrize("command", [SERVING, ASKING], ids=["serving", "asking"])
def test_on_an_index_that_is_built_nothing_imports_torch(served: Served, command: str) -> None:
    environment = os.environ | {"FOOTNOTE_DATA": str(served.data), "FOOTNOTE_PORT": "0"}
    ran = subprocess.run(
        [sys.executable, "-c", command + THEN_TELL],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert (ran.returncode, ran.stderr) == (0, "")
    assert ran.stdout.splitlines()[-1] == "code 0, imported []"


def test_a_build_is_answered_from_while_it_serves(served: Served, tmp_path: Path) -> None:
    added = tmp_path / "quay.md"
    added.write_text("# The quay of Orrin\n\nThe quay of Orrin is 412 metres long.", "utf-8")
    command = [sys.executable, "-m", "index", "build", str(added), "--data", str(served.data)]
    subprocess.run(command, cwd=ROOT, capture_output=True, check=True)
    until, tick = monotonic() + PATIENCE, threading.Event()
    while (found := _articles(served)) != 45 and monotonic() < until:
        tick.wait(0.05)
    assert found == 45
    asked = json.dumps({"question": "How long is the quay of Orrin?"}).encode()
    request = Request(
        f"{served.address}/api/ask", asked, {"Content-Type": "application/json"}, method="POST"
    )
    with urlopen(request, timeout=30) as response:
        answer = json.load(response)
    assert answer["citations"][0]["quote"] == "The quay of Orrin is 412 metres long."


def _is_shown(page: Page, selector: str) -> bool:
    page.goto("/")
    page.wait_for_timeout(500)
    return page.locator(selector).count() > 0


def test_an_example_question_is_answered_with_a_quote_marked_in_the_reader(page: Page) -> None:
    example = page.locator(".fn-example").first
    # After a build they are tried anew, and offered once they are answered.
    until = monotonic() + PATIENCE
    while not _is_shown(page, ".fn-example") and monotonic() < until:
        pass
    example.click()
    quote = page.locator(".fn-quote")
    expect(quote).to_be_visible()
    quote.locator(".fn-number").click()
    mark = page.frame_locator(".fn-panel iframe").locator("mark#quote").first
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
    expect(page.locator(".fn-answer")).to_contain_text("No article mentions “World Cup”")
    expect(page.locator(".fn-answer")).to_contain_text("Not an answer")


def test_from_start_to_the_twentieth_answer_nothing_outside_is_called(
    served: Served, page: Page
) -> None:
    # `watched` fails where the page calls another host.
    page.goto("/")
    for number in range(1, 21):
        page.get_by_label("Your question").fill(f"Who signed the treaties of annexation? {number}")
        page.get_by_label("Your question").press("Enter")
        asked = page.locator(".fn-question").last
        expect(asked).to_contain_text(f"annexation? {number}")
        expect(page.locator("#fn-conversation .fn-answer")).to_have_count(number)
    assert served.calls.read_text(encoding="utf-8") == ""
